#pragma once
#include <ironlaw/solver.hpp>
#include "solver.hpp"
