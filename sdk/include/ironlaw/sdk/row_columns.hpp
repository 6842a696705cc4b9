#pragma once
// The columns of a block that vary, and what a solver has asked its objects for rows that share them.
#include <ironlaw/row.hpp>
#include <ironlaw/sdk/ports.hpp>

#include <array>
#include <concepts>
#include <cstring>
#include <optional>

namespace ironlaw {

/// A solver that asks its objects once for the rows that share them. What objects say depends on objects and choices, so these
/// stand in a struct `Given` that `Inputs` derives from, and `static Facts facts(const Given&)` asks; a row then brings numbers:
/// `static Outputs solve(const Inputs&, const Facts&)`. `solve(in)` alone is `solve(in, facts(in))`. A solver with a series among
/// its outputs writes them where they are to be: `static void solve(const Inputs&, Outputs&)`, or `(const Inputs&, const Facts&,
/// Outputs&)`. Where facts follow from a part of Given, that part is a base of it, `Asked`, and `facts` takes it: rows that
/// differ in other choices share what was asked.
template <class S>
concept AsksFacts = requires(const typename S::Given& given) {
  { S::facts(given) } -> std::same_as<typename S::Facts>;
};

namespace detail {

/// What facts are asked by: `Asked`, or all of `Given`.
template <class S>
struct AskedOf {
  using type = typename S::Given;
};
template <class S>
requires requires { typename S::Asked; }
struct AskedOf<S> {
  using type = typename S::Asked;
};

/// How a cell becomes a member: copied as it is (quantities, doubles, Maybe, objects), as an int, or converted by its type.
enum class CellLoad : std::uint32_t { copied, counted, converted };
template <class T>
constexpr CellLoad cell_load() {
  if constexpr (std::is_same_v<T, int>) return CellLoad::counted;
  return std::is_integral_v<T> || std::is_enum_v<T> || sizeof(T) != sizeof(Cell) ? CellLoad::converted : CellLoad::copied;
}

/// The columns that vary, with where each goes in Inputs.
template <class S>
class VaryingColumns {
  using In = typename S::Inputs;
  static constexpr std::size_t input_count = S::inputs.size();

 public:
  VaryingColumns(In& x, std::span<const Column> in) { add_all(x, in, S::inputs); }
  /// To the rows of another block, in which the same columns vary.
  void move_to(std::span<const Column> in) {
    for (std::size_t v = 0; v < count_; ++v) all_[v].data = in[all_[v].port].data;
  }
  void load(In& x, std::size_t row) const {
    for (std::size_t v = 0; v < count_; ++v) {
      const One& one = all_[v];
      char* const to = reinterpret_cast<char*>(&x) + one.offset;
      const Cell cell = one.data[row];
      if (some(CellLoad::copied, S::inputs) && one.how == CellLoad::copied) [[likely]] {
        std::memcpy(to, &cell, sizeof cell);
      } else if (some(CellLoad::counted, S::inputs) && one.how == CellLoad::counted) {
        const int count = static_cast<int>(cell.number);
        std::memcpy(to, &count, sizeof count);
      } else {
        one.convert(to, cell);
      }
    }
  }
  /// Columns that facts depend on.
  [[nodiscard]] std::size_t asked() const { return asked_count_; }
  [[nodiscard]] const Cell& asked(std::size_t g, std::size_t row) const { return all_[asked_[g]].data[row]; }

  /// Where the rows end that share Given with `row`, and are to be answered.
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
        if (const Cell* const data = all_[given_[g]].data; std::memcmp(&data[other], &data[row], sizeof(Cell)) != 0) return false;
      return true;
    };
    while (end < rows && has_outputs(status[end]) && same(end)) ++end;
    return end;
  }

