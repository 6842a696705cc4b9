#include <ironlaw/notation/nearest.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace ironlaw::host {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, bool ignore_case) {
  const auto same = [&](std::size_t i, std::size_t j) { return ignore_case ? lower(a[i]) == lower(b[j]) : a[i] == b[j]; };
  // Three rows of the usual table: a swap looks two rows back.
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same(i - 1, j - 1) ? 0 : 1)});
      if (i > 1 && j > 1 && same(i - 1, j - 2) && same(i - 2, j - 1)) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

namespace {

/// The shortest candidate that a word of three letters or more begins.
std::string_view completion(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  if (word.size() < 3) return best;
  for (const auto candidate : candidates)
    if (candidate.starts_with(word) && (best.empty() || candidate.size() < best.size())) best = candidate;
  return best;
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  const std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  std::string_view best;
  std::pair<std::size_t, std::size_t> best_distance{limit + 1, 0};
  const bool whole = word.find('.') != word.npos;
  for (const auto candidate : candidates) {
    const auto name = whole ? candidate : candidate.substr(candidate.rfind('.') + 1);
    const auto [shorter, longer] = std::minmax({word.size(), name.size()});
    if (longer - shorter > limit) continue;
    const std::size_t letters = edit_distance(word, name, true);
    if (letters >= longer || letters > best_distance.first) continue;
    const std::pair distance{letters, edit_distance(word, name)};
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best.empty() ? completion(word, candidates) : best;
}

}  // namespace ironlaw::host
