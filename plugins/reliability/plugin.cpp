#include <ironlaw/sdk/plugin.hpp>

#include "availability.hpp"
#include "checkpoint.hpp"
#include "checkpoint_interval.hpp"
#include "checkpoint_tiers.hpp"
#include "effective_rate.hpp"
#include "failures.hpp"
#include "redundancy.hpp"
#include "reliability.hpp"

using namespace ironlaw::reliability;

IRONLAW_PLUGIN("reliability", "0.1.0", "Apache-2.0", Reliability, CheckpointInterval, Checkpoint, CheckpointTiers, Failures,
               Availability, Redundancy, EffectiveRate)
