#pragma once
// A report of a config that stands on its own: what the answer is, what binds, how it was worked out and from which facts.
#include <ironlaw/host/pipeline.hpp>

#include <filesystem>
#include <string>

namespace ironlaw::host {

/// What the pipeline does not know of its report.
struct DocumentText {
  std::string title;
  std::string file;     ///< the config
  std::string program;  ///< name and version
};

/// Writes a page (.html) or Markdown (.md), by the name's extension. Throws InputError for another one, PluginError where a
/// solver fails.
IRONLAW_API void write_document(const Pipeline& pipeline, const DocumentText& text, const std::filesystem::path& file);

}  // namespace ironlaw::host
