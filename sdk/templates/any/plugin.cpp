#include "@name@.hpp"

// The name, version and licence of the plugin, and everything that it brings.
IRONLAW_PLUGIN("@name@", "0.1.0", "@licence@", @Name@)
