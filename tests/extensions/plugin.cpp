// Five extensions from published research, each as short as its author would write it, and solvers that call with series and
// with texts, in one plugin.
#include "diffusion_transformer.hpp"
#include "disaggregated_queue.hpp"
#include "first_word.hpp"
#include "hbm_pim.hpp"
#include "morris.hpp"
#include "policy_guard.hpp"
#include "solar_site.hpp"

IRONLAW_PLUGIN("extensions", "1.0.0", "Apache-2.0", DisaggregatedQueue, HbmPim, PimDecode, DiffusionTransformer, PolicyGuard,
               Morris, SolarSite, LetterCount, FirstWord)
