// Widths of stored weights from what configs say of quantization, each worked by hand.
#include <ironlaw/import/import.hpp>

#include <nlohmann/json.hpp>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

using nlohmann::json;

/// Four layers; `quantization` is a key and its object.
std::string config_with(const std::string& quantization) {
  return R"({"model_type": "llama", "hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 8,
    "num_key_value_heads": 2, "num_hidden_layers": 4, "vocab_size": 1000, "tie_word_embeddings": false)" +
         (quantization.empty() ? "" : ", " + quantization) + "}";
}

json stored_bits(const std::string& quantization) {
  const OwnFolder folder;
  const auto file = folder.write("config.json", config_with(quantization));
  return json::parse(import_model(session().zoo_folders(), file, "m"))["entries"]["m"].value("stored_bits", json::object());
}

void expect_bits(const std::string& quantization, const json& expected) {
  const json bits = stored_bits(quantization);
  for (const auto& [name, each] : expected.items()) {
    ASSERT_TRUE(bits.contains(name)) << name << " of " << quantization;
    EXPECT_NEAR(bits[name].get<double>(), each.get<double>(), 1e-6) << name << " of " << quantization;
  }
}

TEST(Quantization, AFileInSinglePrecisionIsTwiceAsLarge) {
  expect_bits(R"("torch_dtype": "float32")", {{"linear", 32}, {"attention", 32}, {"embedding", 32}, {"head", 32}, {"norms", 32}});
  expect_bits(R"("dtype": "float32")", {{"linear", 32}});
  EXPECT_TRUE(stored_bits(R"("torch_dtype": "bfloat16")").empty());
  // What quantization leaves alone is loaded in 16 bits, whatever the file says of itself.
  expect_bits(R"("torch_dtype": "float32", "quantization_config": {"load_in_8bit": true})", {{"linear", 8}, {"head", 16}});
}

TEST(Quantization, ScalesAndZeroPointsOfAGroup) {
  expect_bits(R"("quantization_config": {"quant_method": "inc", "bits": 4, "group_size": 128})", {{"linear", 4.15625}});
  // (16 + 4) / 128 beside 4 bits.
  expect_bits(R"("quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128})",
              {{"linear", 4.15625}, {"attention", 4.15625}, {"head", 16}, {"embedding", 16}, {"norms", 16}});
  expect_bits(R"("quantization_config": {"quant_method": "awq", "w_bit": 4, "q_group_size": 64})", {{"linear", 4.3125}});
  expect_bits(R"("quantization_config": {"quant_method": "hqq", "nbits": 4, "group_size": 64})", {{"linear", 4.5}});
  // An fp32 scale for a block of 128 x 128.
  expect_bits(R"("quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]})", {{"linear", 8.001953}});
  // An 8-bit scale for 64, and one of 32 bits for 256 of those.
  expect_bits(R"("quantization_config": {"load_in_4bit": true, "bnb_4bit_use_double_quant": true})", {{"linear", 4.126953}});
  expect_bits(R"("quantization_config": {"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp4",
      "group_size": 32}}, "exclude": ["lm_head"]})",
              {{"linear", 4.25}, {"head", 16}});
  expect_bits(R"("quantization_config": {"quant_method": "exl2", "bits": 4.25, "head_bits": 6})",
              {{"linear", 4.25}, {"head", 6}});
}

TEST(Quantization, MlxPacksEmbeddingAndHeadToo) {
  expect_bits(R"("quantization": {"group_size": 64, "bits": 4})",
              {{"linear", 4.5}, {"attention", 4.5}, {"embedding", 4.5}, {"head", 4.5}, {"norms", 16}});
}

TEST(Quantization, GroupsOfModules) {
  expect_bits(R"("quantization_config": {"quant_method": "compressed-tensors", "config_groups": {
      "a": {"weights": {"num_bits": 4, "type": "int", "group_size": 128, "strategy": "group"}, "targets": ["re:.*mlp.*"]},
      "b": {"weights": {"num_bits": 8, "type": "int", "strategy": "channel"}, "targets": ["re:.*self_attn.*"]}},
      "ignore": ["lm_head"], "kv_cache_scheme": {"num_bits": 8}})",
              {{"linear", 4.125}, {"attention", 8}, {"head", 16}, {"cache", 8}});
}

