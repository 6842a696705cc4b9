#pragma once
#include "rows.hpp"

#include <limits>
#include <optional>
#include <tuple>

namespace ironlaw::studies {

/// Why no value meets the targets: keeps the value that came nearest, and tells which targets and limits it misses and by how
/// much.
class Shortfall {
 public:
  /// `targets` are conditions among the outputs; all three must outlive this.
  Shortfall(Bench& bench, Rows& rows, const std::vector<std::size_t>& targets) : bench_(bench), rows_(rows), targets_(targets) {}
  /// Wants the outputs that tell() reads.
  void want();
  /// Looks at a block that varied the axes up to this one: the fewest targets and hard limits missed, then those missed by the
  /// least share, then the latest.
  void look(std::size_t axis);
  void tell();

 private:
  /// What a row misses: how many targets and hard limits, and the sum of the shares by which it misses those that compare
  /// numbers.
  struct Misses {
    std::size_t count = std::numeric_limits<std::size_t>::max();
    double share = 0;
    bool operator<(const Misses& other) const { return std::tie(count, share) < std::tie(other.count, other.share); }
  };
  [[nodiscard]] Misses misses(std::size_t row) const;
  void want_named_in(std::size_t target);
  [[nodiscard]] std::optional<std::size_t> output_named(std::string_view name) const;
  /// 0.24 where a row misses the t-th target by 24 %; not finite where it compares no two outputs.
  [[nodiscard]] double share_missed(std::size_t t, std::size_t row) const;
  void tell_target(std::size_t t);

  Bench& bench_;
  Rows& rows_;
  const std::vector<std::size_t>& targets_;
  std::vector<std::vector<std::size_t>> named_;  ///< by target: outputs that it speaks of
  std::vector<std::optional<std::pair<std::size_t, std::size_t>>>
      sides_;  ///< by target: what it compares, where both are outputs
  struct Nearest {
    Misses misses;
    std::vector<std::pair<std::size_t, Cell>> at;  ///< inputs of the axes, and their values
    std::string reason;                            ///< why it has no answer; empty where it has
  };
  Nearest nearest_;
};

}  // namespace ironlaw::studies
