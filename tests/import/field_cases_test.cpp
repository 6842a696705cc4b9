// Inputs of people that once failed, each standing for its kind, with the right value and where it comes from.
#include <ironlaw/hardware.hpp>
#include <ironlaw/import/import.hpp>
#include <ironlaw/workload.hpp>

#include <nlohmann/json.hpp>

#include <fstream>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

using nlohmann::json;

/// A zoo folder of one's own with the model "M" that a config describes.
class FieldCase {
 public:
  explicit FieldCase(const std::string& config) {
    const auto file = folder_.write("config/config.json", config);
    text_ = import_model(session().zoo_folders(), file, "M");
    folder_.write("zoo/m.json", text_);
    SessionOptions options;
    options.zoo = {folder_.path() / "zoo"};
    session_ = std::make_unique<Session>(options);
  }
  [[nodiscard]] json entry() const { return json::parse(text_)["entries"]["M"]; }
  [[nodiscard]] double parameters() const { return entry()["parameters"].get<double>(); }
  /// Fields of the network that answers, whatever stands beside it.
  [[nodiscard]] json network() const { return entry()["kind"] == "composite" ? entry()["network"] : entry(); }
  double output(const std::string& stage, const std::string& name) {
    const auto pipeline = session_->compile(Config::parse(one_stage(stage), "my.json"), {});
    return output_of(pipeline, answer(pipeline), "s." + name);
  }
  std::string refusal(const std::string& stage) {
    return refused([&] {
      const auto pipeline = session_->compile(Config::parse(one_stage(stage), "my.json"), {});
      const Answer a = answer(pipeline);
      if (a.status == RowStatus::refused) throw InputError("", a.errors.at(0));
    });
  }

 private:
  OwnFolder folder_;
  std::string text_;
  std::unique_ptr<Session> session_;
};

double native(const std::string& stage, const std::string& name) {
  const auto pipeline = compiled(one_stage(stage));
  return output_of(pipeline, answer(pipeline), "s." + name);
}

const std::string kimi = R"({"model_type": "kimi_k2", "architectures": ["DeepseekV3ForCausalLM"], "hidden_size": 7168,
  "intermediate_size": 18432, "moe_intermediate_size": 2048, "num_hidden_layers": 61, "num_attention_heads": 64,
  "num_key_value_heads": 64, "n_routed_experts": 384, "n_shared_experts": 1, "num_experts_per_tok": 8, "first_k_dense_replace": 1,
  "moe_layer_freq": 1, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
  "v_head_dim": 128, "vocab_size": 163840, "max_position_embeddings": 131072, "num_nextn_predict_layers": 0,
  "tie_word_embeddings": false})";

