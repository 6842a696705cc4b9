// Brings a solver that its manifest does not mention.
#include "hand_written.hpp"

static const bad::NamedSolver listed("listed");
static const bad::NamedSolver hidden("hidden");

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) { return bad::register_all(args, listed, hidden); }
