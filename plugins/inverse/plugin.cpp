#include <ironlaw/sdk/plugin.hpp>

#include "inverse_roofline.hpp"
#include "roofline_sensitivity.hpp"

using namespace ironlaw::inverse;

IRONLAW_PLUGIN("inverse", "0.1.0", "Apache-2.0", InverseRoofline, RooflineSensitivity)
