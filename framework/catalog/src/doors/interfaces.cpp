// Key functions: vtable and type information of every class that crosses the plugin boundary live here, once.
#include <ironlaw/authored_solver.hpp>
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
CallingSolver::~CallingSolver() = default;
SolverMembers::~SolverMembers() = default;
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
EntryWriter::~EntryWriter() = default;
Registrar::~Registrar() = default;

void Object::facet_mismatch(const FacetKey& asked, const FacetKey& own) {
  throw Error("facet " + std::string(own.id) + ": asked for with " + std::to_string(asked.size) + " bytes, the object has " +
              std::to_string(own.size) + "; rebuild both plugins against the same header");
}

namespace {

/// Objects that wrap each other, at most: one that asks itself would never end.
constexpr int most_wrapped = 64;
thread_local int wrapped_objects = 0;

struct InsideAnother {
  InsideAnother() { ++wrapped_objects; }
  InsideAnother(const InsideAnother&) = delete;
  InsideAnother& operator=(const InsideAnother&) = delete;
  ~InsideAnother() { --wrapped_objects; }
};

std::size_t viewed_port(std::span<const PortInfo> ports, std::string_view port) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == port) return i;
  throw Error("the stage has no port '" + std::string(port) + "'");
}

Column viewed_column(std::span<const PortInfo> ports, std::span<const Column> columns, std::size_t i) {
  if (ports[i].type == PortType::series || ports[i].type == PortType::text)
    throw Error(std::string(ports[i].name) + " is a series or a text, which has no column of numbers");
  if (i >= columns.size() || columns[i].data == nullptr)
    throw Error(std::string(ports[i].name) + " was not asked for when the run began");
  return columns[i];
}

}  // namespace

const void* Object::facet_of(const FacetKey& key) const {
  const InsideAnother one;
  if (wrapped_objects > most_wrapped)
    throw Error("facet " + std::string(key.id) + ": '" + std::string(name_) +
                "' is asked by itself, in a loop of objects that wrap " + "each other");
  return do_facet(key);
}

Column StageView::find(std::span<const PortInfo> ports, std::span<const Column> columns, std::string_view port,
                       const Dimension& dimension) {
  const std::size_t i = viewed_port(ports, port);
  if (ports[i].dimension != dimension)
    throw Error(std::string(port) + " is in " + host::si_unit(ports[i].dimension) + ", not in " + host::si_unit(dimension));
  return viewed_column(ports, columns, i);
}

Column StageView::find_numbers(std::span<const PortInfo> ports, std::span<const Column> columns, std::string_view port) {
  const std::size_t i = viewed_port(ports, port);
  if (ports[i].type == PortType::object) throw Error(std::string(port) + " is an object, which has no column of numbers");
  return viewed_column(ports, columns, i);
}

}  // namespace ironlaw
