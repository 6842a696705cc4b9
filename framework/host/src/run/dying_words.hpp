#pragma once
#include <ironlaw/error.hpp>
#include <ironlaw/export.hpp>

#include <span>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// From here on, a process that dies in a plugin, or that a plugin ends, leaves its name at `where`, which others can read.
IRONLAW_API void keep_dying_words(std::span<char> where);

/// While it lives, a process that keeps dying words has left the name of whom this thread calls: some ends leave no time for
/// words.
class NamedBeforehand {
 public:
  NamedBeforehand();
  NamedBeforehand(const NamedBeforehand&) = delete;
  NamedBeforehand& operator=(const NamedBeforehand&) = delete;
  ~NamedBeforehand();
};

/// The error of whom `plugin_at_work` names.
[[nodiscard]] PluginError error_of(std::string_view plugin_at_work, std::string_view what);

/// A PluginError again that another process told of by its message.
[[nodiscard]] PluginError error_told(std::string_view message);

/// Throws what became of a process that opens plugins, as the fault of whom it named.
[[noreturn]] void blame_for_end(std::string_view dying_words, const std::string& how);

}  // namespace ironlaw::host
