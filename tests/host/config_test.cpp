// What a config may not say: every message names the place, what is wrong and, where there is one, the nearest right name.
#include "sessions.hpp"

namespace ironlaw::host {
namespace {

struct Bad {
  std::string json;
  std::vector<std::string> says;
};

void expect_refused(const std::vector<Bad>& cases) {
  for (const auto& [json, says] : cases) {
    SCOPED_TRACE(json);
    const std::string message = refused(json);
    for (const auto& part : says) EXPECT_NE(message.find(part), std::string::npos) << message << "\n  lacks: " << part;
  }
}

/// A stage of iron_law whose compute_time is `value`.
std::string time_of(const std::string& value) {
  return one_stage(R"("solver": "iron_law", "memory_time": "1 s", "compute_time": )" + value);
}
/// ResNet-50 on an A100 with one more field.
std::string resnet_with(const std::string& field) { return one_stage(resnet_on_a100 + ", " + field); }
std::string with_hardware(const std::string& hardware) {
  return one_stage(R"("solver": "single_node", "workload": "ResNet50", "hardware": )" + hardware);
}
std::string with_fleet(const std::string& fleet) {
  return one_stage(R"("solver": "network_roofline", "workload": "Llama3_8B", "fleet": )" + fleet);
}
std::string with_axes(const std::string& axes) { return one_stage(resnet_on_a100, R"(, "axes": )" + axes); }

TEST(BadConfig, BrokenText) {
  expect_refused({
      {"{", {"my.json:1:2: broken JSON", "unexpected end of input"}},
      {"", {"my.json:1:1: broken JSON"}},
      {"{\"version\": 1,\n \"stages\": {\"s\": {\"solver\": \"iron_law\",}}}", {"my.json:2:40: broken JSON", "'}'"}},
      {one_stage(two_seconds) + " trailing", {"my.json:1:", "broken JSON", "expected end of input"}},
      {time_of("1e400"), {"my.json:1:", "number overflow parsing '1e400'"}},
      {"{\"version\": 1, \"name\": \"\xff\"}", {"my.json:1:", "broken JSON"}},
      {std::string(300, '['), {"my.json", "nested deeper than 200 levels"}},
  });
}

TEST(BadConfig, DuplicateKeys) {
  expect_refused({
      {one_stage(R"("solver": "iron_law", "solver": "amdahl")"), {"my.json#/stages/s: the key 'solver' is given twice"}},
      {R"({"version": 1, "stages": {"s": {"solver": "iron_law"}, "s": {"solver": "amdahl"}}})",
       {"my.json#/stages: the key 's' is given twice"}},
      {one_stage(two_seconds, R"(, "inputs": {"a": 1, "a": 2})"), {"my.json#/inputs: the key 'a' is given twice"}},
      {one_stage(two_seconds, R"(, "version": 1)"), {"my.json: the key 'version' is given twice"}},
  });
}

TEST(BadConfig, Frame) {
  expect_refused({
      {"[]", {"my.json: a config takes", "\"version\""}},
      {"3", {"my.json: a config takes"}},
      {R"({"version": 1})", {"my.json#/stages", "at least one stage"}},
      {R"({"version": 1, "stages": {}})", {"my.json#/stages", "at least one stage"}},
      {R"({"stages": {"s": {"solver": "iron_law"}}})", {"my.json#/version", "is required: write \"version\": 1"}},
      {R"({"version": 2, "stages": {"s": {"solver": "iron_law"}}})", {"my.json#/version", "is 2", "version 1"}},
      {R"({"version": "1", "stages": {"s": {"solver": "iron_law"}}})", {"my.json#/version", "is \"1\""}},
      {R"({"version": 1, "stagse": {}})", {"my.json#/stagse", "unknown key 'stagse'; did you mean 'stages'?"}},
      {R"({"version": 1, "stages": [1]})", {"my.json#/stages: takes an object"}},
      {one_stage(two_seconds, R"(, "name": 3)"), {"my.json#/name", "takes a text, not 3"}},
      {one_stage(two_seconds, R"(, "profile": 3)"), {"my.json#/profile", "takes a text, not 3"}},
      {one_stage(two_seconds, R"(, "profile": "mlsysim-0.2")"),
       {"my.json#/profile: unknown profile 'mlsysim-0.2'; did you mean 'mlsysim-0.3'?"}},
  });
}

TEST(BadConfig, Names) {
  expect_refused({
      {one_stage(two_seconds, R"(, "inputs": {"s": 1})"), {"my.json#/stages/s", "'s' is the name of an input and of a stage"}},
      {R"({"version": 1, "stages": {"s s": {"solver": "iron_law"}}})", {"my.json#/stages/s s", "a name takes letters"}},
      {one_stage(two_seconds, R"(, "inputs": {"": 1})"), {"my.json#/inputs/", "a name takes letters"}},
      {one_stage(R"("memory_time": "1 s")"), {"my.json#/stages/s", "\"solver\""}},
      {one_stage(R"("solver": 3)"), {"my.json#/stages/s", "\"solver\""}},
      {one_stage(R"("solver": "iron_lw")"), {"my.json#/stages/s/solver", "'iron_lw'", "did you mean 'iron_law'?"}},
      {one_stage(R"("solver": "other/iron_law")"), {"my.json#/stages/s/solver", "'other/iron_law'"}},
      {one_stage(R"("solver": "iron_law", "memory_tim": "1 s")"),
       {"my.json#/stages/s/memory_tim", "iron_law has no input 'memory_tim'; did you mean 'memory_time'?"}},
      {one_stage(two_seconds, R"(, "inputs": {"a.b": 3})"), {"my.json#/inputs/a.b: no input and no stage is named 'a'"}},
  });
}

TEST(BadConfig, QuantitiesAndTheirUnits) {
  expect_refused({
      {time_of("1"), {"my.json#/stages/s/compute_time: compute_time needs a unit: write \"1 s\""}},
      {time_of(R"("1 FLOP")"), {"compute_time takes the unit s, but '1 FLOP' has the unit FLOP"}},
      {time_of(R"("1 secnd")"), {"my.json#/stages/s/compute_time: unknown unit 'secnd'", "nearest 'second'"}},
      {time_of(R"("")"), {"my.json#/stages/s/compute_time", "does not begin with a number"}},
      {time_of(R"({"value": 1, "unit": "B"})"), {"compute_time takes the unit s, not the unit B"}},
      {time_of(R"({"value": "1", "unit": "s"})"), {"compute_time takes a text with a unit or {\"value\": number"}},
      {time_of(R"({"value": 1})"), {"compute_time takes a text with a unit or {\"value\": number"}},
      {time_of(R"({"value": 1, "unit": "s", "x": 1})"), {"compute_time takes a text with a unit"}},
      {time_of(R"({"value": 1, "unit": "secnd"})"), {"unknown unit 'secnd'", "nearest 'second'"}},
      {time_of("[1]"), {"compute_time takes", "not [1]"}},
      {time_of("true"), {"compute_time takes", "not true"}},
      {time_of("null"), {"compute_time cannot be null", "at least 0 s"}},
      {resnet_with(R"("batch_size": "8 B")"), {"batch_size takes no unit, but '8 B' has the unit B"}},
      {with_hardware(R"({"kind": "accelerator", "memory_bandwidth": "1 B"})"),
       {"my.json#/stages/s/hardware/memory_bandwidth", "memory_bandwidth takes the unit B/s, but '1 B' has the unit B"}},
      {with_hardware(R"({"kind": "accelerator", "peak_rate": {"fp16": "1 TB/s"}})"),
       {"my.json#/stages/s/hardware/peak_rate/fp16", "takes the unit FLOP/s", "has the unit B/s"}},
  });
}

TEST(BadConfig, NumbersThatNoSystemHas) {
  expect_refused({
      {time_of(R"("-1 s")"), {"my.json#/stages/s/compute_time: compute_time = -1 s is not allowed", "at least 0 s"}},
      {time_of(R"("nan s")"), {"my.json#/stages/s/compute_time", "'nan s' does not begin with a number"}},
      {time_of(R"("inf s")"), {"my.json#/stages/s/compute_time", "'inf s'"}},
      {time_of(R"("1e400 s")"), {"my.json#/stages/s/compute_time", "'1e400 s' is out of range"}},
      {resnet_with(R"("batch_size": 1.5)"), {"batch_size = 1.5 is not allowed", "a whole number of at least 1"}},
      {resnet_with(R"("batch_size": 0)"), {"batch_size = 0 is not allowed"}},
      {resnet_with(R"("batch_size": -3)"), {"batch_size = -3 is not allowed"}},
      {resnet_with(R"("batch_size": 1e12)"), {"batch_size = 1000000000000 is not allowed", "at most 2147483647"}},
      {resnet_with(R"("batch_size": "8")"), {"my.json#/stages/s/batch_size: batch_size takes", "write 8 without quotes"}},
      {resnet_with(R"("batch_size": "nan")"), {"my.json#/stages/s/batch_size", "'nan'"}},
      {resnet_with(R"("efficiency": 0)"), {"efficiency = 0 is not allowed", "at least 1e-9 and at most 1"}},
      {resnet_with(R"("efficiency": 1e-320)"), {"efficiency = 1e-320 is not allowed"}},
      {resnet_with(R"("zero_stage": 7)"), {"zero_stage = 7 is not allowed", "at most 3"}},
      {with_hardware(R"({"kind": "accelerator", "peak_rate": {"fp16": "-1 TFLOP/s"}})"),
       {"my.json#/stages/s/hardware/peak_rate/fp16", "-1 TFLOP/s is not allowed", "above 0"}},
  });
}

TEST(BadConfig, ChoicesAndBooleans) {
  expect_refused({
      {resnet_with(R"("precision": "fp61")"), {"unknown precision 'fp61'; did you mean 'fp64'?", "one of fp64, tf32"}},
      {resnet_with(R"("precision": 16)"), {"unknown precision '16'", "one of fp64"}},
      {resnet_with(R"("training": 1)"), {"training takes true or false, not 1"}},
      {resnet_with(R"("training": "yes")"), {"training takes true or false, not \"yes\""}},
  });
}

TEST(BadConfig, WhatIsMissing) {
  expect_refused({
      {one_stage(R"("solver": "iron_law", "memory_time": "1 s")"),
       {"my.json#/stages/s: iron_law needs compute_time", "at least 0 s"}},
      {one_stage(R"("solver": "single_node", "workload": "ResNet50")"), {"my.json#/stages/s: single_node needs hardware"}},
      {one_stage(R"("solver": "iron_law")"),
       {"my.json#/stages/s: iron_law needs memory_time (", "): give a value of at least 0 s (unit s); compute_time ("}},
      {R"({"version": 1, "stages": {"a": {"solver": "iron_law", "memory_time": "1 s"}, "b": {"solver": "iron_law", "compute_time": "1 s"}}})",
       {"my.json#/stages/a: iron_law needs compute_time (", "; my.json#/stages/b: iron_law needs memory_time ("}},
      {with_hardware(R"({"kind": "accelerator"})"), {"my.json#/stages/s/hardware: the accelerator lacks memory_capacity"}},
      {with_fleet(R"({"kind": "cluster", "nodes": 2})"), {"my.json#/stages/s/fleet: the cluster lacks node"}},
  });
}

TEST(BadConfig, ObjectsByName) {
  expect_refused({
      {one_stage(R"("solver": "single_node", "workload": "ResNet51", "hardware": "A100")"),
       {"my.json#/stages/s/workload: unknown workload 'ResNet51'; did you mean 'ResNet50'?"}},
      {one_stage(R"("solver": "single_node", "workload": "H100", "hardware": "A100")"),
       {"'H100' is an accelerator, and a workload is asked for"}},
      {with_hardware(R"("A1000")"), {"my.json#/stages/s/hardware: unknown hardware 'A1000'; did you mean 'A100'?"}},
      {with_hardware(R"("acelerator:A100")"), {"unknown hardware 'acelerator:A100'"}},
      {with_hardware("true"), {"my.json#/stages/s/hardware: hardware takes the name of a hardware"}},
      {with_hardware("null"), {"my.json#/stages/s/hardware"}},
      {with_hardware(R"("")"), {"my.json#/stages/s/hardware"}},
      {with_fleet(R"({"accelerator": "H1000", "count": 8})"),
       {"my.json#/stages/s/fleet/accelerator: unknown hardware 'H1000'", "'H100'"}},
      {with_fleet(R"({"node": "DGX_H10", "nodes": 1})"), {"my.json#/stages/s/fleet/node: unknown node 'DGX_H10'", "'DGX_H100'"}},
  });
}

TEST(BadConfig, ObjectsWrittenOut) {
  expect_refused({
      {with_hardware(R"({"kind": "acelerator"})"), {"my.json#/stages/s/hardware/kind", "did you mean 'accelerator'?"}},
      {with_hardware(R"({"kind": 3})"), {"my.json#/stages/s/hardware/kind: takes a text, not 3"}},
      {with_hardware(R"({"kind": "transformer"})"),
       {"my.json#/stages/s/hardware", "transformer is a kind of workload, not of hardware"}},
      {with_hardware(R"({"memory_capacity": "1 GB"})"), {"my.json#/stages/s/hardware", "say \"kind\"", "accelerator"}},
      {with_hardware(R"({"kind": "accelerator", "memory_capacty": "1 GB"})"),
       {"my.json#/stages/s/hardware/memory_capacty: accelerator has no field 'memory_capacty'; did you mean 'memory_capacity'?"}},
      {with_hardware(R"({"kind": "accelerator", "peak_rate": {"fp61": "1 TFLOP/s"}})"),
       {"my.json#/stages/s/hardware/peak_rate/fp61: accelerator has no field 'peak_rate.fp61'; did you mean 'peak_rate.fp64'?"}},
      {with_hardware(R"({"kind": "accelerator", "peak_rate": "1 TFLOP/s"})"),
       {"peak_rate takes an object of fields: fp64, tf32"}},
      {with_hardware(R"({"based_on": "H1000"})"), {"my.json#/stages/s/hardware/based_on: unknown hardware 'H1000'", "'H100'"}},
      {with_hardware(R"({"based_on": 3})"), {"my.json#/stages/s/hardware/based_on: takes the name of a hardware, not 3"}},
      {with_hardware(R"({"based_on": "ResNet50"})"),
       {"my.json#/stages/s/hardware/based_on: 'ResNet50' is a convolutional, and a hardware is asked for"}},
      {with_fleet(R"({"accelerator": "H100", "cuont": 8})"),
       {"my.json#/stages/s/fleet/cuont: server has no field 'cuont'; did you mean 'count'?"}},
      {with_fleet(R"({"accelerator": "H100", "count": 0.5})"), {"my.json#/stages/s/fleet/count: count = 0.5 is not allowed"}},
      {with_fleet(
           R"({"node": {"accelerator": {"based_on": "H100", "tdp": "5 B"}, "accelerators": 8, "link_bandwidth": "1 GB/s"}, "nodes": 1})"),
       {"my.json#/stages/s/fleet/node/accelerator/tdp", "takes the unit W"}},
  });
}

TEST(BadConfig, EverythingAtOnce) {
  expect_refused({
      {with_fleet(R"({"node": {"accelerator": "H1000", "accelerators": -8, "fabrik": "ib"}, "nodes": "three"})"),
       {"my.json#/stages/s/fleet/node/fabrik: node has no field 'fabrik'", "; my.json#/stages/s/fleet/node/accelerators: ",
        "-8 is not allowed", "; my.json#/stages/s/fleet/node/accelerator: unknown hardware 'H1000'",
        "my.json#/stages/s/fleet/nodes: 'three' does not begin with a number"}},
      {with_fleet(R"({"node": {"device": "H100", "count": 8}, "nodes": 3})"),
       {"my.json#/stages/s/fleet/node/device: node has no field 'device'; my.json#/stages/s/fleet/node/count: node has no field "
        "'count'",
        "my.json#/stages/s/fleet/node: the node lacks accelerator, which is required", "; accelerators, which is required"}},
      {R"({"version": 1, "inputs": {"d": "H1000", "d.tdp": "5 W", "b": "ten"},
           "stages": {"a": {"solver": "single_node", "workload": "ResNet51", "hardware": "$d", "batch_size": "$b", "lateny": 1},
                      "c": {"solver": "single_nod", "x": "$a.latency"}},
           "axes": [{"d.tdp": ["1 W"]}, {"a.efficiency": ["x"]}, {"q": [1]}]})",
       {"my.json#/stages/a/lateny: single_node has no input 'lateny'; ",
        "my.json#/stages/a/workload: unknown workload 'ResNet51'", "; my.json#/inputs/d: unknown hardware 'H1000'",
        "; my.json#/inputs/b: 'ten' does not begin with a number", "; my.json#/stages/c/solver: solver 'single_nod': unknown",
        "; my.json#/axes/1/a.efficiency/0: 'x' does not begin", "; my.json#/axes/2/q: 'q' is no input"}},
      {one_stage(resnet_on_a100 + R"(, "batch_size": 8)",
                 R"(, "where": ["latency > 1 s", "s.efficincy > 0"], "report": {"columns": ["latency", "x"]})"),
       {"my.json#/where/0: \"where\" is asked before anything runs", "; my.json#/where/1: ", "'s.efficincy'",
        "; my.json#/report/columns/1: "}},
  });
}

