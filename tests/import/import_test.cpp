// Models from Hugging Face configs: parameters against the counts that their publishers' checkpoints hold, and every refusal.
#include <ironlaw/import/import.hpp>
#include <ironlaw/workload.hpp>

#include <nlohmann/json.hpp>

#include <fstream>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

using nlohmann::json;

const std::string gpt2 = R"({"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12, "n_positions": 1024, "n_ctx": 1024,
  "vocab_size": 50257})";
const std::string bert = R"({"model_type": "bert", "num_hidden_layers": 12, "hidden_size": 768, "num_attention_heads": 12,
  "intermediate_size": 3072, "vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2)";
const std::string llama3_8b = R"({"_name_or_path": "meta-llama/Llama-3-8B", "model_type": "llama", "num_hidden_layers": 32,
  "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256,
  "max_position_embeddings": 8192, "tie_word_embeddings": false})";
const std::string mixtral = R"({"model_type": "mixtral", "num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32,
  "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 32000, "max_position_embeddings": 32768,
  "num_local_experts": 8, "num_experts_per_tok": 2})";
const std::string deepseek_v3 = R"({"model_type": "deepseek_v3", "num_hidden_layers": 61, "hidden_size": 7168,
  "num_attention_heads": 128, "num_key_value_heads": 128, "intermediate_size": 18432, "moe_intermediate_size": 2048,
  "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8, "first_k_dense_replace": 3, "moe_layer_freq": 1,
  "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
  "vocab_size": 129280, "max_position_embeddings": 163840, "num_nextn_predict_layers": 1})";

json imported(const std::string& config, const std::string& key = "m") {
  const OwnFolder folder;
  return json::parse(import_model(session().zoo_folders(), folder.write("config.json", config), key))["entries"][key];
}
double parameters_of(const std::string& config) { return imported(config)["parameters"].get<double>(); }

/// The config with keys replaced; a null takes one out.
std::string with(const std::string& config, const std::string& changes) {
  json j = json::parse(config);
  j.merge_patch(json::parse(changes));
  return j.dump();
}

std::string refused_config(const std::string& config) {
  const OwnFolder folder;
  const auto file = folder.write("config.json", config);
  const std::string message = refused([&] { (void)import_model(session().zoo_folders(), file); });
  EXPECT_TRUE(message.starts_with(file.string())) << message;
  return message.substr(file.string().size());
}

