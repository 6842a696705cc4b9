#include "in_memory_computing.hpp"
#include "linear_attention_hybrid.hpp"
#include "sqlite_log.hpp"
#include "successive_halving.hpp"

IRONLAW_PLUGIN("research_extension", "1.0.0", "Apache-2.0", InMemoryComputing, LinearAttentionHybrid, SqliteLog,
               SuccessiveHalving)