TEST(BadConfig, AProblemIsToldOnce) {
  const std::string text = one_stage(R"("solver": "single_node", "workload": "ResNet50", "hardware": "$d"},
      "t": {"solver": "single_node", "workload": "ResNet50", "hardware": "$d")",
                                     R"(, "inputs": {"d": "H1000"}, "axes": [{"d.tdp": ["1 W"]}])");
  try {
    (void)host::Session().compile(host::Config::parse(text, "my.json"));
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(std::string_view(e.what()).find("my.json", 1), std::string_view::npos) << e.what();
  }
}

TEST(BadConfig, Wires) {
  const std::string b = R"("b": {"solver": "iron_law", "memory_time": "1 s", "compute_time": "1 s"}}})";
  const auto reads = [&](const std::string& reference) {
    return R"({"version": 1, "stages": {"a": {"solver": "iron_law", "memory_time": "$)" + reference +
           R"(", "compute_time": "1 s"}, )" + b;
  };
  expect_refused({
      {reads("b.naiv"), {"my.json#/stages/a/memory_time: the stage b has no output 'naiv'; did you mean 'naive'?"}},
      {reads("c.naive"), {"my.json#/stages/a/memory_time: '$c.naive' is no input and no output of a stage"}},
      {reads("b"), {"my.json#/stages/a/memory_time: '$b' is a stage: write '$b.' and one of its outputs"}},
      {reads(""), {"my.json#/stages/a/memory_time: '$' is no input"}},
      {reads("a.naive"), {"my.json#/stages/a", "circle: a -> a"}},
      {R"({"version": 1, "stages": {"a": {"solver": "iron_law", "memory_time": "$b.naive", "compute_time": "1 s"},
                                    "b": {"solver": "iron_law", "memory_time": "$a.naive", "compute_time": "1 s"}}})",
       {"my.json#/stages/a", "circle: a -> b -> a"}},
      {one_stage(R"("solver": "amdahl", "improved_fraction": "$t.naive", "stage_speedup": 2}, "t": {)" + two_seconds),
       {"s.improved_fraction takes a plain number, but $t.naive is a quantity in s"}},
      {one_stage(resnet_on_a100 + R"(, "precision": "$t.bottleneck"}, "t": {)" + resnet_on_a100),
       {"s.precision takes a choice of fp64 ..., but $t.bottleneck is a choice of Compute ..."}},
      {one_stage(R"("solver": "single_node", "workload": "ResNet50", "hardware": "$t.latency"}, "t": {)" + resnet_on_a100),
       {"s.hardware takes a hardware, but $t.latency is a quantity in s"}},
  });
}

