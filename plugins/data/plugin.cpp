#include <ironlaw/sdk/plugin.hpp>

#include "data.hpp"
#include "transformation.hpp"

using namespace ironlaw::data;

IRONLAW_PLUGIN("data", "0.1.0", "Apache-2.0", Data, Transformation)
