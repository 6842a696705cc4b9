// Adapters of peft: what is trained and what there is with it, as peft 0.21.2 itself counts the same adapters over the same
// models.
#include <ironlaw/import/foreign_file.hpp>

#include <nlohmann/json.hpp>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

const std::string over_llama = R"("base_model_name_or_path": "meta-llama/Meta-Llama-3-8B", )";
const std::string of_seven_modules =
    R"("target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"])";
const std::string of_two_modules = R"("target_modules": ["q_proj", "v_proj"])";

nlohmann::json adapted(const std::string& fields) {
  const OwnFolder folder;
  const auto file = folder.write("adapter_config.json", R"({"peft_type": "LORA", )" + fields + "}");
  const ForeignFormats formats{session().zoo_folders(), session().plugins(), {}};
  return nlohmann::json::parse(import_file(formats, file, "m"))["entries"]["m"];
}

void expect_counts(const std::string& fields, const std::string& trained, const std::string& all) {
  const std::string note = adapted(fields)["note"];
  EXPECT_NE(note.find("trains " + trained + " of " + all + " parameters"), std::string::npos) << fields << ": " << note;
}

std::string adapter_refused(const std::string& fields) {
  return refused([&] { (void)adapted(fields); });
}

TEST(Adapters, CountAsPeftCounts) {
  expect_counts(over_llama + R"("r": 16, )" + of_seven_modules, "41943040", "8072204288");
  expect_counts(over_llama + R"("r": 8, )" + of_two_modules, "3407872", "8033669120");
  expect_counts(over_llama + of_two_modules, "3407872", "8033669120");
  expect_counts(over_llama + R"("target_modules": ["q_proj", "self_attn.q_proj", "v_proj", "q_proj"])", "3407872", "8033669120");
  expect_counts(over_llama + R"("target_modules": "all-linear")", "20971520", "8051232768");
  expect_counts(over_llama + R"("modules_to_save": ["lm_head", "embed_tokens"], )" + of_two_modules, "1054081024", "9084342272");
  expect_counts(over_llama + R"("target_modules": ["q_proj", "v_proj", "embed_tokens", "lm_head"])", "5525504", "8035786752");
  expect_counts(over_llama + R"("use_dora": true, )" + of_two_modules, "3571712", "8033832960");
  expect_counts(over_llama + R"("lora_bias": true, )" + of_two_modules, "3571712", "8033832960");
  expect_counts(over_llama + R"("layers_to_transform": [0, 1], )" + of_two_modules, "212992", "8030474240");
  expect_counts(over_llama + R"("rank_pattern": {"q_proj": 16}, )" + of_two_modules, "5505024", "8035766272");
  expect_counts(over_llama + R"("target_modules": ".*self_attn.*(q|v)_proj$")", "3407872", "8033669120");
  expect_counts(R"("base_model_name_or_path": "Qwen/Qwen2.5-7B-Instruct", "r": 64, )" + of_seven_modules, "161480704",
                "7777097216");
  expect_counts(R"("base_model_name_or_path": "openai-community/gpt2", "target_modules": ["c_attn", "c_proj", "c_fc"])",
                "1179648", "125619456");
  expect_counts(
      R"("base_model_name_or_path": "microsoft/Phi-3-mini-4k-instruct", "r": 16, "target_modules": ["qkv_proj", "o_proj"])",
      "9437184", "3830516736");
  // A head that is tied is copied all the same where it is trained.
  expect_counts(R"("base_model_name_or_path": "Qwen/Qwen2.5-0.5B", "target_modules": ["q_proj"], "modules_to_save": ["lm_head",
    "embed_tokens"])",
                "272613376", "766646144");
}

TEST(Adapters, LatentAttentionHasModulesOfItsOwn) {
  // 27 layers of (2048 + 3072) + (2048 + 576) + (512 + 4096) + (2048 + 2048), times 8.
  expect_counts(R"("base_model_name_or_path": "deepseek-ai/DeepSeek-V2-Lite", "target_modules": ["q_proj", "kv_a_proj_with_mqa",
    "kv_b_proj", "o_proj"])",
                "3552768", "15710036992");
}

TEST(Adapters, TheBaseKeepsTheFormatOfItsName) {
  const OwnFolder folder;
  const std::string fields = R"("base_model_name_or_path": "unsloth/Meta-Llama-3.1-8B-bnb-4bit", "r": 16, )" + of_seven_modules;
  const auto entry = adapted(fields);
  const std::string stage = R"("solver": "memory_fit", "hardware": "RTX4090", "training": true, "workload": )";
  const auto pipeline = compiled(one_stage(stage + entry.dump()));
  // Frozen weights in four bits, 16 of the adapter's.
  EXPECT_LT(output_of(pipeline, answer(pipeline), "s.weights"), 6.2e9);
}

