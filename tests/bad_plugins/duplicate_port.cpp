// A hand-written solver with two ports of one name, which the ports of the SDK would not compile.
#include "hand_written.hpp"

static const std::array<ironlaw::PortInfo, 2> twins{
    ironlaw::PortInfo{.name = "batch_size", .doc = "samples", .fallback = 1},
    ironlaw::PortInfo{.name = "batch_size", .doc = "samples again", .fallback = 1}};
static const bad::NamedSolver listed("listed", twins);

std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) { return bad::register_all(args, listed); }
