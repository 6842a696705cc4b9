#pragma once
// What a request is answered with, as text.
#include "batch/counted_text.hpp"

#include <ironlaw/host/run.hpp>
#include <ironlaw/present/report.hpp>

namespace ironlaw::host {

/// A result and how it ended.
struct ResultText {
  std::string text;
  int exit_status = 0;  ///< as the program's
  std::uint64_t rows = 1;
  bool interrupted = false;
  std::string error;  ///< of one answer that has no value
};

/// Runs what a pipeline asks for - one answer, a table, a study - and reports it, no longer than its request may take. `single`:
/// one solver's.
[[nodiscard]] ResultText result_text(const Pipeline& pipeline, bool single, const ReportOptions& options, const RunOptions& run);

}  // namespace ironlaw::host
