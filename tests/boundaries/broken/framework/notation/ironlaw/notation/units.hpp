#pragma once
#include <ironlaw/solver.hpp>
#include <nlohmann/json.hpp>
