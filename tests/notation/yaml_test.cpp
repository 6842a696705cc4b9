#include "text/yaml.hpp"

#include <ironlaw/utf8.hpp>

#include <gtest/gtest.h>

#include <ironlaw/error.hpp>
#include <string>

namespace ironlaw::host {
namespace {

Json read(std::string_view text) { return read_yaml(text, "c.yaml").json; }

std::string error(std::string_view text) {
  try {
    static_cast<void>(read(text));
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

void expect_place(const LocatedJson& document, std::string_view pointer, unsigned line, unsigned column) {
  EXPECT_EQ(document.at(pointer).line, line) << pointer;
  EXPECT_EQ(document.at(pointer).column, column) << pointer;
}

TEST(Yaml, GivesTheTreeOfJson) {
  const Json yaml = read(R"(# a config
version: 1
inputs: {device: H100, count: 4}
stages:
  serve:
    solver: serving
    hardware: $device
    tensor_parallel: $count
    ratio: 0.5
axes:
- device: [A100, H100]
- batch: {powers_of: 2, from: 1, to: 64}
assert:
- serve.tpot <= 50 ms
- >-
  cost.tco
  <= 2 MUSD
nothing:
)");
  const Json json = parse_json(R"({"version": 1, "inputs": {"device": "H100", "count": 4},
    "stages": {"serve": {"solver": "serving", "hardware": "$device", "tensor_parallel": "$count", "ratio": 0.5}},
    "axes": [{"device": ["A100", "H100"]}, {"batch": {"powers_of": 2, "from": 1, "to": 64}}],
    "assert": ["serve.tpot <= 50 ms", "cost.tco <= 2 MUSD"], "nothing": null})",
                               "c.json");
  EXPECT_EQ(yaml.dump(), json.dump()) << "the order of keys too";
  EXPECT_EQ(yaml["version"].type(), json["version"].type());
}

TEST(Yaml, JsonIsYaml) {
  const std::string json = R"({"a": [1, -2, 3.5, 1e3, true, null, "x\ty", "\u00e9"], "b": {}, "c": []})";
  EXPECT_EQ(read(json).dump(), parse_json(json, "").dump());
}

TEST(Yaml, NothingIsNull) {
  EXPECT_TRUE(read("").is_null());
  EXPECT_TRUE(read("# only a comment\n").is_null());
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a: 1"),
            Json({{"a", 1}}))
      << "a byte order mark is no character";
}

TEST(Yaml, ScalarsFollowTheCoreSchema) {
  for (const char* text : {"null", "Null", "NULL", "~", ""}) EXPECT_TRUE(read("a: " + std::string(text))["a"].is_null()) << text;
  for (const char* text : {"true", "True", "TRUE"}) EXPECT_EQ(read(text), Json(true)) << text;
  for (const char* text : {"false", "False", "FALSE"}) EXPECT_EQ(read(text), Json(false)) << text;
  EXPECT_TRUE(read("12").is_number_unsigned());
  EXPECT_EQ(read("+12"), Json(12));
  EXPECT_EQ(read("-12"), Json(-12));
  EXPECT_EQ(read("0"), Json(0));
  EXPECT_EQ(read("0x1F"), Json(31));
  EXPECT_EQ(read("0o17"), Json(15));
  EXPECT_EQ(read("18446744073709551615"), Json(18446744073709551615ULL));
  EXPECT_EQ(read("-9223372036854775808").dump(), "-9223372036854775808");
  EXPECT_EQ(read("18446744073709551616"), Json(18446744073709551616.0)) << "as in JSON";
  EXPECT_TRUE(read("1.0").is_number_float());
  EXPECT_EQ(read("1."), Json(1.0));
  EXPECT_EQ(read("-.5"), Json(-0.5));
  EXPECT_EQ(read("+1.5e+3"), Json(1500.0));
  EXPECT_EQ(read("00.5"), Json(0.5));
}

TEST(Yaml, EverythingElseIsText) {
  for (const char* text : {"yes", "no", "on", "off", "tRUE", "1_000", "1:30",  "2024-01-01", "50 ms",   "1e", "e3",
                           ".",   "-",  "+",  "0x",  "0o8",  "-0x1",  "1.2.3", "1e3.5",      "$device", "<<"}) {
    const Json value = read("[" + std::string(text) + "]");
    if (std::string_view(text) == "-") continue;
    EXPECT_EQ(value, Json::array({text})) << text;
  }
  EXPECT_EQ(read("[\"12\", 'true', \"\", 'it''s']"), Json::array({"12", "true", "", "it's"}));
  EXPECT_EQ(read("|\n  12\n"), Json("12\n"));
}

TEST(Yaml, NumbersThatAreNoneAreRefused) {
  EXPECT_EQ(error("a: .inf"), "c.yaml:1:4: '.inf' is no number here; put it in quotes where it is a text");
  EXPECT_EQ(error("a: -.INF"), "c.yaml:1:4: '-.INF' is no number here; put it in quotes where it is a text");
  EXPECT_EQ(error("a: .NaN"), "c.yaml:1:4: '.NaN' is no number here; put it in quotes where it is a text");
  EXPECT_EQ(error("a: 012"),
            "c.yaml:1:4: '012' has a leading 0, which some read as octal; write it without, as 0o..., or in quotes");
  EXPECT_EQ(error("a: 1e999"), "c.yaml:1:4: '1e999' is out of range");
  EXPECT_EQ(error("a: 0x10000000000000000"), "c.yaml:1:4: '0x10000000000000000' is out of range");
}

TEST(Yaml, CoreTags) {
  EXPECT_EQ(read("!!str 12"), Json("12"));
  EXPECT_EQ(read("! 12"), Json("12"));
  EXPECT_EQ(read("!!int 12"), Json(12));
  EXPECT_TRUE(read("!!float 12").is_number_float());
  EXPECT_EQ(read("!!bool true"), Json(true));
  EXPECT_TRUE(read("!!null ~").is_null());
  EXPECT_EQ(read("!!map {!!str a: !!seq [1]}"), Json({{"a", {1}}}));
  EXPECT_EQ(error("!!int 1.5"), "c.yaml:1:1: '1.5' is no !!int");
  EXPECT_EQ(error("a: !!bool yes"), "c.yaml:1:4: 'yes' is no !!bool");
  EXPECT_EQ(error("a: !mine 1"), "c.yaml:1:4: unknown tag '!mine'; a scalar takes !!str, !!int, !!float, !!bool and !!null");
  EXPECT_EQ(error("a: !!set {b}"), "c.yaml:1:4: unknown tag 'tag:yaml.org,2002:set'; an object takes !!map");
  EXPECT_EQ(error("a: !mine [b]"), "c.yaml:1:4: unknown tag '!mine'; a list takes !!seq");
  EXPECT_EQ(error("!mine a: 1"), "c.yaml:1:1: unknown tag '!mine'; a key takes !!str");
}

TEST(Yaml, KeysAreTextAndGivenOnce) {
  EXPECT_EQ(read("1: a\ntrue: b"), Json({{"1", "a"}, {"true", "b"}}));
  EXPECT_EQ(read("'<<': 1"), Json({{"<<", 1}}));
  EXPECT_EQ(error("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3"), "c.yaml:5:3: the key 'c' is given twice");
  EXPECT_EQ(error("{1: a, '1': b}"), "c.yaml:1:8: the key '1' is given twice");
  EXPECT_EQ(error("a: &x {b: 1}\nc:\n  <<: *x"), "c.yaml:3:3: merge keys are no part of YAML 1.2; write the members out");
  EXPECT_EQ(error("? [a]\n: b"), "c.yaml:1:3: a key takes text, not a list or an object");
  EXPECT_EQ(error("? {a: 1}\n: b"), "c.yaml:1:3: a key takes text, not a list or an object");
  EXPECT_EQ(error("{: b}"), "c.yaml:1:2: a key is missing");
  EXPECT_EQ(error("a: &x b\n*x : c"), "c.yaml:2:1: a key is written out, not an alias");
  EXPECT_EQ(error("&x a: b"), "c.yaml:1:1: a key takes no anchor");
}

TEST(Yaml, AliasesRepeatWhatTheirAnchorNames) {
  EXPECT_EQ(read("a: &x {b: [1, 2]}\nc: *x\nd: [*x, *x]"), read("a: {b: [1, 2]}\nc: {b: [1, 2]}\nd: [{b: [1, 2]}, {b: [1, 2]}]"));
  EXPECT_EQ(read("[&x 1, *x, &x 2, *x]"), Json({1, 1, 2, 2})) << "the one before";
  EXPECT_TRUE(read("[&x , *x]")[1].is_null());
  EXPECT_EQ(error("a: &x [*x]"), "c.yaml:1:8: an alias stands inside what it repeats");
  EXPECT_EQ(error("a: *x"), "c.yaml:1:4: broken YAML: the referenced anchor is not defined");
}

TEST(Yaml, AliasesAreBounded) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 1; k < 10; ++k) laughs += ", " + before;
    laughs += "]\n";
  }
  EXPECT_EQ(error(laughs), "c.yaml:6:45: more than 1000000 values, with what aliases repeat");
  std::string deep = "- &a0 x\n";
  for (int i = 1; i < 300; ++i) deep += "- &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_EQ(error(deep), "c.yaml:201:10: nested deeper than 200 levels");
}

