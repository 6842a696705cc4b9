// What the folders of a zoo held when they were read.
#include "files/input_files.hpp"
#include "plugins/digest.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/kernel_rates.hpp>

#include <iterator>

namespace ironlaw::host {
namespace {

/// The one line of a folder's file VERSION.
std::string version_of(const std::filesystem::path& folder) {
  const auto file = folder / "VERSION";
  std::error_code none;  // a folder need not have one
  if (!std::filesystem::is_regular_file(file, none)) return {};
  const std::string text = read_file(file);
  return text.substr(0, text.find('\n'));
}

/// Names, lengths and bytes of files, one after the other.
class Digested {
 public:
  void add(const std::string& name, std::string_view text) { bytes_ += name + '\n' + sha256_text(text) + '\n'; }
  [[nodiscard]] std::string sha256() const { return bytes_.empty() ? std::string() : sha256_text(bytes_); }

 private:
  std::string bytes_;
};

bool is_record(std::string_view interface) {
  return interface == KernelRates::interface || interface == Engine::interface || interface == SoftwareStack::interface;
}

}  // namespace

void Zoo::Impl::stamp_folders() {
  std::set<const ZooFile*> with_records;
  for (const ZooEntry& e : entries)
    if (plugins.provider("kind", std::string(e.kind)) != nullptr && is_record(plugins.kind(std::string(e.kind)).interface()))
      with_records.insert(e.file);
  for (std::size_t f = 0; f < folder_paths.size(); ++f) {
    Digested all;
    Digested records;
    for (const ZooFile& file : files) {
      if (file.folder != f) continue;
      const std::string name = file.path.lexically_relative(folder_paths[f]).string();
      all.add(name, file.text);
      if (with_records.contains(&file)) records.add(name, file.text);
    }
    stamps.push_back({folder_paths[f], version_of(folder_paths[f]), all.sha256(), records.sha256()});
  }
}

const std::vector<ZooStamp>& Zoo::stamps() const {
  std::call_once(impl_->stamped, [this] { impl_->stamp_folders(); });
  return impl_->stamps;
}

}  // namespace ironlaw::host
