// Headers of safetensors and GGUF files, and files that are none.
#include <ironlaw/import/import.hpp>

#include <nlohmann/json.hpp>

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
