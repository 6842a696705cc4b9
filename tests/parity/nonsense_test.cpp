// Inputs that no physical system can have, or names that nobody knows: each is refused natively, at the port that is wrong.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "peer_line.hpp"

namespace ironlaw::parity {
namespace {

/// Why a stage is refused; empty where it is answered.
std::string refusal_of(host::Session& session, const Json& stage) {
  try {
    const Json config{{"version", 1}, {"stages", {{"s", stage}}}};
    const auto pipeline = session.compile(host::Config::parse(config.dump(), "line"));
    const host::Answer a = answer(pipeline);
    return a.status == RowStatus::refused ? a.errors.front() : std::string();
  } catch (const InputError& e) {
    return e.what();
  }
}

std::map<std::string, Json> by_id(const std::string& file) {
  std::map<std::string, Json> lines;
  for (const Json& line : lines_of(file)) lines[line["id"]] = line;
  return lines;
}

/// The port that a refusal has to name, by how the fault is described.
std::string port_at_fault(const std::string& why) {
  static const std::vector<std::pair<std::string, std::string>> ports{
      {"batch size", "batch_size"},    {"efficiency", "efficiency"},       {"precision", "precision"},
      {"ZeRO stage", "zero_stage"},    {"data-parallel", "data_parallel"}, {"sequence length", "sequence_length"},
      {"peak rate", "peak_rate.fp16"}, {"dispatch", "dispatch_overhead"},  {"parameters", "parameters"}};
  for (const auto& [words, port] : ports)
    if (why.find(words) != std::string::npos) return port;
  return "no port for: " + why;
}

TEST(Nonsense, OfTheRooflineFamilyIsRefusedWithThePortNamed) {
  host::Session session;
  const auto named = by_id("named.jsonl");
  std::size_t refused = 0;
  for (const auto& [id, fault] : by_id("nonsense.jsonl")) {
    if (!named.contains(id) || id == "SingleNodeModel/084") continue;  // fp64 is a number format here
    const std::string refusal = refusal_of(session, peer_line(named.at(id)).stage);
    EXPECT_NE(refusal.find(port_at_fault(fault["why"])), std::string::npos) << id << ", " << fault["why"] << ": " << refusal;
    ++refused;
  }
  EXPECT_EQ(refused, 27u);
}

TEST(Nonsense, OfTheOtherFamiliesIsRefusedWithThePortNamed) {
  host::Session session;
  const auto lines = lines_of("nonsense_stages.jsonl");
  EXPECT_EQ(lines.size(), 123u);
  for (const Json& line : lines) {
    const std::string refusal = refusal_of(session, line["stage"]);
    EXPECT_NE(refusal.find("/" + line["port"].get<std::string>() + ": "), std::string::npos)
        << line["id"] << ", " << line["why"] << ": " << refusal;
  }
}

TEST(Nonsense, EveryLineIsOneOfThese) {
  const auto named = by_id("named.jsonl");
  const auto stages = by_id("nonsense_stages.jsonl");
  const auto faults = by_id("nonsense.jsonl");
  EXPECT_EQ(faults.size(), 151u);
  for (const auto& [id, fault] : faults) {
    EXPECT_NE(named.contains(id), stages.contains(id)) << id;
    if (stages.contains(id)) {
      EXPECT_EQ(stages.at(id)["why"], fault["why"]) << id;
    }
  }
}

}  // namespace
}  // namespace ironlaw::parity
