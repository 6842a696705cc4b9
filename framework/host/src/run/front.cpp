#include "run/front.hpp"

#include <algorithm>

namespace ironlaw::host {
namespace {

bool matches(std::span<const double> a, std::span<const double> b) {
  for (std::size_t g = 0; g < a.size(); ++g)
    if (a[g] > b[g]) return false;
  return true;
}

/// `a` keeps `b` off the front.
bool beats(std::span<const double> a, std::uint64_t number_a, std::span<const double> b, std::uint64_t number_b) {
  if (!matches(a, b)) return false;
  return number_a <= number_b || !std::equal(a.begin(), a.end(), b.begin());
}

}  // namespace

/// Place of a row that beats this one; the number of rows where none does.
std::size_t Front::beaten_by(std::span<const double> values, std::uint64_t number) const {
  if (goals_ == 2) {
    const auto behind = by_first_.upper_bound(values[0]);
    if (behind == by_first_.begin()) return rows_.size();
    const std::size_t nearest = std::prev(behind)->second;
    return beats(values_of(nearest), rows_[nearest].number, values, number) ? nearest : rows_.size();
  }
  for (std::size_t place = 0; place < rows_.size(); ++place)
    if (beats(values_of(place), rows_[place].number, values, number)) return place;
  return rows_.size();
}

bool Front::admits(std::span<const double> values, std::uint64_t number) {
  if (!last_.empty() && beats(last_, last_number_, values, number)) return false;
  const std::size_t place = beaten_by(values, number);
  if (place == rows_.size()) return true;
  const auto beating = values_of(place);
  last_.assign(beating.begin(), beating.end());
  last_number_ = rows_[place].number;
  return false;
}

/// The last row takes the place.
void Front::remove(std::size_t place) {
  const std::size_t last = rows_.size() - 1;
  if (goals_ == 2) by_first_.erase(values_of(place)[0]);
  if (place != last) {
    rows_[place] = std::move(rows_[last]);
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(last * goals_), goals_,
                values_.begin() + static_cast<std::ptrdiff_t>(place * goals_));
    if (goals_ == 2) by_first_[values_of(place)[0]] = place;
  }
  rows_.pop_back();
  values_.resize(last * goals_);
}

void Front::add(std::span<const double> values, KeptRow row) {
  if (goals_ == 2) {
    for (auto it = by_first_.lower_bound(values[0]); it != by_first_.end() && matches(values, values_of(it->second));
         it = by_first_.lower_bound(values[0]))
      remove(it->second);
    by_first_[values[0]] = rows_.size();
  } else {
    for (std::size_t place = rows_.size(); place-- > 0;)
      if (matches(values, values_of(place))) remove(place);
  }
  rows_.push_back(std::move(row));
  values_.insert(values_.end(), values.begin(), values.end());
}

std::vector<KeptRow> Front::take() {
  values_.clear();
  by_first_.clear();
  return std::move(rows_);
}

}  // namespace ironlaw::host
