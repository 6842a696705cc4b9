// Questions as files: what they say, what they are answered with, and what is written of the answer.
#include <ironlaw/error.hpp>
#include <ironlaw/present/changes.hpp>
#include <ironlaw/questions/answered.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "asked.hpp"
#include "config/config_impl.hpp"
#include "template_text.hpp"

namespace ironlaw::host {
namespace {

const std::string small_question = R"({
  "version": 1, "question": {QUESTION},
  "inputs": {"speed": 2, "share": 0.5},
  "stages": {"law": {"solver": "amdahl", "improved_fraction": "$share", "stage_speedup": "$speed"}},
  "axes": [{"speed": [2, 4, 8]}], "study": {"use": "optimize", "goal": "max law.speedup", "keep": 1}})";
std::string with(const std::string& question) {
  std::string text = small_question;
  return text.replace(text.find("QUESTION"), 8, question);
}

TEST(Template, ValuesUnitsAndWhatIsLeftOut) {
  EXPECT_EQ(template_values("{a} of {b|ms}[ and {c}]", "here"), (std::vector<std::string>{"a", "b|ms", "c"}));
  const auto filled = [](const std::string& name) { return name == "c" ? std::string() : "<" + name + ">"; };
  EXPECT_EQ(filled_template("{a} of {b|ms}[ and {c}].", filled), "<a> of <b|ms>.");
  EXPECT_EQ(filled_template("[{a}, ]{c}", filled), "<a>, ?");
  EXPECT_EQ(UnitExpression("cost.tco / 2|kUSD").expression, "cost.tco / 2");
  EXPECT_EQ(UnitExpression("cost.tco / 2|kUSD").unit, "kUSD");
  EXPECT_EQ(refused([] { (void)template_values("{a of b", "here"); }), "here: has a '{' that is not closed");
}

TEST(Question, WhatItsFileMayNotSay) {
  const Folder folder;
  const auto says = [&](const std::string& question) {
    const std::string message = refused([&] { (void)Question::read(folder.write("q.json", with(question))); });
    return message.substr(message.find("q.json") + 6);
  };
  EXPECT_EQ(says(R"("asks": "?")"), "#/question: needs \"answer\": sentences with {values}");
  EXPECT_EQ(says(R"("answer": ["x"])"), "#/question: needs \"asks\"");
  EXPECT_EQ(says(R"("asks": "?", "answer": ["x"], "tabels": [])"),
            "#/question/tabels: unknown key 'tabels'; did you mean 'tables'?");
  EXPECT_EQ(says(R"("asks": "?", "answer": "x")"), "#/question/answer: takes a list");
  EXPECT_EQ(says(R"("asks": "?", "answer": ["x"], "each": "device")"), "#/question/each: 'device' is on no axis of this config");
  EXPECT_EQ(says(R"("asks": "?", "answer": ["x"], "targets": {"t": {}})"),
            "#/question/targets/t: needs one of \"at_most\" and \"at_least\": an output or an expression");
  EXPECT_EQ(says(R"("asks": "?", "answer": ["x"], "tables": [{"title": "t", "columns": {"a": "speed"}}])"),
            "#/question/tables/0: needs one of \"of_each\" and \"axes\"");
  EXPECT_EQ(says(R"("asks": "?", "answer": ["x"], "tables": [{"title": "t", "columns": {}}])"),
            "#/question/tables/0: needs \"columns\": titles and expressions");
  const std::string none = refused([&] { (void)Question::read(folder.write("none.json", one_stage(two_seconds))); });
  EXPECT_TRUE(contains(none, "asks no question")) << none;
}

