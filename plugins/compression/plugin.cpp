#include <ironlaw/sdk/plugin.hpp>

#include "compression.hpp"

using namespace ironlaw::compression;

IRONLAW_PLUGIN("compression", "0.1.0", "Apache-2.0", Compression)
