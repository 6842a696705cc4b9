#include "run/selection.hpp"

#include "config/budget.hpp"
#include "run/place_order.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_places = std::numeric_limits<std::uint32_t>::max();

/// What a row takes of the memory of a request: while they grow, the columns are there twice.
std::size_t budget_bytes(const KeptRows& rows) { return 2 * rows.row_bytes() + KeyedPlaces::bytes; }

}  // namespace

Selection::Selection(const Pipeline& pipeline, RowSink& sink, const RunOptions& options)
    : pipeline_(pipeline),
      clauses_(pipeline.clauses()),
      sink_(sink),
      every_row_(options.every_row),
      recorded_elsewhere_(options.recorder != nullptr),
      sort_begin_(clauses_.goals() - clauses_.sort.size()),
      kept_(pipeline),
      front_(clauses_.front.size()) {
  const std::size_t row_bytes = kept_.row_bytes() + KeyedPlaces::bytes;
  most_in_memory_ = std::clamp<std::size_t>(options.sort_memory / row_bytes, Plan::block_rows, most_places);
  const auto add = [&](const Goal& goal) { signs_.push_back(goal.maximise ? -1 : 1); };
  if (clauses_.best) add(*clauses_.best);
  for (const auto& g : clauses_.front) add(g);
  for (const auto& g : clauses_.sort) add(g);
}

Selection::~Selection() { pipeline_.budget().give_back_memory(most_rows_ * budget_bytes(kept_)); }

void Selection::count_rows() {
  if (kept_.size() <= most_rows_) return;
  pipeline_.budget().take_memory((kept_.size() - most_rows_) * budget_bytes(kept_));
  most_rows_ = kept_.size();
}

bool Selection::shown(const EvaluatedBlock& block, std::size_t r) const {
  return !block.is_rejected(r) || clauses_.show_rejected;
}

void Selection::take(const EvaluatedBlock& block) {
  if (every_row_) {
    forward(block);
  } else if (clauses_.best) {
    keep_best(block);
  } else if (!clauses_.front.empty()) {
    keep_front(block);
  } else if (!clauses_.sort.empty()) {
    keep_all(block);
  } else {
    forward(block);
  }
}

void Selection::forward(const EvaluatedBlock& block) {
  const ResultRows& rows = block.rows;
  std::vector<std::size_t> staying;
  for (std::size_t r = 0; r < rows.status.size(); ++r)
    if (shown(block, r)) staying.push_back(r);
  if (staying.empty()) return;
  if (staying.size() == rows.status.size()) {
    sink_.rows(rows);
    return;
  }
  RowBatch batch(pipeline_);
  for (const std::size_t r : staying) batch.add(rows, r);
  sink_.rows(batch.view().rows);
}

void Selection::keep_best(const EvaluatedBlock& block) {
  const double sign = signs_[0];
  const auto better = [&](std::uint32_t a, std::uint32_t b) {
    const double value_a = sign * kept_.goal(0, a);
    const double value_b = sign * kept_.goal(0, b);
    return value_a != value_b ? value_a < value_b : kept_.number(a) < kept_.number(b);
  };
  bool full = kept_.size() == clauses_.keep;
  double worst = full ? sign * kept_.goal(0, heap_.front()) : 0;
  const std::vector<double>& goals = block.goals[0];
  for (std::size_t r = 0; r < block.rows.status.size(); ++r) {
    const double value = sign * goals[r];
    if (full && !(value <= worst)) continue;  // where it is not a number too
    if (block.is_rejected(r) || block.rows.status[r] != RowStatus::ok || std::isnan(value)) continue;
    if (full && value == worst && block.rows.number(r) > kept_.number(heap_.front())) continue;
    if (full) {
      std::pop_heap(heap_.begin(), heap_.end(), better);
      kept_.replace(heap_.back(), block, r);
      if (heap_.back() < recorded_.size()) recorded_[heap_.back()] = 0;
    } else {
      heap_.push_back(static_cast<std::uint32_t>(kept_.size()));
      kept_.add(block, r);
    }
    count_rows();
    std::push_heap(heap_.begin(), heap_.end(), better);
    full = kept_.size() == clauses_.keep;
    worst = sign * kept_.goal(0, heap_.front());
  }
}

void Selection::keep_front(const EvaluatedBlock& block) {
  std::vector<double> values(clauses_.front.size());
  for (std::size_t r = 0; r < block.rows.status.size(); ++r) {
    if (block.is_rejected(r) || block.rows.status[r] != RowStatus::ok) continue;
    bool absent = false;
    for (std::size_t g = 0; g < values.size(); ++g) {
      values[g] = signs_[g] * block.goals[g][r];
      absent |= std::isnan(values[g]);
    }
    if (absent || !front_.admits(values, block.rows.number(r))) continue;
    front_.add(values, block.rows.number(r));
    kept_.add(block, r);
    count_rows();
    if (front_.due()) settle();
  }
}

/// Only what is on the front so far stays.
void Selection::settle() {
  const std::vector<std::uint32_t> staying = front_.settle();
  kept_.keep(staying);
  std::vector<char> recorded;
  for (const std::uint32_t place : staying) recorded.push_back(place < recorded_.size() ? recorded_[place] : 0);
  recorded_ = std::move(recorded);
}

void Selection::keep_all(const EvaluatedBlock& block) {
  for (std::size_t r = 0; r < block.rows.status.size(); ++r)
    if (shown(block, r)) kept_.add(block, r);
  count_rows();
  if (!recorded_elsewhere_ && kept_.size() >= most_in_memory_) spill();
}

