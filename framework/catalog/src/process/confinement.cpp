#include "process/confinement.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <fstream>
#include <vector>

namespace ironlaw::host {
namespace {

void keep_descriptors(int own) {
  const int nowhere = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nowhere >= 0) dup2(nowhere, STDIN_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  unsigned first = own_descriptor;
  if (own >= 0) {
    if (own != own_descriptor) dup2(own, own_descriptor);
    fcntl(own_descriptor, F_SETFD, FD_CLOEXEC);
    ++first;
  }
  syscall(SYS_close_range, first, ~0U, 0);
}

void forget_signals() {
  for (int number = 1; number < NSIG; ++number)
    if (number != SIGKILL && number != SIGSTOP) std::signal(number, SIG_DFL);
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is the parent's to handle
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTTOU, SIG_IGN);  // its group is never in the foreground
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::uint64_t address_space() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void set_limit(int which, std::uint64_t most) {
  rlimit limit{};
  if (getrlimit(static_cast<__rlimit_resource>(which), &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max = std::min<rlim_t>(limit.rlim_max, most);
  setrlimit(static_cast<__rlimit_resource>(which), &limit);
}

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#endif

constexpr std::uint32_t argument(unsigned n) {
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + n * sizeof(std::uint64_t));  // its low half
}

sock_filter statement(unsigned code, std::uint32_t k) { return {static_cast<std::uint16_t>(code), 0, 0, k}; }
/// Goes on where the loaded word is not `k`, else passes over `then` statements.
sock_filter where_equal(std::uint32_t k, std::uint8_t then) {
  return {static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K), then, 0, k};
}
sock_filter unless_equal(std::uint32_t k, std::uint8_t otherwise) {
  return {static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K), 0, otherwise, k};
}

/// Refuses new processes, signals to others and a look into others. RLIMIT_NPROC alone does not hold for root, and counts all
/// processes of a user. Where the kernel has no seccomp the other limits hold alone.
void filter_system_calls(Breach breach) {
  std::vector<sock_filter> program;
  const auto load = [&](std::uint32_t offset) { program.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offset)); };
  const auto answer = [&](std::uint32_t with) { program.push_back(statement(BPF_RET | BPF_K, with)); };
  const auto refusal = [](int error) { return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error); };
  const std::uint32_t breached = breach == Breach::dies ? SECCOMP_RET_KILL_PROCESS : refusal(EPERM);
  load(offsetof(seccomp_data, arch));
  program.push_back(where_equal(architecture, 1));
  answer(refusal(ENOSYS));
  load(offsetof(seccomp_data, nr));
  for (const long number : {
#if defined(__x86_64__)
         static_cast<long>(SYS_fork), static_cast<long>(SYS_vfork),
#endif
             static_cast<long>(SYS_tkill), static_cast<long>(SYS_rt_tgsigqueueinfo), static_cast<long>(SYS_ptrace),
             static_cast<long>(SYS_process_vm_writev), static_cast<long>(SYS_pidfd_send_signal),
             static_cast<long>(SYS_rt_sigqueueinfo), static_cast<long>(SYS_execve), static_cast<long>(SYS_execveat)
       }) {
    program.push_back(unless_equal(static_cast<std::uint32_t>(number), 1));
    answer(breached);
  }
  program.push_back(unless_equal(SYS_clone3, 1));
  answer(refusal(ENOSYS));  // its flags cannot be seen from here; callers fall back to clone
  // clone: threads may be
  program.push_back(unless_equal(SYS_clone, 4));
  load(argument(0));
  program.push_back({static_cast<std::uint16_t>(BPF_JMP | BPF_JSET | BPF_K), 1, 0, CLONE_THREAD});
  answer(breached);
  answer(SECCOMP_RET_ALLOW);
  // kill and tgkill: of itself alone
  program.push_back(where_equal(SYS_kill, 2));
  program.push_back(where_equal(SYS_tgkill, 1));
  answer(SECCOMP_RET_ALLOW);
  load(argument(0));
  program.push_back(where_equal(static_cast<std::uint32_t>(getpid()), 1));
  answer(breached);
  answer(SECCOMP_RET_ALLOW);
  const sock_fprog all{static_cast<unsigned short>(program.size()), program.data()};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all);
}

}  // namespace

void confine_process(pid_t parent, int own, const Confinement& confinement) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  keep_descriptors(own);
  forget_signals();
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_NOFILE, confinement.descriptors);
  set_limit(RLIMIT_FSIZE, confinement.file_size);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their shadows are larger than any limit
  set_limit(RLIMIT_AS, address_space() + confinement.memory);
#endif
  if (confinement.breach == Breach::allowed) return;
  if (!confinement.threads) set_limit(RLIMIT_NPROC, 0);
#if !defined(__SANITIZE_ADDRESS__)  // which starts a process to look for leaks
  filter_system_calls(confinement.breach);
#endif
}

void limit_processor_time(double seconds) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double so_far = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1;
  rlimit limit{};
  getrlimit(RLIMIT_CPU, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, static_cast<rlim_t>(std::ceil(so_far + seconds)));
  setrlimit(RLIMIT_CPU, &limit);
}

int end_process(pid_t child) {
  kill(-child, SIGKILL);
  kill(child, SIGKILL);  // it may not have had time to begin a group
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace ironlaw::host
