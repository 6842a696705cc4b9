#include "plan/stage_tables.hpp"

#include <ironlaw/maybe.hpp>

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <mutex>
#include <numeric>

namespace ironlaw::host {
namespace {

/// A table must save this many runs of its stage for each that it costs.
constexpr std::uint64_t least_saving = 4;
/// Beside its cells, a row of a table may hold an object or the text of an error.
constexpr std::uint64_t bytes_beside_cells = 256;

std::vector<std::size_t> every(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

bool is_series(const PlanStage& stage, std::size_t output) {
  return !stage.maker && stage.evaluated().outputs()[output].type == PortType::series;
}

/// What the values of a series take beside its cell.
std::uint64_t series_bytes(const PlanStage& stage, std::size_t output) {
  return is_series(stage, output) ? SeriesArena::bytes_a_row(stage.evaluated().outputs()[output].longest) : 0;
}

std::uint64_t combinations(std::span<const Axis> axes, std::span<const std::size_t> members) {
  std::uint64_t n = 1;
  for (const std::size_t a : members) n *= axes[a].size();
  return n;
}

}  // namespace

/// Keeps the errors of one block of a table.
class StageTables::Errors final : public ErrorSink {
 public:
  Errors(StageTable& table, const std::string& stage, std::size_t first, std::mutex& mutex)
      : table_(table), stage_(stage), first_(first), mutex_(mutex) {}
  void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override {
    std::string where = stage_;
    if (!port.empty()) where.append(".").append(port);
    const std::lock_guard lock(mutex_);
    table_.errors.emplace(first_ + row, StageTable::Error{status, std::move(where), std::string(what)});
  }

 private:
  StageTable& table_;
  const std::string& stage_;
  std::size_t first_;
  std::mutex& mutex_;
};

StageTables::StageTables(const Plan& plan, std::span<const Axis> axes, const std::vector<char>& wanted, std::size_t threads)
    : plan_(plan),
      axes_(axes),
      all_(axes, every(axes.size())),
      values_(plan.plan_inputs().size(), nullptr),
      axis_of_(values_.size(), 0),
      tables_(plan.stages().size()) {
  find_axes();
  choose(wanted);
  for (std::size_t s = 0; s < tables_.size(); ++s)
    if (tables_[s] != nullptr) fill(s, threads);
}

void StageTables::find_axes() {
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    for (std::size_t k = 0; k < axes_[a].inputs.size(); ++k) {
      values_[axes_[a].inputs[k]] = &axes_[a].values[k];
      axis_of_[axes_[a].inputs[k]] = a;
    }
  }
  for (const PlanStage& stage : plan_.stages()) {
    std::vector<std::size_t> reached;
    for (const PlanSource& source : stage.in) {
      if (source.from == PlanSource::From::stage) {
        const auto& from = reached_by_[source.index];
        reached.insert(reached.end(), from.begin(), from.end());
      } else if (values_[source.index] != nullptr) {
        reached.push_back(axis_of_[source.index]);
      }
    }
    std::sort(reached.begin(), reached.end());
    reached.erase(std::unique(reached.begin(), reached.end()), reached.end());
    reached_by_.push_back(std::move(reached));
  }
}

/// Compared with running it where its inputs differ from the row above: for each value of its innermost axis and of all outside.
bool StageTables::worth_a_table(std::size_t stage) const {
  const auto& reached = reached_by_[stage];
  if (reached.empty()) return false;
  return combinations(axes_, reached) * least_saving <= combinations(axes_, every(reached.back() + 1));
}

/// The stage and all that it reads, which must have tables too: their axes are among its own.
std::vector<std::size_t> StageTables::with_sources(std::size_t stage) const {
  std::vector<std::size_t> found{stage};
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const PlanSource& source : plan_.stages()[found[i]].in)
      if (source.from == PlanSource::From::stage && std::find(found.begin(), found.end(), source.index) == found.end())
        found.push_back(source.index);
  return found;
}

bool StageTables::stored(std::size_t stage, std::size_t output, const std::vector<char>& wanted) const {
  const PlanStage& s = plan_.stages()[stage];
  return plan_.read(stage, output) || (!s.maker && wanted[s.first_output + output] != 0);
}