TEST(Yaml, NestingIsBounded) {
  const std::string open(200, '['), close(200, ']');
  EXPECT_EQ(error(open + close), "no error");
  EXPECT_EQ(error("[" + open + close + "]"), "c.yaml:1:201: nested deeper than 200 levels");
}

TEST(Yaml, EscapesOfOtherLineEndsAreUtf8) {
  EXPECT_EQ(read_yaml(R"(["a\N", "\_b", "\x85\L\P", "\u00e9"])", "f").json,
            Json::array({"a\xC2\x85",
                         "\xC2\xA0"
                         "b",
                         "\xC2\x85\xE2\x80\xA8\xE2\x80\xA9", "\xC3\xA9"}));
  EXPECT_EQ(read_yaml(R"({"\N": 1})", "f").json.begin().key(), "\xC2\x85");
}

TEST(Yaml, BrokenTextSaysWhere) {
  EXPECT_EQ(error("a: [1, 2"), "c.yaml:1:9: broken YAML: end of sequence flow not found");
  EXPECT_EQ(error("a: 1\n b: 2"), "c.yaml:2:3: broken YAML: illegal map value");
  EXPECT_EQ(error("a: 'x"), "c.yaml:1:6: broken YAML: illegal EOF in scalar");
  EXPECT_EQ(error("a: 1\n---\nb: 2"), "c.yaml:2:1: a second document begins here; a file takes one");
  EXPECT_EQ(error("a: \xff"), "c.yaml:1:4: broken YAML: not UTF-8");
  EXPECT_EQ(error("a: 1\nb: x\x01y"), "c.yaml:2:5: broken YAML: a control character");
  EXPECT_EQ(error(std::string_view("a\0:\0 \0", 6)), "c.yaml:1:2: broken YAML: a control character");
}

