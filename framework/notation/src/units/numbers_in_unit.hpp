#pragma once
#include <ironlaw/dimension.hpp>
#include <ironlaw/export.hpp>

#include <string>

namespace ironlaw::host {

/// Numbers of one dimension in one unit, as format_quantity writes them but without the unit, and many times as fast: for columns
/// of a table.
class IRONLAW_API NumbersInUnit {
 public:
  /// `digits` are significant, from 1 to 9. An empty unit is that of a number without a dimension.
  NumbersInUnit(const Dimension& dimension, std::string unit, int digits);
  /// Appends the text of a finite value in SI.
  void append(double value, std::string& text) const;

 private:
  void append_exactly(double value, std::string& text) const;
  Dimension dimension_;
  std::string unit_;
  int digits_;
  double scale_ = 0;  ///< 0: every text is worked out exactly
};

}  // namespace ironlaw::host
