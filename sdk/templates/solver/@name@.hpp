#pragma once
#include <ironlaw/sdk.hpp>

/// A solver is a pure function from Inputs to Outputs. Flags, checks, units, tables and axes follow from the ports below.
struct @Name@ {
  // Its name, what it answers in one line, and whose equations it uses.
  static constexpr auto about = ironlaw::Solver::About{"@name@", "Time that a device takes to read data once from its memory",
                                                       "the definition of bandwidth"};

  // A type says the dimension, the initialiser is the default; `= ironlaw::required` for none. An optional value is a Maybe.
  struct Inputs {
    const ironlaw::Hardware* hardware;
    ironlaw::Information size = 1.0 * ironlaw::units::gigabyte;
  };
  struct Outputs {
    ironlaw::Time time;
  };

  // Each port has a line of documentation, the range of values it allows, and the unit that people read it in.
  static constexpr auto inputs = ironlaw::ports(ironlaw::port<&Inputs::hardware>("device that reads"),
                                                ironlaw::port<&Inputs::size>("data to read", ironlaw::positive).display("GB"));
  static constexpr auto outputs = ironlaw::ports(ironlaw::port<&Outputs::time>("time to read it").display("ms"));

  // What `ironlaw plugin check` is to hold you to: more data never takes less time.
  static constexpr auto monotone = ironlaw::promises(ironlaw::rises<&Outputs::time, &Inputs::size>);

  // No globals, no files, no randomness: the same inputs give the same outputs, on any number of threads at once.
  static Outputs solve(const Inputs& in) { return {in.size / in.hardware->memory().bandwidth}; }

  // The working that `--explain` shows.
  static void explain(const Inputs& in, const Outputs& out, ironlaw::Working& working) {
    const auto bandwidth = in.hardware->memory().bandwidth;
    working.step("time", "D / B", {{"D", in.size}, {"B", bandwidth}}, out.time, "the definition of bandwidth");
  }
};
