#pragma once
#include <ironlaw/error.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace ironlaw::host {

/// What is wrong with a question, gathered: its reader goes on beyond a problem, and one refusal names them all.
class Problems {
 public:
  /// Whether `read` went well; an InputError that leaves it is kept.
  template <class Read>
  bool during(Read&& read) {
    try {
      read();
      return true;
    } catch (const InputError& e) {
      add(e.what());
      return false;
    }
  }
  /// Keeps one; the same words once.
  void add(std::string text) {
    if (std::find(texts_.begin(), texts_.end(), text) != texts_.end()) return;
    more_ |= texts_.size() == most;
    if (!more_) texts_.push_back(std::move(text));
  }
  [[nodiscard]] bool none() const { return texts_.empty(); }
  /// Throws InputError of all, in the order in which they were found, where there is one.
  void raise() const {
    if (texts_.empty()) return;
    std::string all;
    for (const auto& text : texts_) {
      if (all.ends_with('.')) all.pop_back();
      all.append(all.empty() ? "" : "; ").append(text);
    }
    throw InputError("", all + (more_ ? "; and more" : ""));
  }

 private:
  static constexpr std::size_t most = 16;  ///< beyond them nobody reads on
  std::vector<std::string> texts_;
  bool more_ = false;
};

}  // namespace ironlaw::host
