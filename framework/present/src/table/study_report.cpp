#include <ironlaw/present/study_report.hpp>

namespace ironlaw::host {

StudyReport::StudyReport(const Pipeline& pipeline, ReportOptions options, std::ostream& out)
    : pipeline_(pipeline), options_(std::move(options)), out_(out) {}
StudyReport::~StudyReport() = default;

RowSink& StudyReport::table(const std::vector<ResultColumn>& columns) {
  return table_.emplace(pipeline_, columns, options_, out_);
}

void StudyReport::finish(const RunSummary& summary) {
  if (!table_) table({});
  table_->finish(summary);
}

}  // namespace ironlaw::host
