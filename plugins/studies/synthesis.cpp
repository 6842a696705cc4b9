#include "synthesis.hpp"

#include "findings.hpp"
#include "rows.hpp"
#include "shortfall.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

namespace ironlaw::studies {
namespace {

constexpr std::size_t probes = 257;  // of the range, to see whether the targets hold from some value on
constexpr std::size_t section = 63;  // inner points of each round of the search
constexpr std::uint64_t most_points = 1'000'000;

/// Doubles in their order, as whole numbers: the next double is the next number.
std::int64_t ordinal(double v) {
  const auto bits = std::bit_cast<std::int64_t>(v);
  return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
}
double from_ordinal(std::int64_t i) { return std::bit_cast<double>(i < 0 ? std::numeric_limits<std::int64_t>::min() - i : i); }

enum class Outcome { met, met_everywhere, none, not_monotone };
constexpr const char* text_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::met:
      return "met";
    case Outcome::met_everywhere:
      return "met over the whole range";
    case Outcome::none:
      return "no value meets the targets";
    case Outcome::not_monotone:
      return "not monotone";
  }
  return "";
}

struct Found {
  Outcome outcome = Outcome::none;
  std::vector<Cell> value;   ///< an input of the axis each
  Cell below{absent_value};  ///< the value next to it that misses
  double rank = 0;           ///< smaller is better
};

class Inverse {
 public:
  Inverse(Bench& bench, const Options& options)
      : bench_(bench),
        rows_(bench),
        targets_(options.ports("targets").begin(), options.ports("targets").end()),
        shown_(options.ports("outputs").begin(), options.ports("outputs").end()),
        steps_(static_cast<std::uint64_t>(std::max(2.0, options.quantity("steps").number))),
        shortfall_(bench, rows_, targets_) {
    const Space& space = bench.space();
    if (space.axes() == 0)
      throw InputError("synthesis",
                       "needs an unknown: an axis with a range, such as {\"hardware.memory_bandwidth\": {\"from\": \"1 TB/s\", "
                       "\"to\": \"100 TB/s\"}}");
    for (const std::size_t t : targets_) rows_.want(t);
    for (const std::size_t o : shown_) rows_.want(o);
    const auto largest = options.ports("largest");
    for (std::size_t a = 0; a < space.axes(); ++a) {
      const auto inputs = space.axis(a).inputs;
      const bool found = std::any_of(inputs.begin(), inputs.end(), [&](std::size_t i) {
        return std::find(largest.begin(), largest.end(), i) != largest.end();
      });
      up_.push_back(!found);
    }
    for (const std::size_t i : largest)
      if (axis_of(i) == space.axes())
        throw InputError("synthesis: largest", std::string(rows_.solver().inputs()[i].name) + " is on no axis");
    shortfall_.want();
  }

  void run() {
    declare();
    const Space& space = bench_.space();
    const std::size_t last = space.axes() - 1;
    std::uint64_t combinations = 1;
    for (std::size_t a = 0; a < last; ++a) {
      combinations *= points_of(a);
      if (combinations > most_points) throw InputError("synthesis", "the unknowns before the last span more than 1000000 points");
    }
    for (std::uint64_t c = 0; c < combinations && !bench_.cancelled(); ++c) {
      place(c, last);
      take(search(last));
      bench_.progress(static_cast<double>(c + 1) / static_cast<double>(combinations));
    }
    report(last);
  }

 private:
  /// A design on the way: the values of the unknowns before the last, and what was found for it.
  struct Design {
    std::vector<std::vector<Cell>> fixed;  ///< by axis and input
    std::vector<double> rank;              ///< by axis; smaller is better
    Found found;
  };

  [[nodiscard]] std::size_t axis_of(std::size_t input) const {
    const Space& space = bench_.space();
    for (std::size_t a = 0; a < space.axes(); ++a)
      if (const auto inputs = space.axis(a).inputs; std::find(inputs.begin(), inputs.end(), input) != inputs.end()) return a;
    return space.axes();
  }
  [[nodiscard]] std::uint64_t points_of(std::size_t axis) const {
    const auto size = bench_.space().axis(axis).size;
    return size > 0 ? size : steps_;
  }

  /// Numbers rank by their value, objects as the axis lists them.
  [[nodiscard]] double rank_of(std::size_t axis, std::uint64_t i, const Cell& cell) const {
    const PortInfo& port = rows_.solver().inputs()[bench_.space().axis(axis).inputs[0]];
    const bool number = port.type == PortType::number || port.type == PortType::integer;
    const double rank = number ? cell.number : static_cast<double>(i);
    return up_[axis] ? rank : -rank;
  }

  /// The values of the unknowns before the last, in combination c.
  void place(std::uint64_t c, std::size_t last) {
    const Space& space = bench_.space();
    fixed_.assign(last, {});
    rank_.assign(last, 0);
    for (std::size_t a = last; a-- > 0;) {
      const SpaceAxis axis = space.axis(a);
      const std::uint64_t points = points_of(a);
      const std::uint64_t i = c % points;
      c /= points;
      fixed_[a].resize(axis.inputs.size());
      if (axis.size > 0) {
        space.value(a, i, fixed_[a]);
      } else {
        space.at(a, static_cast<double>(i) / static_cast<double>(points - 1), fixed_[a]);
      }
      rank_[a] = rank_of(a, i, fixed_[a][0]);
    }
  }

