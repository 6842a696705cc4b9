#include <ironlaw/sdk/plugin.hpp>

#include "composite.hpp"
#include "diffusion.hpp"
#include "network.hpp"
#include "recommender.hpp"
#include "sized.hpp"
#include "sparse_transformer.hpp"
#include "state_space.hpp"

using namespace ironlaw::workloads;

IRONLAW_PLUGIN("workloads", "0.1.0", "Apache-2.0", Transformer, SparseTransformer, Convolutional, StateSpace, Diffusion,
               Recommender, Sized, Network, Composite)
