#include "config/includes.hpp"

#include "files/input_files.hpp"

#include <ironlaw/error.hpp>

namespace ironlaw::host {

std::string Includes::text(const std::filesystem::path& name, const std::string& where,
                           std::string (*as_text)(std::string_view bytes, const std::string& file)) {
  const std::lock_guard lock(mutex_);
  const auto known = texts_.find(name.string());
  if (known != texts_.end()) return known->second;
  const auto file = path(name);
  if (!std::filesystem::is_regular_file(file)) throw InputError(where, "no file " + file.string());
  std::string text = read_file(file);
  return texts_[name.string()] = as_text != nullptr ? as_text(text, file.string()) : text;
}

std::map<std::string, std::string> Includes::texts() const {
  const std::lock_guard lock(mutex_);
  return texts_;
}

}  // namespace ironlaw::host
