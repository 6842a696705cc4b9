#include "guarded_task.hpp"

#include "breaches.hpp"
#include "process/confined_task.hpp"

#include <ironlaw/catalog/installation.hpp>

#include <ironlaw/error.hpp>
#include <ironlaw/files/failure_text.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <iostream>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

/// What the program found, in a file in memory that both have mapped.
struct Verdict {
  static constexpr std::uint64_t mark = 0x766572646963740A;
  std::uint64_t is_one = 0;
  CheckStatus status = CheckStatus::failed;
  char detail[1000] = {};
};

fs::path guarded_program() {
  const fs::path data = data_folder();  // PREFIX/share/ironlaw
  return data.empty() ? data : data.parent_path().parent_path() / "libexec" / "ironlaw" / "guarded_check";
}

/// Session options as words of a command line: one letter and a path.
std::vector<std::string> words_of(const fs::path& file, const ConformanceOptions& options) {
  std::vector<std::string> words{guarded_program().string(), file.string(), std::to_string(options.rows)};
  for (const auto& path : options.session.plugins.files) words.push_back("f" + path.string());
  for (const auto& path : options.session.plugins.folders) words.push_back("d" + path.string());
  for (const auto& path : options.session.zoo) words.push_back("z" + path.string());
  if (!options.session.plugins.defaults) words.emplace_back("n");
  return words;
}

ConformanceOptions options_of(int argc, char** argv) {
  ConformanceOptions options;
  options.rows = std::stoul(argv[2]);
  for (int i = 3; i < argc; ++i) {
    const std::string_view word = argv[i];
    const std::string path(word.substr(1));
    if (word.front() == 'f') options.session.plugins.files.emplace_back(path);
    if (word.front() == 'd') options.session.plugins.folders.emplace_back(path);
    if (word.front() == 'z') options.session.zoo.emplace_back(path);
    if (word.front() == 'n') options.session.plugins.defaults = false;
  }
  return options;
}

Verdict* map(int descriptor) {
  void* where = mmap(nullptr, sizeof(Verdict), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  return where == MAP_FAILED ? nullptr : static_cast<Verdict*>(where);
}

[[noreturn]] void start(const std::vector<std::string>& words, int memory) {
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(open("/dev/null", O_RDWR | O_CLOEXEC), STDOUT_FILENO);
  // Stays open over exec.
  if (memory == own_descriptor) {
    fcntl(memory, F_SETFD, 0);
  } else {
    dup2(memory, own_descriptor);
  }
  execv(argv[0], argv.data());
  _exit(127);
}

}  // namespace

Finding check_memory(const fs::path& file, const ConformanceOptions& options) {
  std::error_code failure;
  if (!fs::is_regular_file(guarded_program(), failure)) return {CheckStatus::skipped, "its program is not installed"};
  const int memory = memfd_create("verdict", MFD_CLOEXEC);
  if (memory < 0 || ftruncate(memory, sizeof(Verdict)) != 0) throw Error("a check cannot be started");
  const Verdict* verdict = map(memory);
  const auto words = words_of(file, options);
  const pid_t child = fork();
  if (child == 0) start(words, memory);
  close(memory);
  int status = 0;
  const bool in_time = child > 0 && wait_for_end(child, options.timeout, status);
  if (child > 0) kill(-child, SIGKILL);
  if (!in_time && child > 0) (void)end_process(child);
  Finding finding{CheckStatus::failed, {}};
  if (child < 0 || verdict == nullptr) {
    finding.detail = "it cannot be started";
  } else if (!in_time) {
    finding.detail = "it had not ended in time";
  } else if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGBUS)) {
    finding.detail = "it reads or writes where it has no memory: " + end_of(status) + " with its heap guarded";
  } else if (verdict->is_one != Verdict::mark) {
    finding.detail = "it " + end_of(status);
  } else {
    finding = {verdict->status, std::string(verdict->detail, strnlen(verdict->detail, sizeof verdict->detail))};
  }
  if (verdict != nullptr) munmap(const_cast<Verdict*>(verdict), sizeof(Verdict));
  return finding;
}

int run_guarded_task(int argc, char** argv, void (*guard_heap)()) {
  if (argc < 3) {
    std::cerr << "guarded_check: started by ironlaw plugin check\n";
    return 1;
  }
  Verdict* verdict = map(own_descriptor);
  if (verdict == nullptr) return 1;
  const fs::path file = argv[1];
  const ConformanceOptions options = options_of(argc, argv);
  confine_process(getppid(), -1, {.memory = std::uint64_t{1} << 40, .breach = Breach::dies, .threads = true});
  mprotect(verdict, sizeof *verdict, PROT_NONE);
  Finding finding;
  try {
    Specimen specimen(file, options, guard_heap);
    (void)check_objects(specimen);
    (void)check_in_range(specimen, options.rows);
    // Whatever else is wrong is for other checks to say.
    finding = {CheckStatus::passed, {}};
  } catch (const std::exception& e) {
    finding = {CheckStatus::failed, failure_text(e)};
  }
  mprotect(verdict, sizeof *verdict, PROT_READ | PROT_WRITE);
  verdict->status = finding.status;
  std::strncpy(verdict->detail, finding.detail.c_str(), sizeof verdict->detail - 1);
  verdict->is_one = Verdict::mark;
  std::cout.flush();
  _exit(0);
}

}  // namespace ironlaw::host
