#pragma once
// The one adapter that makes a struct-to-struct function a Solver over columns.
#include <ironlaw/authored_solver.hpp>
#include <ironlaw/sdk/lane_rows.hpp>
#include <ironlaw/sdk/limits.hpp>
#include <ironlaw/sdk/members.hpp>
#include <ironlaw/sdk/never_destroyed.hpp>
#include <ironlaw/sdk/series_rows.hpp>

#include <cmath>
#include <cstring>
#include <exception>
#include <optional>

namespace ironlaw {

/// A solver that asks its objects once for the rows that share them. What objects say depends on objects and choices, so these
/// stand in a struct `Given` that `Inputs` derives from, and `static Facts facts(const Given&)` asks; a row then brings numbers:
/// `static Outputs solve(const Inputs&, const Facts&)`. `solve(in)` alone is `solve(in, facts(in))`. A solver with a series among
/// its outputs writes them where they are to be: `static void solve(const Inputs&, Outputs&)`, or `(const Inputs&, const Facts&,
/// Outputs&)`.
template <class S>
concept AsksFacts = requires(const typename S::Given& given) {
  { S::facts(given) } -> std::same_as<typename S::Facts>;
};

namespace detail {

template <class S>
concept HasLimits = requires {
  S::limits;
};
template <class S>
concept HasRules = requires {
  S::rules;
};
template <class S>
concept HasPromises = requires {
  S::monotone;
};
template <class S>
concept HasExplain = requires(const typename S::Inputs& i, const typename S::Outputs& o, Working& w) {
  S::explain(i, o, w);
};

inline constexpr PortInfo feasible_port = [] {
  PortInfo p;
  p.name = "feasible";
  p.doc = "whether every hard limit holds";
  p.type = PortType::boolean;
  p.range = {0, 1};
  p.fallback = absent_value;
  return p;
}();

template <class S>
class SolverAdapter final : public Solver, public SolverMembers {
  using In = typename S::Inputs;
  using Out = typename S::Outputs;
  static constexpr std::size_t input_count = S::inputs.size();
  static constexpr std::size_t solved_count = S::outputs.size();
  using OutputIndex = std::make_index_sequence<solved_count>;

  static constexpr auto limit_infos() {
    if constexpr (HasLimits<S>) {
      return std::apply([](const auto&... l) { return std::array<LimitInfo, sizeof...(l)>{limit_info<S>(l)...}; }, S::limits);
    } else {
      return std::array<LimitInfo, 0>{};
    }
  }
  static constexpr auto rule_infos() {
    if constexpr (HasRules<S>) {
      return std::apply([](const auto&... r) { return std::array<RuleInfo, sizeof...(r)>{RuleInfo{r.text}...}; }, S::rules);
    } else {
      return std::array<RuleInfo, 0>{};
    }
  }
  static constexpr auto monotone_infos() {
    if constexpr (HasPromises<S>) {
      return std::apply([](const auto&... m) { return std::array<MonotoneInfo, sizeof...(m)>{monotone_info<S>(m)...}; },
                        S::monotone);
    } else {
      return std::array<MonotoneInfo, 0>{};
    }
  }
  static constexpr auto inputs_ = port_infos<In>(S::inputs);
  static constexpr auto limits_ = limit_infos();
  static constexpr auto rules_ = rule_infos();
  static constexpr auto monotone_ = monotone_infos();
  static constexpr bool has_feasible = std::any_of(limits_.begin(), limits_.end(), [](const LimitInfo& l) { return l.hard; });
  static constexpr std::size_t output_count = solved_count + (has_feasible ? 1 : 0);

  static constexpr auto output_infos() {
    std::array<PortInfo, output_count> all{};
    const auto solved = port_infos_without_defaults(S::outputs);
    std::copy(solved.begin(), solved.end(), all.begin());
    if constexpr (has_feasible) all[solved_count] = feasible_port;
    return all;
  }
  static constexpr auto outputs_ = output_infos();

