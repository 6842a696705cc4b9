#pragma once
// What a question is answered with, and how that is printed.
#include <ironlaw/host/run.hpp>
#include <ironlaw/present/report.hpp>
#include <ironlaw/questions/question.hpp>

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ironlaw::host {

/// A value of the answer under its name; `why` says what it is or where it is from.
struct ToldValue {
  std::string name;
  std::string text;
  std::string why;
};

/// A value of a table as text, and as JSON in SI units.
struct ToldCell {
  std::string text;
  std::string json;
};

/// A part of the answer: named values, or a table.
struct ToldPart {
  std::string title;
  std::vector<ToldValue> values;
  std::vector<std::string> header;
  std::vector<std::vector<ToldCell>> rows;
  std::optional<std::size_t> answer_row;  ///< the row that is the answer's own
  std::vector<std::string> notes;         ///< below it
};

/// A question with its answer.
struct Told {
  RowStatus status = RowStatus::ok;    ///< infeasible: nothing meets the targets
  std::vector<std::string> sentences;  ///< the answer in words
  std::vector<ToldPart> parts;
  std::vector<std::string> notes;
  std::string way;                           ///< what its design is called beside others
  bool otherwise = false;                    ///< the goal had no value, and another was looked for
  double goal = 0;                           ///< what the study made small, negative if it made it large
  std::string goal_text;                     ///< the same as people read it
  std::string values;                        ///< every value that the answer reads, as a JSON object in SI units
  std::optional<Config> plan;                ///< the design that answers, as a config of one answer
  std::string plan_text;                     ///< the same as JSON
  std::shared_ptr<const Pipeline> pipeline;  ///< of the plan, or without one of the question; no longer than its session
  std::optional<Answer> answer;              ///< of the plan
  /// 0, or 2 where nothing meets the targets.
  [[nodiscard]] int exit_status() const { return status == RowStatus::ok ? 0 : 2; }
};

/// Looks for the answer. Throws InputError for what the question's file or its flags have wrong, or where no row of it has a
/// value.
[[nodiscard]] Told answer_question(const Question& question, Session& session, const std::string& profile,
                                   const RunOptions& options);

/// Which of several ways to the same end answers best. A part of its answer then says what each comes to.
[[nodiscard]] std::size_t best_way(std::vector<Told>& ways);

/// The plan as a file to start from: `config`, or what the question's file names ("vllm"). Throws InputError for another name,
/// where there is no plan, and where the plan cannot be said so.
[[nodiscard]] std::string write_plan(const Question& question, const Told& told, const std::string& name, Session& session,
                                     const std::string& profile);
/// The names that write_plan() takes.
[[nodiscard]] std::vector<std::string> plan_formats(const Question& question);

/// Each by its name, and what it asks.
void report_questions(std::span<const Question> questions, const ReportOptions& options, std::ostream& out);

/// Text, Markdown or JSON, with what it was made of: below what is kept in a file, and in JSON with the outputs of the plan and
/// the facts behind them, so that `changes` can ask it again. Throws InputError for another format.
void report_told(const Question& question, const Told& told, const ReportOptions& options, std::ostream& out);

}  // namespace ironlaw::host
