// A port that is not snake_case.
#include "hand_written.hpp"

static const std::array<ironlaw::PortInfo, 1> shouting{ironlaw::PortInfo{.name = "BatchSize", .doc = "samples", .fallback = 1}};
static const bad::NamedSolver listed("listed", shouting);

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) { return bad::register_all(args, listed); }
