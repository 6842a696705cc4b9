#include <ironlaw/sdk/plugin.hpp>

#include "economics.hpp"
#include "own_or_rent.hpp"
#include "tariff.hpp"

using namespace ironlaw::economics;

IRONLAW_PLUGIN("economics", "0.1.0", "Apache-2.0", Economics, OwnOrRent, Tariff)
