#pragma once
// What a run prints: answers, tables, and pages about solvers, plugins and the zoo, each in five formats.
#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/catalog/zoo.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/present/output_format.hpp>

#include <filesystem>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace ironlaw::host {

/// Rows that are written already, with the head of their table: the first bytes of a file.
struct EarlierRows {
  std::filesystem::path file;
  std::uint64_t bytes = 0;
};

/// How to print. Only text knows colour and width.
struct ReportOptions {
  OutputFormat format = OutputFormat::text;
  bool colour = false;
  std::size_t width = 100;               ///< of the terminal; 0 is without end
  bool explain = false;                  ///< show the inputs and the working of an answer
  bool all = false;                      ///< show settings of parity too
  bool texts = false;                    ///< JSON has values as people read them, too: {"value", "unit", "text"}
  std::optional<EarlierRows> earlier{};  ///< the stream goes on behind these
  std::string program;                   ///< name and version, for the provenance in JSON
  std::string question;  ///< Config::bundle() of what is answered, for JSON: with it an answer says what it was made of
  bool kept = false;     ///< in a file, which outlives its zoo: text says what it was made of, and JSON the rows of its records
};

/// One answer. `single` is true for one solver, whose "inputs" and "outputs" stand at the top of the JSON, and false for a run
/// of stages (stages.NAME.outputs). JSON Lines, CSV and Arrow hold the pipeline's columns in one row. Throws PluginError where a
/// solver fails to explain; nothing is written then.
void report_answer(const Pipeline& pipeline, const Answer& answer, bool single, const ReportOptions& options, std::ostream& out);

/// {"plugins": {"mine": {"version": ..., "sha256": ...}}}: what a config says that wants these plugins and no others.
[[nodiscard]] std::string plugin_lock_json(const Pipeline& pipeline);

/// Where a pipeline's answers come from: program, profile, plugins and zoo, as JSON. A solver that the program brought itself has
/// no manifest there.
[[nodiscard]] std::string provenance_json(const Pipeline& pipeline, const std::string& program);

class TableWriter;

/// Writes a table as its rows come. JSON is whole after finish(). Text and Markdown choose a unit and a width for each column
/// by the first 1,024 rows.
class TableReport final : public RowSink {
 public:
  /// The pipeline and the stream must outlive the report.
  TableReport(const Pipeline& pipeline, const ReportOptions& options, std::ostream& out);
  /// The same with the columns of a study.
  TableReport(const Pipeline& pipeline, std::vector<ResultColumn> columns, const ReportOptions& options, std::ostream& out);
  TableReport(const TableReport&) = delete;
  TableReport& operator=(const TableReport&) = delete;
  ~TableReport() override;
  void rows(const ResultRows& rows) override;
  void finish(const RunSummary& summary);

 private:
  std::unique_ptr<TableWriter> writer_;
};

/// Every solver: its name, its plugin and what it answers. Opens the plugins; the line of one that cannot be opened says why.
/// What a port takes: "default 10 us; >= 0 s", or "required".
[[nodiscard]] std::string accepted_text(const PortInfo& port);
void report_solvers(Plugins& plugins, const ReportOptions& options, std::ostream& out);
/// The page of one solver. `provider` may be null.
void report_solver(const Solver& solver, const PluginRecord* provider, const ReportOptions& options, std::ostream& out);

/// Every study, as report_solvers.
void report_studies(Plugins& plugins, const ReportOptions& options, std::ostream& out);
/// The page of one study: its options.
void report_study(const Study& study, const PluginRecord* provider, const ReportOptions& options, std::ostream& out);

/// Every kind of object, as report_solvers.
void report_kinds(Plugins& plugins, const ReportOptions& options, std::ostream& out);
/// The page of one kind: the fields that an entry of the zoo may give.
void report_kind(const Kind& kind, const PluginRecord* provider, const ReportOptions& options, std::ostream& out);

/// Every file that was looked at, the refused ones with the reason.
void report_plugins(std::span<const PluginRecord> records, const ReportOptions& options, std::ostream& out);
void report_plugin(const PluginRecord& record, const ReportOptions& options, std::ostream& out);

/// How a plan is drawn.
enum class PlanFormat { text, mermaid, dot };
/// The plan of a config, without running it. Text is at most `width` wide; 0 is without end.
void report_plan(const Pipeline& pipeline, PlanFormat format, std::ostream& out, std::size_t width = 0);

/// JSON Schema of configs with every solver that is loaded, for editors. Without `all`, settings of parity are allowed, not
/// offered.
void report_config_schema(Plugins& plugins, bool all, std::ostream& out);
/// JSON Schema of zoo files with every kind that is loaded.
void report_zoo_schema(Plugins& plugins, bool all, std::ostream& out);

void report_zoo_list(std::span<const ZooEntryInfo> entries, const ReportOptions& options, std::ostream& out);
/// The page of one entry: its fields in readable units, each with its source. `object` is what the entry makes, `zoo` names the
/// objects in its fields.
void report_zoo_entry(const ZooEntryInfo& entry, const ZooObject& object, const Zoo& zoo, const ReportOptions& options,
                      std::ostream& out);

}  // namespace ironlaw::host
