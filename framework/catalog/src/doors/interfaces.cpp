// Key functions: vtable and type information of every class that crosses the plugin boundary live here, once.
#include <ironlaw/hardware.hpp>
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/record_table.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/registrar.hpp>
#include <ironlaw/unit_name.hpp>
#include <ironlaw/workload.hpp>

#include <mutex>
#include <set>
#include <string>

namespace ironlaw {

std::string_view unit_name(const Dimension& dimension) {
  static std::mutex mutex;
  static std::set<std::string> names;
  const std::lock_guard lock(mutex);
  return *names.insert(host::si_unit(dimension)).first;
}

Object::~Object() = default;
Hardware::~Hardware() = default;
Workload::~Workload() = default;
Node::~Node() = default;
Fabric::~Fabric() = default;
Fleet::~Fleet() = default;
Grid::~Grid() = default;
Datacenter::~Datacenter() = default;
StorageSystem::~StorageSystem() = default;
RecordTable::~RecordTable() = default;
KernelRates::~KernelRates() = default;
Engine::~Engine() = default;
SoftwareStack::~SoftwareStack() = default;
Working::~Working() = default;
Options::~Options() = default;
Space::~Space() = default;
Table::~Table() = default;
Bench::~Bench() = default;
PlanView::~PlanView() = default;
Observer::~Observer() = default;
Verdict::~Verdict() = default;
Amendments::~Amendments() = default;
Wants::~Wants() = default;
Guard::~Guard() = default;
Registrar::~Registrar() = default;

void Object::facet_mismatch(const FacetKey& asked, const FacetKey& own) {
  throw Error("facet " + std::string(own.id) + ": asked for with " + std::to_string(asked.size) + " bytes, the object has " +
              std::to_string(own.size) + "; rebuild both plugins against the same header");
}

Column StageView::find(std::span<const PortInfo> ports, std::span<const Column> columns, std::string_view port,
                       const Dimension& dimension) {
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].name != port) continue;
    if (ports[i].dimension != dimension)
      throw Error(std::string(port) + " is in " + host::si_unit(ports[i].dimension) + ", not in " + host::si_unit(dimension));
    if (ports[i].type == PortType::series || ports[i].type == PortType::text)
      throw Error(std::string(port) + " is a series or a text, which has no column of numbers");
    if (i >= columns.size() || columns[i].data == nullptr)
      throw Error(std::string(port) + " was not asked for when the run began");
    return columns[i];
  }
  throw Error("the stage has no port '" + std::string(port) + "'");
}

}  // namespace ironlaw
