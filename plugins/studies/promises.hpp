#pragma once
#include <ironlaw/study.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace ironlaw::studies {

/// What can keep a design from winning, and which way each goes along the axes of a space, as ports promise it. The first is the
/// goal's score, then come hard limits, then conditions: the larger, the worse.
class Promises {
 public:
  enum class Along : std::uint8_t { constant, rises, falls, unknown };

  Promises(const Bench& bench, std::size_t goal, bool maximise, std::span<const std::size_t> conditions);

  /// Of them all, the goal among them.
  [[nodiscard]] std::size_t count() const { return along_.size(); }
  /// As the values of an axis follow each other.
  [[nodiscard]] Along along(std::size_t what, std::size_t axis) const { return along_[what][axis]; }
  /// Designs of the axes along which nothing is known of the goal; a search by bounds looks at each of them at least once.
  [[nodiscard]] std::uint64_t unbounded_designs(const Space& space) const;

 private:
  std::vector<std::vector<Along>> along_;  ///< by what, by axis
};

}  // namespace ironlaw::studies
