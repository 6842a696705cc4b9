// Every recorded answer of mlsysim 0.3.0 about training, with the native terms at their neutral settings.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/maybe.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "../host/sessions.hpp"
#include "training_line.hpp"

namespace ironlaw::parity {
namespace {

/// A row: outputs by port, or why it was refused.
struct Answered {
  RowStatus status = RowStatus::refused;
  std::string refusal;
  std::map<std::string, Json> outputs;
};

Answered ask(host::Session& session, const Json& stage) {
  Answered result;
  try {
    const Json config{{"version", 1}, {"stages", {{"s", stage}}}};
    const host::Pipeline pipeline = session.compile(host::Config::parse(config.dump(), "line"), "mlsysim-0.3");
    const host::Answer a = host::answer(pipeline);
    result.status = a.status;
    if (!has_outputs(a.status)) result.refusal = a.errors.empty() ? "no reason" : a.errors.front();
    const auto ports = pipeline.solver().outputs();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const double number = a.outputs[i].number;
      Json& value = result.outputs[std::string(ports[i].name.substr(2))];
      if (number != number) continue;
      if (ports[i].type == PortType::boolean) {
        value = number != 0;
      } else if (ports[i].type == PortType::choice) {
        value = ports[i].choices[static_cast<std::size_t>(number)];
      } else {
        value = number;
      }
    }
  } catch (const InputError& e) {
    result.refusal = e.what();
  }
  return result;
}

bool agrees(const Json& ours, const Json& theirs) {
  if (theirs.is_null()) return ours.is_null();
  if (!theirs.is_number() || !ours.is_number()) return ours == theirs;
  const double a = ours;
  const double b = theirs;
  return std::abs(a - b) <= 1e-9 * std::abs(b);
}

void expect_line(const Answered& ours, const Json& line) {
  ASSERT_TRUE(has_outputs(ours.status)) << line["id"] << ": " << ours.refusal;
  const Json expected = expected_of(line);
  for (const auto& [port, theirs] : expected.items()) {
    const Json& value = ours.outputs.at(port);
    if (port == "node.energy" && value.is_null()) {
      EXPECT_EQ(theirs, 0.0) << line["id"];
    } else {
      EXPECT_TRUE(agrees(value, theirs)) << line["id"] << ", " << port << ": " << value << ", not " << theirs;
    }
  }
}

/// Lines that are answered by the other side, with inputs that no system can have, and one whose shape has no name.
const std::set<std::string> refused_in_every_profile{"DistributedModel/068", "DistributedModel/069", "DistributedModel/070",
                                                     "DistributedModel/079", "TopologyModel/020",    "TopologyModel/024"};

TEST(TrainingParity, EveryLine) {
  host::Session session;
  std::map<std::string, int> equal;
  int said_no = 0;
  for (const Json& line : lines_of("training.jsonl")) {
    const std::string solver = solver_of(line);
    if (solver == "parallel_layout") continue;
    const Answered ours = ask(session, stage_of(line));
    if (line["outputs"].contains("error") || refused_in_every_profile.contains(line["id"])) {
      EXPECT_EQ(ours.status, RowStatus::refused) << line["id"];
      ++said_no;
    } else {
      expect_line(ours, line);
      ++equal[solver];
    }
  }
  EXPECT_EQ(equal.at("distributed"), 259);
  EXPECT_EQ(equal.at("training_memory"), 225);
  EXPECT_EQ(equal.at("moe_routing"), 225);
  EXPECT_EQ(equal.at("topology"), 240);
  EXPECT_EQ(said_no, 26);
}

/// The other side's search as a config: a table over powers of two, of which the best are kept, the earlier of two equals first.
Json search_of(const Json& line, int keep) {
  const Json powers{{"powers_of", 2}, {"from", 1}, {"to", 512}};
  const Json& in = line["inputs"];
  return {
      {"version", 1},
      {"stages", {{"s", stage_of(line)}}},
      {"axes", Json::array({Json{{"s.tensor_parallel", powers}}, Json{{"s.pipeline_parallel", powers}}})},
      {"where", Json::array({"s.tensor_parallel <= " + std::to_string(in.value("max_tp", 8)),
                             "s.pipeline_parallel <= " + std::to_string(in.value("max_pp", 512))})},
      {"assert", Json::array({"s.memory_footprint <= s.memory_capacity", "s.training_state <= s.training_state_limit"})},
      {"report",
       {{"columns",
         {"s.tensor_parallel", "s.pipeline_parallel", "s.data_parallel", "s.scaled_efficiency", "s.throughput", "s.step_time"}},
        {"best", {{"by", "max s.scaled_efficiency"}, {"keep", keep}}}}}};
}

TEST(TrainingParity, TheBestLayoutsAreTheFirstRowsOfATable) {
  int equal = 0;
  for (const Json& line : lines_of("training.jsonl")) {
    if (solver_of(line) != "parallel_layout") continue;
    const std::string id = line["id"];
    const auto table = [&](int keep) {
      try {
        return host::rows_of(host::compiled(search_of(line, keep).dump(), "mlsysim-0.3")).cells;
      } catch (const InputError&) {
        return std::vector<std::vector<Cell>>{};
      }
    };
    const Json& theirs = line["outputs"];
    if (theirs.contains("error")) {
      EXPECT_TRUE(table(1).empty()) << id;
      continue;
    }
    const auto rows = table(5);
    EXPECT_EQ(table(1000).size(), theirs["total_searched"]) << id;
    ASSERT_EQ(rows.size(), theirs["top_candidates"].size()) << id;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const Json& candidate = theirs["top_candidates"][r];
      const std::vector<Json> expected{candidate["config"]["tp"], candidate["config"]["pp"],     candidate["config"]["dp"],
                                       candidate["mfu"],          candidate["throughput_per_s"], candidate["step_time_s"]};
      for (std::size_t c = 0; c < expected.size(); ++c)
        EXPECT_TRUE(agrees(rows[r][c].number, expected[c])) << id << ", candidate " << r << ", column " << c;
    }
    ++equal;
  }
  EXPECT_EQ(equal, 11);
}

}  // namespace
}  // namespace ironlaw::parity
