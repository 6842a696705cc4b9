// Solvers that fail on some rows, each in its own way, and are right on all others.
#include <ironlaw/sdk/plugin.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
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
               Faulty<Exits>, Faulty<Sleeps>, Faulty<Leaks>, Faulty<Prints>, Faulty<Slow>, Faulty<Waits>)
