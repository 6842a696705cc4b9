#pragma once
#include <ironlaw/host/study.hpp>
#include <ironlaw/present/report.hpp>

#include <optional>

namespace ironlaw::host {

/// Prints a study's table as it comes. Text, Markdown and JSON hold its notes; the other formats have no place for them.
class StudyReport final : public StudySink {
 public:
  /// The pipeline and the stream must outlive the report.
  StudyReport(const Pipeline& pipeline, ReportOptions options, std::ostream& out);
  ~StudyReport() override;
  RowSink& table(const std::vector<ResultColumn>& columns) override;
  void finish(const RunSummary& summary) override;

 private:
  const Pipeline& pipeline_;
  ReportOptions options_;
  std::ostream& out_;
  std::optional<TableReport> table_;
};

}  // namespace ironlaw::host
