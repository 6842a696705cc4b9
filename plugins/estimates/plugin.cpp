#include <ironlaw/sdk/plugin.hpp>

#include "kernels/exchange.hpp"
#include "kernels/kernel.hpp"
#include "load/autoscaling.hpp"
#include "load/serving_engine.hpp"
#include "load/serving_layout.hpp"
#include "load/serving_pools.hpp"
#include "load/serving_replay.hpp"
#include "serving/iteration.hpp"
#include "serving/static_batch.hpp"
#include "training/trainer.hpp"
#include "training/training_step.hpp"

using namespace ironlaw::estimates;

IRONLAW_PLUGIN("estimates", "0.1.0", "Apache-2.0", KernelSolver, Exchange, Iteration, StaticBatch, TrainingStep, Trainer,
               ServingEngine, ServingPools, ServingReplay, ServingLayout, Autoscaling)
