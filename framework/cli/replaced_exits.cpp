#include "last_words.hpp"

#include <ironlaw/export.hpp>

#include <dlfcn.h>

#include <cstdarg>
#include <vector>

namespace ironlaw::cli {
namespace {

using ProgramWords = char* const*;

template <class... Arguments>
int call_next(const char* name, Arguments... arguments) {
  blame_plugin_at_work("became another program");
  return reinterpret_cast<int (*)(Arguments...)>(dlsym(RTLD_NEXT, name))(arguments...);
}

/// A list of words that ends with a null, as one.
std::vector<char*> words_of(const char* first, va_list& more) {
  std::vector<char*> words{const_cast<char*>(first)};
  while (words.back() != nullptr) words.push_back(va_arg(more, char*));
  return words;
}

}  // namespace
}  // namespace ironlaw::cli

// In the place of the C library's, for all that the program loads: nothing else sees a plugin that ends the process so.
extern "C" {
[[noreturn]] IRONLAW_API void _exit(int status) {
  ironlaw::cli::blame_plugin_at_work("called _exit");
  ironlaw::cli::end_process(status);
}
[[noreturn]] IRONLAW_API void _Exit(int status) { _exit(status); }

IRONLAW_API int execve(const char* file, ironlaw::cli::ProgramWords words, ironlaw::cli::ProgramWords environment) noexcept {
  return ironlaw::cli::call_next("execve", file, words, environment);
}
IRONLAW_API int execv(const char* file, ironlaw::cli::ProgramWords words) noexcept {
  return ironlaw::cli::call_next("execv", file, words);
}
IRONLAW_API int execvp(const char* file, ironlaw::cli::ProgramWords words) noexcept {
  return ironlaw::cli::call_next("execvp", file, words);
}
IRONLAW_API int execvpe(const char* file, ironlaw::cli::ProgramWords words, ironlaw::cli::ProgramWords environment) noexcept {
  return ironlaw::cli::call_next("execvpe", file, words, environment);
}
IRONLAW_API int execl(const char* file, const char* word, ...) noexcept {
  va_list more;
  va_start(more, word);
  const auto words = ironlaw::cli::words_of(word, more);
  va_end(more);
  return execv(file, words.data());
}
IRONLAW_API int execlp(const char* file, const char* word, ...) noexcept {
  va_list more;
  va_start(more, word);
  const auto words = ironlaw::cli::words_of(word, more);
  va_end(more);
  return execvp(file, words.data());
}
IRONLAW_API int execle(const char* file, const char* word, ...) noexcept {
  va_list more;
  va_start(more, word);
  const auto words = ironlaw::cli::words_of(word, more);
  const auto environment = va_arg(more, ironlaw::cli::ProgramWords);
  va_end(more);
  return execve(file, words.data(), environment);
}
}
