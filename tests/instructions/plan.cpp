// A chain of three stages as a plan, or the same solvers called block by block by hand, to be counted: counted_plan plan|hand.
// Two axes reach every stage, so that nothing is hoisted; every output is stored.
#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/host/session.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

namespace {
using namespace ironlaw;
using namespace ironlaw::host;

constexpr std::size_t rows = 1024, blocks = 4;
constexpr const char* config =
    R"({"version": 1, "stages": {
      "node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"},
      "law": {"solver": "iron_law", "memory_time": "$node.memory_time", "compute_time": "$node.compute_time", "compute_speedup": 2},
      "share": {"solver": "amdahl", "improved_fraction": "$node.mfu", "stage_speedup": 2}}})";

/// Columns of a solver: those named come from other columns, the rest are cells of the pipeline or the ports' defaults.
struct Stage {
  Stage(const Solver& of, const std::string& name, const Pipeline& pipeline) : solver(of) {
    const auto ports = pipeline.solver().inputs();
    for (const PortInfo& port : solver.inputs()) {
      Cell cell{};
      if (port.type == PortType::object)
        cell.object = nullptr;
      else
        cell.number = port.fallback;
      for (std::size_t k = 0; k < ports.size(); ++k)
        if (ports[k].name == name + "." + std::string(port.name)) cell = base(pipeline)[k];
      cells.push_back(cell);
    }
    for (const Cell& cell : cells) in.push_back({&cell, 0});
    stored.assign(solver.outputs().size(), std::vector<Cell>(rows));
    for (auto& column : stored) out.push_back(column.data());
  }
  static const std::vector<Cell>& base(const Pipeline& pipeline) {
    static const std::vector<Cell> cells = pipeline.base();
    return cells;
  }
  void wire(const std::string& port, const Cell* column) {
    for (std::size_t k = 0; k < in.size(); ++k)
      if (solver.inputs()[k].name == port) in[k] = {column, 1};
  }
  [[nodiscard]] const Cell* output(const std::string& port) const {
    for (std::size_t o = 0; o < out.size(); ++o)
      if (solver.outputs()[o].name == port) return out[o];
    return nullptr;
  }
  void evaluate(std::vector<RowStatus>& status) { solver.evaluate({in, out, status, nullptr, &memory}); }

  const Solver& solver;
  std::vector<Cell> cells;
  std::vector<Column> in;
  std::vector<std::vector<Cell>> stored;
  std::vector<Cell*> out;
  BlockMemory memory;
};

struct Work {
  std::vector<Stage*> stages;
  std::vector<RowStatus> status = std::vector<RowStatus>(rows);
};
/// What is counted.
[[gnu::noinline]] void evaluate_blocks(Work& work) {
  for (std::size_t b = 0; b < blocks; ++b) {
    std::fill(work.status.begin(), work.status.end(), RowStatus::ok);
    for (Stage* stage : work.stages) stage->evaluate(work.status);
  }
}

}  // namespace

int main(int, char** argv) {
  Session session;
  const Pipeline pipeline = session.compile(Config::parse(config, "plan"));
  std::vector<Cell> batch(rows), efficiency(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    batch[r].number = static_cast<double>(1 + r % 256);
    efficiency[r].number = 0.3 + 0.4 * static_cast<double>(r) / rows;
  }
  Stage plan(pipeline.solver(), "", pipeline);
  plan.cells = Stage::base(pipeline);
  for (std::size_t k = 0; k < plan.in.size(); ++k) plan.in[k] = {&plan.cells[k], 0};
  plan.wire("node.batch_size", batch.data());
  plan.wire("node.efficiency", efficiency.data());
  Stage node(session.plugins().solver("single_node"), "node", pipeline);
  Stage law(session.plugins().solver("iron_law"), "law", pipeline);
  Stage share(session.plugins().solver("amdahl"), "share", pipeline);
  node.wire("batch_size", batch.data());
  node.wire("efficiency", efficiency.data());
  law.wire("memory_time", node.output("memory_time"));
  law.wire("compute_time", node.output("compute_time"));
  share.wire("improved_fraction", node.output("mfu"));

  Work work;
  if (std::string_view(argv[1]) == "plan")
    work.stages = {&plan};
  else
    work.stages = {&node, &law, &share};
  evaluate_blocks(work);
  const auto answered = std::count_if(work.status.begin(), work.status.end(), [](RowStatus s) { return has_outputs(s); });
  const double latency = (work.stages.size() == 1 ? plan.output("node.latency") : node.output("latency"))[rows - 1].number;
  std::cout << rows * blocks << " rows, " << answered << " of " << rows << " answered, the last latency " << latency << "\n";
  return answered == rows ? 0 : 1;
}