TEST(Yaml, ValuesHavePlaces) {
  const auto document = read_yaml(
      "version: 1\nstages:\n  serve:\n    solver: serving\n  a/b: &x {c: 1}\naxes:\n- batch: [1,\n    2]\n- *x\n", "c.yaml");
  expect_place(document, "", 1, 1);
  expect_place(document, "/version", 1, 1);
  expect_place(document, "/stages/serve", 3, 3);
  expect_place(document, "/stages/serve/solver", 4, 5);
  expect_place(document, "/stages/a~1b/c", 5, 12);
  expect_place(document, "/axes/0", 7, 3);
  expect_place(document, "/axes/0/batch", 7, 3);
  expect_place(document, "/axes/0/batch/1", 8, 5);
  expect_place(document, "/axes/1", 9, 3);
  expect_place(document, "/axes/1/c", 9, 3);
  expect_place(document, "/stages/serve/missing", 3, 3);
  expect_place(document, "/axes/7", 6, 1);
  expect_place(document, "/axes/x", 6, 1);
}

TEST(Utf8, LengthOfTheFirstCharacter) {
  EXPECT_EQ(utf8_front("a").length, 1U);
  EXPECT_EQ(utf8_front("\u00e9x").length, 2U);
  EXPECT_EQ(utf8_front("\u20ac").length, 3U);
  EXPECT_EQ(utf8_front("\U0001F600").length, 4U);
  EXPECT_EQ(utf8_front("\U0010FFFF").length, 4U);
  for (const char* bad : {"", "\x80", "\xC0\x80", "\xC3", "\xC3(", "\xE0\x80\x80", "\xED\xA0\x80", "\xE2\x82", "\xF0\x80\x80\x80",
                          "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80"})
    EXPECT_EQ(utf8_front(bad).length, 0U) << bad;
}

}  // namespace
}  // namespace ironlaw::host
