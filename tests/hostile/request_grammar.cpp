#include "request_grammar.hpp"

namespace ironlaw::hostile {

Json json_value(Choices& choices, std::size_t depth) {
  if (choices.below(3) > 0) return choices.one_in(2) ? Json(1 + choices.below(64)) : Json(choices.number());
  switch (choices.below(depth == 0 ? 6 : 9)) {
    case 0:
      return choices.number();
    case 1:
      return choices.text();
    case 2:
      return static_cast<double>(choices.below(1000)) / 8;
    case 3:
      return static_cast<std::int64_t>(choices.below(300)) - 20;
    case 4:
      return choices.one_in(2);
    case 5:
      return nullptr;
    case 6: {
      Json list = Json::array();
      for (std::size_t n = choices.below(4); n > 0; --n) list.push_back(json_value(choices, depth - 1));
      return list;
    }
    case 7:
      return {{"value", json_value(choices, depth - 1)}, {"unit", choices.one_in(2) ? choices.text() : "s"}};
    default: {
      Json object = Json::object();
      for (std::size_t n = choices.below(4); n > 0; --n)
        object[choices.one_in(2)
                   ? choices.text()
                   : std::string(choices.of({"from", "to", "steps", "powers_of", "kind", "based_on", "zoo", "scale"}))] =
            json_value(choices, depth - 1);
      return object;
    }
  }
}

std::string solver_name(Choices& choices) {
  return choices.one_in(12)
             ? choices.text()
             : std::string(choices.of({"single_node", "amdahl", "iron_law", "serving", "compression", "single_node"}));
}

/// What a solver needs, nearly always, and more.
Json inputs(Choices& choices, const std::string& solver) {
  Json given = Json::object();
  if (solver == "amdahl") {
    given = {{"improved_fraction", 0.5}, {"stage_speedup", 2}};
  } else if (solver == "iron_law") {
    given = {{"memory_time", "1 s"}, {"compute_time", "2 s"}};
  } else {
    given = {{"workload", solver == "serving" ? "Llama3_8B" : "ResNet50"}, {"hardware", "H100"}};
    if (solver == "serving") given["sequence_length"] = 512;
  }
  for (std::size_t n = choices.below(3); n > 0; --n)
    given[choices.one_in(8)
              ? choices.text()
              : std::string(choices.of({"batch_size", "efficiency", "batch_size", "hardware", "precision", "improved_fraction",
                                        "stage_speedup", "hardware.tdp", "framework_overhead", "memory_time"}))] =
        json_value(choices);
  return given;
}

namespace {

Json axis(Choices& choices) {
  const std::string name(
      choices.of({"node.batch_size", "node.efficiency", "node.hardware.tdp", "node.hardware", "batch", "node.nothing"}));
  if (choices.one_in(3)) return {{name, json_value(choices)}};
  if (choices.one_in(3)) return {{name, {{"from", choices.below(9)}, {"to", choices.below(64)}}}};
  if (choices.one_in(2)) return {{name, {{"normal", {choices.below(9), json_value(choices, 0)}}}}};
  return {{name, Json::array({1, choices.below(64), json_value(choices, 0)})}};
}

}  // namespace

Json config(Choices& choices) {
  const std::string solver = choices.one_in(4) ? solver_name(choices) : "single_node";
  Json stage = inputs(choices, solver);
  stage["solver"] = solver;
  Json json{{"version", choices.one_in(12) ? json_value(choices) : Json(1)}, {"stages", {{"node", std::move(stage)}}}};
  if (choices.one_in(3)) json["name"] = json_value(choices, 0);
  if (choices.one_in(2))
    for (std::size_t n = 1 + choices.below(2); n > 0; --n) json["axes"].push_back(axis(choices));
  if (choices.one_in(4)) json[std::string(choices.of({"where", "assert"}))] = Json::array({choices.text()});
  if (choices.one_in(3))
    json["study"] = {
        {"use", std::string(choices.of({"sensitivity", "uncertainty", "compare", "optimize", "synthesis", "sweep"}))},
        {std::string(choices.of({"outputs", "inputs", "targets", "goal", "with", "samples", "seed", "step"})),
         json_value(choices)},
        {"samples", 16}};
  if (choices.one_in(4))
    json["report"] = {
        {std::string(choices.of({"columns", "sort", "best", "pareto", "walls", "bands", "x"})), json_value(choices)}};
  if (choices.one_in(12)) json[choices.text()] = json_value(choices);
  return json;
}

}  // namespace ironlaw::hostile