TEST(BadConfig, NamedInputs) {
  expect_refused({
      {one_stage(R"("solver": "iron_law", "memory_time": "$t", "compute_time": "$tt")", R"(, "inputs": {"t": "1 s"})"),
       {"my.json#/stages/s/compute_time: '$tt' is no input", "did you mean 't'?"}},
      {one_stage(R"("solver": "iron_law", "memory_time": "$t", "compute_time": "1 s", "memory_speedup": "$t")",
                 R"(, "inputs": {"t": "1 s"})"),
       {"my.json#/stages/s/memory_speedup: memory_speedup takes a plain number, but $t is a quantity in s"}},
      {one_stage(resnet_on_a100 + R"(, "efficiency": "$x", "batch_size": "$x")", R"(, "inputs": {"x": 1.5})"),
       {"my.json#/inputs/x: batch_size = 1.5 is not allowed"}},
      {one_stage(R"("solver": "single_node", "workload": "$d", "hardware": "$d")", R"(, "inputs": {"d": "H100"})"),
       {"my.json#/inputs/d: 'H100' is an accelerator, and a workload is asked for"}},
      {one_stage(resnet_on_a100 + R"(, "batch_size": "$a")", R"(, "inputs": {"a": "$a"})"),
       {"my.json#/inputs/a: an input takes a value, not the reference '$a'"}},
      {one_stage(R"("solver": "network_roofline", "workload": "Llama3_8B", "fleet": "$f")",
                 R"(, "inputs": {"f": {"kind": "server", "accelerator": "H100", "count": "$s.mfu"}})"),
       {"my.json#/stages/s", "circle: s -> f -> s"}},
      {one_stage(R"("solver": "network_roofline", "workload": "Llama3_8B", "fleet": "$f")",
                 R"(, "inputs": {"f": {"kind": "cluster", "node": "$f", "nodes": 1}})"),
       {"my.json#/inputs/f", "circle: f -> f"}},
      {with_fleet(R"({"accelerator": "H100", "count": "$m"})"), {"my.json#/stages/s/fleet/count: '$m' is no input"}},
  });
}

