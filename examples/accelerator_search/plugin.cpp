#include "designed_accelerator.hpp"
#include "die_cost.hpp"

IRONLAW_PLUGIN("accelerator_search", "1.0.0", "Apache-2.0", DesignedAccelerator, DieCost)
