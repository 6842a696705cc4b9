#include <ironlaw/host/run.hpp>

#include "plan/compile.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>

#include <chrono>

namespace ironlaw::host {
namespace {

/// Keeps one line for each row of a block that has no outputs.
class RowErrors final : public ErrorSink {
 public:
  void row(std::size_t row, RowStatus, std::string_view port, std::string_view what) noexcept override {
    lines.try_emplace(first + row, error_line(port, what));
  }
  std::uint64_t first = 0;
  std::map<std::uint64_t, std::string> lines;
};

class AllErrors final : public ErrorSink {
 public:
  void row(std::size_t, RowStatus, std::string_view port, std::string_view what) noexcept override {
    lines.push_back(error_line(port, what));
  }
  std::vector<std::string> lines;
};

/// Fills the columns of the inputs on axes for rows [first, first + count).
class AxisColumns {
 public:
  AxisColumns(const Pipeline& pipeline, std::vector<Column>& in) : pipeline_(pipeline) {
    std::uint64_t inner = 1;
    for (std::size_t a = pipeline.axes().size(); a-- > 0;) {
      inner_.insert(inner_.begin(), inner);
      inner *= pipeline.axes()[a].size();
    }
    for (const auto& axis : pipeline.axes()) {
      for (const std::size_t input : axis.inputs) {
        cells_.emplace_back(Plan::block_rows);
        in[input] = {cells_.back().data(), 1};
      }
    }
  }
  void fill(std::uint64_t first, std::size_t count) {
    std::size_t column = 0;
    for (std::size_t a = 0; a < pipeline_.axes().size(); ++a) {
      const Axis& axis = pipeline_.axes()[a];
      for (const auto& values : axis.values) fill_column(cells_[column++].data(), values, inner_[a], first, count);
    }
  }

 private:
  /// The value of row r is values[(r / inner) % size]; walked without a division a row.
  static void fill_column(Cell* to, const std::vector<Cell>& values, std::uint64_t inner, std::uint64_t first, std::size_t count) {
    std::size_t value = static_cast<std::size_t>(first / inner % values.size());
    std::uint64_t left = inner - first % inner;
    for (std::size_t r = 0; r < count;) {
      const std::size_t end = left < count - r ? r + static_cast<std::size_t>(left) : count;
      for (; r < end; ++r) to[r] = values[value];
      if (++value == values.size()) value = 0;
      left = inner;
    }
  }
  const Pipeline& pipeline_;
  std::vector<std::uint64_t> inner_;
  std::vector<std::vector<Cell>> cells_;
};

void count(RunSummary& summary, std::span<const RowStatus> status) {
  for (const RowStatus s : status) {
    switch (s) {
      case RowStatus::ok: ++summary.ok; break;
      case RowStatus::infeasible: ++summary.infeasible; break;
      case RowStatus::refused: ++summary.refused; break;
      case RowStatus::failed: ++summary.failed; break;
      case RowStatus::skipped: ++summary.skipped; break;
    }
  }
  summary.rows += status.size();
}

}  // namespace

RowSink::~RowSink() = default;

std::string error_line(std::string_view port, std::string_view what) {
  std::string line(port);
  if (!port.empty()) line += what.starts_with('=') || what.starts_with("is ") ? " " : ": ";
  return line.append(what);
}

int RunSummary::exit_status() const { return ok > 0 || rows == 0 ? 0 : refused + skipped > 0 ? 1 : failed > 0 ? 4 : 2; }

int Answer::exit_status() const {
  switch (status) {
    case RowStatus::ok: return 0;
    case RowStatus::infeasible: return 2;
    case RowStatus::failed: return 4;
    default: return 1;
  }
}

RunSummary run(const Pipeline& pipeline, RowSink& sink) {
  const auto begin = std::chrono::steady_clock::now();
  const Plan& plan = pipeline.plan();
  const std::vector<Cell> base = pipeline.base();
  std::vector<Column> in;
  for (const Cell& cell : base) in.push_back({&cell, 0});
  AxisColumns axes(pipeline, in);

  std::vector<std::vector<Cell>> stored;
  std::vector<Cell*> out(plan.outputs().size(), nullptr);
  stored.reserve(pipeline.columns().size());
  std::vector<Column> shown;
  for (const auto& column : pipeline.columns()) {
    if (!column.output) {
      shown.push_back(in[column.index]);
      continue;
    }
    if (out[column.index] == nullptr) out[column.index] = stored.emplace_back(Plan::block_rows).data();
    shown.push_back({out[column.index], 1});
  }

  RunSummary summary;
  std::vector<RowStatus> status(Plan::block_rows);
  RowErrors errors;
  const std::uint64_t rows = pipeline.rows();
  for (std::uint64_t first = 0; first < rows; first += Plan::block_rows) {
    const std::size_t n = rows - first < Plan::block_rows ? static_cast<std::size_t>(rows - first) : Plan::block_rows;
    axes.fill(first, n);
    std::fill_n(status.begin(), n, RowStatus::ok);
    errors.first = first;
    errors.lines.clear();
    const auto block_status = std::span(status).first(n);
    plan.evaluate({in, out, block_status, &errors});
    count(summary, block_status);
    sink.rows({first, shown, block_status, &errors.lines});
  }
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

Answer answer(const Pipeline& pipeline, std::span<const Cell> inputs) {
  Answer a;
  a.inputs = inputs.empty() ? pipeline.base() : std::vector<Cell>(inputs.begin(), inputs.end());
  a.outputs.assign(pipeline.solver().outputs().size(), Cell{absent_value});
  std::vector<Column> in;
  for (const Cell& cell : a.inputs) in.push_back({&cell, 0});
  std::vector<Cell*> out;
  for (Cell& cell : a.outputs) out.push_back(&cell);
  AllErrors errors;
  pipeline.solver().evaluate({in, out, {&a.status, 1}, &errors});
  a.errors = std::move(errors.lines);
  return a;
}

void explain(const Pipeline& pipeline, const Answer& answer, std::string_view stage, Working& working) {
  // The inputs of a stage are the plan's inputs, outputs of other stages, or objects that a maker stage builds: run the makers again.
  const auto& stages = pipeline.plan().stages();
  ObjectArena arena;
  std::vector<const void*> made(stages.size(), nullptr);
  for (std::size_t s = 0; s < stages.size(); ++s) {
    std::vector<Cell> cells;
    for (const auto& source : stages[s].in) {
      if (source.from == PlanSource::From::input) {
        cells.push_back(answer.inputs[source.index]);
      } else if (stages[source.index].maker) {
        Cell cell;
        cell.object = made[source.index];
        cells.push_back(cell);
      } else {
        cells.push_back(answer.outputs[stages[source.index].first_output + source.port]);
      }
    }
    if (stages[s].maker) {
      std::vector<Column> in;
      for (const Cell& cell : cells) in.push_back({&cell, 0});
      Cell object;
      Cell* out = &object;
      RowStatus status = RowStatus::ok;
      stages[s].maker->evaluate({in, {&out, 1}, {&status, 1}, nullptr}, arena);
      made[s] = object.object;
    } else if (stages[s].name == stage) {
      const std::span<const Cell> outputs = std::span(answer.outputs).subspan(stages[s].first_output, stages[s].solver->outputs().size());
      if (!stages[s].solver->explain(cells, outputs, working)) working.note("this solver shows no working");
      return;
    }
  }
}

}  // namespace ironlaw::host
