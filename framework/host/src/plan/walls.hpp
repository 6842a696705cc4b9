#pragma once
// Walls: the limits of all stages of a plan, and which of them binds.
#include "plan/plan.hpp"

#include <ironlaw/host/wall_tally.hpp>

#include <optional>

namespace ironlaw::host {

/// What is left of a bound as a share of it: 1 - used / bound, negative where it is exceeded. Of a bound of 0 nothing is left, or
/// infinitely less than nothing.
[[nodiscard]] IRONLAW_API double wall_margin(double used, double bound);

/// Where a wall stands among others, the one that binds first: hard ones that are exceeded, then soft ones, then the tightest.
struct IRONLAW_API WallRank {
  int group = 0;
  double margin = 0;
  WallRank(double used, double bound, bool hard);
  [[nodiscard]] bool exceeded() const { return group < 2; }
  friend bool operator<(const WallRank& a, const WallRank& b) {
    return a.group != b.group ? a.group < b.group : a.margin < b.margin;
  }
};

/// "serve.memory: prefill" is the wall "memory: prefill" of the stage "serve".
struct WallName {
  std::string_view stage;
  std::string_view wall;
  explicit WallName(std::string_view full) {
    const auto dot = full.rfind('.');
    stage = dot == full.npos ? std::string_view() : full.substr(0, dot);
    wall = dot == full.npos ? full : full.substr(dot + 1);
  }
};

/// The walls of a plan over many rows: which binds in each, and how often each does.
class Walls {
 public:
  explicit Walls(const Plan& plan);
  [[nodiscard]] bool empty() const { return limits_.empty(); }
  /// Of the limits, for people: without the stage where there is one only. They live as long as this.
  [[nodiscard]] std::span<const std::string_view> names() const { return names_; }
  /// Outputs of the plan that the walls read.
  [[nodiscard]] const std::vector<std::size_t>& outputs() const { return outputs_; }

  struct Tightest {
    std::size_t wall = 0;
    double margin = 0;
  };
  /// `slots` are inputs of the plan, outputs behind them. Nothing where every wall is switched off.
  [[nodiscard]] std::optional<Tightest> tightest(std::span<const Column> slots, std::size_t row) const;
  /// Counts a row, whose tightest wall is `first`; `tallies` has one for each wall.
  void count(std::span<const Column> slots, std::size_t row, std::optional<Tightest> first, std::span<WallTally> tallies) const;
  /// A tally of no rows for each wall.
  [[nodiscard]] std::vector<WallTally> tallies() const;

 private:
  struct Limit {
    std::size_t used;  ///< slots
    std::size_t bound;
    bool hard;
  };
  std::vector<Limit> limits_;
  std::vector<std::string_view> names_;
  std::vector<std::size_t> outputs_;
};

/// Adds the rows of one count to another.
void add_tallies(std::span<const WallTally> from, std::vector<WallTally>& to);

/// The two columns that a table with walls has.
[[nodiscard]] PortInfo binding_wall_port(const Walls& walls);
[[nodiscard]] PortInfo wall_margin_port();

}  // namespace ironlaw::host
