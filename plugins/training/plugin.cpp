#include <ironlaw/sdk/plugin.hpp>

#include "activation_memory.hpp"
#include "collective.hpp"
#include "compute_time.hpp"
#include "distributed.hpp"
#include "hierarchical_collective.hpp"
#include "moe_routing.hpp"
#include "paged_cache.hpp"
#include "parallel_layout.hpp"
#include "pipeline_bubble.hpp"
#include "topology.hpp"
#include "training_memory.hpp"
#include "training_operations.hpp"
#include "zero_sharding.hpp"

using namespace ironlaw::training;

IRONLAW_PLUGIN("training", "0.1.0", "Apache-2.0", Distributed, ParallelLayout, TrainingMemory, MoeRouting, NetworkTopology,
               Collective, HierarchicalCollective, PipelineBubble, ActivationMemory, PagedCache, TrainingOperations, ComputeTime,
               ZeroSharding)