  void begin(std::size_t rows) {
    rows_.begin(rows);
    for (std::size_t a = 0; a < fixed_.size(); ++a) {
      const auto inputs = bench_.space().axis(a).inputs;
      for (std::size_t k = 0; k < inputs.size(); ++k)
        std::fill(rows_.vary(inputs[k]).begin(), rows_.vary(inputs[k]).end(), fixed_[a][k]);
    }
  }
  /// A row meets the targets where it is feasible and every condition is true.
  [[nodiscard]] bool meets(std::size_t row) const {
    return rows_.status(row) == RowStatus::ok &&
           std::all_of(targets_.begin(), targets_.end(), [&](std::size_t t) { return rows_.value(t, row) == 1; });
  }
  std::vector<bool> met(std::size_t input, std::span<const double> values) {
    begin(values.size());
    auto& x = rows_.vary(input);
    for (std::size_t r = 0; r < values.size(); ++r) x[r].number = values[r];
    rows_.evaluate();
    std::vector<bool> all;
    for (std::size_t r = 0; r < values.size(); ++r) all.push_back(meets(r));
    return all;
  }

  Found search(std::size_t axis) { return bench_.space().axis(axis).size > 0 ? search_values(axis) : search_range(axis); }

  /// From the end where the targets should fail: the first that meets them, if all behind it do.
  static Outcome first_of(const std::vector<bool>& met, std::size_t& index) {
    const auto first = std::find(met.begin(), met.end(), true);
    if (first == met.end()) return Outcome::none;
    index = static_cast<std::size_t>(first - met.begin());
    if (std::find(first, met.end(), false) != met.end()) return Outcome::not_monotone;
    return index == 0 ? Outcome::met_everywhere : Outcome::met;
  }

  Found search_values(std::size_t axis) {
    const Space& space = bench_.space();
    const SpaceAxis info = space.axis(axis);
    if (info.size > most_points) throw InputError("synthesis", "an unknown has more than 1000000 values");
    const auto n = static_cast<std::size_t>(info.size);
    begin(n);
    std::vector<Cell> cells(info.inputs.size());
    std::vector<std::pair<double, std::size_t>> order;  // rank and index
    for (std::size_t i = 0; i < n; ++i) {
      space.value(axis, i, cells);
      order.emplace_back(rank_of(axis, i, cells[0]), i);
    }
    std::sort(order.begin(), order.end());
    for (std::size_t r = 0; r < n; ++r) {
      space.value(axis, order[r].second, cells);
      for (std::size_t k = 0; k < cells.size(); ++k) rows_.vary(info.inputs[k])[r] = cells[k];
    }
    rows_.evaluate();
    shortfall_.look(axis);
    std::vector<bool> met;
    for (std::size_t r = 0; r < n; ++r) met.push_back(meets(r));
    std::size_t index = 0;
    Found found;
    found.outcome = first_of(met, index);
    if (found.outcome == Outcome::met || found.outcome == Outcome::met_everywhere) {
      space.value(axis, order[index].second, cells);
      found.value = cells;
      found.rank = order[index].first;
    }
    if (found.outcome == Outcome::met) found.below = rows_.input(info.inputs[0], index - 1);
    return found;
  }

  Found search_range(std::size_t axis) {
    const Space& space = bench_.space();
    const std::size_t input = space.axis(axis).inputs[0];
    std::vector<double> at;
    for (std::size_t i = 0; i < probes; ++i) {
      Cell cell{};
      const double u = static_cast<double>(i) / static_cast<double>(probes - 1);
      space.at(axis, up_[axis] ? u : 1 - u, {&cell, 1});
      at.push_back(cell.number);
    }
    std::size_t index = 0;
    Found found;
    found.outcome = first_of(met(input, at), index);
    shortfall_.look(axis);
    if (found.outcome == Outcome::met_everywhere) found.value = {Cell{at.front()}};
    if (found.outcome == Outcome::met) narrow(input, at[index - 1], at[index], found);
    if (!found.value.empty()) found.rank = rank_of(axis, 0, found.value[0]);
    return found;
  }

  /// Sections the gap between a value that misses and one that meets until nothing lies between.
  void narrow(std::size_t input, double missing, double meeting, Found& found) {
    std::int64_t low = ordinal(missing);
    std::int64_t high = ordinal(meeting);
    while (std::abs(high - low) > 1) {
      std::vector<double> at;
      std::vector<std::int64_t> places;
      const std::int64_t gap = high - low;
      for (std::size_t k = 1; k <= section; ++k) {
        const auto place = low + static_cast<std::int64_t>(static_cast<long double>(gap) * static_cast<long double>(k) /
                                                           static_cast<long double>(section + 1));
        if (place == low || place == high || (!places.empty() && place == places.back())) continue;
        places.push_back(place);
        at.push_back(from_ordinal(place));
      }
      if (at.empty()) break;
      const auto all = met(input, at);
      const auto first = std::find(all.begin(), all.end(), true);
      const auto k = static_cast<std::size_t>(first - all.begin());
      if (k > 0) low = places[k - 1];
      if (k < places.size()) high = places[k];
    }
    found.value = {Cell{from_ordinal(high)}};
    found.below.number = from_ordinal(low);
  }