  static_assert(defaults_in_range(inputs_), "a port's default lies outside its range: write `= required` or another default");
  static_assert(names_unique(inputs_) && names_unique(outputs_), "two ports have the same name");
  static_assert(
      names_free(inputs_),
      "a port has a reserved name: that of a key of stages (solver, when) or of a flag of the program (output, plugin ...)");
  static_assert(std::none_of(outputs_.begin(), outputs_.end(),
                             [](const PortInfo& p) { return p.type == PortType::object || p.type == PortType::text; }),
                "an output cannot be an object or a text");
  static constexpr bool writes_series =
      std::any_of(outputs_.begin(), outputs_.end(), [](const PortInfo& p) { return p.type == PortType::series; });
  using OfSeries = SeriesRows<inputs_>;

  const About& do_about() const noexcept override { return S::about; }
  std::span<const PortInfo> do_inputs() const noexcept override { return inputs_; }
  std::span<const PortInfo> do_outputs() const noexcept override { return outputs_; }
  std::span<const LimitInfo> do_limits() const noexcept override { return limits_; }
  std::span<const RuleInfo> do_rules() const noexcept override { return rules_; }
  std::span<const MonotoneInfo> do_monotone() const noexcept override { return monotone_; }
  std::string_view do_without_port() const noexcept override {
    static const std::string text =
        member_without_port<In>("Inputs", S::inputs) + member_without_port<Out>("Outputs", S::outputs);
    return text;
  }

  struct NoFacts {};
  template <class T, bool asks>
  struct FactsOf {
    using type = NoFacts;
  };
  template <class T>
  struct FactsOf<T, true> {
    using type = typename T::Facts;
  };
  static constexpr bool asks_facts = AsksFacts<S>;
  using Facts = typename FactsOf<S, asks_facts>::type;

  /// Whether a port is among what facts are asked for.
  template <class Path>
  static constexpr bool is_given() {
    if constexpr (asks_facts) {
      return std::is_base_of_v<typename Path::owner, typename S::Given>;
    } else {
      return false;
    }
  }

  /// How a cell becomes a member: copied as it is (quantities, doubles, Maybe, objects), as an int, or converted by its type.
  enum class How : std::uint32_t { copied, counted, converted };
  template <class T>
  static constexpr How how_of() {
    if constexpr (std::is_same_v<T, int>) return How::counted;
    return std::is_integral_v<T> || std::is_enum_v<T> || sizeof(T) != sizeof(Cell) ? How::converted : How::copied;
  }
  /// Whether any port is loaded so: what none is, is not compiled, and a compiler need not fear it.
  template <class... Path>
  static constexpr bool some([[maybe_unused]] How how, const Ports<Path...>&) {
    return ((how_of<typename Path::type>() == how) || ...);
  }

  /// The columns that vary, with where each goes in Inputs.
  class Varying {
   public:
    template <class... Path>
    Varying(In& x, const Column* in, const Ports<Path...>&) {
      std::size_t k = 0;
      (add(Path::of(x), x, in[k++], is_given<Path>()), ...);
    }
    void load(In& x, std::size_t row) const {
      for (std::size_t v = 0; v < count_; ++v) {
        const One& one = all_[v];
        char* const to = reinterpret_cast<char*>(&x) + one.offset;
        const Cell cell = one.data[row];
        if (some(How::copied, S::inputs) && one.how == How::copied) [[likely]] {
          std::memcpy(to, &cell, sizeof cell);
        } else if (some(How::counted, S::inputs) && one.how == How::counted) {
          const int count = static_cast<int>(cell.number);
          std::memcpy(to, &count, sizeof count);
        } else {
          one.convert(to, cell);
        }
      }
    }
    /// Columns that facts depend on.
    [[nodiscard]] std::size_t given() const { return given_count_; }
    [[nodiscard]] const Cell& given(std::size_t g, std::size_t row) const { return given_[g][row]; }

