// Any bytes as YAML: what parses is a tree that JSON can print and read back, what does not is an InputError of one line.
#include "text/yaml.hpp"

#include <cstdint>
#include <cstdlib>
#include <ironlaw/error.hpp>

namespace {

using namespace ironlaw;
using namespace ironlaw::host;

void check(bool good) {
  if (!good) std::abort();
}

void check_places(const LocatedJson& document, const Json& value, const std::string& path) {
  check(document.at(path).line > 0 && document.at(path).column > 0);
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) check_places(document, member, pointer(path, std::string_view(key)));
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) check_places(document, value[i], pointer(path, i));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto document = read_yaml({reinterpret_cast<const char*>(data), size}, "file");
    const std::string json = document.json.dump();
    check(parse_json(json, "json").dump() == json);
    if (json.size() < 10000) check_places(document, document.json, "");
  } catch (const InputError& e) {
    const std::string_view what(e.what());
    check(what.find('\n') == what.npos && what.starts_with("file:"));
  }
  return 0;
}
