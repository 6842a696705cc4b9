#pragma once
// Rows of a solver that is written over a number type, several at a time.
#include <ironlaw/sdk/lanes.hpp>
#include <ironlaw/sdk/limits.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace ironlaw {

/// A solver over N: `template <class N> struct InputsOf : Given`, `OutputsOf<N>`, lists of ports `inputs_of<N>` and
/// `outputs_of<N>`, and `static OutputsOf<N> rows(const InputsOf<N>&, const Facts&, Rare<N>&)`. What stands in Given is shared by
/// the rows that are answered together. `Inputs`, `Outputs`, `inputs`, `outputs` and `solve` are those of N = double.
template <class S>
concept SolvesInLanes = requires {
  typename S::Given;
  typename S::Facts;
  typename S::template InputsOf<double>;
  typename S::template OutputsOf<double>;
};

namespace detail {

/// How many rows a machine answers together: 4, 2 where it has no AVX2, 1 where IRONLAW_LANES says so. All give the same bits.
inline int widest_lanes() {
#if defined(__x86_64__)
  const bool four = !four_lanes_want_avx2 || __builtin_cpu_supports("avx2") != 0;
#else
  const bool four = false;
#endif
  const char* const asked = std::getenv("IRONLAW_LANES");
  if (asked != nullptr && std::string_view(asked) == "1") return 1;
  return four && (asked == nullptr || std::string_view(asked) != "2") ? 4 : 2;
}
/// Tests set it.
inline int& lane_width() {
  static int width = widest_lanes();
  return width;
}

/// The cells of an output, lane by lane.
template <int W>
Lanes<W> cells_of(const Lanes<W>& x) {
  return x;
}
template <int W>
Lanes<W> cells_of(const Mask<W>& m) {
  return select(m, Lanes<W>(1.0), Lanes<W>(0.0));
}
template <class U, int W>
Lanes<W> cells_of(const bu::quantity<U, Lanes<W>>& q) {
  return q.value();
}
template <class T, int W>
Lanes<W> cells_of(const LaneMaybe<T, W>& m) {
  return m.cell();
}
template <class E, int W>
Lanes<W> cells_of(const LaneChoice<E, W>& c) {
  return c.ordinal;
}
/// A member of Given that a limit or a rule looks at.
template <int W, class T>
Lanes<W> shared_cells(const T& value) {
  return Lanes<W>(to_number(value));
}

template <class T>
inline constexpr bool is_lanes = false;
template <int W>
inline constexpr bool is_lanes<Lanes<W>> = true;
template <class U, int W>
inline constexpr bool is_lanes<bu::quantity<U, Lanes<W>>> = true;
template <class T, int W>
inline constexpr bool is_lanes<LaneMaybe<T, W>> = true;

/// `outputs` are the solver's ports; `feasible` stands behind them where it has hard limits.
template <class S, const auto& outputs, int W>
class LaneRows {
  using N = Lanes<W>;
  using In = typename S::template InputsOf<N>;
  using Out = typename S::template OutputsOf<N>;
  static constexpr auto& in_ports = S::template inputs_of<N>;
  static constexpr auto& out_ports = S::template outputs_of<N>;
  static constexpr std::size_t solved_count = out_ports.size();
  static constexpr bool has_feasible = outputs.size() > solved_count;

 public:
  /// Reads what does not vary; the numbers of row `first` stand for what does.
  LaneRows(const Block& block, std::size_t first) : block_(block) {
    place(block, first, in_ports);
    for (std::size_t k = 0; k < solved_count; ++k) dear_ |= block.out[k] != nullptr && outputs[k].cheap_set == 0;
  }
  /// The objects and choices of the rows to come.
  void give(const typename S::Given& given) { static_cast<typename S::Given&>(x_) = given; }

  /// Answers groups of rows from `row` on, while there are W of them before `end`. Stops behind a group with rows that are to be
  /// answered one by one: their lanes. May throw, before it moves `row`.
  [[nodiscard]] unsigned answer(const typename S::Facts& facts, std::size_t& row, std::size_t end) {
    if constexpr (cheap_count != 0)
      if (!dear_) return dispatch<false>(facts, row, end);
    return dispatch<true>(facts, row, end);
  }

 private:
  static constexpr std::size_t cheap_count =
      static_cast<std::size_t>(std::count_if(outputs.begin(), outputs.end(), [](const PortInfo& p) { return p.cheap_set != 0; }));

  template <bool all>
  [[nodiscard]] unsigned dispatch(const typename S::Facts& facts, std::size_t& row, std::size_t end) {
    if constexpr (W == 4) {
      return four<all>(*this, facts, row, end);
    } else {
      return two<all>(*this, facts, row, end);
    }
  }
  template <bool all>
  IRONLAW_FOR_FOUR_LANES [[gnu::flatten, gnu::noinline]] static unsigned four(LaneRows& rows, const typename S::Facts& facts,
                                                                              std::size_t& row, std::size_t end) {
    return rows.groups<all>(facts, row, end);
  }
  template <bool all>
  [[gnu::flatten, gnu::noinline]] static unsigned two(LaneRows& rows, const typename S::Facts& facts, std::size_t& row,
                                                      std::size_t end) {
    return rows.groups<all>(facts, row, end);
  }

