#include "run/plain_row.hpp"

#include "doors/door.hpp"
#include "plan/clauses.hpp"
#include "value/kept_by_thread.hpp"
#include "value/kept_values.hpp"

#include <ironlaw/maybe.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

struct Room {
  std::vector<Column> in;
  std::vector<Cell*> out;
};

}  // namespace

bool has_plain_rows(const Pipeline& pipeline) {
  const Clauses& clauses = pipeline.clauses();
  const auto outputs = pipeline.solver().outputs();
  return pipeline.origin() == nullptr && clauses.constraints.empty() && clauses.derived.empty() && clauses.callbacks.empty() &&
         !clauses.walls && !clauses.bands &&
         std::all_of(outputs.begin(), outputs.end(), [](const PortInfo& p) { return is_plain(p); });
}

RowStatus answer_plain_row(const Pipeline& pipeline, std::span<const Cell> inputs, std::span<Cell> outputs) {
  static const KeptByThread<Room> kept;
  auto& [in, out] = kept.mine();
  in.clear();
  for (const Cell& cell : inputs) in.push_back({&cell, 0});
  out.clear();
  for (Cell& cell : outputs) {
    cell.number = absent_value;
    out.push_back(&cell);
  }
  reset_floating_point();
  RowStatus status = RowStatus::ok;
  pipeline.plan().evaluate({in, out, {&status, 1}, nullptr});
  return status;
}

}  // namespace ironlaw::host