TEST(BadConfig, FieldsOfObjects) {
  const std::string device = R"("solver": "single_node", "workload": "ResNet50", "hardware": "$d")";
  const std::string written_out =
      R"("d": {"kind": "accelerator", "peak_rate": {"fp16": "1 TFLOP/s"}, "memory_capacity": "1 GB", "memory_bandwidth": "1 GB/s"})";
  expect_refused({
      {one_stage(device, R"(, "inputs": {"d": "H100", "d.tpd": "5 W"})"),
       {"my.json#/inputs/d.tpd: accelerator has no field 'tpd'; did you mean 'tdp'?"}},
      {one_stage(device, R"(, "inputs": {"d": "H100", "d.tdp": "5 B"})"), {"my.json#/inputs/d.tdp: tdp takes the unit W"}},
      {one_stage(device, R"(, "inputs": {"d": "H100", "d.peak_rate.fp16": "-1 FLOP/s"})"),
       {"my.json#/inputs/d.peak_rate.fp16", "not allowed"}},
      {one_stage(device, ", \"inputs\": {" + written_out + R"(, "d.tpd": "5 W"})"),
       {"my.json#/inputs/d.tpd: accelerator has no field 'tpd'", "'tdp'"}},
      {one_stage(two_seconds, R"(, "inputs": {"s.tdp": "5 W"})"), {"my.json#/inputs/s.tdp: iron_law has no input 'tdp'"}},
      {resnet_with(R"("hardware.tpd": "5 W")"), {"my.json#/stages/s/hardware.tpd: accelerator has no field 'tpd'", "'tdp'"}},
      {resnet_with(R"("hardwar.tdp": "5 W")"),
       {"my.json#/stages/s/hardwar.tdp: single_node has no input 'hardwar.tdp'; did you mean 'hardware'?"}},
      {one_stage(R"("solver": "network_roofline", "workload": "Llama3_8B", "fleet": "Research_256", "fleet.node": "DGX_A100")"),
       {"my.json#/stages/s/fleet.node", "write the node in {}"}},
  });
}

