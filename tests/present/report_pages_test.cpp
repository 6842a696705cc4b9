#include "report_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <ironlaw/sdk.hpp>

namespace ironlaw::host {
namespace {

struct Sized {
  static constexpr auto about = Solver::About{"sized", "fits a thing, or not", "arithmetic"};
  enum class Colour { red, blue };
  struct Inputs {
    Information size = required;
    int count = 2;
    Colour colour = Colour::blue;
    Maybe<Bandwidth> link;
  };
  struct Outputs {
    Information total;
    Information room;
  };
  static constexpr auto inputs =
      ports(port<&Inputs::size>("of one", positive).display("MB"), port<&Inputs::count>("how many", between(1, 8)),
            port<&Inputs::colour>("of them"), port<&Inputs::link>("to it, \"if\" any", non_negative).display("nonsense"));
  static constexpr auto outputs = ports(port<&Outputs::total>("of all"), port<&Outputs::room>("that there is"));
  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::total, &Outputs::room>("room", "all must fit", "n * size <= room"));
  static constexpr auto rules = ironlaw::rules(rule("count must be even", [](const Inputs& in) { return in.count % 2 == 0; }));
  static Outputs solve(const Inputs& in) { return {in.size * in.count, in.size}; }
};

std::string solver_page(OutputFormat format) {
  std::ostringstream out;
  report_solver(solver_adapter<Sized>, nullptr, options_of(format), out);
  return out.str();
}

TEST(SolverPage, TellsPortsLimitsAndRulesInText) {
  const std::string text = solver_page(OutputFormat::text);
  EXPECT_TRUE(text.starts_with("sized\n  solver  sized\n  doc     fits a thing, or not\n  source  arithmetic\n"));
  EXPECT_TRUE(contains(text, "\ninputs\n  name    type     unit  default   range       doc\n"));
  EXPECT_TRUE(contains(text, "\n  size    number   MB    required  > 0 MB      of one\n"));
  EXPECT_TRUE(contains(text, "\n  count   integer        2         >= 1, <= 8  how many\n"));
  EXPECT_TRUE(contains(text, "\n  colour  choice         blue                  of them (red, blue)\n"));
  EXPECT_TRUE(contains(text, "\n  link    number   B/s   absent    >= 0 B/s    to it, \"if\" any\n"))
      << "a wrong display unit is not used";
  EXPECT_TRUE(contains(text, "\n  room   hard  total  room   all must fit: n * size <= room\n"));
  EXPECT_TRUE(contains(text, "\nrules\n  rule\n  count must be even\n"));
}

TEST(SolverPage, TellsThemInJson) {
  const Json json = Json::parse(solver_page(OutputFormat::json));
  EXPECT_EQ(json["solver"], "sized");
  EXPECT_EQ(json["inputs"]["size"]["unit"], "B");
  EXPECT_EQ(json["inputs"]["size"]["required"], true);
  EXPECT_EQ(json["inputs"]["size"]["range"], Json::parse(R"({"above": 0})"));
  EXPECT_EQ(json["inputs"]["count"]["default"], 2);
  EXPECT_EQ(json["inputs"]["count"]["range"], Json::parse(R"({"least": 1, "most": 8})"));
  EXPECT_EQ(json["inputs"]["colour"]["choices"], Json::parse(R"(["red", "blue"])"));
  EXPECT_EQ(json["inputs"]["colour"]["doc"], "of them");
  EXPECT_EQ(json["inputs"]["link"]["optional"], true);
  EXPECT_EQ(json["outputs"]["total"]["type"], "number");
  EXPECT_EQ(json["limits"][0]["limit"], "room");
  EXPECT_EQ(json["limits"][0]["used"], "total");
  EXPECT_EQ(json["limits"][0]["equation"], "n * size <= room");
  EXPECT_EQ(json["rules"][0]["rule"], "count must be even");
  EXPECT_EQ(Json::parse(solver_page(OutputFormat::jsonl)), json);
}

TEST(SolverPage, IsOneTableInCsvAndSeveralInMarkdown) {
  const auto lines = lines_of(solver_page(OutputFormat::csv));
  EXPECT_EQ(lines[0], "section,name,value,type,unit,shown_in,default,range,choices,required,optional,doc,used,bound,equation");
  EXPECT_EQ(lines[2], "about,doc,\"fits a thing, or not\",,,,,,,,,,,,");
  EXPECT_EQ(lines[5], "inputs,count,,integer,,,2,\">= 1, <= 8\",,false,false,how many,,,");
  EXPECT_EQ(lines[7], "inputs,link,,number,B/s,B/s,,>= 0 B/s,,false,true,\"to it, \"\"if\"\" any\",,,");
  EXPECT_TRUE(contains(solver_page(OutputFormat::markdown), "#### inputs\n\n| name | type | unit | default | range | doc |\n"));
}

/// A solver with a port of each need, declared in the wrong order.
struct Needy {
  static constexpr auto about = Solver::About{"needy", "ports of every need", "arithmetic"};
  enum class Form { ours, theirs };
  struct Inputs {
    Form form = Form::ours;
    double share = 0.5;
    double batch = 1;
    double size = required;
  };
  struct Outputs {
    double total;
  };
  static constexpr auto inputs =
      ports(port<&Inputs::form>("whose form").parity(), port<&Inputs::share>("share that is reached", fraction).refinement(),
            port<&Inputs::batch>("members", at_least_one), port<&Inputs::size>("of one", positive));
  static constexpr auto outputs = ports(port<&Outputs::total>("size of all"));
  static Outputs solve(const Inputs& in) { return {in.size * in.batch * in.share}; }
};

TEST(SolverPage, ShowsPortsInTheOrderOfNeed) {
  const auto page = [](OutputFormat format, bool all) {
    auto options = options_of(format);
    options.all = all;
    std::ostringstream out;
    report_solver(solver_adapter<Needy>, nullptr, options, out);
    return out.str();
  };
  const std::string text = page(OutputFormat::text, false);
  EXPECT_TRUE(contains(text, "\n  parity  1 setting of other tools' equations, shown with --all\n")) << text;
  EXPECT_LT(text.find("\n  size "), text.find("\n  batch "));
  EXPECT_LT(text.find("\n  batch "), text.find("\nrefinements\n"));
  EXPECT_LT(text.find("\nrefinements\n"), text.find("\n  share "));
  EXPECT_FALSE(contains(text, "whose form"));
  const std::string all = page(OutputFormat::text, true);
  EXPECT_LT(all.find("\n  share "), all.find("\nparity\n"));
  EXPECT_LT(all.find("\nparity\n"), all.find("whose form"));
  const Json json = Json::parse(page(OutputFormat::json, true));
  EXPECT_EQ(json["inputs"].size(), 2u);
  EXPECT_EQ(json["refinements"]["share"]["default"], 0.5);
  EXPECT_EQ(json["parity"]["form"]["default"], "ours");
}

TEST(SolverPage, BreaksLongDocsBetweenWords) {
  auto options = options_of(OutputFormat::text);
  options.width = 80;
  std::ostringstream out;
  report_solver(session().plugins().solver("single_node"), session().plugins().provider("solver", "single_node"), options, out);
  EXPECT_TRUE(contains(out.str(), "\n  plugin   roofline\n"));
  for (const auto& line : lines_of(out.str())) EXPECT_TRUE(line.size() <= 120 || contains(line, "file")) << line;
}

TEST(SolverList, HasEverySolverInEveryFormat) {
  const auto list = [](OutputFormat format) {
    std::ostringstream out;
    auto options = options_of(format);
    options.width = 0;
    report_solvers(session().plugins(), options, out);
    return out.str();
  };
  const std::size_t count = session().plugins().names("solver").size();
  EXPECT_EQ(lines_of(list(OutputFormat::text)).size(), count + 1);
  EXPECT_EQ(lines_of(list(OutputFormat::csv)).size(), count + 1);
  EXPECT_EQ(lines_of(list(OutputFormat::jsonl)).size(), count);
  EXPECT_EQ(lines_of(list(OutputFormat::markdown)).size(), count + 2);
  const Json json = Json::parse(list(OutputFormat::json));
  EXPECT_EQ(json["solvers"].size(), count);
  const auto amdahl =
      std::find_if(json["solvers"].begin(), json["solvers"].end(), [](const Json& s) { return s["name"] == "amdahl"; });
  ASSERT_NE(amdahl, json["solvers"].end());
  EXPECT_EQ((*amdahl)["plugin"], "roofline");
}

TEST(KindPages, TellInterfaceAndFields) {
  std::ostringstream list;
  report_kinds(session().plugins(), options_of(OutputFormat::jsonl), list);
  bool found = false;
  for (const auto& line : lines_of(list.str()))
    found |= Json::parse(line)["name"] == "accelerator" && Json::parse(line)["interface"] == "hardware";
  EXPECT_TRUE(found);
  std::ostringstream page;
  report_kind(session().plugins().kind("accelerator"), nullptr, options_of(OutputFormat::json), page);
  EXPECT_EQ(Json::parse(page.str())["fields"]["tdp"]["unit"], "W");
}

PluginRecord refused_plugin() {
  PluginRecord record;
  record.file = "/somewhere/mine.so";
  record.status = LoadStatus::fingerprint;
  record.detail = "expected a, found b";
  record.name = "mine";
  record.version = "1.2.3";
  record.licence = "MIT";
  record.provides = {{"solver", "one"}, {"solver", "two"}, {"study", "three"}, {"study", "four"}, {"kind", "one"}};
  return record;
}

TEST(PluginPages, TellWhatWasRefusedAndWhy) {
  const PluginRecord record = refused_plugin();
  std::ostringstream text;
  auto options = options_of(OutputFormat::text);
  options.width = 0;
  report_plugins({&record, 1}, options, text);
  EXPECT_EQ(lines_of(text.str()).at(1), "mine  1.2.3    MIT      " + std::string(to_string(LoadStatus::fingerprint)) +
                                            "  2 solvers, 2 studies, 1 kind  /somewhere/mine.so  expected a, found b");
  std::ostringstream list;
  report_plugins({&record, 1}, options_of(OutputFormat::json), list);
  EXPECT_EQ(Json::parse(list.str())["plugins"][0]["provides"][4], Json::parse(R"({"what": "kind", "name": "one"})"));
  std::ostringstream page;
  report_plugin(record, options_of(OutputFormat::json), page);
  EXPECT_EQ(Json::parse(page.str())["detail"], "expected a, found b");
  EXPECT_EQ(Json::parse(page.str())["provides"].size(), 5u) << "a solver and a kind may share a name";
}

TEST(PluginPages, NameAFileThatIsNoPluginByItsPath) {
  PluginRecord record;
  record.file = "/somewhere/notes.so";
  record.status = LoadStatus::not_a_plugin;
  std::ostringstream text;
  report_plugin(record, options_of(OutputFormat::text), text);
  EXPECT_TRUE(text.str().starts_with("/somewhere/notes.so\n"));
}

class ZooEntryTest : public ::testing::Test {
 protected:
  ZooEntryTest() {
    const Kind& kind = session().plugins().kind("accelerator");
    object_ = {"Mine", &kind, {}, nullptr};
    for (const PortInfo& field : kind.fields())
      object_.fields.push_back(field.type == PortType::object ? Cell{} : Cell{field.fallback});
    set("tdp", 400);
    set("memory_bandwidth", 2e12);
    entry_.key = "Mine";
    entry_.kind = "accelerator";
    entry_.label = "My own";
    entry_.sources = {{"", {"Data sheet", "Me", "2026", ""}},
                      {"tdp", {"Measured, \"by hand\"", "Me", "2026", "https://example.org"}}};
  }
  void set(std::string_view name, double value) {
    const auto fields = object_.kind->fields();
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].name == name) object_.fields[i].number = value;
  }
  std::string page(OutputFormat format) {
    std::ostringstream out;
    report_zoo_entry(entry_, object_, session().zoo(), options_of(format), out);
    return out.str();
  }
  ZooObject object_;
  ZooEntryInfo entry_;
};

