// Headers of safetensors and GGUF files, and files that are none.
#include <ironlaw/import/import.hpp>

#include <nlohmann/json.hpp>

#include <vector>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

using nlohmann::json;

template <class T>
std::string raw(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}
std::string safetensors(const std::string& header) { return raw(static_cast<std::uint64_t>(header.size())) + header; }
std::string text(const std::string& s) { return raw(static_cast<std::uint64_t>(s.size())) + s; }
std::string number(const std::string& key, std::uint32_t value) { return text(key) + raw(std::uint32_t{4}) + raw(value); }
std::string tensor(const std::string& name, std::uint64_t rows, std::uint64_t columns, std::uint32_t type) {
  return text(name) + raw(std::uint32_t{2}) + raw(columns) + raw(rows) + raw(type) + raw(std::uint64_t{0});
}

json entry_of(const std::filesystem::path& file) {
  return json::parse(import_model(session().zoo_folders(), file, "m"))["entries"]["m"];
}
std::string refused_file(const std::string& name, const std::string& bytes) {
  const OwnFolder folder;
  const auto file = folder.write(name, bytes);
  const std::string message = refused([&] { (void)import_model(session().zoo_folders(), file); });
  EXPECT_TRUE(message.starts_with(folder.path().string())) << message;
  return message.substr(folder.path().string().size());
}

const std::string shard = safetensors(R"({"__metadata__": {"format": "pt"},
  "model.embed_tokens.weight": {"dtype": "BF16", "shape": [100, 8], "data_offsets": [0, 1600]},
  "model.layers.0.mlp.up_proj.weight": {"dtype": "F8_E4M3", "shape": [16, 8], "data_offsets": [0, 128]},
  "model.layers.0.mlp.up_proj.weight_scale": {"dtype": "F32", "shape": [16, 1], "data_offsets": [0, 64]},
  "model.layers.0.self_attn.q_proj.qweight": {"dtype": "I32", "shape": [1, 8], "data_offsets": [0, 32]}})");

TEST(TensorFiles, SafetensorsCountWhatTheyHold) {
  const OwnFolder folder;
  EXPECT_EQ(entry_of(folder.write("model.safetensors", shard))["parameters"], 100 * 8 + 16 * 8 + 8 * 8);
}

TEST(TensorFiles, AnIndexCountsItsFiles) {
  const OwnFolder folder;
  folder.write("a.safetensors", shard);
  folder.write("b.safetensors",
               safetensors(R"({"lm_head.weight": {"dtype": "BF16", "shape": [100, 8], "data_offsets": [0, 1600]}})"));
  const auto index = folder.write("model.safetensors.index.json", R"({"weight_map": {"model.embed_tokens.weight": "a.safetensors",
    "lm_head.weight": "b.safetensors"}})");
  EXPECT_EQ(entry_of(index)["parameters"], 992 + 800);
  folder.write("model.safetensors.index.json", R"({"weight_map": {"x": "c.safetensors"}})");
  EXPECT_NE(refused([&] { (void)import_model(session().zoo_folders(), index); }).find("names c.safetensors"), std::string::npos);
}

TEST(TensorFiles, AConfigBesideThemGivesTheGeometry) {
  const OwnFolder folder;
  folder.write("config.json", R"({"model_type": "llama", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "vocab_size": 100, "max_position_embeddings": 64})");
  const json entry = entry_of(folder.write("model.safetensors", shard));
  EXPECT_EQ(entry["kind"], "transformer");
  EXPECT_EQ(entry["layers"], 1);
  EXPECT_EQ(entry["stored_bits"]["embedding"], 16);
  EXPECT_EQ(entry["stored_bits"]["linear"], 8 + 8 * 64.0 / 128);  // the scales come to the weights
  EXPECT_EQ(entry["stored_bits"]["attention"], 4);
}

TEST(TensorFiles, GgufSaysGeometryAndWidths) {
  const std::string header = "GGUF" + raw(std::uint32_t{3}) + raw(std::uint64_t{3}) + raw(std::uint64_t{5}) +
                             text("general.architecture") + raw(std::uint32_t{8}) + text("llama") +
                             number("llama.block_count", 2) + number("llama.embedding_length", 256) +
                             number("llama.attention.head_count", 4) + number("llama.feed_forward_length", 512);
  const OwnFolder folder;
  const json entry = entry_of(folder.write("m.gguf", header + tensor("token_embd.weight", 100, 256, 1) +
                                                         tensor("blk.0.ffn_up.weight", 512, 256, 12) +
                                                         tensor("blk.0.attn_norm.weight", 1, 256, 0)));
  EXPECT_EQ(entry["kind"], "transformer");
  EXPECT_EQ(entry["parameters"], 100 * 256 + 512 * 256 + 256);
  EXPECT_EQ(entry["vocabulary_size"], 100);
  EXPECT_EQ(entry["tied_embedding"], true);
  EXPECT_EQ(entry["stored_bits"]["linear"], 4.5);  // Q4_K: 144 bytes for 256 weights
  EXPECT_EQ(entry["stored_bits"]["norms"], 32);
}

