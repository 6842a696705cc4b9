#pragma once
// Expressions of a question, evaluated on one design.
#include "spec.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/host/run.hpp>

#include <map>
#include <memory>

namespace ironlaw::host {

/// An expression that is to be known, and who asks.
struct AskedValue {
  std::string expression;
  std::string where;
};

/// A design with its answer and the values of some expressions.
class DesignValues {
 public:
  /// Throws InputError for an expression that cannot be read, at who asks for it.
  DesignValues(const Config& design, const std::vector<AskedValue>& asked, Session& session, const std::string& profile);

  /// "83.2 kUSD", in the unit behind the bar of "cost.tco|kUSD" if there is one; empty where absent. Throws InputError at `where`
  /// for a unit of another dimension.
  [[nodiscard]] std::string text(const std::string& value, const std::string& where) const;
  [[nodiscard]] ShownValue shown(const std::string& expression) const;
  [[nodiscard]] const std::shared_ptr<const Pipeline>& pipeline() const { return pipeline_; }
  [[nodiscard]] const Answer& answer() const { return answer_; }
  /// Every value as JSON, in SI units.
  [[nodiscard]] Json json() const;

 private:
  std::map<std::string, std::string> written_;  ///< names of objects that are written out, by expression
  std::shared_ptr<const Pipeline> pipeline_;
  Answer answer_;
  std::map<std::string, std::size_t> columns_;  ///< by expression
};

/// A value as people read it, in a unit of their choice where `unit` is not empty. Throws InputError at `where`.
[[nodiscard]] std::string text_in_unit(ShownValue value, const std::string& unit, const std::string& where);

}  // namespace ironlaw::host
