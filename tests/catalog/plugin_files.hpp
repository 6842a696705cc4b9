#pragma once
// Files and searches for the tests of plugins.
#include <ironlaw/catalog/plugins.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace ironlaw::host {

inline std::filesystem::path built(const std::string& name) {
  return std::filesystem::path(IRONLAW_BAD_PLUGIN_DIR) / (name + ".so");
}

/// Exactly these files.
inline PluginSearch only(std::vector<std::filesystem::path> files) {
  return {.files = std::move(files), .folders = {}, .environment = false, .defaults = false};
}
inline PluginSearch only_folders(std::vector<std::filesystem::path> folders) {
  return {.files = {}, .folders = std::move(folders), .environment = false, .defaults = false};
}

/// A folder of one's own, gone at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ironlaw_plugins_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = std::filesystem::canonical(name);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    chmod((path_ / name).c_str(), 0644);
    return path_ / name;
  }
  [[nodiscard]] std::filesystem::path copy(const std::string& plugin, const std::string& as) const {
    std::filesystem::copy_file(built(plugin), path_ / as);
    return path_ / as;
  }

 private:
  std::filesystem::path path_;
};

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The message of the InputError that `call` throws; a failure where it throws none.
inline std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& e) {
    EXPECT_EQ(std::string_view(e.what()).find('\n'), std::string_view::npos);
    return e.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace ironlaw::host
