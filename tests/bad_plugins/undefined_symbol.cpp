// Calls a function that no library has; an honest build would not link it.
#include "hand_written.hpp"

void nowhere_defined();

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1*) {
  nowhere_defined();
  return 0;
}