TEST(BadConfig, Axes) {
  expect_refused({
      {with_axes("{}"), {"my.json#/axes: takes a list"}},
      {with_axes("[3]"), {"my.json#/axes/0: an axis takes an object"}},
      {with_axes("[{}]"), {"my.json#/axes/0: an axis takes an object"}},
      {with_axes(R"([{"s.batch_size": []}])"), {"my.json#/axes/0/s.batch_size: an axis needs at least one value"}},
      {with_axes(R"([{"s.batch_size": 3}])"), {"my.json#/axes/0/s.batch_size: an axis takes a list"}},
      {with_axes(R"([{"s.batch_size": [1]}, {"s.batch_size": [2]}])"),
       {"my.json#/axes/1/s.batch_size: 's.batch_size' is on two axes"}},
      {with_axes(R"([{"s.batch_size": [1, 2], "s.efficiency": [0.5]}])"),
       {"my.json#/axes/0/s.efficiency: varies together with 2 values, but has 1"}},
      {with_axes(R"([{"s.batch_sise": [1]}])"),
       {"my.json#/axes/0/s.batch_sise: single_node has no input 'batch_sise'; did you mean 'batch_size'?"}},
      {with_axes(R"([{"t.batch_size": [1]}])"), {"my.json#/axes/0/t.batch_size: no input and no stage is named 't'"}},
      {with_axes(R"([{"batch_size": [1]}])"),
       {"my.json#/axes/0/batch_size: 'batch_size' is no input", "did you mean 's.batch_size'?"}},
      {with_axes(R"([{"s": [1]}])"), {"my.json#/axes/0/s: 's' is no input"}},
      {with_axes(R"([{"s.batch_size": [1, 2.5]}])"), {"my.json#/axes/0/s.batch_size/1", "2.5 is not allowed"}},
      {with_axes(R"([{"s.hardware": ["A100", "H1000"]}])"),
       {"my.json#/axes/0/s.hardware/1: unknown hardware 'H1000'; did you mean 'H100'?"}},
      {with_axes(R"([{"s.hardware": [true]}])"), {"my.json#/axes/0/s.hardware/0", "takes the name of a hardware"}},
      {with_axes(R"([{"s.hardware.tdp": [300]}])"), {"my.json#/axes/0/s.hardware.tdp/0", "needs a unit: write \"300 W\""}},
      {with_axes(R"([{"s.hardware.tpd": ["300 W"]}])"), {"my.json#/axes/0/s.hardware.tpd: accelerator has no field 'tpd'"}},
      {with_axes(R"([{"s.precision": ["fp16", "fp61"]}])"), {"my.json#/axes/0/s.precision/1", "'fp61'", "did you mean 'fp64'?"}},
      {with_axes(R"([{"s.precision": {"from": 1, "to": 3, "steps": 3}}])"), {"takes a list of values"}},
      {with_axes(
           R"([{"s.batch_size": {"from": 1, "to": 1000000, "steps": 1000000}}, {"s.efficiency": {"from": 0.1, "to": 0.9, "steps": 1000000}},
                     {"s.overlap": {"from": 0, "to": 1, "steps": 10}}])"),
       {"my.json#/axes/2", "more than 1000000000000 rows (--max-rows)"}},
  });
}

