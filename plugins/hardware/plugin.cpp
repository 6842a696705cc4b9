#include <ironlaw/sdk/plugin.hpp>

#include "accelerator.hpp"
#include "facts.hpp"
#include "host_cpu.hpp"
#include "kernel_rates.hpp"
#include "microcontroller.hpp"
#include "sites.hpp"
#include "systems.hpp"
#include "table.hpp"
#include "wafer_scale.hpp"

using namespace ironlaw::hardware;

IRONLAW_PLUGIN("hardware", "0.1.0", "Apache-2.0", Accelerator, WaferScale, Microcontroller, HostCpu, NodeKind, FabricKind,
               Cluster, Server, GridKind, DatacenterKind, StorageKind, RackKind, PodKind, ComponentReliabilityKind,
               SwitchFabricKind, NetworkEnergyKind, DeploymentTierKind, CoolingKind, CapacityKind, PriceKind, DatasetKind,
               KernelRatesKind, EngineKind, SoftwareStackKind, TableKind)