TEST(FieldCases, CommonDecodersAreCounted) {
  FieldCase phi(R"({"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "hidden_size": 5120, "intermediate_size": 17920,
    "num_hidden_layers": 40, "num_attention_heads": 40, "num_key_value_heads": 10, "vocab_size": 100352,
    "max_position_embeddings": 16384, "sliding_window": null, "tie_word_embeddings": false})");
  EXPECT_EQ(phi.parameters(), 14'659'507'200);
  const std::string one_token = R"("solver": "kv_admission", "workload": "M", "hardware": "H100", "sequence_length": 1)";
  EXPECT_EQ(phi.output(one_token + R"(, "precision": "bf16")", "request_cache_size"), 204'800);
  FieldCase k2(kimi);
  EXPECT_EQ(k2.parameters(), 1'026'408'232'448);
  EXPECT_EQ(k2.output(one_token + R"(, "precision": "bf16", "devices": 64)", "request_cache_size"), 70'272);
  EXPECT_EQ(FieldCase(R"({"model_type": "smollm3", "architectures": ["SmolLM3ForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 11008, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 4, "vocab_size": 128256,
    "max_position_embeddings": 65536, "tie_word_embeddings": true})")
                .parameters(),
            3'075'098'624);
}

TEST(FieldCases, LayersInClasses) {
  // Half of gpt-oss's layers see 128 tokens; the classes come from layer_types.
  json config{{"model_type", "gpt_oss"},
              {"architectures", {"GptOssForCausalLM"}},
              {"attention_bias", true},
              {"head_dim", 64},
              {"hidden_size", 2880},
              {"intermediate_size", 2880},
              {"num_attention_heads", 64},
              {"num_key_value_heads", 8},
              {"num_experts_per_tok", 4},
              {"num_hidden_layers", 36},
              {"num_local_experts", 128},
              {"sliding_window", 128},
              {"max_position_embeddings", 131072},
              {"tie_word_embeddings", false},
              {"vocab_size", 201088}};
  for (int layer = 0; layer < 36; ++layer)
    config["layer_types"].push_back(layer % 2 == 0 ? "sliding_attention" : "full_attention");
  FieldCase oss(config.dump());
  EXPECT_EQ(oss.parameters(), 116'829'156'672);
  EXPECT_EQ(oss.entry()["window_layers"], 18);
  const std::string admission =
      R"("solver": "kv_admission", "workload": "M", "hardware": "H200", "devices": 8, "precision": "bf16")";
  EXPECT_EQ(oss.output(admission + R"(, "sequence_length": 131072)", "request_cache_size"), 4'836'556'800);
  EXPECT_EQ(oss.output(admission + R"(, "sequence_length": 1)", "request_cache_size"), 73'728);

  FieldCase gemma(R"({"model_type": "gemma3_text", "architectures": ["Gemma3ForCausalLM"], "head_dim": 256, "hidden_size": 1152,
    "intermediate_size": 6912, "max_position_embeddings": 32768, "num_attention_heads": 4, "num_hidden_layers": 26,
    "num_key_value_heads": 1, "sliding_window": 512, "sliding_window_pattern": 6, "vocab_size": 262144})");
  EXPECT_EQ(gemma.output(R"("solver": "kv_admission", "workload": "M", "hardware": "H100", "sequence_length": 32768,
    "precision": "bf16")",
                         "request_cache_size"),
            145'752'064);
}

TEST(FieldCases, ALayerInFourKeepsACache) {
  FieldCase hybrid(R"({"model_type": "qwen3_5_text", "hidden_size": 5120, "intermediate_size": 17408, "num_hidden_layers": 64,
    "num_attention_heads": 24, "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 248320, "max_position_embeddings": 262144,
    "full_attention_interval": 4, "linear_num_value_heads": 48, "linear_num_key_heads": 16, "linear_key_head_dim": 128,
    "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4, "tie_word_embeddings": false})");
  EXPECT_EQ(hybrid.entry()["recurrent"]["layers"], 48);
  EXPECT_EQ(hybrid.output(R"("solver": "memory_fit", "workload": "M", "hardware": "H200", "tokens": 262144)", "cache"),
            17'179'869'184);
  const double state =
      hybrid.output(R"("solver": "memory_fit", "workload": "M", "hardware": "H200", "requests": 4)", "recurrent_state");
  EXPECT_EQ(state / 1048576, 598.5);  // as measured: state and inputs of the convolution in four bytes
}

TEST(FieldCases, PartsAndDefaultsOfTheClass) {
  FieldCase gemma(
      R"({"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"], "text_config": {"head_dim": 128,
    "hidden_size": 5376, "intermediate_size": 21504, "model_type": "gemma3_text", "num_attention_heads": 32,
    "num_hidden_layers": 62, "num_key_value_heads": 16, "sliding_window": 1024}, "vision_config": {"hidden_size": 1152,
    "image_size": 896, "intermediate_size": 4304, "model_type": "siglip_vision_model", "num_attention_heads": 16,
    "num_hidden_layers": 27, "patch_size": 14, "vision_use_head": false}})");
  EXPECT_EQ(gemma.parameters(), 27'432'406'640);
  EXPECT_EQ(gemma.network()["parameters"], 27'009'346'304);
  FieldCase llama(
      R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 2048, "intermediate_size": 8192,
    "num_hidden_layers": 24, "num_attention_heads": 32, "vocab_size": 49152, "tie_word_embeddings": true})");
  EXPECT_EQ(llama.parameters(), 1'711'376'384);
  EXPECT_EQ(llama.entry()["context_length"], 2048);
  FieldCase mistral(R"({"model_type": "mistral", "architectures": ["MistralForCausalLM"], "hidden_size": 4096,
    "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32, "vocab_size": 32000,
    "max_position_embeddings": 32768})");
  EXPECT_EQ(mistral.parameters(), 7'241'732'096);
  EXPECT_EQ(mistral.entry()["kv_heads"], 8);
}

TEST(FieldCases, FormatsOfTheCheckpoint) {
  FieldCase fp8(R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 8192, "intermediate_size": 28672,
    "num_attention_heads": 64, "num_key_value_heads": 8, "num_hidden_layers": 80, "vocab_size": 128256,
    "max_position_embeddings": 131072, "tie_word_embeddings": false, "torch_dtype": "bfloat16", "quantization_config":
    {"quant_method": "compressed-tensors", "format": "float-quantized", "ignore": ["lm_head"], "config_groups": {"group_0":
    {"weights": {"num_bits": 8, "type": "float"}, "targets": ["Linear"]}}}})");
  const double weights =
      fp8.output(R"("solver": "serving", "workload": "M", "hardware": "H200", "sequence_length": 1024)", "model_weights_size");
  EXPECT_NEAR(weights, 72'655'052'800, 1e-4 * 72'655'052'800);  // norms stay in 16 bits here
  // 4.93 bits a weight, as a file of mixed 4 and 6 bits holds it.
  EXPECT_NEAR(native(R"("solver": "serving", "workload": {"kind": "transformer", "parameters": 32762123264, "layers": 64,
    "hidden_size": 5120, "heads": 64, "kv_heads": 8, "head_size": 128, "ffn_size": 25600}, "hardware": "RTX4090",
    "sequence_length": 4096, "weight_bits": 4.93)",
                     "model_weights_size") /
                  (1 << 30),
              18.81, 0.01);
}

TEST(FieldCases, FourBitWeightsComputeInSixteen) {
  const std::string seven = R"("solver": "serving", "workload": "Llama2_7B", "hardware": "A100", "sequence_length": 1024,
    "cache_precision": "fp16")";
  // Measured: 71.63 ms with 16-bit weights, 71.94 with 4-bit ones.
  const double fp16 = native(seven + R"(, "precision": "fp16")", "ttft");
  EXPECT_NEAR(native(seven + R"(, "precision": "int4")", "ttft") / fp16, 71.94 / 71.63, 0.01);
  EXPECT_NEAR(native(seven + R"(, "precision": "fp16", "weight_bits": 4.25)", "ttft") / fp16, 1, 0.01);
  // A device without 4-bit units holds the weights and multiplies in 16 bits, and says so.
  const auto pipeline = compiled(one_stage(R"("solver": "serving", "workload": "Llama3_70B", "hardware": "H100",
    "tensor_parallel": 4, "sequence_length": 1024, "precision": "int4", "cache_precision": "fp16")"));
  const Answer a = answer(pipeline);
  EXPECT_EQ(a.status, RowStatus::ok);
  EXPECT_NEAR(output_of(pipeline, a, "s.model_weights_size"), 35.3e9, 0.05e9);
  EXPECT_EQ(output_of(pipeline, a, "s.arithmetic_format"), static_cast<double>(Precision::fp16));
}

TEST(FieldCases, TrainingStateOfFullPrecision) {
  FieldCase gemma(
      R"({"model_type": "gemma", "architectures": ["GemmaForCausalLM"], "hidden_size": 2048, "intermediate_size": 16384,
    "num_hidden_layers": 18, "num_attention_heads": 8, "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 256000,
    "max_position_embeddings": 8192})");
  const std::string stage = R"("solver": "training_memory", "workload": "M", "hardware": "H100", "batch_size": 1,
    "sequence_length": 128, "precision": "fp32", "communication_buffer_fraction": 0)";
  EXPECT_EQ(gemma.output(stage, "weights"), 10'024'689'664);
  EXPECT_EQ(gemma.output(stage, "gradients"), 10'024'689'664);
  EXPECT_EQ(gemma.output(stage, "optimizer_state"), 20'049'379'328);
}

TEST(FieldCases, HeadsThatDoNotDivideAreRefused) {
  FieldCase qwen(
      R"({"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_size": 3584, "intermediate_size": 18944,
    "max_position_embeddings": 32768, "num_attention_heads": 28, "num_hidden_layers": 28, "num_key_value_heads": 4,
    "vocab_size": 152064, "tie_word_embeddings": false})");
  const std::string stage = R"("solver": "training_memory", "workload": "M", "hardware": "H100", "tensor_parallel": 8,
    "batch_size": 1)";
  EXPECT_NE(qwen.refusal(stage).find("28 heads"), std::string::npos);
  EXPECT_GT(qwen.output(stage + R"(, "uneven": "replicate")", "weights"),
            qwen.output(stage + R"(, "uneven": "round")", "weights"));
  EXPECT_NE(qwen.refusal(R"("solver": "training_memory", "workload": "Llama2_13B", "hardware": "H100", "tensor_parallel": 3,
    "batch_size": 1)")
                .find("40 heads"),
            std::string::npos);
}

