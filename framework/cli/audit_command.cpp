// audit: this machine as an entry of the zoo, and the roofline held against what it does.
#include "audit/machine.hpp"
#include "audit/product_record.hpp"
#include "command.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>

namespace ironlaw::cli {
namespace {

/// Of the roofline: beyond this, the rates were measured too low to be used.
constexpr double believable = 1.1;

/// Every digit of a number.
std::string exact(double number) {
  std::ostringstream text;
  text << std::setprecision(17) << number;
  return text.str();
}

std::string readable(double number, const Dimension& dimension) { return host::format_quantity(number, dimension, {}, 4); }

/// A text as JSON: what a processor calls itself.
std::string json_text(const std::string& word) {
  std::string json = "\"";
  for (const char c : word)
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) json += c;
  return json + "\"";
}

/// The facts of the machine as a kind of the zoo takes them.
std::string device_json(const Machine& machine) {
  const MemoryLevel& memory = machine.levels.back();
  std::string json = R"("kind": "host_cpu", "peak_rate": {"fp32": ")" + exact(machine.fp32_rate) + R"( FLOP/s", "fp64": ")" +
                     exact(machine.fp64_rate) + R"( FLOP/s"}, "memory_capacity": ")" + exact(memory.capacity) +
                     R"( B", "memory_bandwidth": ")" + exact(memory.read_bandwidth) + R"( B/s", "dispatch_overhead": "0 s")";
  if (machine.levels.size() > 1) {
    const MemoryLevel& cache = machine.levels[machine.levels.size() - 2];
    json += R"(, "on_chip_capacity": ")" + exact(cache.capacity) + R"( B", "on_chip_bandwidth": ")" +
            exact(cache.read_bandwidth) + R"( B/s")";
  }
  return json;
}

/// The products of the machine as records, in the form that the solver kernel takes.
std::string kernels_entry(const Machine& machine, const ProductRecord& record, const std::string& name) {
  const ProductConstants& c = record.constants;
  return ",\n    " + json_text(name + "_kernels") +
         ": {\n      \"kind\": \"kernel_rates\",\n      \"label\": " + json_text("products of " + machine.processor) +
         ",\n      \"source\": \"audit\",\n      \"rates\": [\n        " +
         R"({"operation": "product", "format": "fp32", "law": "kernel", "how": "fitted", "source": )" +
         json_text("ironlaw audit, " + std::to_string(machine.products.size()) + " products of 4 widths") +
         R"(, "compute_share": )" + exact(c.compute_share) + R"(, "memory_share": )" + exact(c.memory_share) +
         R"(, "latency": ")" + exact(c.latency) + R"( s", "from": )" + exact(record.from) + R"(, "to": )" + exact(record.to) +
         R"(, "rows": )" + std::to_string(machine.products.size()) + R"(, "low": )" + exact(record.low) + R"(, "middle": )" +
         exact(record.middle) + R"(, "high": )" + exact(record.high) + "}\n      ]\n    }";
}

std::string zoo_file(const Machine& machine, const std::string& name) {
  std::string note;
  for (const auto& level : machine.levels)
    note += (note.empty() ? "" : "; ") + level.name + " " + readable(level.capacity, dimension_of<Information>()) + " at " +
            readable(level.read_bandwidth, dimension_of<Bandwidth>());
  return "{\n  \"sources\": {\"audit\": {\"title\": " +
         json_text("Measured by ironlaw audit on " + std::to_string(machine.cores) + " cores of " + machine.processor) +
         "}},\n  \"entries\": {\n    " + json_text(name) + ": {\n      \"label\": " + json_text(machine.processor) + ",\n      " +
         device_json(machine) + ",\n      \"source\": \"audit\",\n      \"note\": " + json_text(note) + "\n    }" +
         (machine.products.empty() ? std::string() : kernels_entry(machine, fit_products(machine), name)) + "\n  }\n}\n";
}

