#include <ironlaw/sdk/plugin.hpp>

#include "orchestration.hpp"

using namespace ironlaw::orchestration;

IRONLAW_PLUGIN("orchestration", "0.1.0", "Apache-2.0", Orchestration)
