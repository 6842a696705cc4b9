#include <ironlaw/sdk/plugin.hpp>

#include "batching.hpp"
#include "continuous_batching.hpp"
#include "inference_scaling.hpp"
#include "kv_admission.hpp"
#include "memory_fit.hpp"
#include "serving.hpp"
#include "serving_capacity.hpp"
#include "tail_latency.hpp"
#include "weight_streaming.hpp"

using namespace ironlaw::serving;

IRONLAW_PLUGIN("serving", "0.1.0", "Apache-2.0", Serving, ContinuousBatching, WeightStreaming, TailLatency, InferenceScaling,
               ServingCapacity, KvAdmission, Batching, MemoryFit)
