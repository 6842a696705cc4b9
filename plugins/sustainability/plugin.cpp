#include <ironlaw/sdk/plugin.hpp>

#include "placement.hpp"
#include "sustainability.hpp"

using namespace ironlaw::sustainability;

IRONLAW_PLUGIN("sustainability", "0.1.0", "Apache-2.0", Sustainability, Placement)
