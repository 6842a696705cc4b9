// Ports of parity are those that a profile sets and nobody else would: held against the profiles.
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

#include "../host/sessions.hpp"

namespace ironlaw::host {
namespace {

/// "solver.port" and "kind.field" of a profile's defaults.
std::set<std::string> names_set_by(const std::string& profile) {
  std::ifstream file(std::string(IRONLAW_PROFILES) + "/" + profile + ".json");
  std::set<std::string> names;
  for (const auto& [name, value] : nlohmann::json::parse(file)["defaults"].items()) names.insert(name);
  return names;
}

/// Every port that takes a value, of solvers and of kinds.
std::map<std::string, PortNeed> needs() {
  std::map<std::string, PortNeed> all;
  const auto add = [&](std::string_view owner, std::span<const PortInfo> ports) {
    for (const PortInfo& port : ports) all[std::string(owner) + "." + std::string(port.name)] = port.need;
  };
  auto& plugins = session().plugins();
  for (const auto& name : plugins.names("solver")) add(name, plugins.solver(name).inputs());
  for (const auto& name : plugins.names("kind")) add(name, plugins.kind(name).fields());
  return all;
}

TEST(PortNeeds, ASettingOfParityIsSetBySomeProfile) {
  auto set = names_set_by("mlsysim-0.3");
  set.merge(names_set_by("tutorials"));
  for (const auto& [name, need] : needs()) EXPECT_TRUE(need != PortNeed::parity || set.contains(name)) << name << " reproduces nobody";
}

TEST(PortNeeds, WhatAProfileSetsIsNoPartOfTheQuestion) {
  // A format, a count of tokens and a rate that somebody else assumes where the question is silent.
  const std::set<std::string> said{"compression.baseline_precision", "single_node.tokens_per_sample", "scaling.accelerator_rate"};
  const auto all = needs();
  for (const std::string& name : names_set_by("mlsysim-0.3")) {
    ASSERT_TRUE(all.contains(name)) << name;
    EXPECT_TRUE(said.contains(name) || all.at(name) != PortNeed::question) << name;
  }
}

TEST(PortNeeds, AQuestionIsShort) {
  for (const auto& name : session().plugins().names("solver")) {
    const auto ports = session().plugins().solver(name).inputs();
    const auto asked = std::count_if(ports.begin(), ports.end(), [](const PortInfo& p) { return p.need == PortNeed::question; });
    EXPECT_LE(asked, 20) << name;
    for (const PortInfo& port : ports)
      EXPECT_FALSE(port.required && port.need == PortNeed::parity) << name << "." << port.name << " must be given";
  }
}

}  // namespace
}  // namespace ironlaw::host
