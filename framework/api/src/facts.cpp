// Key functions of the records of facts: their vtables and type information live here, once.
#include <ironlaw/facts.hpp>

namespace ironlaw {

Rack::~Rack() = default;
Pod::~Pod() = default;
ComponentReliability::~ComponentReliability() = default;
SwitchFabric::~SwitchFabric() = default;
NetworkEnergy::~NetworkEnergy() = default;
DeploymentTier::~DeploymentTier() = default;
Cooling::~Cooling() = default;
Capacity::~Capacity() = default;
Price::~Price() = default;
Dataset::~Dataset() = default;

}  // namespace ironlaw