TEST_F(ZooEntryTest, ShowsEachFieldWithItsSource) {
  const std::string text = page(OutputFormat::text);
  EXPECT_TRUE(text.starts_with("My own\n  key    Mine\n  kind   accelerator\n  label  My own\n\nfields\n"));
  const Json json = Json::parse(page(OutputFormat::json));
  EXPECT_EQ(json["fields"]["tdp"]["value"], 400);
  EXPECT_EQ(json["fields"]["tdp"]["unit"], "W");
  EXPECT_EQ(json["fields"]["tdp"]["source"]["url"], "https://example.org");
  EXPECT_EQ(json["fields"]["memory_bandwidth"]["source"]["title"], "Data sheet");
  EXPECT_FALSE(json["fields"].contains("price")) << "what the entry does not know is left out";
  EXPECT_TRUE(json["year"].is_null());
  EXPECT_FALSE(json.contains("sources"));
}

TEST_F(ZooEntryTest, NumbersTheSourcesForPeople) {
  std::vector<std::string> words;
  for (const auto& line : lines_of(page(OutputFormat::text)))
    if (line.starts_with("  [1]") || line.starts_with("  [2]")) words.push_back(line.substr(2));
  ASSERT_EQ(words.size(), 2u);
  EXPECT_TRUE(contains(words[0], "Data sheet"));
  EXPECT_TRUE(contains(words[1], "https://example.org"));
  EXPECT_TRUE(contains(page(OutputFormat::csv), "\nfields,tdp,400.0,W,[2],"));
  EXPECT_TRUE(contains(page(OutputFormat::csv), "\"Measured, \"\"by hand\"\"\""));
}

