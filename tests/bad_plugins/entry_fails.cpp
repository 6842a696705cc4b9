// Says no without a word, after half of its work.
#include "hand_written.hpp"

static const bad::NamedSolver listed("listed");

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) {
  bad::registrar_of(args).add(listed);
  return 7;
}
