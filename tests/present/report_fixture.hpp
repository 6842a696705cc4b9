#pragma once
// What the tests of reports share.
#include <ironlaw/host/session.hpp>
#include <ironlaw/present/report.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

using Json = nlohmann::ordered_json;

// What is printed is made of the plugins and the zoo of this build; the values are the tests' own wherever they are compared.

/// Never ended: the statics of the plugins end before those of the program.
inline Session& session() {
  static Session& one = *new Session;
  return one;
}

inline Pipeline pipeline_of(const Json& stages, const Json& axes = Json::array(), const Json& columns = nullptr) {
  Json config{{"version", 1}, {"name", "chain"}, {"stages", stages}, {"axes", axes}};
  if (!columns.is_null()) config["report"] = Json{{"columns", columns}};
  return session().compile(Config::parse(config.dump(), "test.json"));
}

inline Json single_node(const char* device = "A100") {
  return Json{{"solver", "single_node"}, {"workload", "ResNet50"}, {"hardware", device}};
}

inline ReportOptions options_of(OutputFormat format) {
  ReportOptions options;
  options.format = format;
  options.program = "test 1";
  return options;
}

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace ironlaw::host
