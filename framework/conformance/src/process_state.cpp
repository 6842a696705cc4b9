#include "process_state.hpp"

#include "process/floating_point.hpp"

#include <ironlaw/files/folder.hpp>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cfenv>
#include <clocale>
#include <cstring>
#include <limits>
#include <vector>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

bool small_numbers_kept() {
  volatile double smallest = std::numeric_limits<double>::min();
  volatile double half = smallest / 2;
  volatile double again = half * 2;
  return half != 0 && again == smallest;
}

std::size_t count_threads() {
  std::error_code failure;
  return entries_of("/proc/self/task", failure).size();
}

unsigned creation_mask() {
  const mode_t mask = umask(0);
  umask(mask);
  return mask;
}

std::map<int, std::uintptr_t> signal_handlers() {
  std::map<int, std::uintptr_t> handlers;
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) != 0) continue;
    const bool informed = (action.sa_flags & SA_SIGINFO) != 0;
    handlers[number] =
        informed ? reinterpret_cast<std::uintptr_t>(action.sa_sigaction) : reinterpret_cast<std::uintptr_t>(action.sa_handler);
  }
  return handlers;
}

std::map<int, std::pair<std::uint64_t, std::uint64_t>> open_files() {
  std::map<int, std::pair<std::uint64_t, std::uint64_t>> files;
  constexpr int most = 1024;
  for (int descriptor = 0; descriptor < most; ++descriptor) {
    struct stat status {};
    if (fstat(descriptor, &status) == 0) files[descriptor] = {status.st_dev, status.st_ino};
  }
  return files;
}

std::string environment_text() {
  std::string text;
  for (char** entry = environ; *entry != nullptr; ++entry) text.append(*entry).append("\n");
  return text;
}

}  // namespace

ProcessState::ProcessState()
    : floating_point_(floating_point_resets()),
      rounding_(std::fegetround()),
      traps_(fegetexcept()),
      keeps_small_numbers_(small_numbers_kept()),
      threads_(count_threads()),
      locale_(std::setlocale(LC_ALL, nullptr)),
      folder_(fs::current_path()),
      mask_(creation_mask()),
      handlers_(signal_handlers()),
      files_(open_files()),
      environment_(environment_text()) {}

void ProcessState::compare(const std::string& when, Breaches& problems) const {
  const ProcessState now;
  if (now.rounding_ != rounding_) problems.add(when + " changed the rounding mode");
  if (now.traps_ != traps_) problems.add(when + " changed which floating-point errors trap");
  if (now.keeps_small_numbers_ != keeps_small_numbers_)
    problems.add(when + " makes small numbers zero: link it without -ffast-math");
  if (now.floating_point_ != floating_point_)
    problems.add(when + " changed the floating-point environment: the rounding mode, what traps, or what small numbers are");
  if (now.threads_ > threads_) problems.add(when + " left a thread running");
  if (now.locale_ != locale_) problems.add(when + " changed the locale to " + now.locale_);
  if (now.folder_ != folder_) problems.add(when + " changed the working directory");
  if (now.mask_ != mask_) problems.add(when + " changed the mask of file modes (umask)");
  if (now.environment_ != environment_) problems.add(when + " changed the environment's variables");
  for (const auto& [number, handler] : handlers_)
    if (now.handlers_.at(number) != handler) problems.add(when + " changed what happens at a signal (" + strsignal(number) + ")");
  for (const auto& [descriptor, file] : files_) {
    const auto found = now.files_.find(descriptor);
    if (found == now.files_.end()) {
      problems.add(when + " closed descriptor " + std::to_string(descriptor) + ", which it did not open");
    } else if (found->second != file) {
      problems.add(when + " put another file in the place of descriptor " + std::to_string(descriptor));
    }
  }
  if (now.files_.size() > files_.size())
    problems.add(when + " left " + counted(now.files_.size() - files_.size(), "descriptor") + " open");
}

SpareDescriptors::SpareDescriptors() {
  for (int& descriptor : descriptors_) descriptor = memfd_create("nobody's", MFD_CLOEXEC);
}
SpareDescriptors::~SpareDescriptors() {
  for (const int descriptor : descriptors_) close(descriptor);
}
void SpareDescriptors::compare(const std::string& when, Breaches& problems) const {
  for (const int descriptor : descriptors_) {
    struct stat status {};
    if (fstat(descriptor, &status) == 0 && status.st_size != 0) {
      problems.add(when + " wrote to descriptor " + std::to_string(descriptor) + ", which it did not open");
      return;
    }
  }
}

}  // namespace ironlaw::host
