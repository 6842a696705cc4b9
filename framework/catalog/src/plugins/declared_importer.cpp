#include "plugins/declared_importer.hpp"

#include "plugins/library.hpp"
#include "plugins/recorded_entries.hpp"
#include "process/confined_task.hpp"

#include <ironlaw/error.hpp>

namespace ironlaw::host {
namespace {

/// Before what a task made, and before what it failed of.
constexpr char task_made = '+';
constexpr char task_failed = '-';

}  // namespace

bool DeclaredImporter::do_reads(const ForeignFile& file) const {
  return !there(file.name, [&](const Importer& importer) {
            return std::string(importer.reads(file) ? 1 : 0, task_made);
          }).empty();
}

void DeclaredImporter::do_import(const ForeignFile& file, EntryWriter& entries) const {
  const std::string written = there(file.name, [&](const Importer& importer) {
    RecordedEntries recorded;
    importer.import(file, recorded);
    return recorded.bytes();
  });
  replay_entries(written, entries);
}

std::string DeclaredImporter::there(std::string_view file, const std::function<std::string(const Importer&)>& task) const {
  const auto open_there = [&] {
    try {
      return task_made + task(*open_library(library_, plugin_).components.find<Importer>(about_.name));
    } catch (const PluginError& e) {
      return task_failed + std::string(e.what());
    }
  };
  const TaskEnd end = run_confined(open_there, {.seconds = opening_.most_seconds}, {.memory = opening_.most_bytes});
  if (end.thrown) throw Error(end.failure);
  if (end.done && end.bytes.starts_with(task_made)) return end.bytes.substr(1);
  throw PluginError("'" + plugin_ + "' (" + library_.string() + ")", about_.name,
                    end.done ? end.bytes.substr(1) : std::string(file) + ": " + end.failure);
}

}  // namespace ironlaw::host