TEST(Quantization, LayersThatAreLeftOutKeepSixteenBits) {
  // Three layers of 4 bits with an 8-bit scale for 16, one of 16.
  expect_bits(R"("quantization_config": {"quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8",
      "exclude_modules": ["lm_head", "model.layers.3.*"]})",
              {{"linear", (3 * 4.5 + 16) / 4}, {"attention", (3 * 4.5 + 16) / 4}, {"head", 16}, {"cache", 8}});
}

TEST(Quantization, AlgorithmsByNameOfTheModule) {
  std::string layers;
  for (int layer = 0; layer < 4; ++layer)
    for (const char* matrix : {"gate_proj", "up_proj", "down_proj"})
      layers += (layers.empty() ? "\"model.layers." : ", \"model.layers.") + std::to_string(layer) + ".mlp." + matrix +
                (layer < 2 ? R"(": {"quant_algo": "FP8"})" : R"(": {"quant_algo": "NVFP4", "group_size": 16})");
  expect_bits(R"("quantization_config": {"quant_algo": "MIXED_PRECISION", "quantized_layers": {)" + layers + "}}",
              {{"linear", (8 + 8 + 4.5 + 4.5) / 4}, {"attention", 16}});
}

TEST(Quantization, AMatrixOfABlockIsNotTheBlock) {
  // One of three in 16 bits, of one layer in four.
  expect_bits(R"("quantization_config": {"quant_method": "fp8", "modules_to_not_convert": ["model.layers.1.mlp.down_proj"]})",
              {{"linear", (3 * 8 + (8 + 8 + 16) / 3.0) / 4}, {"attention", 8}});
  // And of all of them.
  expect_bits(R"("quantization_config": {"load_in_8bit": true, "llm_int8_skip_modules": ["down_proj", "lm_head"]})",
              {{"linear", (8 + 8 + 16) / 3.0}, {"attention", 8}, {"head", 16}});
  expect_bits(R"("quantization_config": {"quant_algo": "FP8", "exclude_modules": ["*.q_proj", "*.k_proj", "lm_head"]})",
              {{"linear", 8}, {"attention", (8 + 8 + 16 + 16) / 4.0}});
  expect_bits(R"("quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128, "modules_to_not_convert":
    ["self_attn"]})",
              {{"linear", 4.15625}, {"attention", 16}});
}

TEST(Quantization, ModulesByExpressions) {
  // GPTQModel: one layer of four in 8 bits, the last left alone.
  expect_bits(R"("quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": {
      "+:.*\\.(?:1)\\..*": {"bits": 8, "group_size": 64}, "-:.*\\.[3-9]\\..*": {}}})",
              {{"linear", (2 * 4.15625 + 8 + 24 / 64.0 + 16) / 4}, {"attention", (2 * 4.15625 + 8 + 24 / 64.0 + 16) / 4}});
  expect_bits(R"("quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128, "lm_head": true, "dynamic": {
      "-:.*attn.*": {}, "lm_head": {"bits": 8}, ".*down_proj": {"bits": 8}}})",
              {{"linear", (2 * 4.15625 + 8.1875) / 3}, {"attention", 16}, {"head", 8.1875}});
  expect_bits(R"("quantization_config": {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights":
    {"num_bits": 8, "type": "float"}, "targets": ["Linear"]}}, "ignore": ["re:.*layers\\.(0|3)\\.mlp.*", "lm_head"]})",
              {{"linear", (8 + 8 + 16 + 16) / 4.0}, {"attention", 8}});
}

