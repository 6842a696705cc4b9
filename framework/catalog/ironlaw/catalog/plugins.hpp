#pragma once
#include <ironlaw/registrar.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// What became of a file that might be a plugin. Up to `duplicate` it is known without opening the file as a library.
enum class LoadStatus {
  ok,
  not_found,
  insecure,      ///< somebody else could have written the file or its folder
  not_a_plugin,  ///< not a shared library for this machine, or one without a manifest
  bad_manifest,
  sdk_version,
  fingerprint,  ///< compiled with another layout of what crosses the boundary
  duplicate,    ///< a plugin of the same name comes earlier in the search
  open_failed,
  no_entry,
  entry_failed,  ///< the entry function said no, or registered something else than its manifest lists
  crashed        ///< the process that opened it did not live to tell what it brings
};
[[nodiscard]] IRONLAW_API std::string_view to_string(LoadStatus status) noexcept;

/// One thing that a plugin brings, by its manifest.
struct Provides {
  std::string what;  ///< "solver", "kind", "study", "observer", "guard", "importer"
  std::string name;
  std::vector<std::string> calls{};  ///< solvers that a solver calls, by name
  bool operator==(const Provides& other) const { return what == other.what && name == other.name; }
};

/// One file or folder that was looked at.
struct PluginRecord {
  std::filesystem::path file;  ///< canonical where it exists
  LoadStatus status = LoadStatus::ok;
  std::string detail;  ///< empty where ok, else one line: expected, found, what to do
  std::string name;
  std::string version;
  std::string licence;
  std::string fingerprint;
  std::string build;  ///< how it was compiled: "-ffp-contract=off", or empty where ironlaw_add_plugin was not used
  std::vector<Provides> provides;
  bool opened = false;
  bool manifest = true;  ///< false: the program that embeds the host brought it, without a file
};

/// Where plugins are looked for, in this order. Never in the working directory.
struct PluginSearch {
  std::vector<std::filesystem::path> files;    ///< each with a folder in it: "./mine.so", not "mine.so"
  std::vector<std::filesystem::path> folders;  ///< every *.so in it
  bool environment = true;                     ///< absolute folders of $IRONLAW_PLUGIN_PATH
  bool defaults = true;                        ///< the user's data folder, then the folder beside libironlaw.so
};

/// Whose code runs in this process.
struct PluginOpening {
  /// A library is opened in a process of its own, which tells what it brings: here its components only declare. Else it is opened
  /// where it is asked for.
  bool elsewhere = false;
  double most_seconds = 10;                           ///< that it may take there
  std::uint64_t most_bytes = std::uint64_t{2} << 30;  ///< beyond those that the process begins with
};

/// The plugins of a run, and what a program brings itself. Reads manifests only; a library is opened when something of it is
/// first asked for, once a process, and stays until exit. Names are bare ("roofline") or qualified ("roofline/roofline") where
/// two plugins bring the same name. Lookups may run on many threads at once; they change the records, so do not read those
/// meanwhile.
class IRONLAW_API Plugins {
 public:
  /// Throws InputError for a file or folder named in `search` that cannot be used; what else is wrong becomes a record.
  explicit Plugins(const PluginSearch& search, const PluginOpening& opening = {});
  Plugins(const Plugins&) = delete;
  Plugins& operator=(const Plugins&) = delete;
  ~Plugins();

  [[nodiscard]] const std::vector<PluginRecord>& records() const noexcept;

  /// These throw InputError where no plugin brings the name (with the nearest one), several do (with their files), or the plugin
  /// that does is refused (with the reason); PluginError where it crashed when it was opened.
  [[nodiscard]] const Solver& solver(std::string_view name);
  [[nodiscard]] const Kind& kind(std::string_view name);
  [[nodiscard]] const Study& study(std::string_view name);
  [[nodiscard]] const ObserverType& observer(std::string_view name);
  [[nodiscard]] const GuardType& guard(std::string_view name);
  [[nodiscard]] const Importer& importer(std::string_view name);

  /// Every name to ask for, sorted, from the manifests; qualified where the bare one is ambiguous.
  [[nodiscard]] std::vector<std::string> names(std::string_view what) const;
  /// The plugin that a name would come from; null where none or several bring it.
  [[nodiscard]] const PluginRecord* provider(std::string_view what, std::string_view name) const;
  /// One line for an empty list: where plugins were looked for, and what was refused.
  [[nodiscard]] std::string why_none() const;

  /// Takes a solver of the program that embeds the host, under the plugin name "program"; one of the same name takes its place,
  /// for pipelines that are compiled from then on. Its rows are evaluated on one thread, and in this process alone. Throws
  /// InputError where its name or a port's is not snake_case.
  void add(std::shared_ptr<const Solver> solver);
  /// The solvers that one of solver() calls, in the order of its calls; none where it calls none.
  [[nodiscard]] std::vector<const Solver*> called_by(const Solver& solver) const;
  /// Whether a solver came by add().
  [[nodiscard]] bool is_of_program(const Solver& solver) const;
  /// Records of what was asked for so far.
  [[nodiscard]] std::vector<PluginRecord> opened() const;

  /// SHA-256 of a plugin's file, in hexadecimal; read once. Empty where it cannot be read.
  [[nodiscard]] std::string sha256(const PluginRecord& record) const;

  /// What a file says of itself. Never runs code of the file.
  [[nodiscard]] static PluginRecord inspect(const std::filesystem::path& file);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ironlaw::host
