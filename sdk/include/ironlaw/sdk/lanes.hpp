#pragma once
// A number that is several rows at once. An equation is written over N, which is `double` for one row or `Lanes<W>` for W of
// them; `Of<N, Time>` is Time, or W times. Every operation is that of one row, lane by lane, in the same order, so the results
// are the same bits (nothing may contract a product and a sum: ironlaw_add_plugin sees to it).
#include <ironlaw/maybe.hpp>
#include <ironlaw/sdk/lane_vectors.hpp>

#include <cmath>
#include <cstring>

namespace ironlaw {

/// True or false for each lane. Never a `bool`: code that branches on one does not compile, which finds what is to be rewritten.
template <int W>
class Mask {
  using V = detail::Vectors<W>;

 public:
  Mask() = default;
  explicit Mask(bool all) { V::spread(bits, all); }

  friend Mask both(const Mask& a, const Mask& b) {
    Mask m;
    V::both(m.bits, a.bits, b.bits);
    return m;
  }
  friend Mask both(const Mask& a, bool b) { return both(a, Mask(b)); }
  friend Mask both(bool a, const Mask& b) { return both(b, Mask(a)); }
  friend Mask either(const Mask& a, const Mask& b) {
    Mask m;
    V::either(m.bits, a.bits, b.bits);
    return m;
  }
  friend Mask either(const Mask& a, bool b) { return either(a, Mask(b)); }
  friend Mask either(bool a, const Mask& b) { return either(b, Mask(a)); }
  friend Mask operator!(const Mask& a) {
    Mask m;
    V::opposite(m.bits, a.bits);
    return m;
  }
  /// Is it so for any row?
  friend bool any(const Mask& m) { return V::any(m.bits); }
  /// A bit a lane.
  [[nodiscard]] unsigned lanes() const { return V::lanes(bits); }

  typename V::Bits bits{};  ///< of a lane all or none
};

/// W numbers.
template <int W>
class Lanes {
  using V = detail::Vectors<W>;

 public:
  static constexpr int width = W;
  Lanes() = default;
  Lanes(double x) { V::spread(numbers, x); }
  Lanes(int x) : Lanes(static_cast<double>(x)) {}
  Lanes(Required) : Lanes(absent_value) {}
  static Lanes load(const void* from) {
    Lanes l;
    V::load(l.numbers, from);
    return l;
  }
  void store(void* to) const { V::store(to, numbers); }

  friend Lanes operator+(const Lanes& a, const Lanes& b) { return made<&V::add>(a, b); }
  friend Lanes operator-(const Lanes& a, const Lanes& b) { return made<&V::subtract>(a, b); }
  friend Lanes operator*(const Lanes& a, const Lanes& b) { return made<&V::multiply>(a, b); }
  friend Lanes operator/(const Lanes& a, const Lanes& b) { return made<&V::divide>(a, b); }
  friend Lanes operator-(const Lanes& a) {
    Lanes l;
    V::negate(l.numbers, a.numbers);
    return l;
  }
  Lanes& operator+=(const Lanes& b) { return *this = *this + b; }
  Lanes& operator-=(const Lanes& b) { return *this = *this - b; }
  Lanes& operator*=(const Lanes& b) { return *this = *this * b; }
  Lanes& operator/=(const Lanes& b) { return *this = *this / b; }

  friend Mask<W> operator<(const Lanes& a, const Lanes& b) { return compared<&V::below>(a, b); }
  friend Mask<W> operator<=(const Lanes& a, const Lanes& b) { return compared<&V::most>(a, b); }
  friend Mask<W> operator>(const Lanes& a, const Lanes& b) { return compared<&V::below>(b, a); }
  friend Mask<W> operator>=(const Lanes& a, const Lanes& b) { return compared<&V::most>(b, a); }
  friend Mask<W> operator==(const Lanes& a, const Lanes& b) { return compared<&V::same>(a, b); }
  friend Mask<W> operator!=(const Lanes& a, const Lanes& b) { return compared<&V::differ>(a, b); }

