// The cases of the published tutorials: each config runs, each printed claim has the verdict that cases.json gives it, and the
// table of the README is made of both.
#include <ironlaw/notation/units.hpp>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "../generated_page.hpp"
#include "program.hpp"

namespace ironlaw::tests {
namespace {

using Json = nlohmann::ordered_json;

const std::filesystem::path folder = IRONLAW_TUTORIALS;

/// The rows that a config gives; each config runs once.
const Json& rows_of(const std::string& config) {
  static std::map<std::string, Json> known;
  auto& rows = known[config];
  if (!rows.is_null()) return rows;
  rows = Json::array();
  std::istringstream lines(
      output_of("run '" + (folder / config).string() + "' --plugin '" IRONLAW_POWER_EFFICIENCY "' --output jsonl"));
  for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line));
  return rows;
}

Json value_at(const std::string& config, std::size_t row, const std::string& column) {
  const Json& rows = rows_of(config);
  if (row >= rows.size() || !rows[row].contains(column)) {
    ADD_FAILURE() << config << " gives no " << column << " in row " << row;
    return nullptr;
  }
  return rows[row][column];
}

double scale_of(const std::string& unit) {
  static const std::map<std::string, double> plain{{"", 1}, {"million", 1e6}, {"%", 0.01}};
  if (const auto it = plain.find(unit); it != plain.end()) return it->second;
  return host::parse_unit(unit).value;
}

/// Four digits in the unit of the claim.
std::string shown(const Json& value, const std::string& unit) {
  if (value.is_null()) return "none";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return value.get<std::string>();
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.4g", value.get<double>() / scale_of(unit));
  return unit.empty() ? digits : digits + (" " + unit);
}

/// `why` with each {row|column} or {row|column|unit} replaced by what the config gives there.
std::string filled_in(const std::string& why, const std::string& config) {
  std::string text;
  std::size_t at = 0;
  for (std::size_t open; (open = why.find('{', at)) != why.npos;) {
    const std::size_t close = why.find('}', open);
    std::istringstream place(why.substr(open + 1, close - open - 1));
    std::string row;
    std::string column;
    std::string unit;
    std::getline(place, row, '|');
    std::getline(place, column, '|');
    std::getline(place, unit, '|');
    text += why.substr(at, open - at) + shown(value_at(config, std::stoul(row), column), unit);
    at = close + 1;
  }
  return text + why.substr(at);
}

/// Whether a value is what the claim says, to the rounding that it was printed with.
bool agrees(const Json& ours, const Json& claim) {
  const Json& theirs = claim["value"];
  if (!theirs.is_number()) return ours == theirs;
  const double tolerance = claim["tolerance"].get<double>() * (1 + 1e-6);
  return ours.is_number() && std::abs(ours.get<double>() / scale_of(claim.value("unit", "")) - theirs.get<double>()) <= tolerance;
}

void expect_verdict(const Json& claim, const Json& ours, const std::string& where) {
  const std::string verdict = claim["verdict"];
  if (verdict == "holds") {
    EXPECT_TRUE(agrees(ours, claim)) << where << ": " << ours;
  } else if (verdict == "wrong") {
    EXPECT_FALSE(agrees(ours, claim)) << where << " holds";
    EXPECT_TRUE(claim.contains("why")) << where;
  } else if (claim.contains("value")) {
    EXPECT_EQ(verdict, "no number") << where;
    EXPECT_TRUE(agrees(ours, claim)) << where << ": " << ours;
  } else {
    EXPECT_TRUE(verdict == "points" || verdict == "no number") << where;
    EXPECT_FALSE(ours.is_null()) << where;
  }
}

std::string profile_of(const std::string& config) { return Json::parse(text_of(folder / config)).value("profile", "native"); }

/// A case's lines of the table; counts its verdicts.
std::string lines_of(const Json& entry, std::map<std::string, int>& verdicts) {
  std::string lines;
  for (const Json& claim : entry["claims"]) {
    const std::string config = claim.value("config", entry["config"].get<std::string>());
    const Json ours = value_at(config, claim["row"], claim["column"]);
    const std::string where = entry["case"].get<std::string>() + ", " + claim["claim"].get<std::string>();
    expect_verdict(claim, ours, where);
    ++verdicts[claim["verdict"]];
    const std::string question = entry["question"];
    lines += "| [" + question + "](" + config + ") | " + claim["claim"].get<std::string>() + " | " +
             claim["printed"].get<std::string>() + " | " + shown(ours, claim.value("unit", "")) + " | " + profile_of(config) +
             " | " + claim["verdict"].get<std::string>() + " | " + filled_in(claim.value("why", ""), config) + " |\n";
  }
  return lines;
}

TEST(Tutorials, EveryClaimHasItsVerdictAndTheTableSaysSo) {
  const Json cases = Json::parse(text_of(folder / "cases.json"));
  EXPECT_EQ(cases.size(), 39u);
  std::map<std::string, int> verdicts;
  std::string tables;
  std::string tutorial;
  for (const Json& entry : cases) {
    const std::string config = entry["config"];
    if (const std::string of = config.substr(0, config.find('/')); of != tutorial) {
      tutorial = of;
      tables +=
          "\n## " + of + "\n\n| question | claim | printed | ours | physics | verdict | why |\n|---|---|---|---|---|---|---|\n";
    }
    tables += lines_of(entry, verdicts);
  }
  const int claims = verdicts["holds"] + verdicts["wrong"] + verdicts["points"];
  EXPECT_EQ(claims, 64);
  expect_on_page(folder / "README.md", std::to_string(claims) + " printed claims: " + std::to_string(verdicts["holds"]) +
                                           " hold, " + std::to_string(verdicts["wrong"]) + " are wrong, " +
                                           std::to_string(verdicts["points"]) + " are figures, of which the points are here.\n" +
                                           tables);
}

TEST(Tutorials, NoConfigIsLeftOver) {
  std::map<std::string, int> used{{"which_solver/pass.json", 1}};
  for (const Json& entry : Json::parse(text_of(folder / "cases.json"))) {
    ++used[entry["config"]];
    for (const Json& claim : entry["claims"])
      if (claim.contains("config")) ++used[claim["config"]];
  }
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = std::filesystem::relative(file.path(), folder).string();
    if (file.path().extension() == ".json" && name != "cases.json") {
      EXPECT_TRUE(used.contains(name)) << name;
    }
  }
}

}  // namespace
}  // namespace ironlaw::tests