TEST(BadConfig, Ranges) {
  const auto batches = [](const std::string& range) { return with_axes("[{\"s.batch_size\": " + range + "}]"); };
  const auto overlaps = [](const std::string& range) { return with_axes("[{\"s.overlap\": " + range + "}]"); };
  expect_refused({
      {batches(R"({"powers_of": 1, "from": 1, "to": 64})"), {"powers_of takes a number above 1"}},
      {batches(R"({"powers_of": "2", "from": 1, "to": 64})"), {"powers_of takes a number above 1"}},
      {batches(R"({"powers_of": 1.5, "from": 1, "to": 64})"), {"= 1.5 is not allowed"}},
      {batches(R"({"powers_of": 2, "from": 64, "to": 1})"), {"goes upwards"}},
      {batches(R"({"powers_of": 2, "from": 1})"), {"a range needs \"to\""}},
      {batches(R"({"from": 64, "to": 1})"), {"a range of counts goes upwards"}},
      {batches(R"({"from": 1, "to": 64, "steps": 1})"), {"a range needs \"steps\""}},
      {batches(R"({"from": 1, "to": 64, "steps": 2.5})"), {"a range needs \"steps\""}},
      {batches(R"({"from": 1, "to": 64, "steps": 5})"), {"= 16.75 is not allowed", "a whole number"}},
      {batches(R"({"from": 1, "to": 64, "step": 5})"), {"unknown key 'step'; did you mean 'steps'?"}},
      {batches(R"({"from": 0, "to": 64, "steps": 65})"), {"my.json#/axes/0/s.batch_size/from", "= 0 is not allowed"}},
      {overlaps(R"({"from": 0.1, "to": 1, "steps": 5, "scale": "lg"})"), {"scale takes \"linear\" or \"log\", not \"lg\""}},
      {overlaps(R"({"from": 0, "to": 1, "steps": 5, "scale": "log"})"), {"a log range takes ends above 0"}},
      {overlaps(R"({"powers_of": 1.0000001, "from": 0.000001, "to": 1})"), {"more than 10000000 values"}},
  });
}

