// A solver without a name.
#include "hand_written.hpp"

static const bad::NamedSolver nameless("");

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) { return bad::register_all(args, nameless); }
