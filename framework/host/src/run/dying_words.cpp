#include "run/dying_words.hpp"

#include <ironlaw/catalog/plugin_at_work.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace ironlaw::host {
namespace {

char* dying_words = nullptr;
std::size_t most_dying_words = 0;

extern "C" void leave_words(int number) {
  if (const char* whose = plugin_at_work(); whose != nullptr) std::strncpy(dying_words, whose, most_dying_words - 1);
  std::signal(number, SIG_DFL);
  std::raise(number);
}

}  // namespace

void keep_dying_words(std::span<char> where) {
  dying_words = where.data();
  most_dying_words = where.size();
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) std::signal(number, leave_words);
  std::atexit([] { leave_words(0); });
}

NamedBeforehand::NamedBeforehand() {
  if (dying_words == nullptr) return;
  if (const char* whose = plugin_at_work(); whose != nullptr) std::strncpy(dying_words, whose, most_dying_words - 1);
}
NamedBeforehand::~NamedBeforehand() {
  if (dying_words != nullptr) std::memset(dying_words, 0, most_dying_words);
}

PluginError error_of(std::string_view plugin_at_work, std::string_view what) {
  constexpr std::string_view sort = "plugin ";  // the error says it, too
  if (plugin_at_work.starts_with(sort)) plugin_at_work.remove_prefix(sort.size());
  const auto comma = std::min(plugin_at_work.rfind(", "), plugin_at_work.size());
  return {plugin_at_work.substr(0, comma), plugin_at_work.substr(std::min(comma + 2, plugin_at_work.size())), what};
}

PluginError error_told(std::string_view message) {
  constexpr std::string_view sort = "plugin";
  const auto colon = message.find(": ");
  if (!message.starts_with(sort) || colon == std::string_view::npos) return {{}, "--isolate", message};
  const std::string_view who = message.substr(sort.size(), colon - sort.size());
  const auto comma = who.rfind(", ");
  if (comma == std::string_view::npos) return {{}, "--isolate", message};
  std::string_view plugin = who.substr(0, comma);
  if (plugin.starts_with(' ')) plugin.remove_prefix(1);
  return {plugin, who.substr(comma + 2), message.substr(colon + 2)};
}

void blame_for_end(std::string_view named, const std::string& how) {
  const std::string what = "the process that opens the plugins " + how;
  if (named.empty()) throw PluginError({}, "--isolate", what);
  throw error_of(named, what);
}

}  // namespace ironlaw::host
