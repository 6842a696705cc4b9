#include "run/dying_words.hpp"

#include <ironlaw/catalog/plugin_at_work.hpp>
#include <ironlaw/error.hpp>

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

void blame_for_end(std::string_view named, const std::string& how) {
  const std::string what = "the process that opens the plugins " + how;
  if (named.empty()) throw PluginError({}, "--isolate", what);
  constexpr std::string_view sort = "plugin ";  // the error says it, too
  if (named.starts_with(sort)) named.remove_prefix(sort.size());
  const auto comma = std::min(named.rfind(", "), named.size());
  throw PluginError(named.substr(0, comma), named.substr(std::min(comma + 2, named.size())), what);
}

}  // namespace ironlaw::host
