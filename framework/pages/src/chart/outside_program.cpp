#include "chart/outside_program.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/output_file.hpp>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace ironlaw::host {

bool run_outside(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Error(words[0] + " failed on " + words.back());
  return true;
}

TemporaryFile::TemporaryFile(const std::string& text)
    : name_((std::filesystem::temp_directory_path() / "ironlaw_XXXXXX").string()) {
  const int descriptor = mkstemp(name_.data());
  if (descriptor < 0) throw InputError(name_, "cannot be written");
  DescriptorBuffer buffer(descriptor, name_, true);
  std::ostream(&buffer) << text << std::flush;
}
TemporaryFile::~TemporaryFile() { unlink(name_.c_str()); }

}  // namespace ironlaw::host
