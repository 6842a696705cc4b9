#pragma once
#include <ironlaw/sdk.hpp>

using namespace ironlaw;

/// What the next one calls.
struct LetterCount {
  static constexpr auto about = Solver::About{"letter_count", "Characters of a text", "Counting"};
  struct Inputs {
    std::string_view text;
  };
  struct Outputs {
    double letters = 0;
  };
  static constexpr auto inputs = ports(port<&Inputs::text>("what is counted"));
  static constexpr auto outputs = ports(port<&Outputs::letters>("characters, blanks too"));
  static Outputs solve(const Inputs& in) { return {static_cast<double>(in.text.size())}; }
};

/// Two calls with a text: the caller's own, passed on, and a part of it.
struct FirstWord {
  static constexpr auto about = Solver::About{"first_word", "How long the first word of a text is", "Counting"};
  struct Inputs {
    std::string_view text;
  };
  struct Outputs {
    double first = 0;
    double all = 0;
  };
  static constexpr auto inputs = ports(port<&Inputs::text>("words with blanks between"));
  static constexpr auto outputs =
      ports(port<&Outputs::first>("characters of the first word"), port<&Outputs::all>("characters of the text"));

  struct Whole {
    static constexpr std::string_view solver = "letter_count";
    struct Outputs {
      double letters = 0;
    };
    static constexpr auto outputs = ports(called<&Outputs::letters>());
  };
  struct Part {
    static constexpr std::string_view solver = "letter_count";
    struct Inputs {
      std::string_view text;
    };
    struct Outputs {
      double letters = 0;
    };
    static constexpr auto inputs = ports(called<&Inputs::text>());
    static constexpr auto outputs = ports(called<&Outputs::letters>());
    static Inputs ask(const FirstWord::Inputs& in) { return {in.text.substr(0, in.text.find(' '))}; }
  };
  using Calls = ironlaw::Calls<Whole, Part>;

  static Outputs solve(const Inputs&, const Whole::Outputs& whole, const Part::Outputs& part) {
    return {part.letters, whole.letters};
  }
};