TEST(FieldCases, TheHeadThatArchitecturesNames) {
  const std::string sizes = R"("hidden_size": 4096, "intermediate_size": 14336, "max_position_embeddings": 32768,
    "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "vocab_size": 32000)";
  EXPECT_EQ(FieldCase(R"({"model_type": "mistral", "architectures": ["MistralModel"], )" + sizes + "}").parameters(),
            7'110'660'096);
  EXPECT_EQ(FieldCase(R"({"model_type": "llama", "architectures": ["LlamaModel"], "hidden_size": 2048, "intermediate_size": 8192,
    "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 128256,
    "max_position_embeddings": 131072, "tie_word_embeddings": true})")
                .parameters(),
            1'235'814'400);
}

TEST(FieldCases, ConfigsAsPythonWritesThem) {
  EXPECT_EQ(FieldCase(R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 2048,
    "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
    "max_position_embeddings": 131072, "tie_word_embeddings": true, "time_step_limit": [0.0, Infinity], "x": [-Infinity, NaN]})")
                .parameters(),
            1'235'814'400);
}

TEST(FieldCases, StretchedPositionsExtendTheContext) {
  const auto context = [](const std::string& more) {
    return FieldCase(R"({"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_size": 4096,
      "intermediate_size": 11008, "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32,
      "vocab_size": 151936, "tie_word_embeddings": false, )" +
                     more + "}")
        .entry()["context_length"];
  };
  EXPECT_EQ(
      context(R"("max_position_embeddings": 32768, "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 32768,
    "type": "yarn"})"),
      131072);
  EXPECT_EQ(context(R"("max_position_embeddings": 131072, "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0,
    "original_max_position_embeddings": 8192, "rope_type": "llama3"})"),
            131072);
}