/// What is in memory goes to the disk, sorted.
void Selection::spill() {
  const std::vector<std::uint32_t> places = sorted_places();
  std::size_t next = 0;
  runs_.add([&](KeptRow& row) {
    if (next == places.size()) return false;
    kept_.read(places[next++], row);
    return true;
  });
  kept_.clear();
  recorded_.clear();
}

bool Selection::keeps_all() const { return !every_row_ && !clauses_.best && clauses_.front.empty() && !clauses_.sort.empty(); }

std::size_t Selection::looked_through() const {
  return keeps_all() ? 0 : clauses_.front.empty() ? kept_.size() : front_recorded_;
}

/// In the order of their numbers: how the rows are kept depends on where the run was interrupted.
void Selection::take_unrecorded(RowBatch& batch) {
  if (!clauses_.front.empty() && !every_row_) settle();
  std::vector<std::uint32_t> places;
  const std::size_t first = keeps_all() ? recorded_.size() : 0;  // those before stay in place
  recorded_.resize(kept_.size(), 0);
  for (std::size_t place = first; place < recorded_.size(); ++place)
    if (recorded_[place] == 0) places.push_back(static_cast<std::uint32_t>(place));
  std::sort(places.begin(), places.end(), [this](std::uint32_t a, std::uint32_t b) { return kept_.number(a) < kept_.number(b); });
  KeptRow row;
  for (const std::uint32_t place : places) {
    kept_.read(place, row);
    batch.add(row);
  }
  std::fill(recorded_.begin() + static_cast<std::ptrdiff_t>(first), recorded_.end(), 1);
  recorded();
}

void Selection::all_recorded() {
  if (!clauses_.front.empty() && !every_row_) settle();
  recorded_.assign(kept_.size(), 1);
  recorded();
}

void Selection::recorded() {
  front_recorded_ = front_.size();
  if (keeps_all() && kept_.size() >= most_in_memory_) spill();
}

/// By the sort goals where there are any, else by the goal or the first goal of the front; absent values last, then by number.
Selection::SortGoals Selection::sort_goals() const {
  if (!clauses_.sort.empty()) return {sort_begin_, signs_.size()};
  return {0, std::min<std::size_t>(1, signs_.size())};
}

template <class Row, class Goal>
bool Selection::comes_before(const Row& a, const Row& b, const Goal& goal) const {
  const auto [begin, end] = sort_goals();
  for (std::size_t g = begin; g < end; ++g) {
    const double value_a = goal(g, a);
    const double value_b = goal(g, b);
    if (std::isnan(value_a) != std::isnan(value_b)) return std::isnan(value_b);
    if (!std::isnan(value_a) && value_a != value_b) return signs_[g] * value_a < signs_[g] * value_b;
  }
  return goal.number(a) < goal.number(b);
}

namespace {

struct GoalsByPlace {
  const KeptRows& rows;
  double operator()(std::size_t goal, std::uint32_t place) const { return rows.goal(goal, place); }
  [[nodiscard]] std::uint64_t number(std::uint32_t place) const { return rows.number(place); }
};
struct GoalsOfRow {
  double operator()(std::size_t goal, const KeptRow& row) const { return row.goals[goal]; }
  [[nodiscard]] static std::uint64_t number(const KeptRow& row) { return row.number; }
};

}  // namespace

/// By the first goal alone; rows that it does not tell apart are compared.
std::vector<std::uint32_t> Selection::sorted_places() const {
  const auto [first, end] = sort_goals();
  KeyedPlaces order;
  order.keys.resize(kept_.size());
  if (first < end)
    for (std::size_t place = 0; place < order.keys.size(); ++place)
      order.keys[place] = rising_bits(signs_[first] * kept_.goal(first, place));
  order.places.resize(kept_.size());
  std::iota(order.places.begin(), order.places.end(), 0u);
  order.sort();
  const auto before = [this](std::uint32_t a, std::uint32_t b) { return comes_before(a, b, GoalsByPlace{kept_}); };
  const std::size_t rows = order.keys.size();
  for (std::size_t same = 0, next = 0; same < rows; same = next) {
    while (next < rows && order.keys[next] == order.keys[same]) ++next;
    const auto from = order.places.begin() + static_cast<std::ptrdiff_t>(same);
    const auto to = order.places.begin() + static_cast<std::ptrdiff_t>(next);
    if (next - same > 1 && !std::is_sorted(from, to, before)) std::sort(from, to, before);
  }
  return std::move(order.places);
}

void Selection::finish() {
  if (!clauses_.selects()) return;
  if (!clauses_.front.empty()) settle();
  RowBatch batch(pipeline_);
  const auto hand_over = [&](const KeptRow& row) {
    batch.add(row);
    if (batch.size() < Plan::block_rows) return;
    sink_.rows(batch.view().rows);
    batch.clear();
  };
  if (runs_.empty()) {
    KeptRow row;
    for (const std::uint32_t place : sorted_places()) {
      kept_.read(place, row);
      hand_over(row);
    }
  } else {
    if (kept_.size() > 0) spill();
    runs_.merge([this](const KeptRow& a, const KeptRow& b) { return comes_before(a, b, GoalsOfRow{}); }, kept_.shape(),
                hand_over);
  }
  if (batch.size() > 0) sink_.rows(batch.view().rows);
}

}  // namespace ironlaw::host