std::string list_of_numbers(const std::string& key, const std::vector<std::uint32_t>& values) {
  std::string all = text(key) + raw(std::uint32_t{9}) + raw(std::uint32_t{4}) + raw(std::uint64_t{values.size()});
  for (const auto value : values) all += raw(value);
  return all;
}
/// A GGUF file of one tensor, and the table of positions that converters add.
std::string gguf(const std::string& architecture, const std::vector<std::string>& values) {
  std::string all = "GGUF" + raw(std::uint32_t{3}) + raw(std::uint64_t{2}) + raw(std::uint64_t{values.size() + 1}) +
                    text("general.architecture") + raw(std::uint32_t{8}) + text(architecture);
  for (const auto& value : values) all += value;
  return all + tensor("token_embd.weight", 100, 256, 1) + tensor("rope_freqs.weight", 1, 64, 0);
}
json entry_of_gguf(const std::string& architecture, const std::vector<std::string>& keys) {
  const OwnFolder folder;
  return entry_of(folder.write("m.gguf", gguf(architecture, keys)));
}

TEST(TensorFiles, GgufOfModelsWithWindows) {
  // gemma 3 1B as its file says it: llama.cpp itself knows that one layer in six sees everything.
  const json gemma =
      entry_of_gguf("gemma3", {number("gemma3.block_count", 26), number("gemma3.embedding_length", 256),
                               number("gemma3.attention.head_count", 4), number("gemma3.attention.sliding_window", 512)});
  EXPECT_EQ(gemma["parameters"], 100 * 256);
  EXPECT_EQ(gemma["window_layers"], 22);
  EXPECT_EQ(gemma["window_size"], 512);
  const json listed =
      entry_of_gguf("plamo", {number("plamo.block_count", 4), number("plamo.embedding_length", 256),
                              number("plamo.attention.head_count", 4), number("plamo.attention.sliding_window", 64),
                              list_of_numbers("plamo.attention.sliding_window_pattern", {1, 1, 1, 0})});
  EXPECT_EQ(listed["window_layers"], 3);
  EXPECT_FALSE(entry_of_gguf("phi3", {number("phi3.block_count", 4), number("phi3.embedding_length", 256),
                                      number("phi3.attention.head_count", 4), number("phi3.attention.sliding_window", 64)})
                   .contains("window_layers"));
}

TEST(TensorFiles, GgufOfLatentAttention) {
  const json entry = entry_of_gguf(
      "deepseek2", {number("deepseek2.block_count", 61), number("deepseek2.embedding_length", 256),
                    number("deepseek2.attention.head_count", 128), number("deepseek2.attention.head_count_kv", 1),
                    number("deepseek2.attention.kv_lora_rank", 512), number("deepseek2.attention.q_lora_rank", 1536),
                    number("deepseek2.attention.key_length", 576), number("deepseek2.attention.value_length", 512),
                    number("deepseek2.attention.key_length_mla", 192), number("deepseek2.attention.value_length_mla", 128),
                    number("deepseek2.rope.dimension_count", 64)});
  EXPECT_EQ(entry["latent_kv_rank"], 512);
  EXPECT_EQ(entry["rope_head_size"], 64);
  EXPECT_EQ(entry["nope_head_size"], 128);
  EXPECT_EQ(entry["value_head_size"], 128);
  EXPECT_EQ(entry["kv_heads"], 128);
}

TEST(TensorFiles, GgufOfHybrids) {
  // Every fourth layer of Qwen3-Next attends; of Nemotron-H those that have heads of keys, and some layers only feed forward.
  const json qwen =
      entry_of_gguf("qwen3next", {number("qwen3next.block_count", 48), number("qwen3next.embedding_length", 256),
                                  number("qwen3next.attention.head_count", 16), number("qwen3next.attention.head_count_kv", 2),
                                  number("qwen3next.ssm.conv_kernel", 4), number("qwen3next.ssm.state_size", 128),
                                  number("qwen3next.ssm.group_count", 16), number("qwen3next.ssm.time_step_rank", 32),
                                  number("qwen3next.ssm.inner_size", 4096)});
  EXPECT_EQ(qwen["attention_layers"], 12);
  EXPECT_EQ(qwen["recurrent"],
            json::parse(R"({"layers": 36, "form": "gated_delta", "key_heads": 16, "value_heads": 32, "key_size": 128,
                            "value_size": 128, "convolution_width": 4})"));
  const json nemotron = entry_of_gguf(
      "nemotron_h",
      {number("nemotron_h.block_count", 4), number("nemotron_h.embedding_length", 256),
       number("nemotron_h.attention.head_count", 32), list_of_numbers("nemotron_h.attention.head_count_kv", {0, 0, 8, 0}),
       list_of_numbers("nemotron_h.feed_forward_length", {0, 512, 0, 0}), number("nemotron_h.ssm.conv_kernel", 4),
       number("nemotron_h.ssm.state_size", 128), number("nemotron_h.ssm.group_count", 8),
       number("nemotron_h.ssm.time_step_rank", 128), number("nemotron_h.ssm.inner_size", 8192)});
  EXPECT_EQ(nemotron["kv_heads"], 8);
  EXPECT_EQ(nemotron["ffn_size"], 512);
  EXPECT_EQ(nemotron["attention_layers"], 1);
  EXPECT_EQ(nemotron["recurrent"]["layers"], 2);
  EXPECT_EQ(nemotron["recurrent"]["value_size"], 64);
}

