// A name that no command line could tell from a flag's value.
#include "hand_written.hpp"

static const bad::NamedSolver capital("Listed-Solver");

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) { return bad::register_all(args, capital); }