TEST(Import, CountsTheWeightsOfEveryFamily) {
  EXPECT_EQ(parameters_of(gpt2), 124'439'808);
  EXPECT_EQ(parameters_of(bert + "}"), 109'482'240);
  EXPECT_EQ(parameters_of(bert + R"(, "architectures": ["BertForMaskedLM"]})"), 109'514'298);
  EXPECT_EQ(parameters_of(bert + R"(, "architectures": ["BertForPreTraining"]})"), 110'106'428);
  EXPECT_EQ(parameters_of(llama3_8b), 8'030'261'248);
  EXPECT_EQ(parameters_of(with(llama3_8b, R"({"model_type": "mistral", "vocab_size": 32000})")), 7'241'732'096);
  EXPECT_EQ(parameters_of(mixtral), 46'702'792'704);
  EXPECT_EQ(imported(mixtral)["active_parameters"], 12'879'925'248);
  EXPECT_EQ(parameters_of(R"({"model_type": "gemma", "num_hidden_layers": 28, "hidden_size": 3072, "num_attention_heads": 16,
    "num_key_value_heads": 16, "head_dim": 256, "intermediate_size": 24576, "vocab_size": 256000, "max_position_embeddings": 8192})"),
            8'537'680'896);
  EXPECT_EQ(parameters_of(R"({"model_type": "gemma2", "num_hidden_layers": 42, "hidden_size": 3584, "num_attention_heads": 16,
    "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 256000, "max_position_embeddings": 8192})"),
            9'241'705'984);
  EXPECT_EQ(parameters_of(R"({"model_type": "gemma3_text", "num_hidden_layers": 26, "hidden_size": 1152, "num_attention_heads": 4,
    "num_key_value_heads": 1, "intermediate_size": 6912, "vocab_size": 262144, "max_position_embeddings": 32768})"),
            999'885'952);
  EXPECT_EQ(parameters_of(R"({"model_type": "qwen2", "num_hidden_layers": 28, "hidden_size": 3584, "num_attention_heads": 28,
    "num_key_value_heads": 4, "intermediate_size": 18944, "vocab_size": 152064, "max_position_embeddings": 32768})"),
            7'615'616'512);
  EXPECT_EQ(parameters_of(R"({"model_type": "qwen3", "num_hidden_layers": 36, "hidden_size": 4096, "num_attention_heads": 32,
    "num_key_value_heads": 8, "intermediate_size": 12288, "vocab_size": 151936, "max_position_embeddings": 40960})"),
            8'190'735'360);
  EXPECT_EQ(parameters_of(R"({"model_type": "qwen2_moe", "num_hidden_layers": 24, "hidden_size": 2048, "num_attention_heads": 16,
    "num_key_value_heads": 16, "intermediate_size": 5632, "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632,
    "num_experts": 60, "num_experts_per_tok": 4, "decoder_sparse_step": 1, "vocab_size": 151936, "max_position_embeddings": 8192})"),
            14'315'784'192);
  EXPECT_EQ(parameters_of(R"({"model_type": "qwen3_moe", "num_hidden_layers": 48, "hidden_size": 2048, "num_attention_heads": 32,
    "num_key_value_heads": 4, "head_dim": 128, "moe_intermediate_size": 768, "num_experts": 128, "num_experts_per_tok": 8,
    "vocab_size": 151936, "max_position_embeddings": 40960})"),
            30'532'122'624);
  EXPECT_EQ(
      parameters_of(R"({"model_type": "deepseek_v2", "num_hidden_layers": 27, "hidden_size": 2048, "num_attention_heads": 16,
    "intermediate_size": 10944, "moe_intermediate_size": 1408, "n_routed_experts": 64, "n_shared_experts": 2,
    "num_experts_per_tok": 6, "first_k_dense_replace": 1, "q_lora_rank": null, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 102400, "max_position_embeddings": 163840})"),
      15'706'484'224);
  // The main model without its score corrections is known to hold 671,026,404,352.
  EXPECT_EQ(parameters_of(deepseek_v3), 671'026'404'352.0 + 58 * 256);
  EXPECT_EQ(imported(deepseek_v3)["expert_layers"], 58);
}

/// What modulates a layer passes once, not for each token; a token passes one of two streams.
TEST(Import, OperationsOfADenoiserAreThoseOfItsTokens) {
  const auto operations = [](const std::string& config) {
    const std::string text = imported(config)["operations_per_step"].get<std::string>();
    EXPECT_TRUE(text.ends_with(" FLOP")) << text;
    return std::stod(text);
  };
  // 118.64 G multiply-adds (Peebles 2023, table 4).
  EXPECT_NEAR(operations(R"({"_class_name": "DiTTransformer2DModel"})") / (2 * 118.64e9), 1, 0.003);
  // 57 layers of 12 h^2 for 4,608 tokens, and their pairs: 2 * 57 * 12 * 3072^2 * 4608 + 4 * 57 * 3072 * 4608^2.
  EXPECT_NEAR(operations(R"({"_class_name": "FluxTransformer2DModel"})") / 74.36e12, 1, 0.001);
  // The same with 60 layers, two streams each.
  EXPECT_NEAR(operations(R"({"_class_name": "QwenImageTransformer2DModel"})") / 78.28e12, 1, 0.001);
  // 2 * 40 * ((6 h^2 + 2 h f) * 32760 + 2 h^2 * 512) + 4 * 40 * h * 32760 * (32760 + 512) with h = 5120, f = 13824.
  EXPECT_NEAR(operations(R"({"_class_name": "WanTransformer3DModel"})") / 1678.4e12, 1, 0.001);
  // As PyTorch counts those of the classes of diffusers 0.42.1, product by product, for a text of 77 tokens.
  const std::string unet = R"({"_class_name": "UNet2DConditionModel", "cross_attention_dim": 768, "sample_size": 64})";
  EXPECT_NEAR(operations(unet) / 803'273'441'280, 1, 0.001);
  EXPECT_NEAR(operations(with(unet, R"({"cross_attention_dim": 1024, "sample_size": 96})")) / 2'149'105'745'920, 1, 0.001);
  EXPECT_NEAR(operations(with(unet, R"({"block_out_channels": [320, 640, 1280], "cross_attention_dim": 2048,
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "transformer_layers_per_block": [1, 2, 10],
    "sample_size": 128, "projection_class_embeddings_input_dim": 2816})")) /
                  6'761'236'398'080,
              1, 0.001);
}

TEST(Import, KeysThatMoveTheCount) {
  EXPECT_EQ(parameters_of(with(llama3_8b, R"({"tie_word_embeddings": true})")), 8'030'261'248 - 128256.0 * 4096);
  EXPECT_EQ(parameters_of(with(llama3_8b, R"({"attention_bias": true})")), 8'030'261'248 + 32 * (4096 + 2048 + 4096.0));
  EXPECT_EQ(parameters_of(with(llama3_8b, R"({"mlp_bias": true})")), 8'030'261'248 + 32 * (2 * 14336 + 4096.0));
  EXPECT_EQ(parameters_of(with(gpt2, R"({"tie_word_embeddings": false})")), 124'439'808 + 50257.0 * 768);
  // Every second layer dense, and one more by name.
  const std::string sparse = R"({"model_type": "qwen2_moe", "num_hidden_layers": 8, "hidden_size": 64, "num_attention_heads": 4,
    "num_key_value_heads": 4, "intermediate_size": 100, "moe_intermediate_size": 10, "shared_expert_intermediate_size": 20, "num_experts": 4,
    "num_experts_per_tok": 2, "decoder_sparse_step": 2, "mlp_only_layers": [1], "vocab_size": 10, "max_position_embeddings": 8})";
  EXPECT_EQ(imported(sparse)["expert_layers"], 3);
}

TEST(Import, GoesByTheClassWhereTheTypeIsNotKnown) {
  EXPECT_EQ(parameters_of(with(llama3_8b, R"({"model_type": "ours", "architectures": ["LlamaForCausalLM"]})")), 8'030'261'248);
  EXPECT_EQ(parameters_of(with(llama3_8b, R"({"model_type": null, "architectures": ["LlamaModel"]})")),
            8'030'261'248 - 128256.0 * 4096);
  EXPECT_EQ(imported(with(mixtral, R"({"model_type": "ours", "architectures": ["MixtralForCausalLM"]})"))["kind"],
            "sparse_transformer");
  EXPECT_EQ(refused_config(with(llama3_8b, R"({"model_type": "ours", "architectures": ["LlamaflyForCausalLM"]})")).substr(0, 41),
            "#/model_type: unknown architecture 'ours'");
  EXPECT_EQ(refused_config(R"({"peft_type": "LORA", "r": 16})"),
            "#/peft_type: is an adapter's, which is laid over a model; import the config.json of its base");
}

TEST(Import, WhatComesOutIsAZooFile) {
  for (const auto& config : {gpt2, bert + "}", llama3_8b, mixtral, deepseek_v3}) {
    const OwnFolder folder;
    const OwnFolder zoo;
    zoo.write("mine.json", import_model(session().zoo_folders(), folder.write("config.json", config), "mine"));
    SessionOptions options;
    options.zoo = {zoo.path()};
    options.default_zoo = false;
    Session own(options);
    EXPECT_EQ(own.zoo().check(), std::vector<std::string>());
    const auto* model = static_cast<const Workload*>(own.zoo().find("workload", "mine", "here").object);
    EXPECT_EQ(*model->parameters(), parameters_of(config));
    EXPECT_GT(model->demand({}).linear.value(), 0);
  }
}

TEST(Import, NamesTheEntryAfterTheModel) {
  const OwnFolder folder;
  const auto named = folder.write("a/config.json", llama3_8b);
  EXPECT_TRUE(json::parse(import_model(session().zoo_folders(), named))["entries"].contains("Llama-3-8B"));
  EXPECT_TRUE(json::parse(import_model(session().zoo_folders(), folder.write("my model/config.json", gpt2)))["entries"].contains(
      "my_model"));
}

TEST(Import, RefusesWhatItCannotCount) {
  EXPECT_EQ(refused_config("[]"), "#: a config.json holds an object");
  EXPECT_EQ(refused_config(R"({"model_type": "lama"})").substr(0, 66),
            "#/model_type: unknown architecture 'lama'; did you mean 'llama'? I");
  EXPECT_EQ(refused_config(R"({"model_type": "nemotron_h", "time_step_limit": [0.0, Infinity]})"),
            "#/intermediate_size: is left out; the parameters of the architecture 'nemotron_h' cannot be counted without it");
  EXPECT_EQ(refused_config(with(llama3_8b, R"({"hidden_size": 4096.5})")),
            "#/hidden_size: 4096.5 is out of range; allowed: a whole number from 1 to 1e9");
  EXPECT_EQ(refused_config(with(llama3_8b, R"({"num_attention_heads": 30})")),
            "#/num_attention_heads: does not divide the hidden size");
  EXPECT_EQ(refused_config(with(llama3_8b, R"({"num_key_value_heads": 64})")),
            "#/num_key_value_heads: exceeds the number of heads");
  EXPECT_EQ(refused_config(with(llama3_8b, R"({"tie_word_embeddings": 1})")),
            "#/tie_word_embeddings: takes true or false, not 1");
  EXPECT_EQ(refused_config(with(mixtral, R"({"num_experts_per_tok": 9})")),
            "#/num_experts_per_tok: exceeds the number of experts");
  EXPECT_EQ(refused_config(with(gpt2, R"({"add_cross_attention": true})")),
            "#/add_cross_attention: is not counted here; allowed: false");
  EXPECT_EQ(refused_config(bert + R"(, "architectures": ["BertForSomething"]})").substr(0, 52),
            "#/architectures: unknown head 'BertForSomething'. Al");
  EXPECT_EQ(refused_config(with(llama3_8b, R"({"num_hidden_layers": 1000000})")),
            "#/num_hidden_layers: is out of range; allowed: 1 to 100000");
}

/// What PyTorch counts of each class, made by its config class without a key (transformers 5.24.0): type, class, parameters.
TEST(Import, ConfigsWithoutAKeyAreTheirClassesOwn) {
  std::ifstream file(IRONLAW_TESTS "/import/class_totals.json");
  const json totals = json::parse(file);
  std::size_t classes = 0;
  for (const auto& [type, of_type] : totals.items())
    for (const auto& [name, parameters] : of_type.items()) {
      const json config{{"model_type", type}, {"architectures", {name}}};
      EXPECT_EQ(parameters_of(config.dump()), parameters) << name;
      ++classes;
    }
  EXPECT_GE(classes, 450u);
  // A checkpoint holds the correction of each router's scores too, which PyTorch calls a buffer.
  EXPECT_EQ(parameters_of(R"({"model_type": "hy_v4"})"), 58'278'193'133 + 33 * 256.0);
  EXPECT_EQ(parameters_of(R"({"model_type": "deepseek_v4"})"), 284'325'869'015 + 40 * 256.0);
}

TEST(Import, LayersThatCompressTokensAreTwoClasses) {
  // DeepSeek-V4-Flash as published: two layers with a window alone, the rest in turns; the last ratio is its prediction layer's.
  const std::string v4 = R"({"model_type": "deepseek_v4", "architectures": ["DeepseekV4ForCausalLM"]})";
  const json listed =
      imported(with(v4, R"({"compress_ratios": [0, 0, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128,
    4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 0]})"));
  EXPECT_EQ(listed["compressed"], (json{{"layers", 21}, {"ratio", 4}, {"indexed", true}}));
  EXPECT_EQ(listed["heavily_compressed"], (json{{"layers", 20}, {"ratio", 128}}));
  EXPECT_EQ(listed["index"], (json{{"top_k", 512}, {"heads", 64}, {"head_size", 128}}));
  EXPECT_EQ(listed["window_layers"], 43);
  EXPECT_EQ(listed["window_size"], 128);
  EXPECT_EQ(listed["joint_key_value"], true);
  EXPECT_EQ(listed["query_rank"], 1024);
  EXPECT_EQ(listed["output_rank"], 1024);
  EXPECT_EQ(listed["output_groups"], 8);
  // transformers 5 says kinds of layers and a rate of each kind.
  const json typed =
      imported(with(v4, R"({"num_hidden_layers": 3, "layer_types": ["sliding_attention", "heavily_compressed_attention",
    "heavily_compressed_attention"], "compress_rates": {"heavily_compressed_attention": 64}})"));
  EXPECT_EQ(typed["heavily_compressed"], (json{{"layers", 2}, {"ratio", 64}}));
  EXPECT_FALSE(typed.contains("compressed"));
  EXPECT_FALSE(typed.contains("index"));
}

TEST(Import, LayersMayHaveHeadsOfTheirOwn) {
  // Laguna XS.2: three of four layers have a window and 64 heads; the total is that of its files on the Hub.
  json laguna{{"model_type", "laguna"}, {"architectures", {"LagunaForCausalLM"}}, {"gating", "per-head"}};
  for (int layer = 0; layer < 40; ++layer) {
    laguna["num_attention_heads_per_layer"].push_back(layer % 4 == 0 ? 48 : 64);
    laguna["layer_types"].push_back(layer % 4 == 0 ? "full_attention" : "sliding_attention");
  }
  const json windowed = imported(laguna.dump());
  EXPECT_EQ(windowed["parameters"], 33'442'617'088);
  EXPECT_EQ(windowed["heads"], 48);
  EXPECT_EQ(windowed["window_heads"], 64);
  EXPECT_FALSE(windowed.contains("mean_heads"));
  // A gate as wide as the queries in place of one a head.
  laguna["gating"] = false;
  EXPECT_EQ(parameters_of(laguna.dump()), 33'442'617'088 + (10 * 48 + 30 * 64) * 2048.0 * 127);

  // OpenELM 1.1B as published: 4 to 8 key-value heads a layer, 169 in all.
  const json openelm =
      imported(R"({"model_type": "openelm", "architectures": ["OpenELMForCausalLM"], "num_transformer_layers": 28,
    "model_dim": 2048, "head_dim": 64, "max_context_length": 2048, "vocab_size": 32000, "ffn_multipliers": [0.5, 0.63, 0.76, 0.89,
    1.02, 1.15, 1.28, 1.41, 1.54, 1.67, 1.8, 1.93, 2.06, 2.19, 2.31, 2.44, 2.57, 2.7, 2.83, 2.96, 3.09, 3.22, 3.35, 3.48, 3.61, 3.74,
    3.87, 4.0], "num_kv_heads": [4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7, 8, 8, 8, 8],
    "num_query_heads": [16, 16, 16, 20, 20, 20, 20, 20, 20, 20, 24, 24, 24, 24, 24, 24, 24, 24, 28, 28, 28, 28, 28, 28, 32, 32, 32,
    32]})");
  EXPECT_EQ(openelm["parameters"], 1'079'891'456);
  EXPECT_EQ(openelm["heads"], 32);
  EXPECT_EQ(openelm["kv_heads"], 8);
  EXPECT_EQ(openelm["mean_heads"], 4 * 169 / 28.0);
  EXPECT_EQ(openelm["mean_kv_heads"], 169 / 28.0);
  const auto pipeline = compiled(one_stage(R"("solver": "memory_fit", "hardware": "H100", "tokens": 2048, "precision": "bf16",
    "workload": )" + openelm.dump()));
  EXPECT_NEAR(output_of(pipeline, answer(pipeline), "s.cache"), 169 * 2 * 64 * 2048 * 2.0, 1e-3);
  // Ranks divide the heads of the layer that has most.
  const auto split = compiled(one_stage(R"("solver": "serving", "hardware": "H100", "sequence_length": 100, "tensor_parallel": 4,
    "link_bandwidth": "450 GB/s", "workload": )" +
                                        openelm.dump()));
  EXPECT_EQ(answer(split).status, RowStatus::ok);
}

TEST(Import, ALatentCacheMayHaveNoPositions) {
  const json v3 = imported(R"({"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"], "qk_rope_head_dim": 0})");
  EXPECT_EQ(v3["rope_head_size"], 0);
  EXPECT_EQ(v3["latent_kv_rank"], 512);
}

/// The same with one key that is not its class's own.
TEST(Import, EachKeyMovesTheCountAsInItsClass) {
  std::ifstream file(IRONLAW_TESTS "/import/varied_keys.json");
  const json rows = json::parse(file);
  EXPECT_GE(rows.size(), 50u);
  for (const json& row : rows) EXPECT_EQ(parameters_of(row["config"].dump()), row["parameters"]) << row["config"];
}

TEST(Import, SaysWhereWhatIsTied) {
  const std::string tied_below = R"({"model_type": "llava", "tie_word_embeddings": false, "text_config": {"model_type": "llama",
    "tie_word_embeddings": true}})";
  const double head = 32000.0 * 4096;
  // Files of transformers 5 say it at the top, older ones in the part that speaks.
  EXPECT_EQ(parameters_of(with(tied_below, R"({"transformers_version": "5.2.0"})")) -
                parameters_of(with(tied_below, R"({"transformers_version": "4.57.1"})")),
            head);
  EXPECT_EQ(parameters_of(with(tied_below, R"({"text_config": {"tie_word_embeddings": null}})")),
            parameters_of(with(tied_below, R"({"transformers_version": "5.2.0"})")));
}

/// Older files call a layer whose index picks tokens by DeepSeek's name.
TEST(Import, KindsOfLayersHaveOlderNames) {
  const std::string glm = R"({"model_type": "glm_moe_dsa", "num_hidden_layers": 4)";
  EXPECT_EQ(
      parameters_of(
          glm +
          R"(, "layer_types": ["deepseek_sparse_attention", "indexed_attention", "deepseek_sparse_attention", "indexed_attention"]})"),
      parameters_of(glm + "}"));
}

TEST(Import, RefusesAtTheKeyThatTheFileHas) {
  const auto refused_with = [](const std::string& changes) { return refused_config(with(llama3_8b, changes)); };
  EXPECT_EQ(refused_with(R"({"num_hidden_layers": 0})"), "#/num_hidden_layers: 0 is out of range; allowed: 1 and above");
  EXPECT_EQ(refused_with(R"({"num_hidden_layers": []})"), "#/num_hidden_layers: [] is out of range; allowed: 1 and above");
  EXPECT_EQ(refused_with(R"({"num_key_value_heads": 0})"), "#/num_key_value_heads: 0 is out of range; allowed: 1 and above");
  EXPECT_EQ(refused_with(R"({"num_key_value_heads": true})"),
            "#/num_key_value_heads: true is out of range; allowed: 1 and above");
  EXPECT_EQ(refused_with(R"({"num_key_value_heads": "8"})"), "#/num_key_value_heads: is \"8\" where a number is needed");
  EXPECT_EQ(refused_with(R"({"intermediate_size": []})"), "#/intermediate_size: [] is out of range; allowed: 1 and above");
  EXPECT_EQ(refused_with(R"({"vocab_size": 0})"), "#/vocab_size: 0 is out of range; allowed: 1 and above");
  EXPECT_EQ(refused_config(with(gpt2, R"({"n_layer": 0})")), "#/n_layer: 0 is out of range; allowed: 1 and above");
  EXPECT_EQ(refused_with(R"({"rope_scaling": {"rope_type": "yarn", "factor": -4}})"),
            "#/rope_scaling/factor: -4 is out of range; allowed: a number above 0, up to 1e6");
  EXPECT_EQ(refused_with(R"({"rope_scaling": "yarn"})"), "#/rope_scaling: takes an object, not \"yarn\"");
  EXPECT_EQ(refused_with(R"({"layer_types": ["sliding_atention"]})").substr(0, 107),
            "#/layer_types/0: 'sliding_atention' is no layer that is known of 'llama'; did you mean 'sliding_attention'?");
  EXPECT_EQ(refused_with(R"({"per_layer_config": {"03": {"head_dim": 64}}})"),
            "#/per_layer_config: is not counted here; allowed: null");
  EXPECT_EQ(refused_with(R"({"torch_dtype": "float33"})").substr(0, 44), "#/torch_dtype: unknown format \"float33\"; all");
  EXPECT_EQ(refused_with(R"({"quantization_config": {"quant_method": "gptq", "bits": 0}})"),
            "#/quantization_config/bits: 0 is out of range; allowed: a number from 1 up to 65536");
}

TEST(Import, ConfigsAsTheirAuthorsPublishedThem) {
  std::ifstream file(IRONLAW_TESTS "/import/public_configs.json");
  const json configs = json::parse(file);
  EXPECT_GE(configs.size(), 2u);
  for (const auto& [name, row] : configs.items()) EXPECT_EQ(parameters_of(row["config"].dump()), row["parameters"]) << name;
  // Kimi K3's files hold its experts two numbers in a byte, and a scale of a byte for 32 of them.
  const double experts = 92.0 * 896 * 3 * 3072 * 3584;
  EXPECT_EQ(parameters_of(configs["Kimi_K3"]["config"].dump()) - experts + experts / 2 + experts / 32, 1'503'647'073'024);
  const json bits = imported(configs["Kimi_K3"]["config"].dump())["network"]["stored_bits"];
  EXPECT_EQ(bits["experts"], 4.25);
  EXPECT_EQ(bits["attention"], 16);
  EXPECT_EQ(bits["linear"], 16);
}

TEST(Import, DenoisersOfPicturesAndFilms) {
  // diffusers 0.42.1's classes as PyTorch counts them, and operations as it counted the zoo's models of them.
  const auto expect = [](const std::string& config, double parameters, double flop) {
    const json entry = imported(config);
    EXPECT_EQ(entry["parameters"], parameters) << config;
    EXPECT_NEAR(std::stod(entry["operations_per_step"].get<std::string>()) / flop, 1, 1e-3) << config;
  };
  expect(R"({"_class_name": "PixArtTransformer2DModel", "caption_channels": 4096, "use_additional_conditions": false})",
         610'856'096, 6.633579773952e12);
  expect(R"({"_class_name": "LTXVideoTransformer3DModel"})", 1'923'385'472, 3.7129045409792e13);
  expect(R"({"_class_name": "CogVideoXTransformer3DModel"})", 1'693'783'872, 1.19997311418368e14);
  expect(R"({"_class_name": "CogVideoXTransformer3DModel", "num_attention_heads": 48, "num_layers": 42})", 5'570'283'072,
         3.32197712101376e14);
}

TEST(Import, DenoisersOfDiffusersAreCountedAsTheirClasses) {
  // diffusers 0.42.1, each class made without a key.
  EXPECT_EQ(parameters_of(R"({"_class_name": "Flux2Transformer2DModel"})"), 32'223'281'152);
  EXPECT_EQ(parameters_of(R"({"_class_name": "ChromaTransformer2DModel"})"), 8'899'983'424);
  EXPECT_EQ(parameters_of(R"({"_class_name": "HunyuanVideoTransformer3DModel"})"), 12'821'012'544);
  EXPECT_EQ(parameters_of(R"({"_class_name": "CogView4Transformer2DModel"})"), 2'848'836'672);
  EXPECT_EQ(parameters_of(R"({"_class_name": "SanaTransformer2DModel"})"), 1'604'462'752);
  EXPECT_EQ(parameters_of(R"({"_class_name": "FluxTransformer2DModel", "out_channels": null})"), 11'891'178'560);
}

TEST(Import, AHeadThatIsNotKnownIsNotCountedAsNone) {
  EXPECT_EQ(refused_config(with(llama3_8b, R"({"architectures": ["LlamaForRewardModel"]})")).substr(0, 56),
            "#/architectures: unknown head 'LlamaForRewardModel'. All");
  EXPECT_EQ(parameters_of(with(llama3_8b, R"({"model_type": "qwen2", "architectures": ["Qwen2ForRewardModel"]})")) -
                parameters_of(with(llama3_8b, R"({"model_type": "qwen2", "architectures": ["Qwen2Model"]})")),
            4096.0 * 4096 + 4096 + 4096 + 1);
}

TEST(Import, AWholeWithoutAHeadHasNoneInItsParts) {
  const std::string llava = R"({"model_type": "llava", "text_config": {"model_type": "llama", "vocab_size": 32064},
    "vision_config": {"model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
    "num_attention_heads": 16, "image_size": 336, "patch_size": 14, "projection_dim": 768, "vocab_size": 32000}})";
  EXPECT_EQ(parameters_of(with(llava, R"({"architectures": ["LlavaForConditionalGeneration"]})")) -
                parameters_of(with(llava, R"({"architectures": ["LlavaModel"]})")),
            32064.0 * 4096);
}

TEST(Import, APatternOfWindowsMayBeLetters) {
  const std::string exaone =
      R"({"model_type": "exaone4", "hidden_size": 5120, "intermediate_size": 27392, "num_attention_heads": 40,
    "num_key_value_heads": 8, "num_hidden_layers": 64, "vocab_size": 102400, "max_position_embeddings": 131072, "sliding_window": 4096})";
  EXPECT_EQ(imported(with(exaone, R"({"sliding_window_pattern": "LLLG"})"))["window_layers"], 48);
  EXPECT_EQ(imported(with(exaone, R"({"sliding_window_pattern": 4})"))["window_layers"], 48);
}

TEST(Import, TheClassTellsForksApart) {
  // LLaVA as first released says "llava" too, and its config is the language model's: 7,062,902,784 with the tower that it names.
  EXPECT_EQ(parameters_of(R"({"model_type": "llava", "architectures": ["LlavaLlamaForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32000,
    "max_position_embeddings": 4096, "mm_hidden_size": 1024, "tie_word_embeddings": false})"),
            6'738'415'616.0 + 303'507'456 + 1024 * 4096 + 4096 + 4096 * 4096 + 4096);
}

TEST(Import, ALayerSharedByAllWorksInEach) {
  // ALBERT base: 12 passes of one layer, 4 h^2 + 2 h f weights and their biases, and 12 times the pairs of positions.
  const json albert =
      imported(R"({"model_type": "albert", "architectures": ["AlbertModel"], "hidden_size": 768, "intermediate_size": 3072,
    "num_attention_heads": 12, "num_hidden_layers": 12, "vocab_size": 30000, "embedding_size": 128})");
  const double layer = 4 * (768 * 768 + 768.0) + 2 * 768 * 3072.0 + 3072 + 768 + 4 * 768;
  const double flop = 12 * (2 * layer * 512 + 4 * 768 * 512.0 * 512);
  EXPECT_EQ(albert["operations"], std::to_string(static_cast<long long>(flop)) + " FLOP");
}

}  // namespace
}  // namespace ironlaw::host