TEST(FieldCases, CountsOfTheZooAreExact) {
  const auto weights = [](const std::string& model) {
    return native(R"("solver": "serving", "hardware": "H200", "sequence_length": 16, "workload": ")" + model + "\"",
                  "model_weights_size");
  };
  EXPECT_EQ(weights("Llama2_7B"), 13'476'831'232);
  EXPECT_EQ(weights("GPT2"), 3'115'222'400);
}

TEST(FieldCases, DevicesAreFoundByTheNamesOfPeople) {
  const auto memory = [](const std::string& name) {
    return static_cast<const Hardware*>(session().zoo().find("hardware", name, "here").object)->memory();
  };
  constexpr double gib = 1 << 30;
  for (const auto& [name, capacity, bandwidth] : {std::tuple("RTX4090", 24.0, 1008e9),
                                                  {"geforce rtx 4090", 24.0, 1008e9},
                                                  {"RTX_4090", 24.0, 1008e9},
                                                  {"l40s", 48.0, 864e9},
                                                  {"L4", 24.0, 300e9},
                                                  {"rtx-3090", 24.0, 936.2e9},
                                                  {"A10G", 24.0, 600e9},
                                                  {"H20", 96.0, 4e12}}) {
    EXPECT_EQ(in(memory(name).capacity, units::byte), capacity * gib) << name;
    EXPECT_EQ(in(memory(name).bandwidth, units::byte_per_second), bandwidth) << name;
  }
}

TEST(FieldCases, ANumberIsADeviceToo) {
  // As `--hardware 4090` arrives.
  EXPECT_EQ(native(R"("solver": "memory_fit", "workload": "Qwen/Qwen3-4B-Instruct", "hardware": 4090)", "memory_footprint"),
            native(R"("solver": "memory_fit", "workload": "Qwen3_4B", "hardware": "RTX4090")", "memory_footprint"));
}

/// Every model of the zoo that came from a config, counted again.
TEST(ZooModels, AreWhatTheirConfigsAddUpTo) {
  std::ifstream file(IRONLAW_TESTS "/import/zoo_configs.json");
  const json configs = json::parse(file);
  EXPECT_GE(configs.size(), 190u);
  std::size_t published = 0;
  for (const auto& [key, row] : configs.items()) {
    const OwnFolder folder;
    const json entry = json::parse(
        import_model(session().zoo_folders(), folder.write("config.json", row["config"].dump()), key))["entries"][key];
    EXPECT_EQ(entry["parameters"], row["parameters"]) << key;
    const auto* model = static_cast<const Workload*>(session().zoo().find("workload", key, "here").object);
    EXPECT_EQ(*model->parameters(), row["parameters"].get<double>()) << key;
    published += row.contains("published") ? 1 : 0;
  }
  EXPECT_GE(published, 50u);  // totals that a public document prints, equal to the last digit
}

}  // namespace
}  // namespace ironlaw::host
