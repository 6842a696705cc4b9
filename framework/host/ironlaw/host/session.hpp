#pragma once
#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/catalog/zoo.hpp>
#include <ironlaw/host/config.hpp>
#include <ironlaw/host/pipeline.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ironlaw::host {

/// How rows are evaluated in processes of their own.
struct IsolationOptions {
  double row_timeout = 1;                             ///< seconds after which a row fails
  std::uint64_t row_memory = std::uint64_t{2} << 30;  ///< bytes that a process may take beyond those it begins with
  /// Plugins are opened in this process, which is itself one of those: only rows are evaluated in others.
  bool opens_here = false;
};

/// Where a program's plugins and facts come from.
struct SessionOptions {
  PluginSearch plugins;                    ///< NAME.zoo beside a plugin is its pack of zoo entries
  std::vector<std::filesystem::path> zoo;  ///< folders of one's own, over the project's
  bool default_zoo = true;                 ///< share/ironlaw/zoo of the installation, and the packs in zoo.d
  /// Plugins are opened and rows evaluated in processes of their own: a plugin that crashes, hangs or writes where it should not
  /// costs the rows that made it so. This process reads what the plugins declare. The host must have one thread when it compiles
  /// and runs.
  std::optional<IsolationOptions> isolate{};
};

/// The host as a library: open it once, compile configs, run them. Configs may be compiled, and pipelines run, on many threads at
/// once; who asks its plugins or its zoo directly holds its lock.
class IRONLAW_API Session {
 public:
  explicit Session(const SessionOptions& options = {});
  ~Session();
  /// Holds off what other threads compile, while it lives.
  [[nodiscard]] std::unique_lock<std::recursive_mutex> lock() { return std::unique_lock(mutex_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] Plugins& plugins() { return *plugins_; }
  /// The zoo as a profile sees it; "" is native. Throws InputError.
  [[nodiscard]] Zoo& zoo(const std::string& profile = {});
  [[nodiscard]] std::vector<std::string> profiles() const;
  /// Where facts come from, the first laid under the others.
  [[nodiscard]] const std::vector<std::filesystem::path>& zoo_folders() const { return zoo_folders_; }

  [[nodiscard]] const SessionOptions& options() const { return options_; }

  /// Reads a config against the plugins and the zoo. `profile` is used where the config names none. Throws InputError.
  [[nodiscard]] Pipeline compile(const Config& config, const std::string& profile = {});

 private:
  Environment& environment(const std::string& profile, const std::string& where);
  SessionOptions options_;
  std::shared_ptr<Plugins> plugins_;
  std::vector<std::filesystem::path> zoo_folders_;
  std::map<std::string, std::shared_ptr<Environment>> environments_;
  std::recursive_mutex mutex_;  ///< over the environments and what compiling makes in them
};

}  // namespace ironlaw::host
