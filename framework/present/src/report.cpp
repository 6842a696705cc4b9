#include <ironlaw/present/report.hpp>

#include "answer/answers.hpp"
#include "answer/provenance.hpp"
#include "answer/walls.hpp"
#include "plan/clauses.hpp"
#include "table/table.hpp"

namespace ironlaw::host {
namespace {

/// The one row of a table that an answer is.
void print_as_table(const Pipeline& pipeline, const Answer& answer, const ReportOptions& options, std::ostream& out) {
  std::vector<Column> columns;
  for (const ResultColumn& column : pipeline.columns()) columns.push_back({&answer.cell(column), 0});
  std::map<std::uint64_t, std::string> errors;
  if (!answer.errors.empty()) errors[0] = answer.errors.front();
  TableReport table(pipeline, options, out);
  table.rows({0, columns, {&answer.status, 1}, &errors, {}});
  table.finish({});
}

}  // namespace

std::string provenance_json(const Pipeline& pipeline, const std::string& program) {
  ReportOptions options;
  options.program = program;
  return dump(provenance(pipeline, options));
}

std::string plugin_lock_json(const Pipeline& pipeline) {
  Json lock = Json::object();
  const Json said = provenance(pipeline, {});
  for (const Json& plugin : said["plugins"])
    if (plugin.contains("sha256"))
      lock[plugin["name"].get<std::string>()] = {{"version", plugin["version"]}, {"sha256", plugin["sha256"]}};
  return dump({{"plugins", lock}}, 2);
}

TableReport::TableReport(const Pipeline& pipeline, const ReportOptions& options, std::ostream& out)
    : TableReport(pipeline, pipeline.columns(), options, out) {}
TableReport::TableReport(const Pipeline& pipeline, std::vector<ResultColumn> columns, const ReportOptions& options,
                         std::ostream& out)
    : writer_(make_table({pipeline, std::move(columns), options, out})) {}
TableReport::~TableReport() = default;
void TableReport::rows(const ResultRows& rows) { writer_->rows(rows); }
void TableReport::finish(const RunSummary& summary) { writer_->finish(summary); }

void report_answer(const Pipeline& pipeline, const Answer& answer, bool single, const ReportOptions& options, std::ostream& out) {
  const bool walls = pipeline.clauses().walls != nullptr;
  const OutputFormatInfo& format = info_of(options.format);
  const bool one_table = format.rows_only;
  if (one_table && (!walls || format.bytes)) {
    print_as_table(pipeline, answer, options, out);
    return;
  }
  const auto stages = answered_stages(pipeline, answer, options.explain && !one_table);
  if (one_table) {
    print_list(wall_table(stages), options, out);
    return;
  }
  const auto derived = derived_values(pipeline, answer);
  if (options.format == OutputFormat::text) print_answer_text(stages, derived, lines_below(pipeline, answer), options, out);
  if (options.format == OutputFormat::markdown)
    print_answer_markdown(stages, derived, lines_below(pipeline, answer), options, out);
  if (walls && options.format != OutputFormat::json) print_section(wall_table(stages), options, out);
  if (options.format == OutputFormat::json)
    print_answer_json(pipeline, answer, stages, single, options, out);
  else if (options.kept)
    out << '\n' << stamp_text(pipeline, options) << '\n';
}

}  // namespace ironlaw::host