    /// Where the rows end that share with `row` what facts depend on, and are to be answered.
    [[nodiscard]] std::size_t end_of_run(const Block& block, std::size_t row) const {
      const RowStatus* const status = block.status.data();
      const std::size_t rows = block.rows();
      std::size_t end = row + 1;
      if (given_count_ == 0) {
        constexpr std::uint64_t no_outputs = 0xfefefefefefefefe;  // of eight statuses; those with outputs are 0 and 1
        for (std::uint64_t eight = 0; end + 8 <= rows; end += 8) {
          std::memcpy(&eight, status + end, sizeof eight);
          if ((eight & no_outputs) != 0) break;
        }
      }
      const auto same = [&](std::size_t other) {
        for (std::size_t g = 0; g < given_count_; ++g)
          if (std::memcmp(&given_[g][other], &given_[g][row], sizeof(Cell)) != 0) return false;
        return true;
      };
      while (end < rows && has_outputs(status[end]) && same(end)) ++end;
      return end;
    }

   private:
    struct One {
      const Cell* data;
      std::uint32_t offset;
      How how;
      void (*convert)(char* to, const Cell& from);
    };
    template <class T>
    static void convert(char* to, const Cell& from) {
      T value;
      detail::load(value, from);
      std::memcpy(to, &value, sizeof value);
    }
    template <class T>
    void add(T& member, In& x, const Column& column, bool given) {
      if (column.stride == 0) return;
      const auto offset = reinterpret_cast<char*>(&member) - reinterpret_cast<char*>(&x);
      all_[count_++] = {column.data, static_cast<std::uint32_t>(offset), how_of<T>(), &convert<T>};
      if (given) given_[given_count_++] = column.data;
    }
    std::array<One, input_count> all_;
    std::array<const Cell*, input_count> given_;
    std::size_t count_ = 0;
    std::size_t given_count_ = 0;
  };

  /// The facts of the last few combinations of objects and choices of a block.
  class Remembered {
   public:
    explicit Remembered(const Varying& varying) : varying_(varying) {}
    /// Throws what `facts` throws.
    const Facts& of(const In& x, std::size_t row) {
      if (last_ != nullptr && (varying_.given() == 0 || holds(*last_, row))) [[likely]]
        return *last_->facts;
      return look_up(x, row);
    }

   private:
    struct One {
      std::array<Cell, input_count> given;
      std::optional<Facts> facts;
    };
    [[nodiscard]] bool holds(const One& one, std::size_t row) const {
      for (std::size_t g = 0; g < varying_.given(); ++g)
        if (std::memcmp(&one.given[g], &varying_.given(g, row), sizeof(Cell)) != 0) return false;
      return true;
    }
    [[gnu::noinline]] const Facts& look_up(const In& x, std::size_t row) {
      for (One& one : all_)
        if (one.facts && holds(one, row)) return *(last_ = &one)->facts;
      last_ = nullptr;
      One& one = all_[next_++ % all_.size()];
      one.facts.reset();
      one.facts.emplace(S::facts(x));
      for (std::size_t g = 0; g < varying_.given(); ++g) one.given[g] = varying_.given(g, row);
      return *(last_ = &one)->facts;
    }
    const Varying& varying_;
    std::array<One, 4> all_;
    const One* last_ = nullptr;
    std::size_t next_ = 0;
  };

