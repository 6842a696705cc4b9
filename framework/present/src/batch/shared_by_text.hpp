#pragma once
#include <functional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ironlaw::host {

/// A text is looked up by a view of it.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
};

/// What many requests share, by a text; all of it goes where it becomes more than `most`.
template <class T>
class SharedByText {
 public:
  explicit SharedByText(std::size_t most) : most_(most) {}
  /// Nothing where it has not been made.
  T find(std::string_view key) {
    const std::shared_lock lock(mutex_);
    const auto found = kept_.find(key);
    return found == kept_.end() ? T{} : found->second;
  }
  template <class Make>
  T get(const std::string& key, const Make& make) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
    }
    T made = make();
    const std::unique_lock lock(mutex_);
    if (kept_.size() >= most_) kept_.clear();
    return kept_.try_emplace(key, std::move(made)).first->second;
  }

 private:
  const std::size_t most_;
  std::unordered_map<std::string, T, TextHash, std::equal_to<>> kept_;
  std::shared_mutex mutex_;
};

}  // namespace ironlaw::host
