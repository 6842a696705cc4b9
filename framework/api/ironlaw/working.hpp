#pragma once
// How a solver shows its working.
#include <ironlaw/export.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/quantity.hpp>

#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>

namespace ironlaw {

/// A number with its run-time dimension, converted from any typed quantity.
struct Value {
  double number = 0;
  Dimension dimension{};

  constexpr Value() = default;
  template <class T>
  requires Quantity<T> || std::is_arithmetic_v<T>
  constexpr Value(const T& v) : dimension(dimension_of<T>()) {
    if constexpr (Quantity<T>) {
      number = v.value();
    } else {
      number = static_cast<double>(v);
    }
  }
  template <class T>
  constexpr Value(const Maybe<T>& v) : number(v.cell()), dimension(dimension_of<T>()) {}
};

/// A symbol of an equation and what was put in for it.
struct Term {
  std::string_view symbol;
  Value value;
};

/// What one operator of an answer takes, and whose constants say so.
struct OperatorTime {
  std::string_view name;  ///< "feed-forward up 3584 x 8192"
  double count = 1;       ///< times it runs
  Time time{};            ///< of all of them
  Information bytes{};    ///< that move
  Operations operations{};
  std::string_view wall;      ///< what takes most of it: "memory", "compute", "latency" ...
  std::string_view constant;  ///< the one that sets that wall: "memory_share 0.85"; empty: none does
  std::string_view record;    ///< whose constants: "hopper, vllm, fp8"
  std::string_view source;    ///< what those were got from
};

/// The working of one answer, written step by step. A step whose `what` is the name of an output port must end in its value; one
/// that is named after an optional input says what stood in for it where it was left out.
class IRONLAW_API Working {
 public:
  /// `w.step("compute_time", "F / (P * eta)", {{"F", flop}, {"P", peak}, {"eta", eta}}, out.compute_time, "Williams 2009");`
  void step(std::string_view what, std::string_view equation, std::initializer_list<Term> terms, const Value& result,
            std::string_view source = {}) {
    do_step(what, equation, {terms.begin(), terms.size()}, result, source);
  }
  void step(std::string_view what, std::string_view equation, std::span<const Term> terms, const Value& result,
            std::string_view source) {
    do_step(what, equation, terms, result, source);
  }
  /// A sentence: a decision that is not a number.
  void note(std::string_view text) { do_note(text); }
  /// A line of the table of operators, which ends the working.
  void operation(const OperatorTime& one) { do_operation(one); }

 protected:
  Working() = default;
  Working(const Working&) = default;
  Working& operator=(const Working&) = default;
  virtual ~Working();

 private:
  virtual void do_step(std::string_view what, std::string_view equation, std::span<const Term> terms, const Value& result,
                       std::string_view source) = 0;
  virtual void do_note(std::string_view text) = 0;
  virtual void do_operation(const OperatorTime&) {}
};

}  // namespace ironlaw
