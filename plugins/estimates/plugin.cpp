#include <ironlaw/sdk/plugin.hpp>

#include "kernels/exchange.hpp"
#include "kernels/kernel.hpp"
#include "training/trainer.hpp"
#include "training/training_step.hpp"

using namespace ironlaw::estimates;

IRONLAW_PLUGIN("estimates", "0.1.0", "Apache-2.0", KernelSolver, Exchange, TrainingStep, Trainer)
