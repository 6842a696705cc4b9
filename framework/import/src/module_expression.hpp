#pragma once
// Expressions for names of modules, as configs of quantization and of adapters have them.
#include <string>
#include <string_view>

#include <regex.h>

namespace ironlaw::host {

/// An expression of Python's as a POSIX one, which a name is held against in time proportional to its length. Look-aheads,
/// counts and groups that repeat are beyond it, and so is what is longer than any list of modules: such a one meets nothing.
class ModuleExpression {
 public:
  explicit ModuleExpression(std::string_view python);
  ~ModuleExpression();
  ModuleExpression(const ModuleExpression&) = delete;
  ModuleExpression& operator=(const ModuleExpression&) = delete;

  [[nodiscard]] bool readable() const { return readable_; }
  /// Whether a name begins with it, as Python's re.match.
  [[nodiscard]] bool begins(const std::string& name) const;
  /// Whether it is the whole name, as Python's re.fullmatch.
  [[nodiscard]] bool is(const std::string& name) const;

 private:
  bool readable_ = false;
  regex_t begin_{};
  regex_t whole_{};
};

}  // namespace ironlaw::host