/// The time that the roofline predicts for a piece of work.
double predicted(const Machine& machine, const MeasuredWork& work, host::Session& session) {
  std::string workload = R"("kind": "network", "parameters": )" + exact(work.weights) + R"(, "operations": ")" +
                         exact(std::max(1.0, work.operations)) + R"( FLOP")";
  if (work.activations > 0) workload += R"(, "activation_elements": )" + exact(work.activations);
  const auto config = host::Config::parse(
      R"({"version": 1, "stages": {"node": {"solver": "single_node", "precision": "fp32", "efficiency": 1,
        "framework_overhead": "0 s", "activation_weight_fraction": )" +
          std::string(work.activations > 0 ? "null" : "0") + R"(, "hardware": {)" + device_json(machine) + R"(}, "workload": {)" +
          workload + "}}}}",
      "audit");
  const auto pipeline = session.compile(config);
  const auto answer = host::answer(pipeline);
  if (!answer.errors.empty()) throw InputError("audit", answer.errors.front());
  return answer.outputs[pipeline.output("node.latency")].number;
}

void print_machine(const Machine& machine, std::ostream& out) {
  out << machine.processor << ", " << machine.cores << (machine.cores == 1 ? " core\n" : " cores\n");
  out << "  fp32    " << readable(machine.fp32_rate, dimension_of<FlopRate>()) << "\n  fp64    "
      << readable(machine.fp64_rate, dimension_of<FlopRate>()) << "\n";
  for (const auto& level : machine.levels)
    out << "  " << std::left << std::setw(8) << level.name << std::setw(12)
        << readable(level.capacity, dimension_of<Information>()) << "read at "
        << readable(level.read_bandwidth, dimension_of<Bandwidth>()) << "\n";
}

void print_comparison(const Machine& machine, host::Session& session, std::ostream& out) {
  out << "\n"
      << std::left << std::setw(16) << "work" << std::setw(12) << "measured" << std::setw(12) << "roofline"
      << "reached\n";
  double most = 0;
  for (const auto& work : machine.works) {
    const double bound = predicted(machine, work, session);
    most = std::max(most, bound / work.seconds);
    out << std::left << std::setw(16) << work.name << std::setw(12) << readable(work.seconds, dimension_of<Time>())
        << std::setw(12) << readable(bound, dimension_of<Time>()) << host::format_quantity(bound / work.seconds, {}, "%", 3)
        << "\n";
  }
  if (most > believable)
    out << "\nNothing is faster than its roofline: the rates above were measured too low. Measure again, best while nothing else "
           "runs.\n";
}

void print_products(const Machine& machine, std::ostream& out) {
  const ProductRecord record = fit_products(machine);
  const auto share = [](double v) { return host::format_quantity(v, {}, "%", 3); };
  out << "\nproducts: " << share(record.constants.compute_share) << " of the rate, " << share(record.constants.memory_share)
      << " of the bandwidth, " << readable(record.constants.latency, dimension_of<Time>())
      << " each; ln(measured / predicted) of a width left out 10 % " << host::format_quantity(record.low, {}, {}, 3) << ", 90 % "
      << host::format_quantity(record.high, {}, {}, 3) << "\n";
}

int audit(const std::string& name, bool products, Context& context) {
  const auto format = context.flags.report().format;
  if (format != host::OutputFormat::text && format != host::OutputFormat::json)
    throw InputError("--output", "an audit is text, or an entry of the zoo as json");
  const Machine machine = measure_machine(products);
  const bool entry = format == host::OutputFormat::json;
  if (entry) context.out << zoo_file(machine, name);
  std::ostream& people = entry ? std::cerr : context.out;
  print_machine(machine, people);
  print_comparison(machine, context.session, people);
  if (products) print_products(machine, people);
  return 0;
}

}  // namespace

void add_audit(CLI::App& app, Context& context) {
  const auto name = std::make_shared<std::string>("this_machine");
  auto* command = app.add_subcommand("audit", "measures this machine, and holds the roofline against it");
  const auto products = std::make_shared<bool>(false);
  command->add_flag("--products", *products, "measure products of many shapes too; -o writes them as kernel_rates, NAME_kernels");
  command->add_option("--name", *name, "name of the entry that -o FILE.json writes")->option_text("NAME");
  add_examples(*command, {"ironlaw audit -o facts/this_machine.json",
                          "ironlaw solve single_node --workload ResNet50 --hardware this_machine --precision fp32 --zoo facts"});
  command->callback([=, &context] { context.action = [=, &context] { return audit(*name, *products, context); }; });
}

}  // namespace ironlaw::cli