  static constexpr bool must_be_finite(std::size_t output) {
    return (outputs_[output].type == PortType::number && !outputs_[output].optional) || outputs_[output].type == PortType::series;
  }
  /// Where an output goes: its column or, unwanted, always the same place.
  struct Wanted {
    Cell* column;
    std::size_t mask;
    void store(std::size_t row, double value) const { column[row & mask].number = value; }
  };
  template <bool finite, class T>
  static void store_one(const T& value, const Wanted& to, std::size_t row, double& sum) {
    const double v = to_number(value);
    if constexpr (!is_series_out<T>) to.store(row, v);  // a series is where it belongs
    if constexpr (finite) sum += v;
  }
  /// The sum of what must be finite: not finite where one of them is not, or (looked at again) where all of them are huge.
  template <class... Path, std::size_t... k>
  static double store(const Out& y, const Wanted* out, std::size_t row, const Ports<Path...>&, std::index_sequence<k...>) {
    double sum = 0;
    (store_one<must_be_finite(k)>(Path::of(y), out[k], row, sum), ...);
    return sum;
  }
  /// Whether a hard limit looks at the output, so that a row's status hangs on it whoever reads it.
  static constexpr bool decides(std::size_t output) {
    return std::any_of(limits_.begin(), limits_.end(), [&](const LimitInfo& l) {
      const auto is = [&](const PortReference& p) { return p.side == PortReference::Side::output && p.index == output; };
      return l.hard && (is(l.used) || is(l.bound));
    });
  }
  /// Of what somebody reads, or a hard limit looks at.
  template <class... Path>
  [[gnu::cold]] static std::string_view first_not_finite(const Out& y, const Block& block, const Ports<Path...>&) {
    const std::array<double, sizeof...(Path)> values{to_number(Path::of(y))...};
    for (std::size_t k = 0; k < values.size(); ++k)
      if (must_be_finite(k) && !std::isfinite(values[k]) && (block.out[k] != nullptr || decides(k))) return outputs_[k].name;
    return {};
  }
  static bool within_limits(const In& x, const Out& y) {
    if constexpr (has_feasible) {
      return std::apply([&](const auto&... l) { return !((l.hard && exceeded<S>(l, x, y)) || ...); }, S::limits);
    } else {
      return true;
    }
  }
  /// The rule that the row breaks, or an empty text.
  static std::string_view broken_rule(const In& x) {
    std::string_view text;
    if constexpr (HasRules<S>) {
      std::apply([&](const auto&... r) { ((text.empty() && !r.holds(x) ? void(text = r.text) : void()), ...); }, S::rules);
    }
    return text;
  }

  static Out solve(const In& x, Remembered& known, [[maybe_unused]] const Block& block, [[maybe_unused]] std::size_t row) {
    if constexpr (writes_series) {
      Out y{};
      OfSeries::place(y, block, row, S::outputs);
      if constexpr (asks_facts) {
        S::solve(x, known.of(x, row), y);
      } else {
        S::solve(x, y);
      }
      return y;
    } else if constexpr (asks_facts) {
      return S::solve(x, known.of(x, row));
    } else {
      return S::solve(x);
    }
  }
  /// A row apart, without its series.
  static Out solve_alone(const In& x) {
    if constexpr (!writes_series) {
      return S::solve(x);
    } else {
      Out y{};
      if constexpr (asks_facts) {
        S::solve(x, S::facts(x), y);
      } else {
        S::solve(x, y);
      }
      return y;
    }
  }
  static void solve_row(In& x, Remembered& known, const Block& block, const Wanted* out, std::size_t row) {
    if constexpr (HasRules<S>) {
      if (const auto text = broken_rule(x); !text.empty()) [[unlikely]] {
        reject_row(block, row, RowStatus::refused, {}, text);
        return;
      }
    }
    if (!OfSeries::lengths_agree(x, block, row, S::inputs)) [[unlikely]]
      return;
    const Out y = solve(x, known, block, row);
    if (!std::isfinite(store(y, out, row, S::outputs, OutputIndex{}))) [[unlikely]] {
      if (const auto name = first_not_finite(y, block, S::outputs); !name.empty()) {
        reject_row(block, row, RowStatus::failed, name, "is not finite");
        return;
      }
    }
    if constexpr (has_feasible) {
      const bool feasible = within_limits(x, y);
      if (!feasible) block.status[row] = RowStatus::infeasible;
      out[solved_count].store(row, feasible ? 1 : 0);
    }
  }

