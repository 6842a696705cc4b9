// Weight streaming against the comparison data, through a session: a wafer that states no link takes the profile's, natively it
// is refused.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "peer_line.hpp"

namespace ironlaw::parity {
namespace {

const Renames arguments_of_wafers{
    {"S", "sequence_length"}, {"B", "batch_size"}, {"prec", "precision"}, {"eta", "efficiency"}, {"phase", "phase"}};
const Renames outputs_of_wafers{{"throughput_tokens_per_sec", "throughput"},
                                {"layer_compute_time", "layer_compute_time"},
                                {"layer_injection_time", "layer_injection_time"},
                                {"optimal_batch_size", "optimal_batch_size"},
                                {"wafer_memory_utilization", "wafer_memory_utilization"}};

/// Lines that the other side answers: an unknown phase, a batch or a sequence of nothing, an efficiency above 1.
const std::set<std::string> refused_lines{"WeightStreamingModel/016", "WeightStreamingModel/017", "WeightStreamingModel/018",
                                          "WeightStreamingModel/019", "WeightStreamingModel/023"};

struct Streamed {
  std::string refusal;
  RowStatus status = RowStatus::refused;
  Json outputs = Json::object();
};

Streamed streamed(host::Session& session, const Json& inputs, const std::string& profile) {
  Json stage = renamed(inputs["a"], arguments_of_wafers);
  stage["solver"] = "weight_streaming";
  stage["workload"] = model_of(inputs["m"]);
  stage["hardware"] = device_of(inputs["hw"]);
  Streamed result;
  try {
    const Json config{{"version", 1}, {"stages", {{"s", stage}}}};
    const auto pipeline = session.compile(host::Config::parse(config.dump(), "line"), profile);
    const host::Answer a = answer(pipeline);
    result.status = a.status;
    if (a.status == RowStatus::refused) result.refusal = a.errors.front();
    const auto ports = pipeline.solver().outputs();
    for (std::size_t i = 0; i < ports.size(); ++i) result.outputs[std::string(ports[i].name.substr(2))] = a.outputs[i].number;
  } catch (const InputError& e) {
    result.refusal = e.what();
  }
  return result;
}

void expect_equal(const Streamed& ours, const Json& line) {
  const Json& theirs = line["outputs"];
  ASSERT_TRUE(has_outputs(ours.status)) << line["id"] << ": " << ours.refusal;
  EXPECT_EQ(ours.status == RowStatus::ok, theirs["feasible"].get<bool>()) << line["id"];
  const Json expected = renamed(theirs, outputs_of_wafers);
  EXPECT_EQ(expected.size(), outputs_of_wafers.size()) << line["id"];
  for (const auto& [name, value] : expected.items()) {
    const double wanted = value.get<double>();
    const double actual = ours.outputs.at(name).get<double>();
    EXPECT_LE(std::abs(actual - wanted), 1e-9 * std::abs(wanted)) << line["id"] << ", " << name;
  }
}

TEST(WeightStreamingParity, ThroughTheProgram) {
  host::Session session;
  std::size_t equal = 0;
  std::size_t refused = 0;
  std::size_t without_link = 0;
  for (const Json& line : lines_of("serving.jsonl")) {
    const Json& inputs = line["inputs"];
    if (inputs["solver"] != "ws") continue;
    const Streamed ours = streamed(session, inputs, "mlsysim-0.3");
    if (line["outputs"].contains("error") || refused_lines.contains(line["id"])) {
      EXPECT_EQ(ours.status, RowStatus::refused) << line["id"];
      ++refused;
      continue;
    }
    expect_equal(ours, line);
    ++equal;
    if (inputs["hw"].contains("io_bw") && !inputs["hw"]["io_bw"].is_null()) continue;
    ++without_link;
    EXPECT_EQ(streamed(session, inputs, "native").status, RowStatus::refused) << line["id"];
  }
  EXPECT_EQ(equal, 237u);
  EXPECT_EQ(refused, 8u);
  EXPECT_EQ(without_link, 71u);
}

}  // namespace
}  // namespace ironlaw::parity
