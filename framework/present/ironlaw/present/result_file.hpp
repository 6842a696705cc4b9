#pragma once
// Tables in files: a run that was interrupted goes on, and parts of a run are joined.
#include <ironlaw/host/config.hpp>
#include <ironlaw/present/report.hpp>

#include <filesystem>
#include <optional>

namespace ironlaw::host {

/// The index-th of `count` parts of a run's rows, from 1.
struct Shard {
  std::uint64_t index = 1;
  std::uint64_t count = 1;
};

/// Where a run's table goes, and how.
struct ResultFile {
  std::filesystem::path file;
  ReportOptions report;
  RunOptions run;
  std::optional<Shard> shard;  ///< write a part for merge_parts() instead of a table
};

/// Runs a pipeline into a file, which appears when it is whole. Until then FILE.partial, or FILE.journal, or both hold the rows
/// so far: the same call goes on from there, however the run before it ended, and the file has the same bytes as without the
/// break. Throws InputError where these hold the rows of another question.
RunSummary run_to_file(const Config& config, const Pipeline& pipeline, const ResultFile& result);

/// Shards of one run. Throws InputError where one is missing, given twice, not whole or of another run.
class Parts {
 public:
  explicit Parts(std::vector<std::filesystem::path> files);
  /// What was run.
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const std::string& profile() const { return profile_; }
  /// Hands the rows of all parts to the sink as a run over all of them would. `pipeline` is the config's, compiled; throws
  /// InputError where its facts or plugins are not those of the parts.
  [[nodiscard]] RunSummary rows(const Pipeline& pipeline, const std::string& program, RowSink& sink) const;

 private:
  std::vector<std::filesystem::path> files_;  ///< in the order of the rows
  std::string question_;
  Config config_;
  std::string profile_;
};

}  // namespace ironlaw::host