TEST(BadConfig, Reports) {
  expect_refused({
      {one_stage(two_seconds, R"(, "report": {"colums": ["naive"]})"),
       {"my.json#/report/colums: unknown key 'colums'; did you mean 'columns'?"}},
      {one_stage(two_seconds, R"(, "report": {"columns": ["naiv"]})"),
       {"my.json#/report/columns/0", "'naiv'", "did you mean 'naive'?"}},
      {one_stage(two_seconds, R"(, "report": {"columns": []})"), {"my.json#/report/columns: takes a list"}},
      {one_stage(two_seconds, R"(, "report": [])"), {"my.json#/report: takes an object"}},
  });
}

TEST(Config, SetSaysWhichFlagWasWrong) {
  Config c = Config::of_solver("single_node");
  EXPECT_NE(
      refused([&] { c.set("sngle_node.batch_size", "1", "--set"); }).find("--set: no input and no stage is named 'sngle_node'"),
      std::string::npos);
  c.set("single_node.workload", "ResNet50", "--workload");
  c.set("single_node.hardware", "A1000", "--hardware");
  EXPECT_NE(refused([&] { (void)session().compile(c); }).find("--hardware: unknown hardware 'A1000'; did you mean 'A100'?"),
            std::string::npos);
  c.set("single_node.hardware", "A100", "--hardware");
  c.set("single_node.batch_size", "1.5", "--batch-size");
  EXPECT_NE(refused([&] { (void)session().compile(c); }).find("--batch-size: batch_size = 1.5"), std::string::npos);
}

