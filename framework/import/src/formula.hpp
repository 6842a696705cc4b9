#pragma once
// The language of an architecture's facts: arithmetic and choices over the keys of a config.json.
#include "text/json.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ironlaw::host {

/// What a name stands for; null where nothing does. Called only for names that the value depends on.
using NameLookup = std::function<Json(std::string_view)>;

/// What is wrong in evaluating a formula: what stands at a name, or with the formula itself where `name` is empty.
struct FormulaFault {
  std::string name;
  std::string what;
};

/// A formula, parsed once: "2 * h * f + mlp_bias * f", "layer_types[layer] == 'full_attention' ? 0 : sliding_window". Values are
/// numbers, truths, texts, lists and null (a key that is absent); a truth counts 0 or 1. Of && || ? only what is chosen is asked.
/// Operators: + - * / % == != < <= > >= && || ! ?: list[i] object.key; key.NAME is asked for as one name; functions: min, max,
/// ceil, floor, abs, count(list), sum(list), has(list, value), otherwise(value, if_null).
class Formula {
 public:
  /// Throws InputError at `where`.
  Formula(std::string_view text, const std::string& where);
  ~Formula();
  Formula(Formula&&) noexcept;
  Formula& operator=(Formula&&) noexcept;

  /// Throws FormulaFault where an operand is of another kind than its operator takes.
  [[nodiscard]] Json value(const NameLookup& names) const;
  /// The first name in it, as NameLookup takes it; empty where it has none.
  [[nodiscard]] std::string first_name() const;
  /// Adds the texts that it compares with.
  void add_texts(std::set<std::string, std::less<>>& texts) const;

  struct Node;

 private:
  std::unique_ptr<Node> root_;
};

}  // namespace ironlaw::host
