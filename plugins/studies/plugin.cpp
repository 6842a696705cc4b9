// The verbs: each runs any pipeline many times, and knows no solver.
#include "calibrate.hpp"
#include "compare.hpp"
#include "optimize.hpp"
#include "sensitivity.hpp"
#include "synthesis.hpp"
#include "uncertainty.hpp"

#include <ironlaw/sdk.hpp>

IRONLAW_PLUGIN("studies", "0.1.0", "Apache-2.0", ironlaw::studies::Calibrate, ironlaw::studies::Compare, ironlaw::studies::Optimize,
               ironlaw::studies::Sensitivity, ironlaw::studies::Synthesis, ironlaw::studies::Uncertainty)
