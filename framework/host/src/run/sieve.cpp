#include "run/sieve.hpp"

#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <numeric>

namespace ironlaw::host {
namespace {

constexpr std::size_t asked_at_a_time = 1024;

/// Passes errors on in the name of the rows of the whole block.
class LeftSink final : public ErrorSink {
 public:
  LeftSink(std::span<const std::uint32_t> rows, ErrorSink& to) : rows_(rows), to_(to) {}
  void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override {
    to_.row(rows_[row], status, port, what);
  }

 private:
  std::span<const std::uint32_t> rows_;
  ErrorSink& to_;
};

bool are_neighbours(std::span<const std::uint32_t> rows) { return rows.back() - rows.front() + 1 == rows.size(); }

/// The cells of a column at these rows: where they lie, or brought together.
Column at_rows(const Column& column, std::span<const std::uint32_t> rows, std::vector<Cell>& room) {
  if (column.stride == 0) return column;
  if (are_neighbours(rows)) return {column.data + rows.front(), 1};
  room.resize(std::max(room.size(), rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) room[i] = column.data[rows[i]];
  return {room.data(), 1};
}

}  // namespace

Sieve::Sieve(const std::vector<Constraint>& constraints) : constraints_(constraints), changed_(asked_at_a_time) {
  for (const Constraint& constraint : constraints) reasons_.push_back(constraint.reason());
  runs_.starts.resize(asked_at_a_time);
}

/// Puts the values of a condition behind those in values_.
void Sieve::ask(const Expression& condition, const Block& block, std::span<const std::uint32_t> rows) {
  read_.clear();
  for (const std::size_t slot : condition.slots()) {
    columns_[slot] = at_rows(block.in[slot], rows, cells_[slot]);
    read_.push_back(columns_[slot]);
  }
  const std::size_t first = values_.size();
  values_.resize(first + rows.size());
  double* const values = values_.data() + first;
  find_runs(read_, rows.size(), changed_, runs_);
  if (runs_.compact) {
    for (const std::size_t slot : condition.slots()) {
      Column& column = columns_[slot];
      if (column.stride == 0) continue;
      auto& cells = cells_[slot];
      cells.resize(std::max(cells.size(), runs_.count));
      for (std::size_t i = 0; i < runs_.count; ++i) cells[i] = column.data[runs_.starts[i]];
      column.data = cells.data();
    }
  }
  condition.evaluate(columns_, runs_.count, {values, rows.size()}, workspace_);
  if (runs_.compact)
    for (std::size_t i = runs_.count; i-- > 0;) std::fill(values + runs_.begin(i), values + runs_.end(i), values[i]);
}

std::size_t Sieve::reject_broken(std::size_t constraint, const Block& block) noexcept {
  // Most often all are met.
  std::size_t kept = static_cast<std::size_t>(std::find(values_.begin(), values_.end(), 0.0) - values_.begin());
  for (std::size_t i = kept; i < left_.size(); ++i) {
    const std::uint32_t row = left_[i];
    left_[kept] = row;
    kept += values_[i] != 0 ? 1 : 0;
    if (values_[i] != 0) continue;
    block.status[row] = RowStatus::skipped;
    if (block.errors != nullptr) block.errors->row(row, RowStatus::skipped, {}, reasons_[constraint]);
  }
  const std::size_t broken = left_.size() - kept;
  left_.resize(kept);
  return broken;
}

void Sieve::sift(const Block& block, std::span<std::atomic<std::uint64_t>> rejected) {
  left_.resize(block.rows());
  std::iota(left_.begin(), left_.end(), 0);
  if (!all_ok(block.status)) std::erase_if(left_, [&](std::uint32_t row) { return !has_outputs(block.status[row]); });
  columns_.assign(block.in.begin(), block.in.end());
  cells_.resize(block.in.size());
  for (std::size_t c = 0; c < constraints_.size(); ++c) {
    if (!constraints_[c].before) continue;
    values_.clear();
    for (std::size_t first = 0; first < left_.size(); first += asked_at_a_time)
      ask(constraints_[c].condition, block, std::span(left_).subspan(first, std::min(asked_at_a_time, left_.size() - first)));
    rejected[c].fetch_add(reject_broken(c, block), std::memory_order_relaxed);
  }
}

void Sieve::evaluate_left(const Block& block, std::size_t most, const std::function<void(const Block&)>& evaluate) {
  for (Cell* const column : block.out)
    if (column != nullptr) std::fill_n(column, block.rows(), Cell{absent_value});
  outputs_.resize(block.out.size());
  for (std::size_t first = 0; first < left_.size(); first += most) {
    const auto rows = std::span<const std::uint32_t>(left_).subspan(first, std::min(most, left_.size() - first));
    in_.clear();
    for (std::size_t k = 0; k < block.in.size(); ++k) in_.push_back(at_rows(block.in[k], rows, cells_[k]));
    out_.clear();
    for (std::size_t o = 0; o < block.out.size(); ++o) {
      if (block.out[o] != nullptr) outputs_[o].resize(std::max(outputs_[o].size(), rows.size()));
      out_.push_back(block.out[o] != nullptr ? outputs_[o].data() : nullptr);
    }
    status_.clear();
    for (const std::uint32_t row : rows) status_.push_back(block.status[row]);
    std::optional<LeftSink> errors;
    if (block.errors != nullptr) errors.emplace(rows, *block.errors);
    evaluate({in_, out_, status_, errors ? &*errors : nullptr});
    for (std::size_t i = 0; i < rows.size(); ++i) block.status[rows[i]] = status_[i];
    for (std::size_t o = 0; o < block.out.size(); ++o)
      for (std::size_t i = 0; block.out[o] != nullptr && i < rows.size(); ++i) block.out[o][rows[i]] = outputs_[o][i];
  }
}

}  // namespace ironlaw::host