TEST_F(ZooEntryTest, CitesNothingForADefault) {
  const auto fields = object_.kind->fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].type == PortType::object || fields[i].required || fields[i].optional) continue;
    EXPECT_TRUE(Json::parse(page(OutputFormat::json))["fields"][std::string(fields[i].name)]["source"].is_null())
        << fields[i].name;
  }
}

TEST(ZooList, HasALineAnEntry) {
  const auto entries = session().zoo().list("accelerator");
  std::ostringstream text;
  auto options = options_of(OutputFormat::text);
  options.width = 0;
  report_zoo_list(entries, options, text);
  EXPECT_EQ(lines_of(text.str()).size(), entries.size() + 1);
  std::ostringstream json;
  report_zoo_list(entries, options_of(OutputFormat::json), json);
  EXPECT_EQ(Json::parse(json.str())["entries"].size(), entries.size());
}

TEST(ZooList, FitsANarrowTerminal) {
  std::ostringstream text;
  auto options = options_of(OutputFormat::text);
  options.width = 80;
  report_zoo_list(session().zoo().list("hardware"), options, text);
  const auto lines = lines_of(text.str());
  for (const auto& line : lines) EXPECT_LE(line.size(), options.width) << line;
  EXPECT_TRUE(lines.front().starts_with("key "));
  EXPECT_TRUE(lines.back().ends_with("more columns: --output csv")) << lines.back();
}

}  // namespace
}  // namespace ironlaw::host
