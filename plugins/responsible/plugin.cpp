#include <ironlaw/sdk/plugin.hpp>

#include "responsible.hpp"

using namespace ironlaw::responsible;

IRONLAW_PLUGIN("responsible", "0.1.0", "Apache-2.0", Responsible)
