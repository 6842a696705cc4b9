#pragma once
#include <spdlog/spdlog.h>
#include <ironlaw/solver.hpp>
