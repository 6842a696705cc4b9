// Predictions with the default physics, held against published measurements: no threshold, nothing fitted.
#include <cmath>
#include <iostream>
#include <map>
#include <optional>

#include "../generated_page.hpp"
#include "../host/sessions.hpp"
#include "measured_row.hpp"

namespace ironlaw::accuracy {
namespace {

const std::filesystem::path folder = IRONLAW_ACCURACY;

/// Errors of one source and quantity: predicted over measured, less one.
struct Errors {
  int rows = 0;
  int too_large = 0;  ///< rows of which the prediction says that they do not fit
  double sum = 0;
  double absolute = 0;
  double worst = 0;

  void add(double error, bool fits) {
    ++rows;
    too_large += fits ? 0 : 1;
    sum += error;
    absolute += std::abs(error);
    if (std::abs(error) > std::abs(worst)) worst = error;
  }
};

using Table = std::map<std::pair<std::string, std::string>, Errors>;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f %%", 100 * share);
  return text;
}

std::vector<Json> measured_rows() {
  std::vector<Json> rows;
  std::ifstream file(folder / "measured.jsonl");
  for (std::string line; std::getline(file, line);) rows.push_back(Json::parse(line));
  return rows;
}

Json read(const char* name) { return Json::parse(tests::text_of(folder / name)); }

/// What the settings say of a source, by the beginning of its name.
const Json& settings_of(const Json& settings, const std::string& source) {
  for (const auto& [name, entry] : settings.items())
    if (source.starts_with(name)) return entry["set"];
  throw std::runtime_error(source + " has no settings");
}

/// The source without the edition of its report.
std::string group_of(const std::string& source) {
  constexpr std::string_view bridge = "Megatron-Bridge performance summary";
  return source.starts_with(bridge) ? std::string(bridge) : source;
}

/// Runs a row and adds its errors; a row that is refused is a failure.
void evaluate(const Json& row, const Json& settings, Table& table) {
  const std::string id = row["id"];
  const std::string source = row["source"];
  Json stages = stages_of(row);
  for (Json& stage : stages) stage.update(settings_of(settings, source));
  const Json config{{"version", 1}, {"stages", stages}};
  try {
    const host::Pipeline pipeline = host::compiled(config.dump());
    const host::Answer a = answer(pipeline);
    ASSERT_TRUE(has_outputs(a.status)) << id << ": " << a.errors.front();
    for (const Comparison& c : comparisons_of(row)) {
      const double predicted = host::output_of(pipeline, a, c.output);
      ASSERT_GT(c.measured, 0) << id;
      ASSERT_TRUE(std::isfinite(predicted) && predicted > 0) << id << ", " << c.output;
      const double ratio = c.inverse ? c.measured / predicted : predicted / c.measured;
      table[{c.quantity, group_of(source)}].add(ratio - 1, a.status == RowStatus::ok);
    }
  } catch (const InputError& e) {
    FAIL() << id << ": " << e.what();
  }
}

std::string page_of(const Table& table, const Json& settings, const Json& not_expressed, std::size_t evaluated, std::size_t all) {
  std::ostringstream page;
  page << evaluated << " of " << all << " measured rows are predicted, with " << efficiency
       << " of the peak arithmetic rate everywhere and, in serving, " << memory_efficiency << " of the memory bandwidth.\n";
  std::string quantity;
  for (const auto& [key, e] : table) {
    if (key.first != quantity) {
      quantity = key.first;
      page << "\n## " << quantity
           << "\n\n| source | rows | mean error | worst | bias | said not to fit |\n|---|---|---|---|---|---|\n";
    }
    page << "| " << key.second << " | " << e.rows << " | " << percent(e.absolute / e.rows).substr(1) << " | " << percent(e.worst)
         << " | " << percent(e.sum / e.rows) << " | " << e.too_large << " |\n";
  }
  page << "\n## Settings\n\n| source | settings | because |\n|---|---|---|\n";
  for (const auto& [source, entry] : settings.items()) {
    page << "| " << source << " | ";
    for (const auto& [port, value] : entry["set"].items()) page << port << " = " << value << " ";
    page << "| " << entry["why"].get<std::string>() << " |\n";
  }
  page << "\n## Not predicted\n\n| rows | reason |\n|---|---|\n";
  for (const auto& [reason, ids] : not_expressed.items()) page << "| " << ids.size() << " | " << reason << " |\n";
  return page.str();
}

TEST(Accuracy, EveryRowIsPredictedOrHasAReason) {
  const Json settings = read("settings.json");
  const Json not_expressed = read("not_expressed.json");
  std::map<std::string, int> left_out;
  for (const auto& [reason, ids] : not_expressed.items())
    for (const Json& id : ids) ++left_out[id];
  const auto rows = measured_rows();
  Table table;
  std::size_t evaluated = 0;
  for (const Json& row : rows) {
    if (left_out.erase(row["id"]) != 0) continue;
    evaluate(row, settings, table);
    ++evaluated;
  }
  EXPECT_EQ(rows.size(), 726u);
  EXPECT_TRUE(left_out.empty()) << left_out.begin()->first << " is no row";
  const std::string page = page_of(table, settings, not_expressed, evaluated, rows.size());
  std::cout << page;
  tests::expect_on_page(IRONLAW_ACCURACY_PAGE, page);
}

}  // namespace
}  // namespace ironlaw::accuracy
