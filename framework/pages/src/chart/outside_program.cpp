#include "chart/outside_program.hpp"

#include "files/descriptor.hpp"
#include "files/owned_file.hpp"

#include <ironlaw/error.hpp>

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ironlaw::host {
namespace {

/// In memory: a program outside must not depend on a folder for temporary files.
Descriptor open_memory(const char* name) {
  Descriptor memory(memfd_create(name, MFD_CLOEXEC));
  if (!memory) throw Error(std::string("no memory for a program outside: ") + std::strerror(errno));
  return memory;
}

std::string text_of(int descriptor) {
  std::string text(static_cast<std::size_t>(lseek(descriptor, 0, SEEK_END)), '\0');
  for (std::size_t size = 0; size < text.size();) {
    const ssize_t got = pread(descriptor, text.data() + size, text.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Error(std::string("what a program outside wrote cannot be read: ") + std::strerror(errno));
    size += static_cast<std::size_t>(got);
  }
  return text;
}

}  // namespace

std::optional<std::string> run_outside(const std::vector<std::string>& words, const std::string& input) {
  const Descriptor in = open_memory("input");
  const Descriptor out = open_memory("output");
  write_all(in.number(), input, words[0]);
  lseek(in.number(), 0, SEEK_SET);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.number(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.number(), STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int failure = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure == ENOENT) return {};
  if (failure != 0) throw Error(words[0] + " cannot be started: " + std::strerror(failure));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Error(words[0] + " failed on what it was given");
  return text_of(out.number());
}

}  // namespace ironlaw::host
