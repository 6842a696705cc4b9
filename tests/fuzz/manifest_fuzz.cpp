// Arbitrary bytes as a plugin file: the reader must answer with one printable line, and call nothing a plugin that could not be
// one.
#include "plugins/component_name.hpp"
#include "plugins/manifest_file.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool sound(const ironlaw::host::PluginRecord& record) {
  if (!printable(record.detail) || !printable(record.version) || !printable(record.licence)) return false;
  if (record.status != ironlaw::host::LoadStatus::ok) return !record.detail.empty();
  return record.detail.empty() && ironlaw::host::is_snake_case(record.name) && !record.provides.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ironlaw::host::PluginRecord record;
  ironlaw::host::read_manifest(ironlaw::host::read_from(std::as_bytes(std::span(data, size))), record);
  if (!sound(record)) std::abort();
  return 0;
}
