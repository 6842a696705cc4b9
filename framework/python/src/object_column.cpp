#include "object_column.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/sdk/reflection.hpp>

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

namespace ironlaw::python {
namespace {

constexpr const auto& precision_names = ironlaw::detail::enumerator_names<Precision>;
constexpr const auto& phase_names = ironlaw::detail::enumerator_names<Phase>;

template <class E, class Names>
E named(const Names& names, const std::string& name, const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    std::string all;
    for (const auto known : names) all += (all.empty() ? "" : ", ") + std::string(known);
    throw InputError(what, "unknown '" + name + "'; allowed: " + all);
  }
  return static_cast<E>(found - names.begin());
}

/// Asks an object of each row; rows that share one are asked once in a row.
template <class Interface, class Ask>
Numbers facts(const ObjectColumn<Interface>& column, const Ask& ask) {
  std::vector<double> values(column.objects.size(), absent_value);
  for (std::size_t r = 0; r < values.size(); ++r) {
    const Interface* object = column.objects[r];
    try {
      if (object == nullptr) throw MissingData("the row", Interface::interface);
      values[r] = ask(*object, r);
    } catch (const Refusal& e) {
      column.refusals->try_emplace(r, e.what());
    }
  }
  return numbers(std::move(values));
}

template <class Q>
double said(const Object& object, const Maybe<Q>& fact, const char* name, const char* field) {
  if (!fact) throw MissingData(object.name(), name, "give its " + std::string(field));
  return fact.cell();
}

/// A choice as solvers get it: one text, texts, or numbers by which they are counted.
std::vector<Precision> precisions(nb::handle value, std::size_t rows) {
  if (nb::isinstance<nb::str>(value))
    return std::vector<Precision>(rows, named<Precision>(precision_names, nb::cast<std::string>(value), "precision"));
  std::vector<Precision> list;
  if (nb::hasattr(value, "codes") && !value.attr("codes").is_none()) {
    const auto codes = nb::cast<nb::ndarray<const double, nb::ndim<1>, nb::c_contig>>(value.attr("codes"));
    for (std::size_t r = 0; r < codes.shape(0); ++r) list.push_back(static_cast<Precision>(static_cast<int>(codes(r))));
  } else {
    for (const auto& name : nb::cast<std::vector<std::string>>(value))
      list.push_back(named<Precision>(precision_names, name, "precision"));
  }
  if (list.size() != rows)
    throw InputError("precision", "has " + std::to_string(list.size()) + " values for " + std::to_string(rows) + " rows");
  return list;
}

template <class Interface>
std::vector<std::string> names_of(const ObjectColumn<Interface>& column) {
  std::vector<std::string> names;
  for (const Interface* object : column.objects) names.emplace_back(object == nullptr ? std::string_view() : object->name());
  return names;
}

/// A property that is a column of facts.
template <class Interface, class Ask>
void add_fact(nb::class_<ObjectColumn<Interface>>& bound, const char* name, const char* doc, const Ask& ask) {
  bound.def_prop_ro(
      name,
      [ask](const ObjectColumn<Interface>& column) {
        return facts(column, [&](const Interface& object, std::size_t) { return ask(object); });
      },
      nb::rv_policy::automatic, doc);
}

void bind_hardware(nb::module_& module) {
  using Column = HardwareColumn;
  nb::class_<Column> bound(module, "Hardware", "The devices of an input, row by row; facts are columns in SI units.");
  bound.def("__len__", [](const Column& c) { return c.objects.size(); });
  bound.def_prop_ro("name", &names_of<Hardware>, "what each is called");
  bound.def(
      "peak_rate",
      [](const Column& c, nb::handle precision) {
        const auto of = precisions(precision, c.objects.size());
        return facts(c, [&](const Hardware& h, std::size_t r) { return h.peak_rate(of[r]).value(); });
      },
      nb::arg("precision"), "dense peak arithmetic rate [FLOP/s]");
  add_fact(bound, "memory_capacity", "main memory [byte]", [](const Hardware& h) { return h.memory().capacity.value(); });
  add_fact(bound, "memory_bandwidth", "of main memory [byte/s]", [](const Hardware& h) { return h.memory().bandwidth.value(); });
  add_fact(bound, "dispatch_overhead", "fixed cost of one piece of work [s]",
           [](const Hardware& h) { return h.dispatch_overhead().value(); });
  add_fact(bound, "host_link", "one way [byte/s]",
           [](const Hardware& h) { return said(h, h.host_link(), "link to the host", "host_link"); });
  add_fact(bound, "tdp", "thermal design power [W]",
           [](const Hardware& h) { return said(h, h.tdp(), "thermal design power", "tdp"); });
  add_fact(bound, "price", "of one device [USD]", [](const Hardware& h) { return said(h, h.price(), "price", "price"); });
  add_fact(bound, "embodied_carbon", "of making one device [kgCO2e]",
           [](const Hardware& h) { return said(h, h.embodied_carbon(), "embodied carbon", "embodied_carbon"); });
}

/// The parts of a demand, by name.
nb::dict demand_of(const WorkloadColumn& column, const std::string& phase, const Numbers& batch, const Numbers& new_tokens,
                   const Numbers& cached_tokens, nb::handle precision) {
  const std::size_t rows = column.objects.size();
  for (const auto& [name, given] : {std::pair("batch", batch.shape(0)), std::pair("new_tokens", new_tokens.shape(0)),
                                    std::pair("cached_tokens", cached_tokens.shape(0))})
    if (given != rows) throw InputError(name, "has " + std::to_string(given) + " values for " + std::to_string(rows) + " rows");
  const auto phase_asked = named<Phase>(phase_names, phase, "phase");
  const auto formats = precisions(precision, rows);
  std::vector<Demand> demands(rows);
  (void)facts(column, [&](const Workload& w, std::size_t r) {
    demands[r] = w.demand({phase_asked, batch(r), new_tokens(r), cached_tokens(r), Formats::of(formats[r])});
    return 0.0;
  });
  nb::dict parts;
  const auto add = [&](const char* name, const auto& of) {
    std::vector<double> values;
    for (const Demand& d : demands) values.push_back(of(d));
    parts[name] = numbers(std::move(values));
  };
  add("linear", [](const Demand& d) { return d.linear.value(); });
  add("logits", [](const Demand& d) { return d.logits.value(); });
  add("attention", [](const Demand& d) { return d.attention.value(); });
  add("weights_resident", [](const Demand& d) { return d.weights_resident.value(); });
  add("weights_read", [](const Demand& d) { return d.weights_read.value(); });
  add("activations", [](const Demand& d) { return d.activations.cell(); });
  add("cache_read", [](const Demand& d) { return d.cache_read.value(); });
  add("cache_write", [](const Demand& d) { return d.cache_write.value(); });
  add("cache_resident", [](const Demand& d) { return d.cache_resident.value(); });
  add("launches", [](const Demand& d) { return d.launches; });
  return parts;
}

void bind_workload(nb::module_& module) {
  using Column = WorkloadColumn;
  nb::class_<Column> bound(module, "Workload", "The models of an input, row by row; facts are columns in SI units.");
  bound.def("__len__", [](const Column& c) { return c.objects.size(); });
  bound.def_prop_ro("name", &names_of<Workload>, "what each is called");
  add_fact(bound, "parameters", "in all, experts that rest included",
           [](const Workload& w) { return said(w, w.parameters(), "parameters", "parameters"); });
  bound.def("_demand", &demand_of);
}

}  // namespace

Numbers numbers(std::vector<double> values) {
  auto owned = std::make_unique<std::vector<double>>(std::move(values));
  double* const data = owned->data();
  const std::size_t size = owned->size();
  const nb::capsule owner(owned.release(), [](void* p) noexcept { delete static_cast<std::vector<double>*>(p); });
  return Numbers(data, {size}, owner);
}

void bind_object_columns(nb::module_& module) {
  std::vector<std::string> names(precision_names.begin(), precision_names.end());
  module.attr("precisions") = names;
  bind_hardware(module);
  bind_workload(module);
}

}  // namespace ironlaw::python
