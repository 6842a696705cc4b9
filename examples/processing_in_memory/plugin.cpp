#include "hbm_pim.hpp"
#include "offloaded.hpp"

IRONLAW_PLUGIN("processing_in_memory", "1.0.0", "Apache-2.0", HbmPim, PimDecode, Offloaded)
