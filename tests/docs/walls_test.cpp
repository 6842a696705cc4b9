// The catalogue of walls holds what the solvers declare, and its page says the same.
#include <ironlaw/host/session.hpp>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace ironlaw {
namespace {

using Json = nlohmann::ordered_json;

std::string read(const std::string& name) {
  std::ifstream file(std::string(IRONLAW_DOCS) + "/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Json catalogue() { return Json::parse(read("walls.json")); }

/// "memory: traffic" belongs to "memory".
std::string wall_of(std::string_view limit) { return std::string(limit.substr(0, limit.find(": "))); }

/// By solver and limit, its equation.
std::map<std::pair<std::string, std::string>, std::string> declared_limits() {
  host::Session session;
  std::map<std::pair<std::string, std::string>, std::string> limits;
  for (const std::string& name : session.plugins().names("solver"))
    for (const LimitInfo& limit : session.plugins().solver(name).limits())
      limits[{name, std::string(limit.name)}] = std::string(limit.equation);
  return limits;
}

std::string row_of(const Json& wall) {
  std::ostringstream row;
  row << "| " << wall["number"] << " | " << wall["wall"].get<std::string>() << " | " << wall["domain"].get<std::string>() << " | "
      << wall["binds_because"].get<std::string>() << " | `" << wall["equation"].get<std::string>() << "` | ";
  std::string before;
  for (const Json& ours : wall["ours"]) {
    const auto limit = ours["limit"].get<std::string>();
    row << before << '`' << ours["solver"].get<std::string>() << '`';
    if (const auto colon = limit.find(": "); colon != limit.npos) row << " (" << limit.substr(colon + 2) << ')';
    before = ", ";
  }
  row << " |";
  return row.str();
}

TEST(WallCatalogue, NamesTwentyTwoWalls) {
  const Json walls = catalogue();
  ASSERT_EQ(walls.size(), 22u);
  const std::set<std::string> domains{"node", "data", "algorithm", "fleet", "operations", "analysis"};
  std::set<std::string> names;
  for (std::size_t i = 0; i < walls.size(); ++i) {
    EXPECT_EQ(walls[i]["number"], i + 1);
    EXPECT_TRUE(domains.contains(walls[i]["domain"])) << walls[i];
    names.insert(walls[i]["wall"]);
  }
  EXPECT_EQ(names.size(), 22u);
}

TEST(WallCatalogue, HoldsEveryLimitOfEverySolver) {
  auto limits = declared_limits();
  for (const auto& [limit, equation] : limits) EXPECT_NE(equation, "") << limit.first << ": " << limit.second;
  for (const Json& wall : catalogue()) {
    for (const Json& ours : wall["ours"]) {
      const auto limit = ours["limit"].get<std::string>();
      EXPECT_EQ(wall_of(limit), wall["wall"]);
      EXPECT_EQ(limits.erase({ours["solver"].get<std::string>(), limit}), 1u) << "no such limit, or named twice: " << ours;
    }
  }
  for (const auto& [limit, equation] : limits) ADD_FAILURE() << "not in docs/walls.json: " << limit.first << ": " << limit.second;
}

TEST(WallCatalogue, EachConstraintHasASolverAndEachMethodNone) {
  for (const Json& wall : catalogue()) EXPECT_EQ(wall["ours"].empty(), wall["domain"] == "analysis") << wall["wall"];
}

TEST(WallCatalogue, ItsPageSaysTheSame) {
  std::istringstream page(read("walls.md"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(page, line);)
    if (line.starts_with("| ") && std::isdigit(static_cast<unsigned char>(line[2])) != 0) rows.push_back(line);
  const Json walls = catalogue();
  ASSERT_EQ(rows.size(), walls.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], row_of(walls[i]));
}

}  // namespace
}  // namespace ironlaw