  template <bool all>
  unsigned groups(const typename S::Facts& facts, std::size_t& row, std::size_t end) {
    Cell* to[outputs.size()];
    while (row + W <= end) {
      const std::size_t begin = row;
      for (std::size_t k = 0; k < outputs.size(); ++k) to[k] = block_.out[k] != nullptr ? block_.out[k] + begin : unwanted_;
      for (const std::size_t stop = std::min(end, begin + stretch); row + W <= stop;)
        if (const Mask<W> alone = group<all>(facts, row, to, row - begin); any(alone)) [[unlikely]]
          return alone.lanes();
    }
    return 0;
  }
  /// Answers W rows from `row` on, and moves it behind them; the rows that are to be answered alone.
  template <bool all>
  Mask<W> group(const typename S::Facts& facts, std::size_t& row, Cell* const* to, std::size_t at) {
    for (std::size_t v = 0; v < varying_count_; ++v) N::load(varying_[v].data + row).store(varying_[v].to);
    Rare<N> rare;
    break_rules(rare);
    const Out y = S::rows(static_cast<const In&>(x_), facts, rare);
    const N sum = store<all>(y, to, at, out_ports, std::make_index_sequence<solved_count>{});
    // Finite where all are, but for a sum that overflows: the path of one row finds that harmless.
    const Mask<W> alone = either(rare.rows(), !(sum - sum == 0.0));
    if constexpr (has_feasible) {
      const Mask<W> infeasible = infeasible_rows(y);
      cells_of(!infeasible).store(to[solved_count] + at);
      if (any(infeasible)) [[unlikely]]
        mark(row, both(infeasible, !alone).lanes());
    }
    row += W;
    return alone;
  }
  void mark(std::size_t at, unsigned lanes) const {
    for (std::size_t r = 0; r < W; ++r)
      if ((lanes >> r & 1) != 0) block_.status[at + r] = RowStatus::infeasible;
  }

  static constexpr bool must_be_finite(std::size_t k) { return outputs[k].type == PortType::number && !outputs[k].optional; }
  template <class T, bool finite>
  static void store_one(const T& value, Cell* to, N& sum) {
    const N cells = cells_of(value);
    cells.store(to);
    if constexpr (finite) sum += cells;
  }
  /// The sum of what must be finite. Where not all is wanted, the compiler leaves out what only the rest needs.
  template <bool all, class... Path, std::size_t... k>
  static N store(const Out& y, Cell* const* to, std::size_t at, const Ports<Path...>&, std::index_sequence<k...>) {
    N sum = 0.0;
    const auto one = [&]<class P, std::size_t output>() {
      if constexpr (all || outputs[output].cheap_set != 0)
        store_one<typename P::type, must_be_finite(output)>(P::of(y), to[output] + at, sum);
    };
    (one.template operator()<Path, k>(), ...);
    return sum;
  }

  /// The n-th port of a list.
  template <std::size_t n, class First, class... Rest>
  static auto port_at(const Ports<First, Rest...>&) {
    if constexpr (n == 0) {
      return First{};
    } else {
      return port_at<n - 1>(Ports<Rest...>{});
    }
  }
  template <auto M>
  N side(const Out& y) const {
    constexpr PortReference reference = port_reference<S, M>();
    if constexpr (reference.side == PortReference::Side::output) {
      return cells_of(decltype(port_at<reference.index>(out_ports))::of(y));
    } else {
      using P = decltype(port_at<reference.index>(in_ports));
      if constexpr (is_lanes<typename P::type>) {
        return cells_of(P::of(x_));
      } else {
        return shared_cells<W>(P::of(x_));
      }
    }
  }
  template <auto Used, auto Bound, class Tightens, class Loosens>
  Mask<W> exceeds(const Limit<Used, Bound, Tightens, Loosens>& limit, const Out& y) const {
    if (!limit.hard) return Mask<W>{};
    return side<Used>(y) > side<Bound>(y);
  }
  Mask<W> infeasible_rows(const Out& y) const {
    Mask<W> rows{};
    std::apply([&](const auto&... l) { ((rows = either(rows, exceeds(l, y))), ...); }, S::limits);
    return rows;
  }
  /// Rows that break a rule are refused one by one. A rule takes `const Given&` or, of what varies, `const auto&`.
  void break_rules(Rare<N>& rare) const {
    if constexpr (requires { S::rules; })
      std::apply([&](const auto&... r) { (static_cast<void>(rare(!r.holds(static_cast<const In&>(x_)))), ...); }, S::rules);
  }

  struct Varying {
    const Cell* data;
    void* to;
  };
  template <class T>
  static void load_shared(T& to, const Cell& cell) {
    if constexpr (Quantity<T>) {
      to = T::from_value(N(cell.number));
    } else if constexpr (requires { T::from_cell(N()); }) {
      to = T::from_cell(N(cell.number));
    } else {
      to = N(cell.number);
    }
  }
  template <class... Path>
  void place(const Block& block, std::size_t first, const Ports<Path...>&) {
    std::size_t k = 0;
    const auto one = [&]<class P>() {
      const Column& column = block.in[k++];
      if constexpr (!std::is_base_of_v<typename P::owner, typename S::Given>) {
        static_assert(is_lanes<typename P::type>, "choices, booleans, objects and series stand in Given: rows share them");
        load_shared(P::of(x_), column[first]);
        if (column.stride != 0) varying_[varying_count_++] = {column.data, &P::of(x_)};
      }
    };
    (one.template operator()<Path>(), ...);
  }

  In x_;
  static constexpr std::size_t stretch = 128;  ///< rows for which the places of outputs are found once
  const Block& block_;
  Cell unwanted_[stretch];
  bool dear_ = false;  ///< something is wanted that no cheap set holds
  std::size_t varying_count_ = 0;
  std::array<Varying, in_ports.size()> varying_;
};

}  // namespace detail
}  // namespace ironlaw