TEST(Adapters, AreTrainedAloneUnlessAFlagSaysOtherwise) {
  // 41,943,040 of 8,030,261,248 parameters: gradients in 2 bytes, moments and master weights in 12.
  const auto entry = adapted(over_llama + R"("r": 16, )" + of_seven_modules);
  EXPECT_EQ(entry["adapter_parameters"], 41943040);
  const auto asked = [](const std::string& stage, const nlohmann::json& workload, const std::string& output) {
    const auto pipeline = compiled(one_stage(stage + R"(, "workload": )" + workload.dump()));
    return output_of(pipeline, answer(pipeline), "s." + output);
  };
  const nlohmann::json base = "Llama3_8B";
  for (const std::string stage : {R"("solver": "training_memory", "hardware": "H100", "batch_size": 1)",
                                  R"("solver": "memory_fit", "hardware": "H100", "training": true, "precision": "bf16")"}) {
    EXPECT_NEAR(asked(stage, entry, "gradients"), 2 * 41943040.0, 1) << stage;
    EXPECT_NEAR(asked(stage, entry, "optimizer_state"), 12 * 41943040.0, 1) << stage;
    EXPECT_NEAR(asked(stage + R"(, "trainable_fraction": 0.5)", entry, "gradients"), 8030261248.0, 1) << stage;
    EXPECT_NEAR(asked(stage, base, "gradients"), 2 * 8030261248.0, 1) << stage;
  }
  const std::string fleet = R"(, "fleet": {"kind": "cluster", "nodes": 1, "node": {"kind": "node", "accelerator": "H100",
    "accelerators": 8, "link_bandwidth": "450 GB/s"}}, "batch_size": 8, "sequence_length": 4096)";
  for (const auto& [solver, output] :
       {std::pair("training_step", "memory_footprint"), {"distributed", "node.memory_footprint"}}) {
    const std::string stage = R"("solver": ")" + std::string(solver) + "\"" + fleet;
    const double own = asked(stage, entry, output), whole = asked(stage, base, output);
    EXPECT_LT(own, 0.5 * whole) << solver;
    EXPECT_EQ(asked(stage + R"(, "lora": false)", entry, output), whole) << solver;
    // The rule of thumb is rank 16 on four square matrices a layer: 16,777,216 parameters.
    EXPECT_LT(asked(stage + R"(, "lora": true)", base, output), own) << solver;
  }
  const std::string one = R"("solver": "single_node", "hardware": "H200", "training": true, "batch_size": 1)";
  EXPECT_EQ(asked(one + R"(, "lora": false)", entry, "memory_footprint"), asked(one, base, "memory_footprint"));
  EXPECT_NEAR(asked(one, entry, "memory_footprint") - asked(one + R"(, "lora": true)", base, "memory_footprint"),
              14 * (41943040.0 - 16777216), 1e6);
}

TEST(Adapters, SayWhatTheyCannotCount) {
  expect_says(adapter_refused(of_two_modules), {"/base_model_name_or_path: is left out"});
  expect_says(adapter_refused(R"("base_model_name_or_path": "nobody/none", )" + of_two_modules),
              {"/base_model_name_or_path: unknown workload 'nobody/none'"});
  expect_says(adapter_refused(R"("base_model_name_or_path": "Qwen/Qwen2.5-VL-7B-Instruct", )" + of_two_modules),
              {"is no single stack of layers"});
  expect_says(adapter_refused(over_llama + R"("r": 0, )" + of_two_modules), {"/r: 0 is out of range"});
  expect_says(adapter_refused(over_llama + R"("target_modules": ["zz_proj"])"),
              {"/target_modules: unknown module 'zz_proj'. Known: q_proj"});
  expect_says(adapter_refused(over_llama + R"("target_modules": ["query_in"])"), {"unknown module"});
  expect_says(adapter_refused(over_llama + R"("r": 8)"), {"/target_modules: is left out"});
  expect_says(adapter_refused(over_llama + R"("bias": "all", )" + of_two_modules),
              {R"(/bias: "all" is not counted here. Allowed: none)"});
  expect_says(adapter_refused(R"("base_model_name_or_path": "Mixtral_8x7B", "target_modules": ["w1"])"),
              {"'w1' of a model with experts is counted in no one way"});
  expect_says(adapter_refused(R"("base_model_name_or_path": "DeepSeek_V4_Flash", "target_modules": ["q_proj"])"),
              {"'q_proj' is two matrices in this model"});
  expect_says(adapter_refused(R"("base_model_name_or_path": "Laguna_XS_2", "target_modules": ["q_proj"])"),
              {"'q_proj' differs from layer to layer in this model"});
  std::string repeats;
  for (int i = 0; i < 400; ++i) repeats += "(.*)*";
  expect_says(adapter_refused(over_llama + R"("target_modules": ")" + repeats + "\""), {"of a form that is not read; a list is"});
  const OwnFolder folder;
  const auto file = folder.write("adapter_config.json", R"({"peft_type": "IA3", "base_model_name_or_path": "Llama3_8B"})");
  const ForeignFormats formats{session().zoo_folders(), session().plugins(), {}};
  expect_says(refused([&] { (void)import_file(formats, file); }), {R"(/peft_type: "IA3" is not counted here. Allowed: LORA)"});
}

}  // namespace
}  // namespace ironlaw::host
