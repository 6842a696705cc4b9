#pragma once
#include <ironlaw/host/run.hpp>

namespace ironlaw::host {

/// Takes what a study finds.
class IRONLAW_API StudySink {
 public:
  virtual ~StudySink();
  /// The study declares its table, once; its rows follow. The columns live until finish() is done.
  virtual RowSink& table(const std::vector<ResultColumn>& columns) = 0;
  /// A line beside the table.
  virtual void note(std::string_view) {}
  /// How much is done, from 0 to 1; on the thread that runs the study.
  virtual void progress(double) {}
  /// The study is done.
  virtual void finish(const RunSummary& summary) = 0;
};

/// Runs the study of a pipeline whose config asks for one. The summary counts the rows that were evaluated. Throws InputError
/// where the study cannot work on this pipeline, PluginError where the study fails.
IRONLAW_API RunSummary run_study(const Pipeline& pipeline, StudySink& sink, const RunOptions& options = {});

}  // namespace ironlaw::host
