#pragma once
// The conformance kit: what a plugin promises by being one, and by its own declarations, put to the test.
#include <ironlaw/host/session.hpp>
#include <ironlaw/present/report.hpp>

#include <cstdint>

namespace ironlaw::host {

/// How a check ended; skipped: the plugin brings nothing that it asks about.
enum class CheckStatus { passed, failed, skipped };

/// What one check found: one line.
struct Finding {
  CheckStatus status = CheckStatus::passed;
  std::string detail;
};

/// One check of a plugin, and what it found.
struct CheckResult {
  std::string name;
  std::string doc;  ///< what it asks
  Finding finding;
  double seconds = 0;
};

/// How a plugin is checked.
struct ConformanceOptions {
  SessionOptions session;        ///< plugins and zoo that the checked plugin may need objects of
  std::filesystem::path golden;  ///< JSON Lines of questions with their answers; empty: none
  std::size_t rows = 200;        ///< random rows a solver
  double timeout = 60;           ///< seconds a check
};

/// Runs every check over a plugin, each in a process of its own, so that a crash or a hang costs that check alone. The calling
/// process opens no code of the plugin; it should have no other threads. Throws InputError where there is no such file.
[[nodiscard]] std::vector<CheckResult> check_plugin(const std::filesystem::path& file, const ConformanceOptions& options);

/// Whether no check failed.
[[nodiscard]] bool conforms(const std::vector<CheckResult>& results);

void report_conformance(const PluginRecord& record, const std::vector<CheckResult>& results, const ReportOptions& options,
                        std::ostream& out);

}  // namespace ironlaw::host