 private:
  /// Whether any port is loaded so: what none is, is not compiled, and a compiler need not fear it.
  template <class... Path>
  static constexpr bool some([[maybe_unused]] CellLoad how, const Ports<Path...>&) {
    return ((cell_load<typename Path::type>() == how) || ...);
  }
  /// Whether a port stands in Given, and among what facts are asked by.
  template <class Path>
  static constexpr bool is_given() {
    if constexpr (AsksFacts<S>) {
      return std::is_base_of_v<typename Path::owner, typename S::Given>;
    } else {
      return false;
    }
  }
  template <class Path>
  static constexpr bool is_asked() {
    if constexpr (AsksFacts<S>) {
      return std::is_base_of_v<typename Path::owner, typename AskedOf<S>::type>;
    } else {
      return false;
    }
  }
  struct One {
    const Cell* data;
    std::uint32_t offset;
    CellLoad how;
    void (*convert)(char* to, const Cell& from);
    std::size_t port;
  };
  template <class T>
  static void convert(char* to, const Cell& from) {
    T value;
    detail::load(value, from);
    std::memcpy(to, &value, sizeof value);
  }
  template <class... Path>
  void add_all([[maybe_unused]] In& x, [[maybe_unused]] std::span<const Column> in, const Ports<Path...>&) {
    [[maybe_unused]] std::size_t k = 0;
    (add(Path::of(x), x, in, k++, is_given<Path>(), is_asked<Path>()), ...);
  }
  template <class T>
  void add(T& member, In& x, std::span<const Column> in, std::size_t port, bool given, bool asked) {
    if (in[port].stride == 0) return;
    const auto offset = reinterpret_cast<char*>(&member) - reinterpret_cast<char*>(&x);
    all_[count_++] = {in[port].data, static_cast<std::uint32_t>(offset), cell_load<T>(), &convert<T>, port};
    if (given) given_[given_count_++] = static_cast<std::uint32_t>(count_ - 1);
    if (asked) asked_[asked_count_++] = static_cast<std::uint32_t>(count_ - 1);
  }
  std::array<One, input_count> all_;
  std::array<std::uint32_t, input_count> given_;  ///< places in all_ of those that stand in Given
  std::array<std::uint32_t, input_count> asked_;  ///< and among what facts are asked by
  std::size_t count_ = 0;
  std::size_t given_count_ = 0;
  std::size_t asked_count_ = 0;
};

/// The facts of a solver, or nothing.
template <class S>
struct FactsOf {
  struct type {};
};
template <AsksFacts S>
struct FactsOf<S> {
  using type = typename S::Facts;
};

/// The facts of the last few combinations of objects and choices.
template <class S>
class RememberedFacts {
  using In = typename S::Inputs;
  using Facts = typename FactsOf<S>::type;

 public:
  explicit RememberedFacts(const VaryingColumns<S>& varying) : varying_(varying) {}
  /// Throws what `facts` throws.
  const Facts& of(const In& x, std::size_t row) {
    if (last_ != nullptr && (varying_.asked() == 0 || holds(*last_, row))) [[likely]]
      return *last_->facts;
    return look_up(x, row);
  }

 private:
  struct One {
    std::array<Cell, S::inputs.size()> asked;
    std::optional<Facts> facts;
  };
  [[nodiscard]] bool holds(const One& one, std::size_t row) const {
    for (std::size_t g = 0; g < varying_.asked(); ++g)
      if (std::memcmp(&one.asked[g], &varying_.asked(g, row), sizeof(Cell)) != 0) return false;
    return true;
  }
  [[gnu::noinline]] const Facts& look_up(const In& x, std::size_t row) {
    for (One& one : all_)
      if (one.facts && holds(one, row)) return *(last_ = &one)->facts;
    last_ = nullptr;
    One& one = all_[next_++ % all_.size()];
    one.facts.reset();
    one.facts.emplace(S::facts(x));
    for (std::size_t g = 0; g < varying_.asked(); ++g) one.asked[g] = varying_.asked(g, row);
    return *(last_ = &one)->facts;
  }
  const VaryingColumns<S>& varying_;
  std::array<One, 4> all_;
  const One* last_ = nullptr;
  std::size_t next_ = 0;
};

}  // namespace detail
}  // namespace ironlaw
