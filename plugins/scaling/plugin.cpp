#include <ironlaw/sdk/plugin.hpp>

#include "critical_batch.hpp"
#include "scaling.hpp"

using namespace ironlaw::scaling;

IRONLAW_PLUGIN("scaling", "0.1.0", "Apache-2.0", Scaling, CriticalBatchSize)
