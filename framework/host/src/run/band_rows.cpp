#include "run/band_rows.hpp"

#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {

std::vector<Answer::End> no_ends(const Pipeline& pipeline) {
  const Answer::End none{std::vector<Cell>(pipeline.solver().outputs().size(), Cell{absent_value}),
                         std::vector<Cell>(pipeline.clauses().derived.size(), Cell{absent_value})};
  return std::vector<Answer::End>(2, none);
}

BandRows::BandRows(const Pipeline& pipeline, std::span<const char> wanted)
    : pipeline_(pipeline),
      clauses_(pipeline.clauses()),
      bands_(*clauses_.bands),
      ends_(pipeline.columns().size()),
      monotone_(Plan::block_rows),
      values_(Plan::block_rows) {
  for (std::size_t c = 0; c < ends_.size(); ++c)
    if (pipeline.columns()[c].end != ResultColumn::End::none) ends_[c].resize(Plan::block_rows);
  for (std::size_t e = 0; e < both_.size(); ++e) {
    End& end = both_[e];
    end.quantile.number = band_quantiles[e];
    end.stored.resize(wanted.size());
    end.out.assign(wanted.size(), nullptr);
    end.status.resize(Plan::block_rows);
    for (std::size_t o = 0; o < wanted.size(); ++o) {
      if (wanted[o] == 0 || !bands_.moves(o) || !is_plain(pipeline.solver().outputs()[o])) continue;
      end.stored[o].resize(Plan::block_rows);
      end.out[o] = end.stored[o].data();
    }
  }
}

void BandRows::evaluate_end(End& end, std::span<const Column> slots, std::span<const RowStatus> status) {
  const std::size_t inputs = pipeline_.solver().inputs().size();
  end.slots.assign(slots.begin(), slots.end());
  for (const std::size_t input : bands_.inputs()) end.slots[input] = {&end.quantile, 0};
  for (std::size_t o = 0; o < end.out.size(); ++o)
    if (end.out[o] != nullptr) end.slots[inputs + o] = {end.out[o], 1};
  for (std::size_t r = 0; r < status.size(); ++r) end.status[r] = has_outputs(status[r]) ? RowStatus::ok : RowStatus::skipped;
  pipeline_.plan().evaluate(
      {std::span<const Column>(end.slots).first(inputs), end.out, std::span(end.status).first(status.size()), nullptr});
}

/// The values of one column of ends, as the plan or an expression gives them.
void BandRows::read(const End& end, std::size_t column, std::size_t rows) {
  const ResultColumn& shown = pipeline_.columns()[column];
  std::vector<Cell>& to = ends_[column];
  if (shown.from == ResultColumn::From::output) {
    std::copy_n(end.stored[shown.index].begin(), rows, to.begin());
  } else {
    clauses_.derived[shown.index].evaluate(end.slots, rows, std::span(values_).first(rows), workspace_);
    for (std::size_t r = 0; r < rows; ++r) to[r].number = values_[r];
  }
  for (std::size_t r = 0; r < rows; ++r)
    if (!has_outputs(end.status[r])) to[r].number = absent_value;
}

/// Ends that the bands did not move are none.
void BandRows::compare(const BandedColumn& banded, const Column& estimate, std::size_t rows) {
  std::vector<Cell>& low = ends_[banded.low];
  std::vector<Cell>& high = ends_[banded.high];
  for (std::size_t r = 0; r < rows; ++r) {
    const double value = estimate[r].number;
    if (std::isnan(value) || !moved(low[r].number, value, high[r].number)) {
      low[r].number = high[r].number = absent_value;
    } else if (const bool both = !std::isnan(low[r].number) && !std::isnan(high[r].number); both) {
      const bool between = between_ends(low[r].number, value, high[r].number);
      monotone_[r].number = between && monotone_[r].number != 0 ? 1 : 0;
    }
  }
}

bool BandRows::holds_estimates(std::span<const Column> slots, std::size_t row) const {
  const std::size_t inputs = pipeline_.solver().inputs().size();
  return std::all_of(bands_.estimates().begin(), bands_.estimates().end(), [&](const Bands::Estimate& e) {
    const double low = slots[inputs + e.low][row].number;
    const double high = slots[inputs + e.high][row].number;
    return std::isnan(low) || std::isnan(high) || between_ends(low, slots[inputs + e.output][row].number, high);
  });
}

void BandRows::evaluate(std::span<const Column> slots, std::span<const Column> shown, std::span<const RowStatus> status) {
  const std::size_t rows = status.size();
  for (End& end : both_) evaluate_end(end, slots, status);
  for (Cell& cell : monotone_) cell.number = absent_value;
  for (const BandedColumn& banded : bands_.columns()) {
    read(both_[0], banded.low, rows);
    read(both_[1], banded.high, rows);
    compare(banded, shown[banded.estimate], rows);
  }
  for (std::size_t r = 0; r < rows; ++r)
    if (!has_outputs(status[r]) || !holds_estimates(slots, r)) monotone_[r].number = absent_value;
}

}  // namespace ironlaw::host
