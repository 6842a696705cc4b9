#pragma once
// What moved an answer: which input, fact or record, and how much of it each.
#include <ironlaw/host/config.hpp>
#include <ironlaw/present/report.hpp>

#include <optional>
#include <string>
#include <vector>

namespace ironlaw::host {

class Session;

/// One of two answers: as it was written down in JSON, or a question that is answered now.
struct AnswerSource {
  std::string name;              ///< of the file, for errors and headings
  std::string answer;            ///< what an answer's JSON says; empty where `config` is asked
  std::optional<Config> config;  ///< with its settings
};

/// What of a change is told.
struct ChangesOptions {
  /// To look at, "latency" or "serve.tpot"; none: every number that moved, of what `ask` wrote those it tells.
  std::vector<std::string> outputs;
  double least = 1e-3;  ///< relative move below which an output is left out
  std::string profile;  ///< of a config that names none
};

/// Whether a text is an answer, of a question too, a run or a study that says what it was made of: `ironlaw solve ... --output
/// json`.
[[nodiscard]] bool is_recorded_answer(const std::string& text);

/// Evaluates the old question with the facts that it was answered with, and then with one input, fact or table of records of the
/// new one at a time; a table's rows are known of what was written to a file. What none explains is of the records and the
/// program where these differ, and the rest is that several moved together. Of tables, the moves are relative, over the rows that
/// both have. Throws InputError.
void report_changes(Session& session, const AnswerSource& before, const AnswerSource& after, const ChangesOptions& changes,
                    const ReportOptions& options, std::ostream& out);

}  // namespace ironlaw::host
