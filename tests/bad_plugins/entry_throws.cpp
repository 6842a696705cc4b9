// Lets an exception out of the entry function, after half of its work.
#include "hand_written.hpp"

static const bad::NamedSolver listed("listed");

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) {
  bad::registrar_of(args).add(listed);
  throw std::runtime_error("the licence server\ndoes not answer");
}
