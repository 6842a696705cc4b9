// Solvers that fail on some rows, each in its own way, and are right on all others.
#include <ironlaw/sdk/plugin.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cfenv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace ironlaw;

namespace {

struct Inputs {
  int row = required;
};
struct Outputs {
  double value;
};
constexpr auto the_inputs = ports(port<&Inputs::row>("number of the row", non_negative));
constexpr auto the_outputs = ports(port<&Outputs::value>("half of the number of the row"));

/// A solver that answers row / 2 but for what `Fault` does before.
template <class Fault>
struct Faulty {
  static constexpr auto about = Fault::about;
  using Inputs = ::Inputs;
  using Outputs = ::Outputs;
  static constexpr auto inputs = the_inputs;
  static constexpr auto outputs = the_outputs;
  static Outputs solve(const Inputs& in) {
    Outputs out{in.row / 2.0};
    Fault::act(in.row, out);
    return out;
  }
};

constexpr bool is_bad(int row) { return row == 3333; }

struct Throws {
  static constexpr auto about = Solver::About{"faulty_throws", "throws on one row of a hundred", "a test"};
  static void act(int row, Outputs&) {
    if (row % 100 == 7) throw std::runtime_error("out of patience");
  }
};
struct NotANumber {
  static constexpr auto about = Solver::About{"faulty_nan", "is no number on one row", "a test"};
  static void act(int row, Outputs& out) {
    if (is_bad(row)) out.value = std::numeric_limits<double>::quiet_NaN();
  }
};
struct Segfaults {
  static constexpr auto about = Solver::About{"faulty_segfault", "reads what is not there on one row", "a test"};
  static void act(int row, Outputs&) {
    if (is_bad(row)) std::raise(SIGSEGV);
  }
};
struct Aborts {
  static constexpr auto about = Solver::About{"faulty_abort", "aborts on one row", "a test"};
  static void act(int row, Outputs&) {
    if (is_bad(row)) std::abort();
  }
};
struct Exits {
  static constexpr auto about = Solver::About{"faulty_exit", "ends the process on one row", "a test"};
  static void act(int row, Outputs&) {
    if (is_bad(row)) _exit(3);
  }
};
struct Sleeps {
  static constexpr auto about = Solver::About{"faulty_sleep", "sleeps for ever on one row", "a test"};
  static void act(int row, Outputs&) {
    while (is_bad(row)) pause();
  }
};
struct Leaks {
  static constexpr auto about = Solver::About{"faulty_leak", "loses a megabyte on each row", "a test"};
  static void act(int, Outputs&) {
    auto* lost = new std::vector<char>(std::size_t{1} << 20, 'x');
    (void)lost;
  }
};
struct Prints {
  static constexpr auto about = Solver::About{"faulty_print", "writes to standard output on each row", "a test"};
  static void act(int row, Outputs&) {
    std::printf("printed\n");
    std::cout << "printed\n" << std::flush;
    if (write(STDOUT_FILENO, "printed\n", 8) != 8) std::abort();
    (void)row;
  }
};
struct ExitsZero {
  static constexpr auto about = Solver::About{"faulty_exit_zero", "calls exit(0) on one row", "a test"};
  static void act(int row, Outputs&) {
    if (is_bad(row)) std::exit(0);
  }
};
struct ExitsAtOnce {
  static constexpr auto about = Solver::About{"faulty_exit_at_once", "calls _exit(0) on one row", "a test"};
  static void act(int row, Outputs&) {
    if (is_bad(row)) _exit(0);
  }
};
struct ExitsQuickly {
  static constexpr auto about = Solver::About{"faulty_quick_exit", "calls quick_exit(0) on one row", "a test"};
  static void act(int row, Outputs&) {
    if (is_bad(row)) std::quick_exit(0);
  }
};
/// The results of all rows show which way they were rounded.
struct Rounds {
  static constexpr auto about = Solver::About{"faulty_rounds", "rounds up from one row on", "a test"};
  static void act(int row, Outputs& out) {
    volatile double three = 3;
    out.value = row / three;
    if (is_bad(row)) std::fesetround(FE_UPWARD);
  }
};
struct Thirds {
  static constexpr auto about = Solver::About{"faulty_thirds", "is what faulty_rounds is where nothing is rounded up", "a test"};
  static void act(int row, Outputs& out) {
    volatile double three = 3;
    out.value = row / three;
  }
};
struct Babbles {
  static constexpr auto about = Solver::About{"faulty_babble", "writes to every descriptor on one row", "a test"};
  static void act(int row, Outputs&) {
    const std::string noise(100, '\xA5');
    for (int descriptor = 3; is_bad(row) && descriptor < 300; ++descriptor)
      if (write(descriptor, noise.data(), noise.size()) < 0) continue;
  }
};
struct ClosesAll {
  static constexpr auto about = Solver::About{"faulty_close", "closes every descriptor on one row", "a test"};
  static void act(int row, Outputs&) {
    for (int descriptor = 0; is_bad(row) && descriptor < 300; ++descriptor) close(descriptor);
  }
};
struct TakesMemory {
  static constexpr auto about = Solver::About{"faulty_memory", "takes eight gigabytes for one row", "a test"};
  static void act(int row, Outputs&) {
    if (is_bad(row)) std::vector<char>(std::size_t{8} << 30, 'x').front() = static_cast<char>(row);
  }
};
struct Recurses {
  static constexpr auto about = Solver::About{"faulty_recursion", "calls itself without end on one row", "a test"};
  static int down(int depth) {
    volatile char room[4096];
    room[0] = static_cast<char>(depth);
    return depth == -1 ? room[0] : down(depth + 1) + room[0];
  }
  static void act(int row, Outputs& out) {
    if (is_bad(row)) out.value += down(0);
  }
};
struct Forks {
  static constexpr auto about = Solver::About{"faulty_fork", "starts processes without end on one row", "a test"};
  static void act(int row, Outputs&) {
    for (int i = 0; is_bad(row) && i < 1000; ++i)
      if (fork() < 0) throw std::runtime_error("may not fork");
  }
};
struct Kills {
  static constexpr auto about = Solver::About{"faulty_kill", "kills its parent on one row", "a test"};
  static void act(int row, Outputs&) {
    if (is_bad(row) && kill(getppid(), SIGKILL) != 0) throw std::runtime_error("may not kill");
  }
};
struct Executes {
  static constexpr auto about = Solver::About{"faulty_exec", "becomes another program on one row", "a test"};
  static void act(int row, Outputs&) {
    if (is_bad(row) && execl("/bin/true", "true", static_cast<char*>(nullptr)) != 0) throw std::runtime_error("may not exec");
  }
};
struct IgnoresSignals {
  static constexpr auto about = Solver::About{"faulty_stubborn", "ignores signals and never ends on one row", "a test"};
  static void act(int row, Outputs&) {
    for (int number = 1; is_bad(row) && number < 32; ++number) std::signal(number, SIG_IGN);
    for (std::atomic<int> i{0}; is_bad(row); ++i) {
    }
  }
};
struct FillsDisks {
  static constexpr auto about = Solver::About{"faulty_disk", "writes two gigabytes on one row", "a test"};
  static void act(int row, Outputs&) {
    if (!is_bad(row)) return;
    const int file = open("big", O_WRONLY | O_CREAT, 0600);
    if (ftruncate(file, off_t{2} << 30) != 0) throw std::runtime_error("may not write");
  }
};
struct OpensMuch {
  static constexpr auto about = Solver::About{"faulty_open", "opens ten thousand files on one row", "a test"};
  static void act(int row, Outputs&) {
    for (int i = 0; is_bad(row) && i < 10000; ++i)
      if (open("/dev/null", O_RDONLY) < 0) throw std::runtime_error("may not open");
  }
};
struct Slow {
  static constexpr auto about = Solver::About{"faulty_slow", "takes a millisecond for a row, but is right", "a test"};
  static void act(int, Outputs&) {
    static const std::ofstream seen_by_the_test("started");
    usleep(1000);
  }
};
/// Row 20000 waits for a file "wait" to go, so that a test can interrupt a run there.
struct Waits {
  static constexpr auto about =
      Solver::About{"faulty_wait", "waits in one row while there is a file 'wait', but is right", "a test"};
  static void act(int row, Outputs&) {
    if (row != 20000 || access("wait", F_OK) != 0) return;
    const std::ofstream seen_by_the_test("started");
    while (access("wait", F_OK) == 0) usleep(1000);
  }
};

}  // namespace

IRONLAW_PLUGIN("faulty_solvers", "1.0.0", "Apache-2.0", Faulty<Throws>, Faulty<NotANumber>, Faulty<Segfaults>, Faulty<Aborts>,
               Faulty<Exits>, Faulty<Sleeps>, Faulty<Leaks>, Faulty<Prints>, Faulty<Slow>, Faulty<Waits>, Faulty<ExitsZero>,
               Faulty<ExitsAtOnce>, Faulty<ExitsQuickly>, Faulty<Rounds>, Faulty<Thirds>, Faulty<Babbles>, Faulty<ClosesAll>,
               Faulty<TakesMemory>, Faulty<Recurses>, Faulty<Forks>, Faulty<Kills>, Faulty<Executes>, Faulty<IgnoresSignals>,
               Faulty<FillsDisks>, Faulty<OpensMuch>)
