// Built against an SDK that this host is not.
#include <ironlaw/manifest.h>
#undef IRONLAW_SDK_MINOR
#define IRONLAW_SDK_MINOR 99
#include "hand_written.hpp"

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) {
  return bad::register_all(args, bad::NamedSolver("listed"));
}
