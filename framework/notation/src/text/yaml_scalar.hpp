#pragma once
#include "text/json.hpp"

#include <stdexcept>

namespace ironlaw::host {

/// A scalar that is not what its tag says, or that has two readings; what() says it in one line.
class ScalarError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The value of a scalar. `tag` is as yaml-cpp tells it: "?" for a plain one, "!" for one in quotes, else a whole tag.
[[nodiscard]] Json read_scalar(const std::string& text, const std::string& tag);

/// Whether `tag` leaves a list or an object what it is.
[[nodiscard]] bool is_tag_of(const std::string& tag, std::string_view core);

}  // namespace ironlaw::host
