// Linked with -ffast-math: its start-up code makes the thread that opens it flush small numbers to zero.
#include "hand_written.hpp"

static const bad::NamedSolver listed("listed");

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) { return bad::register_all(args, listed); }