  /// A block while it is evaluated.
  struct Work {
    Work(const Block& evaluated, std::size_t first)
        : block(evaluated), varying(x, evaluated.in.data(), S::inputs), known(varying) {
      load_ports(x, S::inputs, [&](std::size_t k) { return evaluated.in[k][first]; });
      for (std::size_t k = 0; k < output_count; ++k)
        out[k] = block.out[k] != nullptr ? Wanted{block.out[k], ~std::size_t{0}} : Wanted{&unwanted, 0};
    }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    const Block& block;
    In x;
    const Varying varying;
    Remembered known;
    Cell unwanted;
    std::array<Wanted, output_count> out;
  };
  static void rows_one_by_one(Work& w, std::size_t row, std::size_t end) {
    const RowStatus* const status = w.block.status.data();
    while (row < end) {
      try {
        for (; row < end; ++row) {
          if (!has_outputs(status[row])) continue;
          w.varying.load(w.x, row);
          solve_row(w.x, w.known, w.block, w.out.data(), row);
        }
      } catch (const Refusal& e) {
        reject_row(w.block, row++, RowStatus::refused, {}, e.what());
      } catch (const std::exception& e) {
        reject_row(w.block, row++, RowStatus::failed, {}, e.what());
      } catch (...) {
        reject_row(w.block, row++, RowStatus::failed, {}, "threw something that is not a std::exception");
      }
    }
  }

  /// The facts of a row, or null where they cannot be had.
  static const Facts* facts_or_null(Work& w, std::size_t row) {
    w.varying.load(w.x, row);
    try {
      return &w.known.of(w.x, row);
    } catch (...) {
      return nullptr;
    }
  }
  template <int W>
  static void rows_in_lanes(Work& w, std::size_t row) {
    const std::size_t rows = w.block.rows();
    LaneRows<S, outputs_, W> lanes(w.block, row);
    while (row < rows) {
      const std::size_t end = w.varying.end_of_run(w.block, row);
      const Facts* const facts = end - row >= W ? facts_or_null(w, row) : nullptr;
      if (facts != nullptr) lanes.give(w.x);
      while (facts != nullptr && row + W <= end) {
        unsigned alone = (1u << W) - 1;
        try {
          alone = lanes.answer(*facts, row, end);
        } catch (...) {  // some row of the group at `row`: the path of one row finds it out
          row += W;
        }
        for (std::size_t r = 0; alone != 0 && r < W; ++r)
          if ((alone >> r & 1) != 0) rows_one_by_one(w, row - W + r, row - W + r + 1);
      }
      rows_one_by_one(w, row, end);
      for (row = end; row < rows && !has_outputs(w.block.status[row]);) ++row;
    }
  }

  void do_evaluate(const Block& block) const override {
    const std::size_t rows = block.rows();
    std::size_t row = 0;
    while (row < rows && !has_outputs(block.status[row])) ++row;
    if (row == rows) return;
    Work w(block, row);
    if constexpr (SolvesInLanes<S>) {
      const int width = lane_width();
      if (width == 4) return rows_in_lanes<4>(w, row);
      if (width == 2) return rows_in_lanes<2>(w, row);
    }
    rows_one_by_one(w, row, rows);
  }

  bool do_explain(std::span<const Cell> in, std::span<const Cell>, Working& working) const override {
    if constexpr (HasExplain<S>) {
      In x;
      load_ports(x, S::inputs, [&](std::size_t k) { return in[k]; });
      S::explain(x, solve_alone(x), working);
      return true;
    } else {
      return false;
    }
  }
};

}  // namespace detail

/// The Solver of a struct with Inputs, Outputs, `about`, `inputs`, `outputs` and a static `solve`.
template <class S>
inline const detail::SolverAdapter<S>& solver_adapter = detail::only_instance<detail::SolverAdapter<S>>.value;

}  // namespace ironlaw
