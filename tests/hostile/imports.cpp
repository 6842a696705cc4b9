// Files of other tools: models, checkpoints, traces, logs of benchmarks.
#include "request_grammar.hpp"
#include "requirements.hpp"
#include "trials.hpp"

#include <ironlaw/files/failure_text.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/import/foreign_file.hpp>
#include <ironlaw/import/import.hpp>
#include <ironlaw/import/measured_runs.hpp>
#include <ironlaw/import/trace.hpp>

#include <unistd.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace ironlaw::hostile {
namespace {

/// A folder of one's own for what is imported.
const std::filesystem::path& import_folder() {
  static const struct Folder {
    Folder() : path(std::filesystem::temp_directory_path() / ("ironlaw_imports_" + std::to_string(getpid()))) {
      std::filesystem::create_directories(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
  } folder;
  return folder.path;
}

template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::uint64_t count(Choices& choices) {
  static constexpr std::array<std::uint64_t, 8> counts{0, 1, 2, 3, 64, 4096, std::uint64_t{1} << 40, ~std::uint64_t{0}};
  return choices.below(3) > 0 ? 1 + choices.below(3) : choices.of(counts);
}

std::string gguf_text(Choices& choices, const std::string& text) {
  return raw<std::uint64_t>(choices.one_in(16) ? count(choices) : text.size()) + text;
}

std::string gguf_value(Choices& choices) {
  switch (choices.below(6)) {
    case 0:
      return raw(std::uint32_t{4}) + raw(static_cast<std::uint32_t>(count(choices)));
    case 1:
      return raw(std::uint32_t{8}) + gguf_text(choices, choices.text());
    case 2:
      return raw(std::uint32_t{9}) + raw(std::uint32_t{4}) + raw(count(choices)) + raw(std::uint32_t{7});
    case 3:
      return raw(std::uint32_t{10}) + raw(count(choices));
    case 4:
      return raw(std::uint32_t{6}) + raw(choices.one_in(2) ? NAN : 1e38F);
    default:
      return raw(static_cast<std::uint32_t>(choices.below(16))) + raw(count(choices));
  }
}

std::string gguf(Choices& choices) {
  const std::uint64_t tensors = count(choices), values = count(choices);
  std::string bytes =
      "GGUF" + raw(static_cast<std::uint32_t>(choices.one_in(12) ? choices.below(9) : 3)) + raw(tensors) + raw(values);
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(values, 6); ++i) {
    const std::string key(choices.of({"general.architecture", "general.name", "llama.block_count", "llama.embedding_length",
                                      "llama.attention.head_count", "llama.context_length", "tokenizer.ggml.tokens"}));
    bytes += gguf_text(choices, choices.one_in(12) ? choices.text() : key);
    bytes += key == "general.architecture" && choices.below(4) > 0 ? raw(std::uint32_t{8}) + gguf_text(choices, "llama")
                                                                   : gguf_value(choices);
  }
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(tensors, 4); ++i) {
    bytes += gguf_text(choices, choices.one_in(6) ? choices.text() : "blk.0.attn_q.weight");
    const auto dimensions = static_cast<std::uint32_t>(choices.one_in(12) ? count(choices) : 2);
    bytes += raw(dimensions);
    for (std::uint32_t d = 0; d < std::min<std::uint32_t>(dimensions, 8); ++d) bytes += raw(count(choices));
    bytes += raw(static_cast<std::uint32_t>(choices.below(40))) + raw(std::uint64_t{0});
  }
  return bytes;
}

std::string safetensors(Choices& choices) {
  Json header = Json::object();
  for (std::size_t n = 1 + choices.below(3); n > 0; --n) {
    Json shape = Json::array();
    for (std::size_t d = choices.below(4); d > 0; --d)
      shape.push_back(choices.one_in(8) ? json_value(choices) : Json(count(choices)));
    header[choices.one_in(4) ? choices.text() : "model.layers." + std::to_string(n) + ".mlp.up_proj.weight"] =
        choices.one_in(8)
            ? json_value(choices)
            : Json{{"dtype", choices.one_in(8) ? choices.text() : std::string(choices.of({"BF16", "F8_E4M3", "I32", "U8"}))},
                   {"shape", shape}};
  }
  const std::string text = header.dump(-1, ' ', false, Json::error_handler_t::ignore);
  return raw<std::uint64_t>(choices.one_in(12) ? count(choices) : text.size()) + text;
}

std::string model_config(Choices& choices) {
  Json json{{"model_type",
             choices.one_in(8) ? json_value(choices) : Json(std::string(choices.of({"llama", "gpt2", "mixtral", "bert"})))},
            {"hidden_size", 64},
            {"num_hidden_layers", 2},
            {"num_attention_heads", 4},
            {"intermediate_size", 128},
            {"vocab_size", 100},
            {"max_position_embeddings", 64},
            {"num_key_value_heads", 2},
            {"num_local_experts", 4},
            {"num_experts_per_tok", 2},
            {"n_layer", 2},
            {"n_embd", 64},
            {"n_head", 4},
            {"type_vocab_size", 2}};
  for (std::size_t n = choices.below(3); n > 0; --n)
    json[std::string(choices.of({"hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size",
                                 "torch_dtype", "quantization_config", "architectures", "_name_or_path", "tie_word_embeddings",
                                 "sliding_window", "head_dim"}))] = json_value(choices);
  return json.dump(-1, ' ', false, Json::error_handler_t::ignore);
}

std::string shard_index(Choices& choices) {
  Json map = Json::object();
  map[choices.one_in(3) ? choices.text() : "model.embed_tokens.weight"] = choices.one_in(3)   ? Json("model.safetensors")
                                                                          : choices.one_in(3) ? json_value(choices)
                                                                                              : Json(choices.text());
  return Json{{"weight_map", map}}.dump(-1, ' ', false, Json::error_handler_t::ignore);
}

std::string trace(Choices& choices) {
  const std::size_t form = choices.below(4);
  std::string text = form == 0 ? "arrival,prompt,output\n" : form == 1 ? "TIMESTAMP,ContextTokens,GeneratedTokens\n" : "";
  const auto number = [&](const std::string& right) { return choices.one_in(8) ? choices.number() : right; };
  for (std::size_t n = 1 + choices.below(5), i = 0; i < n; ++i) {
    const std::string at = number(std::to_string(i * 7));
    const std::string date = choices.one_in(8) ? choices.text() : "2023-11-16 18:1" + std::to_string(i) + ":46.68";
    if (form < 2) {
      text += (form == 0 ? at : date) + "," + number("100") + "," + number("20") + (choices.one_in(8) ? "," : "") + "\n";
    } else if (form == 2) {
      text += R"({"arrival": )" + at + R"(, "prompt": )" + number("100") + R"(, "output": )" + number("20") + "}\n";
    } else {
      text += R"({"timestamp": )" + at + R"(, "input_length": )" + number("600") + R"(, "output_length": )" + number("20") +
              R"(, "hash_ids": [1, )" + number("2") + "]}\n";
    }
    if (choices.one_in(12)) text += choices.text() + "\n";
  }
  return text;
}

std::string benchmark(Choices& choices) {
  Json json{{"backend", "vllm"},
            {"model_id", choices.one_in(3) ? choices.text() : "meta-llama/Llama-3.1-8B"},
            {"num_prompts", 100},
            {"request_rate", 4.0},
            {"max_concurrency", 8},
            {"completed", 100},
            {"duration", 20.0},
            {"total_input_tokens", 51200},
            {"total_output_tokens", 12800},
            {"mean_ttft_ms", 20.0},
            {"mean_tpot_ms", 8.0},
            {"output_throughput", 640.0}};
  for (std::size_t n = choices.below(3); n > 0; --n)
    json[std::string(choices.of({"completed", "duration", "mean_ttft_ms", "mean_tpot_ms", "request_rate", "max_concurrency",
                                 "total_input_tokens", "date", "model_id"}))] = json_value(choices);
  return json.dump(-1, ' ', false, Json::error_handler_t::ignore) + "\n";
}

std::string training_log(Choices& choices) {
  std::string text;
  for (int i = 1; i < 8; ++i)
    text += " iteration " + std::to_string(i) + "/ 100 | consumed samples: " + std::to_string(64 * i) +
            " | elapsed time per iteration (ms): " + (choices.one_in(6) ? choices.number() : "7100.2") +
            " | global batch size: " + (choices.one_in(6) ? choices.number() : "64") + " | lm loss: 3.1 |\n";
  return text;
}

struct ImportedFile {
  const char* name;
  std::string (*make)(Choices&);
};
constexpr std::array<ImportedFile, 7> files{{{"model.gguf", gguf},
                                             {"model.safetensors", safetensors},
                                             {"config.json", model_config},
                                             {"model.safetensors.index.json", shard_index},
                                             {"trace", trace},
                                             {"bench.jsonl", benchmark},
                                             {"train.log", training_log}}};

/// Reads it as whoever asks for it does, and holds what comes out against what may.
void take(const std::filesystem::path& file, Choices& choices) {
  static host::Session session;
  const std::string name = file.filename().string();
  if (name == "trace") {
    const auto read = host::read_trace(file, choices.one_in(3) ? 1e-3 : 60);
    require(!read.periods.empty() && !host::read_requests(file).empty(), "a trace of nothing");
    for (const auto& period : read.periods)
      require(period.rate >= 0 && period.prompt_tokens >= 1 && period.prompt_variation >= 0 && period.prefix_hit_rate <= 1,
              "a period that cannot be");
  } else if (name == "bench.jsonl" || name == "train.log") {
    for (const auto& run : host::read_measured_runs(file)) {
      require(!run.measured.empty(), "a run that measured nothing");
      for (const auto& [port, value] : run.measured)
        require(value.find("nan") == value.npos && value.find("inf") == value.npos, port + " = " + value);
    }
  } else {
    const std::string entry = host::import_model(session.zoo_folders(), file, choices.one_in(3) ? choices.text() : "");
    require_json(entry);
    for (const char* never : {": null", "-9223372036854775808", "e+308"}) require(entry.find(never) == entry.npos, entry);
    (void)host::object_in_file({session.zoo_folders(), session.plugins(), {}}, file, "workload");
  }
}

}  // namespace

bool try_import(Choices choices) {
  const ImportedFile& kind = choices.of(files);
  std::string bytes = kind.make(choices);
  if (choices.one_in(8)) bytes.erase(choices.below(bytes.size()));
  const auto file = import_folder() / kind.name;
  std::ofstream(file, std::ios::binary) << bytes;
  bool taken = false;
  try {
    take(file, choices);
    taken = true;
  } catch (const Fault& fault) {
    throw Fault(kind.name + std::string(": ") + bytes.substr(0, 1500) + ": " + fault.what());
  } catch (const std::exception& e) {
    require_message(host::failure_text(e));
  }
  std::filesystem::remove(file);
  return taken;
}

}  // namespace ironlaw::hostile