TEST(Quantization, ModulesThatAutoRoundTellsApart) {
  expect_bits(R"("quantization_config": {"quant_method": "auto-round", "bits": 4, "group_size": 128, "extra_config": {
      "model.layers.0.self_attn.k_proj": {"bits": 16, "data_type": "float"}, "lm_head": {"bits": 8, "group_size": 128}}})",
              {{"linear", 4.15625}, {"attention", (3 * 4.15625 + (3 * 4.15625 + 16) / 4) / 4}, {"head", 8.1875}});
  expect_bits(R"("quantization_config": {"quant_method": "auto-round", "bits": 4, "data_type": "mx_fp", "group_size": 32})",
              {{"linear", 4.25}});
}

TEST(Quantization, AFileBesideTheConfigSaysItToo) {
  const OwnFolder folder;
  const auto file = folder.write("config.json", config_with(""));
  folder.write("hf_quant_config.json", R"({"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8",
    "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head"]}})");
  const json entry = json::parse(import_model(session().zoo_folders(), file, "m"))["entries"]["m"];
  ASSERT_TRUE(entry.contains("stored_bits"));
  EXPECT_EQ(entry["stored_bits"]["linear"], 8);
  EXPECT_EQ(entry["stored_bits"]["cache"], 8);
  EXPECT_EQ(entry["stored_bits"]["head"], 16);
}

TEST(Quantization, NumbersThatToolsNest) {
  // HQQ as transformers writes it: 3 bits, a scale and a zero point of 16 for 64.
  expect_bits(R"("quantization_config": {"quant_method": "hqq", "quant_config": {"weight_quant_params": {"nbits": 3,
    "group_size": 64}}, "skip_modules": ["lm_head"]})",
              {{"linear", 3 + 32.0 / 64}, {"head", 16}});
  expect_bits(R"("quantization_config": {"quant_method": "torchao", "quant_type": {"default": {"_type": "Int4WeightOnlyConfig",
    "_data": {"group_size": 64}}}})",
              {{"linear", 4 + 32.0 / 64}});
  expect_bits(R"("quantization_config": {"quant_method": "torchao", "quant_type": "int8_weight_only"})", {{"linear", 8}});
  expect_bits(R"("quantization_config": {"quant_method": "aqlm", "in_group_size": 8, "num_codebooks": 1,
    "nbits_per_codebook": 16})",
              {{"linear", 2}});
  expect_bits(R"("quantization_config": {"quant_method": "fp_quant", "forward_dtype": "mxfp4"})", {{"linear", 4.25}});
  // Four bits of zero point beside the scale where groups are not symmetric.
  expect_bits(R"("quantization_config": {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights":
    {"num_bits": 4, "type": "int", "symmetric": false, "group_size": 128}, "targets": ["Linear"]}}})",
              {{"linear", 4 + 20.0 / 128}});
}

TEST(Quantization, ExpertsAlone) {
  const OwnFolder folder;
  const auto file = folder.write("config.json", R"({"model_type": "mixtral", "hidden_size": 64, "intermediate_size": 128,
    "num_attention_heads": 8, "num_hidden_layers": 2, "vocab_size": 100, "quantization_config": {"quant_method": "experts_int8"}})");
  const json bits = json::parse(import_model(session().zoo_folders(), file, "m"))["entries"]["m"]["stored_bits"];
  EXPECT_EQ(bits["experts"], 8);
  EXPECT_EQ(bits["attention"], 16);
}

TEST(Quantization, SaysWhatItDoesNotKnow) {
  expect_says(refused([] { (void)stored_bits(R"("quantization_config": {"quant_method": "quant9"})"); }),
              {"config.json#/quantization_config/quant_method: unknown quantization 'quant9'. Allowed: aqlm, awq, ", "mxfp8"});
  expect_says(refused([] { (void)stored_bits(R"("quantization_config": {"quant_algo": "W3A5"})"); }),
              {"config.json#/quantization_config/quant_algo: unknown algorithm 'W3A5'"});
  expect_says(refused([] { (void)stored_bits(R"("quantization_config": {"quant_method": "gptq", "bits": 99999})"); }),
              {"/bits: 99999 is out of range"});
}

}  // namespace
}  // namespace ironlaw::host
