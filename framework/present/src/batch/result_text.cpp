#include "batch/result_text.hpp"

#include <ironlaw/present/study_report.hpp>

#include <ostream>

namespace ironlaw::host {
namespace {

ResultText of_summary(const RunSummary& summary) { return {{}, summary.exit_status(), summary.rows, summary.interrupted, {}}; }

ResultText report(const Pipeline& pipeline, bool single, const ReportOptions& options, const RunOptions& how, std::ostream& out) {
  if (pipeline.study() != nullptr) {
    StudyReport study(pipeline, options, out);
    return of_summary(run_study(pipeline, study, how));
  }
  if (pipeline.axes().empty()) {
    const Answer one = answer(pipeline);
    report_answer(pipeline, one, single, options, out);
    return {{}, one.exit_status(), 1, false, one.errors.empty() ? "" : one.errors.front()};
  }
  TableReport table(pipeline, options, out);
  const RunSummary summary = run(pipeline, table, how);
  table.finish(summary);
  return of_summary(summary);
}

}  // namespace

ResultText result_text(const Pipeline& pipeline, bool single, const ReportOptions& options, const RunOptions& run) {
  CountedText counted(pipeline.budget());
  std::ostream out(&counted);
  out.exceptions(std::ios::badbit);  // what is thrown there goes on
  ResultText result = report(pipeline, single, options, run, out);
  result.text = std::move(counted.text);
  return result;
}

}  // namespace ironlaw::host