void StageTables::choose(const std::vector<char>& wanted) {
  std::uint64_t bytes = 0;
  const auto bytes_of = [&](std::size_t s) {
    std::uint64_t row = bytes_beside_cells;
    for (std::size_t o = 0; o < plan_.stages()[s].output_count(); ++o)
      if (stored(s, o, wanted)) row += sizeof(Cell) + series_bytes(plan_.stages()[s], o);
    return row * combinations(axes_, reached_by_[s]);
  };
  for (std::size_t s = 0; s < tables_.size(); ++s) {
    if (!worth_a_table(s)) continue;
    auto chosen = with_sources(s);
    std::erase_if(chosen, [&](std::size_t c) { return tables_[c] != nullptr; });
    const std::uint64_t more = std::accumulate(chosen.begin(), chosen.end(), std::uint64_t{0},
                                               [&](std::uint64_t sum, std::size_t c) { return sum + bytes_of(c); });
    if (more > most_bytes - bytes) continue;
    bytes += more;
    for (const std::size_t c : chosen) tables_[c] = std::make_unique<StageTable>();
  }
  for (std::size_t s = 0; s < tables_.size(); ++s) {
    if (tables_[s] == nullptr) continue;
    StageTable& table = *tables_[s];
    const auto known =
        std::find_if(subsets_.begin(), subsets_.end(), [&](const AxisSubset& k) { return k.members() == reached_by_[s]; });
    table.subset = static_cast<std::size_t>(known - subsets_.begin());
    if (known == subsets_.end()) subsets_.emplace_back(axes_, reached_by_[s]);
    const auto rows = static_cast<std::size_t>(subsets_[table.subset].rows());
    table.status.assign(rows, RowStatus::ok);
    table.outputs.resize(plan_.stages()[s].output_count());
    table.looked_up.assign(table.outputs.size(), 0);
    table.series.resize(table.outputs.size());
    for (std::size_t o = 0; o < table.outputs.size(); ++o) {
      if (!stored(s, o, wanted)) continue;
      table.outputs[o].resize(rows);
      if (is_series(plan_.stages()[s], o))
        table.series[o] = std::make_unique<SeriesArena>(plan_.stages()[s].evaluated().outputs()[o].longest, rows);
    }
    if (plan_.stages()[s].maker) table.made.resize((rows + Plan::block_rows - 1) / Plan::block_rows);
  }
  for (std::size_t s = 0; s < tables_.size(); ++s)
    for (const PlanSource& source : plan_.stages()[s].in)
      if (tables_[s] == nullptr && source.from == PlanSource::From::stage && tables_[source.index] != nullptr)
        tables_[source.index]->looked_up[source.port] = 1;
}

void StageTables::fill(std::size_t stage, std::size_t threads) {
  StageTable& table = *tables_[stage];
  const std::size_t blocks = (table.status.size() + Plan::block_rows - 1) / Plan::block_rows;
  if (threads == 1 || blocks == 1) {
    for (std::size_t b = 0; b < blocks; ++b) fill_block(stage, b);
  } else {
    oneapi::tbb::task_arena arena(static_cast<int>(threads));
    arena.execute([&] { oneapi::tbb::parallel_for(std::size_t{0}, blocks, [&](std::size_t b) { fill_block(stage, b); }); });
  }
  table.clean = std::all_of(table.status.begin(), table.status.end(), [](RowStatus r) { return r == RowStatus::ok; });
}

/// The input columns of a block of a table's rows; rows that lack one are marked `skipped`.
StageTables::Inputs StageTables::inputs_of(const PlanStage& stage, const AxisSubset& subset, std::size_t first,
                                           std::span<RowStatus> status) const {
  Inputs inputs;
  std::vector<std::uint32_t> row_of(status.size());
  for (const PlanSource& source : stage.in) {
    if (source.from == PlanSource::From::input && values_[source.index] == nullptr) {
      inputs.in.push_back({&plan_.plan_inputs()[source.index].base, 0});
      continue;
    }
    Cell* column = inputs.columns.emplace_back(status.size()).data();
    inputs.in.push_back({column, 1});
    if (source.from == PlanSource::From::input) {
      const auto& values = *values_[source.index];
      for_each_value(
          subset.inner(axis_of_[source.index]), values.size(), first, status.size(),
          [&](std::size_t begin, std::size_t end, std::size_t v) { std::fill(column + begin, column + end, values[v]); });
      continue;
    }
    const StageTable& from = *tables_[source.index];
    subset.locate(subsets_[from.subset], axes_, first, row_of);
    for (std::size_t r = 0; r < status.size(); ++r) {
      column[r] = from.outputs[source.port][row_of[r]];
      if (!has_outputs(from.status[row_of[r]])) status[r] = RowStatus::skipped;
    }
  }
  return inputs;
}

void StageTables::fill_block(std::size_t s, std::size_t block) {
  const PlanStage& stage = plan_.stages()[s];
  StageTable& table = *tables_[s];
  const std::size_t first = block * Plan::block_rows;
  const auto status = std::span(table.status).subspan(first, std::min(Plan::block_rows, table.status.size() - first));
  const Inputs inputs = inputs_of(stage, subsets_[table.subset], first, status);
  std::vector<Cell*> out;
  for (std::size_t o = 0; o < table.outputs.size(); ++o) {
    auto& output = table.outputs[o];
    out.push_back(output.empty() ? nullptr : output.data() + first);
    if (table.series[o] != nullptr) table.series[o]->place({out.back(), status.size()}, first);
    for (std::size_t r = 0; r < status.size() && !output.empty(); ++r)
      if (status[r] == RowStatus::skipped) out.back()[r].number = absent_value;
  }
  Errors errors(table, stage.name, first, mutex_);
  const Block rows{inputs.in, out, status, &errors};
  if (stage.maker) {
    table.made[block] = std::make_unique<ObjectArena>();
    stage.maker->evaluate(rows, *table.made[block]);
  } else {
    stage.evaluated().evaluate(rows);
  }
}

}  // namespace ironlaw::host
