// Every recorded answer of mlsysim 0.3.0 about training, with the native terms at their neutral settings.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/maybe.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <set>

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

/// What a search over powers of two finds among the layouts that fit, best first and the earlier of two equals.
struct Found {
  std::optional<Answered> best;
  int searched = 0;
};
Found search(host::Session& session, const Json& line, int tensor_cap) {
  Found found;
  const int pipeline_cap = line["inputs"].value("max_pp", 512);
  for (int tensor = 1; tensor <= tensor_cap; tensor *= 2) {
    for (int pipeline = 1; pipeline <= std::min(512, pipeline_cap); pipeline *= 2) {
      Json stage = stage_of(line);
      stage["tensor_parallel"] = tensor;
      stage["pipeline_parallel"] = pipeline;
      const Answered row = ask(session, stage);
      if (row.status != RowStatus::ok) continue;
      ++found.searched;
      const double value = row.outputs.at("scaled_efficiency");
      if (!found.best || value > static_cast<double>(found.best->outputs.at("scaled_efficiency"))) found.best = row;
    }
  }
  return found;
}

TEST(TrainingParity, TheBestOfTheLayoutsPriced) {
  host::Session session;
  int equal = 0;
  for (const Json& line : lines_of("training.jsonl")) {
    if (solver_of(line) != "parallel_layout") continue;
    const Json& theirs = line["outputs"];
    const Found found = search(session, line, line["inputs"].value("max_tp", 8));
    if (theirs.contains("error")) {
      EXPECT_FALSE(found.best) << line["id"];
      continue;
    }
    ASSERT_TRUE(found.best) << line["id"];
    const auto& best = found.best->outputs;
    EXPECT_TRUE(agrees(best.at("scaled_efficiency"), theirs["best_mfu"])) << line["id"] << best.at("scaled_efficiency");
    EXPECT_TRUE(agrees(best.at("step_time"), theirs["best_step_time_s"])) << line["id"];
    EXPECT_TRUE(agrees(best.at("throughput"), theirs["best_throughput_per_s"])) << line["id"];
    EXPECT_TRUE(agrees(best.at("data_parallel"), theirs["best_config"]["dp"])) << line["id"];
    EXPECT_EQ(found.searched, theirs["total_searched"]) << line["id"];
    ++equal;
  }
  EXPECT_EQ(equal, 11);
}

}  // namespace
}  // namespace ironlaw::parity
