#include "disaggregated_queue.hpp"

IRONLAW_PLUGIN("disaggregated_serving", "1.0.0", "Apache-2.0", DisaggregatedQueue)