  void take(const Found& found) {
    Design design{fixed_, rank_, found};
    if (found.outcome == Outcome::not_monotone) ++not_monotone_;
    if (found.value.empty()) return;
    design.rank.push_back(found.rank);
    designs_.push_back(std::move(design));
  }

  /// Designs that no other beats in every unknown. Sorted by rank, one is only beaten by one before it.
  void keep_front() {
    const auto beats = [](const Design& a, const Design& b) {
      return a.rank != b.rank && std::equal(a.rank.begin(), a.rank.end(), b.rank.begin(), std::less_equal<>());
    };
    std::stable_sort(designs_.begin(), designs_.end(), [](const Design& a, const Design& b) { return a.rank < b.rank; });
    std::vector<Design> front;
    for (const Design& one : designs_)
      if (std::none_of(front.begin(), front.end(), [&](const Design& other) { return beats(other, one); })) front.push_back(one);
    designs_ = std::move(front);
  }

  void declare() {
    const Space& space = bench_.space();
    const auto inputs = rows_.solver().inputs();
    for (std::size_t a = 0; a < space.axes(); ++a) {
      columns_.emplace_back();
      for (const std::size_t i : space.axis(a).inputs)
        columns_.back().push_back(table_.add_port(inputs[i], std::string(rows_.shown(inputs[i].name))));
    }
    const PortInfo& last = inputs[space.axis(space.axes() - 1).inputs[0]];
    below_ = table_.add_port(last, "misses_at");
    outcome_ = table_.add_text("outcome", "whether the targets are met");
    for (const std::size_t o : shown_)
      outputs_.push_back(
          table_.add_port(rows_.solver().outputs()[o], std::string(rows_.shown(rows_.solver().outputs()[o].name))));
  }

  void report(std::size_t last) {
    if (designs_.empty() && bench_.cancelled()) {
      table_.write(bench_);
      return;
    }
    if (designs_.empty()) {
      const Outcome outcome = not_monotone_ > 0 ? Outcome::not_monotone : Outcome::none;
      table_.add_row(outcome == Outcome::none ? RowStatus::infeasible : RowStatus::refused);
      table_.set(outcome_, std::string_view(text_of(outcome)));
      table_.write(bench_);
      if (outcome == Outcome::none) shortfall_.tell();
      if (outcome == Outcome::not_monotone)
        bench_.note("the targets hold at some value of the unknown and fail at a later one: sweep it, or narrow its range");
      return;
    }
    if (not_monotone_ > 0)
      bench_.note(std::to_string(not_monotone_) +
                  " points left out, where the targets hold at some value and not at a later one");
    keep_front();
    for (const Design& design : designs_) add(design, last);
    table_.write(bench_);
    if (designs_.size() == 1) note_margins(bench_, rows_, 0);
  }

  void add(const Design& design, std::size_t last) {
    table_.add_row();
    for (std::size_t a = 0; a < design.fixed.size(); ++a)
      for (std::size_t k = 0; k < design.fixed[a].size(); ++k) table_.set(columns_[a][k], design.fixed[a][k]);
    for (std::size_t k = 0; k < design.found.value.size(); ++k) table_.set(columns_[last][k], design.found.value[k]);
    table_.set(below_, design.found.below);
    table_.set(outcome_, std::string_view(text_of(design.found.outcome)));
    fixed_ = design.fixed;
    begin(1);
    const auto inputs = bench_.space().axis(last).inputs;
    for (std::size_t k = 0; k < design.found.value.size(); ++k) rows_.vary(inputs[k])[0] = design.found.value[k];
    rows_.evaluate();
    for (std::size_t k = 0; k < shown_.size(); ++k) table_.set(outputs_[k], Cell{rows_.value(shown_[k], 0)});
  }

  Bench& bench_;
  Rows rows_;
  std::vector<std::size_t> targets_;
  std::vector<std::size_t> shown_;
  std::uint64_t steps_;
  std::vector<bool> up_;  ///< by axis: the least is wanted
  std::vector<std::vector<Cell>> fixed_;
  std::vector<double> rank_;
  std::vector<Design> designs_;
  Shortfall shortfall_;
  std::uint64_t not_monotone_ = 0;
  Findings table_;
  std::vector<std::vector<std::size_t>> columns_;
  std::vector<std::size_t> outputs_;
  std::size_t below_ = 0;
  std::size_t outcome_ = 0;
};

}  // namespace

void Synthesis::do_run(Bench& bench, const Options& given) const { Inverse(bench, given).run(); }

}  // namespace ironlaw::studies
