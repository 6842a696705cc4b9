#include "run/front.hpp"

#include "run/nondominated.hpp"

#include <algorithm>
#include <limits>

namespace ironlaw::host {
namespace {

constexpr std::size_t least_buffer = 1024;  ///< rows that wait for a settling
constexpr std::size_t most_guards = 64;     ///< of each kind

/// `a` keeps `b` off the front.
bool beats(std::span<const double> a, std::uint64_t number_a, std::span<const double> b, std::uint64_t number_b) {
  bool equal = true;
  for (std::size_t g = 0; g < a.size(); ++g) {
    if (a[g] > b[g]) return false;
    equal &= a[g] == b[g];
  }
  return !equal || number_a <= number_b;
}

}  // namespace

bool Front::admits(std::span<const double> values, std::uint64_t number) {
  for (std::size_t i = 0; i < guards_.size(); ++i) {
    if (!beats(values_of(guards_[i]), numbers_[guards_[i]], values, number)) continue;
    std::swap(guards_[i], guards_[0]);
    return false;
  }
  return true;
}

void Front::add(std::span<const double> values, std::uint64_t number) {
  values_.insert(values_.end(), values.begin(), values.end());
  numbers_.push_back(number);
}

bool Front::due() const { return size() - settled_ >= std::max(least_buffer, settled_); }

std::vector<std::uint32_t> Front::settle() {
  std::vector<std::uint32_t> staying = nondominated(values_, goals_, numbers_);
  for (std::size_t to = 0; to < staying.size(); ++to) {
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(staying[to] * goals_), goals_,
                values_.begin() + static_cast<std::ptrdiff_t>(to * goals_));
    numbers_[to] = numbers_[staying[to]];
  }
  settled_ = staying.size();
  values_.resize(settled_ * goals_);
  numbers_.resize(settled_);
  choose_guards();
  return staying;
}

/// Those that beat most, about: the least in the sum of their goals, each as a share of its range on the front. And those that
/// came last: the next rows are like them.
void Front::choose_guards() {
  std::vector<double> sums(settled_, 0);
  for (std::size_t g = 0; g < goals_; ++g) {
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (std::size_t place = 0; place < settled_; ++place) {
      least = std::min(least, values_of(place)[g]);
      most = std::max(most, values_of(place)[g]);
    }
    if (!(most - least > 0 && most - least < std::numeric_limits<double>::infinity())) continue;
    for (std::size_t place = 0; place < settled_; ++place) sums[place] += (values_of(place)[g] - least) / (most - least);
  }
  guards_.resize(settled_);
  for (std::size_t place = 0; place < settled_; ++place) guards_[place] = static_cast<std::uint32_t>(place);
  const auto chosen = guards_.begin() + static_cast<std::ptrdiff_t>(std::min(most_guards, settled_));
  std::partial_sort(guards_.begin(), chosen, guards_.end(), [&](std::uint32_t a, std::uint32_t b) { return sums[a] < sums[b]; });
  guards_.erase(chosen, guards_.end());
  for (std::size_t place = settled_; place-- > 0 && settled_ - place <= most_guards;)
    guards_.push_back(static_cast<std::uint32_t>(place));
}

}  // namespace ironlaw::host
