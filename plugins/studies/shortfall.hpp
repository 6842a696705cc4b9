#pragma once
#include "rows.hpp"

namespace ironlaw::studies {

/// Why no value meets the targets: keeps the value that came nearest, and tells which targets and limits it misses and by how
/// much.
class Shortfall {
 public:
  /// `targets` are conditions among the outputs; all three must outlive this.
  Shortfall(Bench& bench, Rows& rows, const std::vector<std::size_t>& targets) : bench_(bench), rows_(rows), targets_(targets) {}
  /// Wants the outputs that tell() reads.
  void want();
  /// Looks at a block that varied the axes up to this one: the fewest targets and hard limits missed, then the latest.
  void look(std::size_t axis);
  void tell();

 private:
  [[nodiscard]] std::size_t misses(std::size_t row) const;
  void want_named_in(std::size_t target);
  void tell_target(std::size_t target, std::span<const std::size_t> named);
  [[nodiscard]] std::string by_how_much(std::string_view target) const;
  [[nodiscard]] double side_of(std::string_view text) const;

  Bench& bench_;
  Rows& rows_;
  const std::vector<std::size_t>& targets_;
  std::vector<std::vector<std::size_t>> named_;  ///< by target: outputs that it speaks of
  struct Nearest {
    std::size_t misses = std::numeric_limits<std::size_t>::max();
    std::vector<std::pair<std::size_t, Cell>> at;  ///< inputs of the axes, and their values
    std::string reason;                            ///< why it has no answer; empty where it has
  };
  Nearest nearest_;
};

}  // namespace ironlaw::studies
