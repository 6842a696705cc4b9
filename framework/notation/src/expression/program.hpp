#pragma once
// An expression as a stack machine runs it, a block of rows at a time.
#include "expression/syntax.hpp"
#include "expression/trend.hpp"

#include <ironlaw/row.hpp>

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ironlaw::host {

struct Instruction {
  /// A reduction that takes an argument finds it on the stack.
  enum class Kind : std::uint8_t { column, constant, same_object, same_text, same_word, reduction, operation };
  Kind kind = Kind::operation;
  Op op = Op::name;              ///< of an operation or a reduction
  bool negated = false;          ///< of same_object, same_text and same_word
  int exponent = 1;              ///< of a power
  double number = 0;             ///< of a constant
  std::size_t slot = 0;          ///< what is read
  const void* object = nullptr;  ///< to be the same as
  std::string text{};            ///< likewise
};

class Program {
 public:
  void add(Instruction instruction);
  /// What `evaluate` needs room for: a block of values for each operand that waits.
  [[nodiscard]] std::size_t room() const { return depth_ * block; }
  [[nodiscard]] std::vector<std::size_t> slots() const;

  /// Values of rows [0, out.size()); `room` holds room() values.
  void evaluate(std::span<const Column> columns, std::span<const std::string_view> texts, std::span<double> out,
                std::span<double> room) const;

  /// Which way the value goes, from what each slot does. Unknown where an operation may have no value.
  [[nodiscard]] Trended trend(const std::function<Trended(std::size_t)>& of_slot) const;

 private:
  static constexpr std::size_t block = 256;
  std::vector<Instruction> code_;
  std::size_t waiting_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace ironlaw::host
