#pragma once
#include <array>
#include <ironlaw/solver.hpp>