  friend Lanes select(const Mask<W>& m, const Lanes& a, const Lanes& b) {
    Lanes l;
    V::select(l.numbers, m.bits, a.numbers, b.numbers);
    return l;
  }

  typename V::Numbers numbers;

 private:
  template <auto operation>
  static Lanes made(const Lanes& a, const Lanes& b) {
    Lanes l;
    operation(l.numbers, a.numbers, b.numbers);
    return l;
  }
  template <auto comparison>
  static Mask<W> compared(const Lanes& a, const Lanes& b) {
    Mask<W> m;
    comparison(m.bits, a.numbers, b.numbers);
    return m;
  }
};

template <class N>
inline constexpr int lanes_of = 1;
template <int W>
inline constexpr int lanes_of<Lanes<W>> = W;

/// Maybe, lane by lane.
template <class T, int W>
class LaneMaybe {
 public:
  using value_type = T;
  LaneMaybe() : cell_(absent_value) {}
  LaneMaybe(Absent) : LaneMaybe() {}
  LaneMaybe(const T& value) {
    if constexpr (Quantity<T>) {
      cell_ = value.value();
    } else {
      cell_ = value;
    }
  }
  static LaneMaybe from_cell(const Lanes<W>& cell) {
    LaneMaybe m;
    m.cell_ = cell;
    return m;
  }
  [[nodiscard]] const Lanes<W>& cell() const { return cell_; }
  [[nodiscard]] Mask<W> has_value() const { return cell_ == cell_; }
  [[nodiscard]] T operator*() const {
    if constexpr (Quantity<T>) {
      return T::from_value(cell_);
    } else {
      return cell_;
    }
  }

