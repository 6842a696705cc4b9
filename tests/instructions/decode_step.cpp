#include "decode_step.hpp"

using ironlaw::instructions::DecodeStep;

IRONLAW_PLUGIN("decode_step", "0.1.0", "Apache-2.0", DecodeStep)
