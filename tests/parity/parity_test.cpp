// Every line of the comparison data through a session, as a config of one stage.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/maybe.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "peer_line.hpp"

namespace ironlaw::parity {
namespace {

using host::Answer;
using host::Config;
using host::Pipeline;
using host::Session;

/// What became of a line.
struct Result {
  std::string refusal;  ///< why, where it was refused
  RowStatus status = RowStatus::refused;
  std::map<std::string, Json> outputs;
};

Json json_of(const PortInfo& port, const Cell& cell) {
  if (std::isnan(cell.number)) return nullptr;
  if (port.type == PortType::boolean) return cell.number != 0;
  if (port.type == PortType::choice) return port.choices[static_cast<std::size_t>(cell.number)];
  return cell.number;
}

Result result_of(Session& session, const Json& stage, const std::string& profile) {
  Result result;
  try {
    const Json config{{"version", 1}, {"stages", {{"s", stage}}}};
    const Pipeline pipeline = session.compile(Config::parse(config.dump(), "line"), profile);
    const Answer a = answer(pipeline);
    result.status = a.status;
    if (a.status == RowStatus::refused) result.refusal = a.errors.front();
    const auto ports = pipeline.solver().outputs();
    for (std::size_t i = 0; i < ports.size(); ++i)
      result.outputs[std::string(ports[i].name.substr(2))] = json_of(ports[i], a.outputs[i]);
  } catch (const InputError& e) {
    result.refusal = e.what();
  }
  return result;
}

bool agree(const Json& ours, const Json& theirs) {
  if (theirs.is_null() || theirs == "inf") return ours.is_null();
  if (!theirs.is_number()) return ours == theirs;
  if (!ours.is_number()) return false;
  const double a = ours;
  const double b = theirs;
  return std::abs(a - b) <= 1e-9 * std::abs(b);
}

/// Compares the outputs of a line; energy is absent where the device states no power, which the other side reports as 0.
void expect_outputs(const Result& result, const PeerLine& line) {
  ASSERT_TRUE(has_outputs(result.status)) << line.id << ": " << result.refusal;
  for (const auto& [port, theirs] : line.expected.items()) {
    const Json& ours = result.outputs.at(port);
    if (port == "energy" && ours.is_null()) {
      EXPECT_EQ(theirs, 0.0) << line.id;
    } else {
      EXPECT_TRUE(agree(ours, theirs)) << line.id << ", " << port << ": " << ours << ", not " << theirs;
    }
  }
  const bool feasible = line.expected.value("feasible", true);
  EXPECT_EQ(result.status, feasible ? RowStatus::ok : RowStatus::infeasible) << line.id;
}

bool refused(const Result& result, const PeerLine& line) {
  return result.status == RowStatus::refused || (line.must_fit && result.status == RowStatus::infeasible);
}

/// Lines that are answered by the other side, with inputs that no system can have.
const std::set<std::string> refused_in_every_profile{"SingleNodeModel/072", "SingleNodeModel/073", "SingleNodeModel/074",
                                                     "SingleNodeModel/092", "SingleNodeModel/094", "SingleNodeModel/095",
                                                     "SingleNodeModel/099", "SingleNodeModel/102", "SingleNodeModel/104",
                                                     "EfficiencyModel/022", "EfficiencyModel/023", "EfficiencyModel/028"};

TEST(Parity, NamedLines) {
  Session session;
  std::size_t equal = 0;
  std::size_t said_no = 0;
  for (const Json& json : lines_of("named.jsonl")) {
    const PeerLine line = peer_line(json);
    if (line.id == "EfficiencyModel/025") continue;
    const Result result = result_of(session, line.stage, "mlsysim-0.3");
    if (line.error || refused_in_every_profile.contains(line.id)) {
      EXPECT_TRUE(refused(result, line)) << line.id << " is answered: " << line.stage;
      ++said_no;
    } else {
      expect_outputs(result, line);
      ++equal;
    }
  }
  EXPECT_EQ(equal, 2375u);
  EXPECT_EQ(said_no, 29u);
}

TEST(Parity, RandomLines) {
  Session session;
  std::size_t unknown_classes = 0;
  const auto lines = lines_of("random.jsonl");
  EXPECT_EQ(lines.size(), 675u);
  for (const Json& json : lines) {
    PeerLine line = peer_line(json);
    if (line.stage.value("workload_type", "") == "zz") {
      EXPECT_NE(result_of(session, line.stage, "mlsysim-0.3").refusal.find("unknown workload_type 'zz'"), std::string::npos);
      line.stage["workload_type"] = "other";
      ++unknown_classes;
    }
    expect_outputs(result_of(session, line.stage, "mlsysim-0.3"), line);
  }
  EXPECT_EQ(unknown_classes, 58u);
}

TEST(Parity, TutorialLines) {
  Session session;
  const auto lines = lines_of("tutorials.jsonl");
  EXPECT_EQ(lines.size(), 45u);
  for (const Json& json : lines) {
    const PeerLine line = peer_line(json);
    expect_outputs(result_of(session, line.stage, "tutorials"), line);
  }
}

/// The sweep of the first tutorial, in one run.
TEST(Tutorials, BatchSweepCrossesFromMemoryToCompute) {
  struct Sweep : host::RowSink {
    void rows(const host::ResultRows& block) override {
      for (std::size_t r = 0; r < block.status.size(); ++r) {
        latencies.push_back(block.columns[0][r].number);
        throughputs.push_back(block.columns[1][r].number);
        compute_bound.push_back(block.columns[2][r].number == 0);
      }
    }
    std::vector<double> latencies;
    std::vector<double> throughputs;
    std::vector<bool> compute_bound;
  };
  Session session;
  const Pipeline pipeline = session.compile(Config::parse(R"({"version": 1, "profile": "tutorials", "stages": {
      "s": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}},
      "axes": [{"s.batch_size": [1, 4, 16, 32, 64, 128, 256]}],
      "report": {"columns": ["latency", "throughput", "bottleneck"]}})",
                                                          "sweep"));
  Sweep sweep;
  run(pipeline, sweep);
  const std::vector<double> latencies{0.0005426213830308974, 0.0006201282051282052, 0.0009355128205128206, 0.0013560256410256413,
                                      0.002197051282051282,  0.0038791025641025647, 0.007243205128205129};
  const std::vector<double> batches{1, 4, 16, 32, 64, 128, 256};
  ASSERT_EQ(sweep.latencies.size(), latencies.size());
  for (std::size_t r = 0; r < latencies.size(); ++r) {
    EXPECT_NEAR(sweep.latencies[r], latencies[r], 1e-9 * latencies[r]);
    EXPECT_NEAR(sweep.throughputs[r], batches[r] / latencies[r], 1e-9 * batches[r] / latencies[r]);
    EXPECT_EQ(sweep.compute_bound[r], r > 0) << batches[r];
  }
}

}  // namespace
}  // namespace ironlaw::parity