 private:
  Lanes<W> cell_;
};

/// The ordinal of a choice, lane by lane.
template <class E, int W>
struct LaneChoice {
  Lanes<W> ordinal;
  LaneChoice() = default;
  LaneChoice(E same) : ordinal(static_cast<int>(same)) {}
  explicit LaneChoice(const Lanes<W>& of) : ordinal(of) {}
};

namespace detail {
template <class N, class T>
struct OfType;
template <class T>
struct OfType<double, T> {
  using type = T;
};
template <int W, class Unit>
struct OfType<Lanes<W>, bu::quantity<Unit, double>> {
  using type = bu::quantity<Unit, Lanes<W>>;
};
template <int W>
struct OfType<Lanes<W>, double> {
  using type = Lanes<W>;
};
template <int W>
struct OfType<Lanes<W>, int> {
  using type = Lanes<W>;
};
template <int W>
struct OfType<Lanes<W>, bool> {
  using type = Mask<W>;
};
template <int W, class T>
struct OfType<Lanes<W>, Maybe<T>> {
  using type = LaneMaybe<typename OfType<Lanes<W>, T>::type, W>;
};
template <int W, class E>
requires std::is_enum_v<E>
struct OfType<Lanes<W>, E> {
  using type = LaneChoice<E, W>;
};
}  // namespace detail

/// What a T is in code over N: `Of<N, Time>`, `Of<N, int>`, `Of<N, bool>`, `Of<N, Maybe<Energy>>`, `Of<N, Bottleneck>`.
template <class N, class T>
using Of = typename detail::OfType<N, T>::type;

// Boost.Units compares to bool and multiplies a quantity by its own number type only; these are more special and win.
#define IRONLAW_LANES_COMPARE(op)                                                                                                \
  template <class D, class S, int W>                                                                                             \
  inline Mask<W> operator op(const bu::quantity<bu::unit<D, S>, Lanes<W>>& a, const bu::quantity<bu::unit<D, S>, Lanes<W>>& b) { \
    return a.value() op b.value();                                                                                               \
  }                                                                                                                              \
  template <class D, class S, int W>                                                                                             \
  inline Mask<W> operator op(const bu::quantity<bu::unit<D, S>, Lanes<W>>& a, const bu::quantity<bu::unit<D, S>, double>& b) {   \
    return a.value() op Lanes<W>(b.value());                                                                                     \
  }                                                                                                                              \
  template <class D, class S, int W>                                                                                             \
  inline Mask<W> operator op(const bu::quantity<bu::unit<D, S>, double>& a, const bu::quantity<bu::unit<D, S>, Lanes<W>>& b) {   \
    return Lanes<W>(a.value()) op b.value();                                                                                     \
  }
IRONLAW_LANES_COMPARE(<)
IRONLAW_LANES_COMPARE(<=)
IRONLAW_LANES_COMPARE(>)
IRONLAW_LANES_COMPARE(>=)
IRONLAW_LANES_COMPARE(==)
#undef IRONLAW_LANES_COMPARE

#define IRONLAW_LANES_SCALE(op)                                                  \
  template <class U, int W>                                                      \
  inline auto operator op(const bu::quantity<U, double>& q, const Lanes<W>& x) { \
    return bu::quantity<U, Lanes<W>>::from_value(q.value()) op x;                \
  }                                                                              \
  template <class U, int W>                                                      \
  inline auto operator op(const Lanes<W>& x, const bu::quantity<U, double>& q) { \
    return x op bu::quantity<U, Lanes<W>>::from_value(q.value());                \
  }                                                                              \
  template <class U, int W>                                                      \
  inline auto operator op(const bu::quantity<U, Lanes<W>>& q, double x) {        \
    return q op Lanes<W>(x);                                                     \
  }                                                                              \
  template <class U, int W>                                                      \
  inline auto operator op(double x, const bu::quantity<U, Lanes<W>>& q) {        \
    return Lanes<W>(x) op q;                                                     \
  }
IRONLAW_LANES_SCALE(*)
IRONLAW_LANES_SCALE(/)
#undef IRONLAW_LANES_SCALE

// What `&&`, `||`, `?:`, std::max and std::min become, for one row and for many. `select` evaluates both sides.
constexpr bool both(bool a, bool b) { return a && b; }
constexpr bool either(bool a, bool b) { return a || b; }
constexpr bool any(bool m) { return m; }
template <class T>
constexpr T select(bool m, const T& a, const T& b) {
  return m ? a : b;
}
template <class U, int W>
inline bu::quantity<U, Lanes<W>> select(const Mask<W>& m, const bu::quantity<U, Lanes<W>>& a,
                                        const bu::quantity<U, Lanes<W>>& b) {
  return bu::quantity<U, Lanes<W>>::from_value(select(m, a.value(), b.value()));
}
template <class T, int W>
inline LaneMaybe<T, W> select(const Mask<W>& m, const LaneMaybe<T, W>& a, const LaneMaybe<T, W>& b) {
  return LaneMaybe<T, W>::from_cell(select(m, a.cell(), b.cell()));
}
template <class E, int W>
requires std::is_enum_v<E>
inline LaneChoice<E, W> select(const Mask<W>& m, E a, E b) {
  return LaneChoice<E, W>(select(m, Lanes<W>(static_cast<int>(a)), Lanes<W>(static_cast<int>(b))));
}
template <class E, int W>
inline LaneChoice<E, W> select(const Mask<W>& m, const LaneChoice<E, W>& a, const LaneChoice<E, W>& b) {
  return LaneChoice<E, W>(select(m, a.ordinal, b.ordinal));
}
/// As std::max and std::min: the first where neither is larger, and for NaN.
template <class T>
constexpr T larger(const T& a, const T& b) {
  return select(a < b, b, a);
}
template <class T>
constexpr T smaller(const T& a, const T& b) {
  return select(b < a, b, a);
}
/// As std::clamp.
template <class T>
constexpr T clamped(const T& x, const T& low, const T& high) {
  return select(x < low, low, select(high < x, high, x));
}
template <class T>
constexpr bool has(const Maybe<T>& m) {
  return m.has_value();
}
template <class T, int W>
inline Mask<W> has(const LaneMaybe<T, W>& m) {
  return m.has_value();
}
/// What is given, or something else.
template <class M, class T>
constexpr T value_or(const M& maybe, const T& other) {
  return select(has(maybe), T(*maybe), other);
}
/// A value where the condition holds, absent elsewhere.
template <class T>
constexpr Maybe<T> value_where(bool m, const T& value) {
  return m ? Maybe<T>(value) : Maybe<T>();
}
template <class T, int W>
inline LaneMaybe<T, W> value_where(const Mask<W>& m, const T& value) {
  return select(m, LaneMaybe<T, W>(value), LaneMaybe<T, W>());
}
/// A value that all rows share, as one of N.
template <class N, class U>
constexpr bu::quantity<U, N> spread(const bu::quantity<U, double>& q) {
  return bu::quantity<U, N>::from_value(q.value());
}

inline double square_root(double x) { return std::sqrt(x); }
template <int W>
Lanes<W> square_root(const Lanes<W>& x) {
  Lanes<W> l;
  detail::square_root(l.numbers, x.numbers);
  return l;
}
/// As std::floor and std::ceil.
inline double rounded_down(double x) { return std::floor(x); }
inline double rounded_up(double x) { return std::ceil(x); }
/// As std::round, but that lanes give another whole number from 2^52 on.
inline double rounded(double x) { return std::round(x); }
template <int W>
Lanes<W> rounded_down(const Lanes<W>& x) {
  Lanes<W> l;
  detail::round_down(l.numbers, x.numbers);
  return l;
}
template <int W>
Lanes<W> rounded_up(const Lanes<W>& x) {
  Lanes<W> l;
  detail::round_up(l.numbers, x.numbers);
  return l;
}
template <int W>
Lanes<W> rounded(const Lanes<W>& x) {
  return rounded_down(x + 0.5);
}
/// Whether a whole number holds another one a whole number of times. Lanes may say no of numbers beyond 2^53, never yes: a rule
/// that does not hold is looked at by the path of one row.
inline bool divides(double part, double whole) { return std::fmod(whole, part) == 0; }
template <int W>
Mask<W> divides(const Lanes<W>& part, const Lanes<W>& whole) {
  constexpr double exact = 9007199254740992.0;
  const Lanes<W> times = whole / part;
  return both(both(rounded_down(times) == times, times * part == whole), both(whole<exact, whole> - exact));
}
/// Lane by lane through the function of one row: for pow, exp, log, ceil. Once, where all lanes hold the same.
template <class F>
double each(F&& f, double x) {
  return f(x);
}
template <class F, int W>
Lanes<W> each(F&& f, const Lanes<W>& x) {
  double all[W];
  x.store(all);
  bool same = true;
  for (int lane = 1; lane < W; ++lane) same &= std::memcmp(&all[lane], &all[0], sizeof(double)) == 0;
  if (same) return Lanes<W>(f(all[0]));
  for (double& one : all) one = f(one);
  return Lanes<W>::load(all);
}

/// Of two numbers a lane.
template <class F>
double each(F&& f, double x, double y) {
  return f(x, y);
}
template <class F, int W>
Lanes<W> each(F&& f, const Lanes<W>& x, const Lanes<W>& y) {
  double first[W], second[W];
  x.store(first);
  y.store(second);
  bool same = true;
  for (int lane = 1; lane < W; ++lane)
    same &=
        std::memcmp(&first[lane], &first[0], sizeof(double)) == 0 && std::memcmp(&second[lane], &second[0], sizeof(double)) == 0;
  if (same) return Lanes<W>(f(first[0], second[0]));
  for (int lane = 0; lane < W; ++lane) first[lane] = f(first[lane], second[lane]);
  return Lanes<W>::load(first);
}

/// Rows that lanes leave to the path of one row, where it throws or takes a branch of its own:
/// `if (rare(condition)) throw MissingData(...)`. For one row it is the condition; lanes take the rows down and go on.
template <class N>
class Rare;
template <>
class Rare<double> {
 public:
  bool operator()(bool condition) const { return condition; }
};
template <int W>
class Rare<Lanes<W>> {
 public:
  bool operator()(const Mask<W>& condition) {
    rows_ = either(rows_, condition);
    return false;
  }
  bool operator()(bool condition) {
    rows_ = either(rows_, condition);
    return false;
  }
  [[nodiscard]] const Mask<W>& rows() const { return rows_; }

 private:
  Mask<W> rows_{};
};

}  // namespace ironlaw
