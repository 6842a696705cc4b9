#include "budget.hpp"
#include "jsonl_log.hpp"
#include "progress.hpp"
#include "trace.hpp"

#include <ironlaw/sdk.hpp>

IRONLAW_PLUGIN("callbacks", "0.1.0", "Apache-2.0", ironlaw::callbacks::Trace, ironlaw::callbacks::JsonlLog,
               ironlaw::callbacks::Progress, ironlaw::callbacks::Budget)
