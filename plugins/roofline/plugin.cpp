#include <ironlaw/sdk/plugin.hpp>

#include "amdahl.hpp"
#include "decode_bound.hpp"
#include "efficiency.hpp"
#include "iron_law.hpp"
#include "network_roofline.hpp"
#include "single_node.hpp"
#include "strong_scaling.hpp"
#include "universal_scalability.hpp"

using namespace ironlaw::roofline;

IRONLAW_PLUGIN("roofline", "0.1.0", "Apache-2.0", SingleNode, NetworkRoofline, Efficiency, DecodeBound, IronLaw, Amdahl,
               UniversalScalability, StrongScaling)