TEST(TensorFiles, GgufInSeveralFiles) {
  const OwnFolder folder;
  const std::vector<std::string> keys{number("llama.block_count", 1), number("split.count", 2)};
  const auto first = folder.write("m-00001-of-00002.gguf", gguf("llama", keys));
  const std::string message = refused([&] { (void)import_model(session().zoo_folders(), first); });
  EXPECT_NE(message.find("is one of 2 files, and m-00002-of-00002.gguf is not beside it"), std::string::npos) << message;
  folder.write("m-00002-of-00002.gguf", gguf("llama", {number("split.count", 2)}));
  EXPECT_EQ(entry_of(first)["parameters"], 2 * 100 * 256);
}

TEST(TensorFiles, AnIndexAloneSaysTheBytes) {
  const OwnFolder folder;
  const auto index =
      folder.write("model.safetensors.index.json", R"({"metadata": {"total_size": 3232}, "weight_map": {"x": "a.safetensors"}})");
  EXPECT_NE(refused([&] { (void)import_model(session().zoo_folders(), index); }).find("or its total_size and a config.json"),
            std::string::npos);
  folder.write("config.json", R"({"model_type": "llama", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "vocab_size": 100, "max_position_embeddings": 64})");
  const json entry = entry_of(index);
  // 2 * 100 * 8 in embedding and head, 4 * 64 + 3 * 128 in the layer, 3 * 8 in norms.
  EXPECT_EQ(entry["parameters"], 1600 + 640 + 24);
  EXPECT_NEAR(entry["stored_bits"]["linear"].get<double>(), 8.0 * 3232 / 2264, 1e-6);
}

TEST(TensorFiles, WhatIsPackedIsCountedAsTheModelHasIt) {
  const auto parameters = [](const std::string& header) {
    const OwnFolder folder;
    return entry_of(folder.write("model.safetensors", safetensors(header)))["parameters"].get<int>();
  };
  // A matrix of 128 by 256 of weights, as each tool packs it.
  EXPECT_EQ(parameters(R"({"a.qweight": {"dtype": "I32", "shape": [32, 256]}, "a.g_idx": {"dtype": "I32", "shape": [128]},
                           "a.scales": {"dtype": "F16", "shape": [1, 256]}})"),  // GPTQ, 8 bits
            128 * 256);
  EXPECT_EQ(parameters(R"({"a.qweight": {"dtype": "I32", "shape": [128, 32]}, "a.scales": {"dtype": "F16", "shape": [1, 256]}})"),
            128 * 256);                                                          // AWQ, 4 bits
  EXPECT_EQ(parameters(R"({"a.weight": {"dtype": "U32", "shape": [128, 32]}, "a.scales": {"dtype": "F16", "shape": [128, 4]},
                           "a.biases": {"dtype": "F16", "shape": [128, 4]}})"),  // MLX, 4 bits
            128 * 256);
  EXPECT_EQ(parameters(R"({"a.weight": {"dtype": "U32", "shape": [128, 64]}, "a.scales": {"dtype": "F16", "shape": [128, 4]},
                           "a.biases": {"dtype": "F16", "shape": [128, 4]}})"),  // MLX, 8 bits
            128 * 256);
}

TEST(TensorFiles, RefusesWhatIsNone) {
  EXPECT_EQ(refused_file("m.safetensors", "short"), "/m.safetensors: ends within its header");
  EXPECT_EQ(refused_file("m.safetensors", raw(std::uint64_t{1} << 60)),
            "/m.safetensors: is no safetensors file: its header would be longer than it");
  EXPECT_EQ(refused_file("m.safetensors", safetensors(R"({"w": {"dtype": "F9", "shape": [1]}})")),
            "/m.safetensors#/w: unknown dtype 'F9'");
  EXPECT_EQ(refused_file("m.safetensors", safetensors("{}")), "/m.safetensors: holds no weights");
  EXPECT_EQ(refused_file("m.gguf", "GGML1234"), "/m.gguf: is no GGUF file");
  EXPECT_EQ(refused_file("m.gguf", "GGUF" + raw(std::uint32_t{9})), "/m.gguf: is GGUF version 9; allowed: 2, 3");
  EXPECT_EQ(refused_file("m.gguf",
                         "GGUF" + raw(std::uint32_t{3}) + raw(std::uint64_t{1}) + raw(std::uint64_t{0}) + tensor("w", 1, 1, 77)),
            "/m.gguf: stores w in an unknown type 77");
}

}  // namespace
}  // namespace ironlaw::host