TEST(Config, SetTakesWhatACommandLineCanSay) {
  Config c = Config::of_solver("single_node");
  c.set("single_node.workload", "ResNet50", "--workload");
  c.set("single_node.hardware", R"({"based_on": "A100", "tdp": "200 W"})", "--hardware");
  c.set("single_node.batch_size", "8", "--batch-size");
  c.set("single_node.efficiency", ".25", "--efficiency");
  c.set("single_node.training", "true", "--training");
  c.set("single_node.precision", "BF16", "--precision");
  c.set("single_node.framework_overhead", "20 us", "--framework-overhead");
  const Pipeline p = session().compile(c);
  EXPECT_EQ(p.base()[p.input("single_node.batch_size")].number, 8);
  EXPECT_EQ(p.base()[p.input("single_node.efficiency")].number, 0.25);
  EXPECT_EQ(p.base()[p.input("single_node.training")].number, 1);
  EXPECT_EQ(p.base()[p.input("single_node.framework_overhead")].number, 20e-6);
  EXPECT_EQ(p.base()[p.input("single_node.hardware.tdp")].number, 200);
  const PortInfo& precision = p.solver().inputs()[p.input("single_node.precision")];
  EXPECT_EQ(precision.choices[static_cast<std::size_t>(p.base()[p.input("single_node.precision")].number)], "bf16");
}

TEST(Config, ReadsAFileAndNamesThePipelineAfterIt) {
  const OwnFolder folder;
  EXPECT_EQ(Config::read(folder.write("my_run.json", one_stage(two_seconds))).name(), "my_run");
  EXPECT_EQ(Config::read(folder.write("x.json", one_stage(two_seconds, R"(, "name": "A name", "profile": "tutorials")"))).name(),
            "A name");
  EXPECT_EQ(Config::read(folder.path() / "x.json").profile(), "tutorials");
  EXPECT_NE(refused([&] { (void)Config::read(folder.path() / "none.json"); }).find("none.json: cannot be read"),
            std::string::npos);
  EXPECT_NE(refused([&] { (void)Config::read(folder.path()); }).find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace ironlaw::host
