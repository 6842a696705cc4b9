#pragma once
#include <ironlaw/solver.hpp>
#include <spdlog/spdlog.h>
