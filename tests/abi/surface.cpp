// Everything that crosses the plugin boundary, in one library with debug information: abidw describes what these functions take.
#include <ironlaw/manifest.h>
#include <ironlaw/authored_solver.hpp>
#include <ironlaw/callback.hpp>
#include <ironlaw/demand_form.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/facts.hpp>
#include <ironlaw/fingerprint.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/importer.hpp>
#include <ironlaw/kind.hpp>
#include <ironlaw/operators.hpp>
#include <ironlaw/options.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/registrar.hpp>
#include <ironlaw/solver.hpp>
#include <ironlaw/study.hpp>
#include <ironlaw/working.hpp>
#include <ironlaw/workload.hpp>

using namespace ironlaw;

extern "C" {
[[gnu::visibility("default")]] int plain_data(const ironlaw_manifest_v1&, const ironlaw_provides_v1&,
                                              const ironlaw_entry_args_v1&) {
  return 0;
}
[[gnu::visibility("default")]] int rows(const Cell&, const Column&, const Block&, const ErrorSink&, RowStatus) { return 0; }
[[gnu::visibility("default")]] int declarations(const PortInfo&, const LimitInfo&, const RuleInfo&, const MonotoneInfo&,
                                                const OptionInfo&) {
  return 0;
}
[[gnu::visibility("default")]] int components(const Solver&, const Kind&, const Study&, const ObserverType&, const GuardType&,
                                              const Registrar&, const CallingSolver&, const SolverCall&, const SolverMembers&) {
  return 0;
}
[[gnu::visibility("default")]] int studies(const Bench&, const Space&, const SpaceAxis&, const Table&, const Options&) {
  return 0;
}
[[gnu::visibility("default")]] int callbacks(const Observer&, const Guard&, const StageView&, const PlanView&, const Wants&,
                                             const Verdict&, const Amendments&) {
  return 0;
}
[[gnu::visibility("default")]] int importers(const Importer&, const ForeignFile&, const EntryWriter&) { return 0; }
[[gnu::visibility("default")]] int working(const Working&, const Value&, const Term&) { return 0; }
[[gnu::visibility("default")]] int objects(const Hardware&, const Workload&, const Conditions&, const Demand&, const Memory&,
                                           Precision, const Formats&, const FacetKey&) {
  return 0;
}
[[gnu::visibility("default")]] int systems(const Node&, const Fabric&, const Fleet&, const Grid&, const Datacenter&,
                                           const StorageSystem&) {
  return 0;
}
[[gnu::visibility("default")]] int facts(const Rack&, const Pod&, const ComponentReliability&, const SwitchFabric&,
                                         const NetworkEnergy&, const DeploymentTier&, const Cooling&, const Capacity&,
                                         const Price&, const Dataset&) {
  return 0;
}
[[gnu::visibility("default")]] int facets(const OnChipMemory&, const FlashMemory&, const DeviceLink&, const Storage&,
                                          const TransformerShape&, const Adapter&, const Experts&, const StoredFormats&,
                                          const RecurrentLayers&, const DemandForms&, const DemandForm&, const Operators&,
                                          const Operator&, const LayerClass&, const OperatorConditions&, const OperatorList&) {
  return 0;
}
[[gnu::visibility("default")]] int errors(const Error&, const Refusal&, const MissingData&, const Unsupported&,
                                          const DomainError&, const InputError&, const PluginError&) {
  return 0;
}
}
