// Its manifest lists a solver that it never registers.
#include "hand_written.hpp"

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1*) { return 0; }
