#include "text/whole_file.hpp"

#include <ironlaw/error.hpp>

#include <unistd.h>

#include <fstream>

namespace ironlaw::host {

std::filesystem::path unfinished(const std::filesystem::path& file) {
  auto beside = file;
  beside += "." + std::to_string(getpid()) + ".unfinished";
  return beside;
}

void write_whole(const std::filesystem::path& file, std::string_view text) {
  const auto beside = unfinished(file);
  std::ofstream out(beside, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  std::error_code ec;
  if (out) std::filesystem::rename(beside, file, ec);
  if (out && !ec) return;
  std::filesystem::remove(beside, ec);
  throw InputError(file.string(), "cannot be written");
}

}  // namespace ironlaw::host
