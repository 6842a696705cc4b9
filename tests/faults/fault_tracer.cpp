// Runs a program of which one call of the kernel fails: in any of its processes, the loader's calls and those of plugins among
// them, from the beginning of main on.
//   fault_tracer KIND:N PROGRAM ARGUMENTS...  the N-th call of that kind fails
//   fault_tracer COUNT_FILE PROGRAM ...       writes how many there are of each kind, a line each
// Where no process may be traced it ends with 125.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct Kind {
  const char* name;
  int error;
  long calls = 0;
};
std::array<Kind, 2> kinds{{{"map", ENOMEM}, {"fork", EAGAIN}}};
const Kind* failing = nullptr;
long failing_call = 0;
bool in_main = false;  // the program's first call there asks for its standard input

/// In the child: the calls below stop it, and it becomes the program.
[[noreturn]] void become(char** arguments) {
  constexpr auto traced = static_cast<unsigned>(SECCOMP_RET_TRACE);
  std::array<sock_filter, 9> filter{
      {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 6, 0),
       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 5, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 4, 0),
       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fork, 3, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_vfork, 2, 0),
       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 1, 0), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
       BPF_STMT(BPF_RET | BPF_K, traced)}};
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(125);
  raise(SIGSTOP);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(125);
  execvp(arguments[0], arguments);
  _exit(127);
}

/// The kind of the call that a process stands before; null where it is none, or makes a thread.
Kind* kind_of(pid_t process, const user_regs_struct& registers) {
  switch (registers.orig_rax) {
    case SYS_mmap:
      return &kinds[0];
    case SYS_clone:
      return (registers.rdi & CLONE_THREAD) != 0 ? nullptr : &kinds[1];
    case SYS_clone3: {  // which takes its flags from memory, where they come first
      const long flags = ptrace(PTRACE_PEEKDATA, process, registers.rdi, nullptr);
      return (flags & CLONE_THREAD) != 0 ? nullptr : &kinds[1];
    }
    case SYS_fork:
    case SYS_vfork:
      return &kinds[1];
    default:
      return nullptr;
  }
}

void at_a_call(pid_t process) {
  user_regs_struct registers{};
  if (ptrace(PTRACE_GETREGS, process, nullptr, &registers) != 0) return;
  in_main |= registers.orig_rax == SYS_fcntl && registers.rdi == STDIN_FILENO && registers.rsi == F_GETFD;
  Kind* kind = in_main ? kind_of(process, registers) : nullptr;
  if (kind == nullptr || ++kind->calls != failing_call || kind != failing) return;
  registers.orig_rax = static_cast<unsigned long long>(-1);
  registers.rax = static_cast<unsigned long long>(-kind->error);
  ptrace(PTRACE_SETREGS, process, nullptr, &registers);
}

/// Until the program ends; its status as waitpid says it.
int watch(pid_t program) {
  for (int status = 0, at_end = 0;;) {
    const pid_t process = waitpid(-1, &status, __WALL);
    if (process < 0) return at_end;
    if (!WIFSTOPPED(status)) {
      if (process == program) at_end = status;
      continue;
    }
    const int event = status >> 16;
    int signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_SECCOMP) at_a_call(process);
    if (event != 0 || signal == SIGSTOP) signal = 0;  // a new process begins with a stop
    ptrace(PTRACE_CONT, process, nullptr, signal);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 125;
  const std::string word = argv[1];
  for (const Kind& kind : kinds)
    if (word.starts_with(std::string(kind.name) + ":")) {
      failing = &kind;
      failing_call = std::atol(word.c_str() + word.find(':') + 1);
    }
  const pid_t program = fork();
  if (program == 0) become(argv + 2);
  int status = 0;
  waitpid(program, &status, 0);
  if (!WIFSTOPPED(status)) return 125;
  ptrace(PTRACE_SETOPTIONS, program, nullptr,
         PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
             PTRACE_O_EXITKILL);
  ptrace(PTRACE_CONT, program, nullptr, nullptr);
  status = watch(program);
  if (failing == nullptr)
    if (FILE* out = std::fopen(argv[1], "w"); out != nullptr) {
      for (const Kind& kind : kinds) std::fprintf(out, "%s %ld\n", kind.name, kind.calls);
      std::fclose(out);
    }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
