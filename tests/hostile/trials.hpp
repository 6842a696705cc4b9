#pragma once
// What is tried: each takes bytes as decisions, says whether there was an answer or a refusal, and throws Fault where either is
// not as it must be.
#include "choices.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace ironlaw::hostile {

struct Outcome {
  int status = 0;
  std::string out;
  std::string err;
};

/// A command line as the program runs it, in this process.
[[nodiscard]] Outcome run_command(const std::vector<std::string>& words, const std::string& input = {});

/// Holds what a command line printed against what it may; `words` say the format.
void require_outcome(const std::vector<std::string>& words, const Outcome& outcome);

/// A folder with what the command lines of try_flags() name, and the working directory from now on; gone at the end.
class Desk {
 public:
  Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  ~Desk();

 private:
  std::filesystem::path folder_;
};

/// A command line: commands, flags and files, right, wrong and out of place. Needs a Desk.
bool try_flags(Choices choices);
/// An expression, a condition, a goal from the grammar of expressions.
bool try_expression(Choices choices);
/// A request of a batch, a whole config at times.
bool try_request(Choices choices);
/// A zoo entry and a config full of texts, in every format.
bool try_report(Choices choices);
/// A request of the service over HTTP, or messages of the Model Context Protocol.
bool try_service(Choices choices);
/// A checkpoint's header, a model's config, a trace, a log, as other tools write them.
bool try_import(Choices choices);

struct Trial {
  std::string_view name;
  bool (*run)(Choices);
};
inline constexpr std::array trials{Trial{"flags", try_flags},      Trial{"expressions", try_expression},
                                   Trial{"requests", try_request}, Trial{"reports", try_report},
                                   Trial{"services", try_service}, Trial{"imports", try_import}};

}  // namespace ironlaw::hostile