TEST(Question, WhatAnAnswerCannotRead) {
  const Folder folder;
  const auto says = [&](const std::string& question) {
    const Question read = Question::read(folder.write("q.json", with(question)));
    return refused([&] { (void)told(read); });
  };
  EXPECT_TRUE(
      contains(says(R"("asks": "?", "answer": ["{law.speedupp}"])"), "unknown name 'law.speedupp'; did you mean 'law.speedup'?"));
  EXPECT_TRUE(contains(says(R"("asks": "?", "answer": ["{law.speedup|ms}"])"), "'ms' is no unit of law.speedup"));
  EXPECT_TRUE(contains(says(R"("asks": "?", "answer": ["x"], "targets": {"t": {"at_least": "law.speedup", "default": "3 s"}})"),
                       "#/question/targets/t"));
}

TEST(Question, TheBestOfAnAxisAndItsTable) {
  const Folder folder;
  const Question question = Question::read(folder.write(
      "q.json",
      with(
          R"("asks": "?", "answer": ["{speed} gives {law.speedup}"], "targets": {"enough": {"at_least": "law.speedup", "help": "h"}},
        "tables": [{"title": "all", "axes": ["speed"], "columns": {"n": "speed", "gives": "law.speedup"}, "sort": ["max law.speedup"], "rows": 2}],
        "assumptions": {"share": "{share|%}"})")));
  const Told answer = told(question);
  // Amdahl: 1 / (0.5 + 0.5 / 8).
  ASSERT_EQ(answer.sentences, std::vector<std::string>{"8 gives 1.778"});
  EXPECT_DOUBLE_EQ(number(answer, "law.speedup"), 1 / (0.5 + 0.5 / 8));
  const ToldPart& all = part(answer, "all");
  ASSERT_EQ(all.rows.size(), 2u);  // the first and the last of three
  EXPECT_EQ(all.rows[0][0].text, "8");
  EXPECT_EQ(all.rows[1][0].text, "2");
  EXPECT_EQ(all.rows[1][1].json, "1.3333333333333333");
  EXPECT_EQ(part(answer, "Assumed").values.front().text, "50 %");
  EXPECT_EQ(answer.exit_status(), 0);

  Question strict = Question::read(folder.path() / "q.json");
  strict.set_target("enough", "2", "--enough");
  const Told none = told(strict);
  EXPECT_EQ(none.exit_status(), 2);
  const ToldPart& nearest = part(none, "How near");
  ASSERT_EQ(nearest.rows.size(), 1u);
  EXPECT_EQ(nearest.header, (std::vector<std::string>{"", "enough >= 2"}));
  EXPECT_EQ(nearest.rows[0][1].text, "1.778, 11.1 % under");  // 1.7778 / 2 = 0.8889
  EXPECT_EQ(nearest.rows[0][1].json, "1.7777777777777777");
  strict.set_target("enough", "2 s", "--enough");
  EXPECT_TRUE(contains(refused([&] { (void)told(strict); }), "--enough: "));
  EXPECT_TRUE(contains(refused([&] { strict.set_target("other", "2", "--other"); }), "no target is named 'other'"));
}

TEST(Question, FlagsSayUnitsAndDefaults) {
  const Question question = Question::read(shipped / "serve.json");
  const auto flags = question.flags(session(), {});
  const auto help = [&](const std::string& name) {
    const auto found = std::find_if(flags.begin(), flags.end(), [&](const auto& f) { return f.name == name; });
    EXPECT_NE(found, flags.end()) << name;
    return found->help;
  };
  EXPECT_TRUE(contains(help("users"), "[default 200; >= 1]")) << help("users");
  EXPECT_TRUE(contains(help("model"), "[such as Llama3_70B]")) << help("model");
  EXPECT_TRUE(contains(help("device"), "[default A100, H100, ")) << help("device");
  EXPECT_TRUE(contains(help("request_rate"), "request/s")) << help("request_rate");
  EXPECT_EQ(help("ttft"), "mean time to first token, at most [default 2 s]");
  EXPECT_EQ(refused([&] { question.check_given(); }), "ask serve: needs --model; see ironlaw ask serve --help");
}

TEST(Question, ByNameOwnFoldersFirst) {
  const Folder folder;
  const auto own = folder.write("serve.json", with(R"("asks": "mine", "answer": ["x"])"));
  (void)folder.write("other.json", with(R"("asks": "mine too", "answer": ["x"])"));
  EXPECT_EQ(find_question("serve", {folder.path(), shipped}), own);
  EXPECT_EQ(find_question("fit", {folder.path(), shipped}), shipped / "fit.json");
  EXPECT_EQ(find_question("somewhere/else.json", {}), "somewhere/else.json");
  EXPECT_TRUE(
      contains(refused([&] { (void)find_question("serv", {shipped}); }), "no question is named 'serv'; did you mean 'serve'?"));
  EXPECT_TRUE(contains(refused([&] { (void)find_question("serving", {shipped}); }), "; did you mean 'serve'?"));
  EXPECT_TRUE(contains(refused([&] { (void)find_question("something", {shipped}); }), "'something'. Questions: "));
  EXPECT_TRUE(contains(refused([&] { (void)find_question("autoscaling", {shipped}); }), "did you mean 'autoscale'?"));
  EXPECT_TRUE(contains(refused([&] { (void)question_folders({folder.path() / "no"}); }), "is no folder"));
}

/// Llama 3.1 70B: 64 heads, 8 key-value heads, 80 layers. DeepSeek-V3: 128 heads, a latent cache, 256 experts, 61 layers.
TEST(Layout, DividesTheModelOrIsRefused) {
  const auto of = [](const std::string& fields) {
    return answer(compiled(one_stage(R"("solver": "serving_layout", )" + fields)));
  };
  const auto devices = [&](const std::string& fields) {
    const Pipeline p = compiled(one_stage(R"("solver": "serving_layout", )" + fields));
    const Answer a = answer(p);
    return a.status == RowStatus::ok ? a.outputs[p.output("s.devices")].number : 0;
  };
  const auto why = [&](const std::string& fields) {
    const Answer a = of(fields);
    EXPECT_EQ(a.status, RowStatus::refused) << fields;
    return a.errors.empty() ? std::string() : a.errors.front();
  };
  const std::string llama = R"("workload": "Llama3_70B")";
  const std::string deepseek = R"("workload": "DeepSeek_V3")";
  EXPECT_EQ(devices(llama + R"(, "tensor_parallel": 4, "pipeline_parallel": 2, "replicas": 3)"), 24);
  EXPECT_EQ(devices(llama + R"(, "tensor_parallel": 16)"), 16);  // two ranks hold the same key-value head
  EXPECT_EQ(devices(deepseek + R"(, "attention_data_parallel": 16, "tensor_parallel": 2)"), 32);
  EXPECT_EQ(devices(deepseek + R"(, "attention_data_parallel": 8, "expert_parallel": 4)"), 8);
  EXPECT_TRUE(contains(why(llama + R"(, "tensor_parallel": 3)"), "tensor_parallel: allowed is a divisor of the heads, 64"));
  EXPECT_TRUE(contains(why(llama + R"(, "pipeline_parallel": 128)"), "pipeline_parallel: allowed is at most the layers, 80"));
  EXPECT_TRUE(
      contains(why(llama + R"(, "attention_data_parallel": 2)"), "attention_data_parallel without routed experts: allowed is 1"));
  EXPECT_TRUE(
      contains(why(deepseek + R"(, "expert_parallel": 8)"), "expert_parallel: allowed is a divisor of the ranks of a stage"));
  EXPECT_TRUE(contains(why(deepseek + R"(, "attention_data_parallel": 48)"), "a divisor of the routed experts, 256"));
  EXPECT_TRUE(
      contains(why(llama + R"(, "tensor_parallel": 8, "most_devices": 4)"), "devices of an engine: allowed is at most 4"));
  EXPECT_TRUE(contains(why(R"("workload": "ResNet50")"), "states no transformer shape"));
}

/// Each, as it stands in the installation.
TEST(Shipped, EachIsAnsweredAsItStands) {
  const auto files = question_files({shipped});
  ASSERT_GE(files.size(), 8u);
  for (const auto& file : files) {
    SCOPED_TRACE(file);
    const Question question = Question::read(file);
    for (const auto& flag : question.flags(session(), {})) EXPECT_FALSE(flag.help.empty()) << flag.name;
    const Told answer = told(question);
    EXPECT_EQ(answer.status, RowStatus::ok);
    for (const auto& sentence : answer.sentences) EXPECT_EQ(sentence.find_first_of("?{}[]"), std::string::npos) << sentence;
    for (const auto& one : answer.parts) {
      EXPECT_FALSE(one.values.empty() && one.rows.empty()) << one.title;
      for (const auto& value : one.values) EXPECT_EQ(value.text.find('?'), std::string::npos) << one.title << ": " << value.name;
    }
    for (const auto format : {OutputFormat::text, OutputFormat::markdown, OutputFormat::json}) {
      ReportOptions options;
      options.format = format;
      options.width = 100;
      std::ostringstream out;
      report_told(question, answer, options, out);
      EXPECT_TRUE(contains(out.str(), answer.sentences.front().substr(0, 20))) << out.str();
      if (format == OutputFormat::json) {
        EXPECT_EQ(ordered_json::parse(out.str())["status"], "ok");
      }
    }
    ReportOptions rows;
    rows.format = OutputFormat::csv;
    std::ostringstream out;
    EXPECT_TRUE(contains(refused([&] { report_told(question, answer, rows, out); }), "text, markdown or json"));
  }
}

/// The plan in the answer is a config that gives the same numbers.
TEST(Shipped, APlanRunsByItself) {
  const Question question = asked("serve", {{"model", "Llama3_8B"}, {"device", "H100"}, {"users", "64"}}, {{"tpot", "20 ms"}});
  const Told answer = told(question);
  ASSERT_TRUE(answer.plan);
  const Pipeline plan = session().compile(Config::parse(write_plan(question, answer, "config", session(), {}), "plan.json"));
  EXPECT_TRUE(plan.axes().empty());
  const Answer again = host::answer(plan);
  EXPECT_EQ(again.outputs[plan.output("cost.tco")].number, number(answer, "cost.tco"));
  EXPECT_LE(again.outputs[plan.output("serve.tpot")].number, 0.02);
}

std::string in_json(const Question& question, const Told& answer) {
  ReportOptions options;
  options.format = OutputFormat::json;
  options.program = "test 1";
  std::ostringstream out;
  report_told(question, answer, options, out);
  return out.str();
}

/// What it was made of, and what moved it: of the plan as of any other answer.
TEST(Told, InJsonIsAskedAgain) {
  const auto ask = [](const std::string& device) {
    const Question question = asked("fit", {{"model", "Llama3_8B"}, {"device", device}});
    return in_json(question, told(question));
  };
  const std::string before = ask("H100");
  const std::string after = ask("H200");
  const auto json = ordered_json::parse(before);
  EXPECT_EQ(json["provenance"]["program"], "test 1");
  ASSERT_FALSE(json["provenance"]["zoo"].empty());
  for (const auto& folder : json["provenance"]["zoo"]) EXPECT_EQ(folder["sha256"].get<std::string>().size(), 64u);
  EXPECT_FALSE(json["provenance"]["plugins"].empty());
  EXPECT_FALSE(json["facts"].empty());
  ASSERT_TRUE(is_recorded_answer(before));
  ReportOptions options;
  options.format = OutputFormat::json;
  std::ostringstream out;
  report_changes(session(), {"before.json", before, {}}, {"after.json", after, {}}, {}, options, out);
  const auto found = ordered_json::parse(out.str());
  const auto device =
      std::find_if(found["changed"].begin(), found["changed"].end(), [](const auto& row) { return row["after"] == "H200"; });
  ASSERT_NE(device, found["changed"].end()) << found;
  EXPECT_EQ((*device)["before"], "H100");
  ASSERT_FALSE(found["moved"].empty());
  for (const auto& row : found["moved"]) EXPECT_TRUE(json["values"].contains(row["output"])) << row << ": not told";
  std::ostringstream same;
  report_changes(session(), {"before.json", before, {}}, {"again.json", before, {}}, {}, options, same);
  EXPECT_TRUE(ordered_json::parse(same.str())["moved"].empty());
}

/// No expression can name it, and no axis of a table can vary it as a whole.
TEST(Told, OfAnObjectThatIsWrittenOut) {
  Question fit = asked("fit", {{"model", "Llama3_8B"}});
  fit.config().set("device", R"({"based_on": "H100", "memory_capacity": "40 GB", "label": "Halved H100"})", "test");
  fit.given("device");
  const Told fits = told(fit);
  EXPECT_TRUE(contains(fits.sentences.front(), "Llama3_8B takes 16.6 GB of the 36 GB that a Halved H100 has for it"))
      << fits.sentences.front();
  const Told decodes = told(asked("decode", {{"model", R"({"based_on": "Llama3_8B"})"}, {"device", R"({"based_on": "H100"})"}}));
  EXPECT_TRUE(contains(decodes.sentences.front(), "all weights of Llama3_8B as given from the memory of the H100 as given"))
      << decodes.sentences.front();
}

TEST(Told, WithoutAPlanHasAStampAndNothingToAskAgain) {
  const Question question = asked("serve", {{"model", "Llama3_8B"}, {"device", "H100"}, {"users", "64"}}, {{"tpot", "1 us"}});
  const std::string none = in_json(question, told(question));
  EXPECT_FALSE(ordered_json::parse(none)["provenance"]["zoo"].empty());
  std::ostringstream out;
  EXPECT_TRUE(contains(refused([&] {
                         report_changes(session(), {"none.json", none, {}}, {"none.json", none, {}}, {}, {}, out);
                       }),
                       "none.json: tells of nothing that meets the targets"));
}

TEST(Capacity, IsTheInverseOfServe) {
  const Told carried =
      told(asked("capacity", {{"model", "Llama3_8B"}, {"device", "H100"}, {"devices", "4"}}, {{"tpot", "15 ms"}}));
  const double users = number(carried, "users");
  EXPECT_EQ(number(carried, "devices"), 4);
  const auto serve = [](double n) {
    return told(asked(
        "serve", {{"model", "Llama3_8B"}, {"device", "H100"}, {"users", std::to_string(std::lround(n))}, {"availability", "0"}},
        {{"tpot", "15 ms"}}));
  };
  EXPECT_LE(number(serve(users), "total.devices"), 4);
  EXPECT_GT(number(serve(users * 1.1), "total.devices"), 4);
}

/// 1e12 tokens at the rate of the step, and the job's failures.
TEST(Train, TimeIsTokensOverRate) {
  const Told answer = told(asked("train", {{"model", "Llama3_8B"}, {"tokens", "1 Ttoken"}}));
  const double working = 1e12 / number(answer, "step.token_rate");
  EXPECT_NEAR(number(answer, "job.expected_duration") * number(answer, "job.goodput"), working, 1e-9 * working);
  EXPECT_NEAR(number(answer, "job.expected_failures"), working / (50000.0 * 3600 / 64), 1e-9);
  const ToldPart& others = part(answer, "Would more");
  std::set<std::string> seen;
  for (const auto& row : others.rows) EXPECT_TRUE(seen.insert(row[0].text + row[1].text).second) << "each once";
  EXPECT_TRUE(
      seen.contains("H200"
                    "64"));
  EXPECT_TRUE(
      seen.contains("H100"
                    "128"));
}

/// 16.06 GB of weights, and a cache of 1,024 tokens, 131,072 bytes each, over 1 TB/s.
TEST(Chip, WhatBindsAndWhatItMustBe) {
  const Told answer = told(asked("chip", {{"model", "Llama3_8B"}}));
  EXPECT_TRUE(answer.sentences.front().starts_with("Memory binds")) << answer.sentences.front();
  EXPECT_NEAR(number(answer, "node.memory_time"), (8.03e9 * 2 + 1024 * 131072) / 1e12, 2e-5);
  EXPECT_NEAR(number(answer, "need.required_bandwidth") * (0.01 - number(answer, "node.overhead")),
              number(answer, "node.memory_time") * 1e12, 1e7);
  const ToldPart& twice = part(answer, "What twice");
  ASSERT_EQ(twice.rows.size(), 4u);
  EXPECT_EQ(twice.rows[0][3].text, twice.rows[1][3].text);  // twice the rate changes nothing
  EXPECT_NE(twice.rows[0][3].text, twice.rows[2][3].text);
}

TEST(Write, FlagsAreThoseThatTheReleaseDeclares) {
  for (const auto& entry : fs::directory_iterator(shipped / "engines")) {
    SCOPED_TRACE(entry.path());
    const auto json = ordered_json::parse(std::ifstream(entry.path()));
    EXPECT_FALSE(json.at("release").get<std::string>().empty());
    EXPECT_FALSE(json.at("source").get<std::string>().empty());
    if (json.contains("arguments_of")) continue;
    const auto& declared = json.at("declared");
    EXPECT_GE(declared.size(), 30u);
    for (const auto& [flag, value] : json.at("arguments").items())
      EXPECT_NE(std::find(declared.begin(), declared.end(), flag), declared.end()) << flag;
  }
  const Folder folder;
  fs::create_directory(folder.path() / "engines");
  (void)folder.write("engines/e.json",
                     R"({"engine": "E", "release": "1", "source": "s", "declared": ["--a"], "arguments": {"--b": "1"}})");
  const Question question =
      Question::read(folder.write("q.json", with(R"("asks": "?", "answer": ["x"], "write": {"e": "engines/e.json"})")));
  EXPECT_TRUE(contains(refused([&] { (void)write_plan(question, told(question), "e", session(), {}); }),
                       "'--b' is no flag that E 1 declares"));
}

TEST(Write, AnEnginesArguments) {
  const Question question = asked(
      "serve", {{"model", "Llama3_70B"}, {"device", "H100"}, {"users", "64"}, {"tensor_parallel", "4"}, {"cache_format", "fp8"}},
      {{"tpot", "60 ms"}});
  const Told answer = told(question);
  const std::string vllm = write_plan(question, answer, "vllm", session(), {});
  EXPECT_TRUE(vllm.starts_with("#!/bin/sh\n")) << vllm;
  EXPECT_TRUE(contains(vllm, "exec vllm serve \"$1\" \\\n  --tensor-parallel-size 4 \\\n  --pipeline-parallel-size 1")) << vllm;
  EXPECT_TRUE(contains(vllm, "--kv-cache-dtype fp8")) << vllm;
  EXPECT_FALSE(contains(vllm, "--enable-expert-parallel")) << vllm;
  EXPECT_TRUE(contains(write_plan(question, answer, "sglang", session(), {}), "--tp-size 4")) << vllm;
  EXPECT_TRUE(contains(write_plan(question, answer, "tensorrt-llm", session(), {}), "--tp_size 4"));
  const std::string manifest = write_plan(question, answer, "kubernetes", session(), {});
  EXPECT_TRUE(contains(manifest, "            - \"--tensor-parallel-size=4\"\n")) << manifest;
  EXPECT_TRUE(contains(manifest, "nvidia.com/gpu: 4\n")) << manifest;
  EXPECT_TRUE(contains(refused([&] { (void)write_plan(question, answer, "vlm", session(), {}); }),
                       "takes one of config, vllm, sglang, tensorrt-llm, kubernetes, not 'vlm'"));
}

}  // namespace
}  // namespace ironlaw::host
