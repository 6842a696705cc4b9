#pragma once
// A report of a config that stands on its own: what the answer is, what binds, how it was worked out and from which facts.
#include <ironlaw/host/config.hpp>
#include <ironlaw/host/pipeline.hpp>

#include <filesystem>
#include <functional>
#include <string>

namespace ironlaw::host {

/// What the pipeline does not know of its report.
struct DocumentText {
  std::string title;
  std::string file;     ///< the config, or what it was made of
  std::string program;  ///< name and version
  /// Compiles what published measurements near the answer are of, to say what the program makes of them; left out, a report has
  /// none.
  std::function<Pipeline(const Config&)> compile{};
  bool of_file = false;  ///< the config was read from `file`, whose digest the report gives
};

/// What belongs into a file of this name: a page (.html) or Markdown (.md); Markdown for none. Throws InputError for another
/// ending, PluginError where a solver fails.
[[nodiscard]] std::string document_file(const Pipeline& pipeline, const DocumentText& text, const std::filesystem::path& file);

}  // namespace ironlaw::host
