#include "tensor_files.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <set>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

/// More than any checkpoint's header takes.
constexpr std::uint64_t most_header = 256u << 20;
constexpr std::uint64_t most_tensors = 1'000'000;

/// Little-endian numbers and texts of a file, none past its end.
class BinaryReader {
 public:
  explicit BinaryReader(const fs::path& file) : file_(file.string()), in_(file, std::ios::binary) {
    if (!in_ || fs::is_directory(file)) throw InputError(file_, "cannot be read");
    size_ = fs::file_size(file);
  }
  template <class T>
  T number() {
    T value{};
    bytes(reinterpret_cast<char*>(&value), sizeof value);
    return value;
  }
  std::string text(std::uint64_t length) {
    if (length > most_header || at_ + length > size_) refuse("ends within its header");
    std::string value(length, '\0');
    bytes(value.data(), length);
    return value;
  }
  void skip(std::uint64_t count) {
    if (count > size_ - at_) refuse("ends within its header");
    in_.seekg(static_cast<std::streamoff>(count), std::ios::cur);
    at_ += count;
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[noreturn]] void refuse(const std::string& what) const { throw InputError(file_, what); }

 private:
  void bytes(char* to, std::uint64_t count) {
    if (count > size_ - at_) refuse("ends within its header");
    in_.read(to, static_cast<std::streamsize>(count));
    if (!in_) refuse("cannot be read");
    at_ += count;
  }
  std::string file_;
  std::ifstream in_;
  std::uint64_t size_ = 0;
  std::uint64_t at_ = 0;
};

/// Scales and tables that a quantized weight brings along, which are no parameters.
bool beside_a_weight(std::string_view name) {
  constexpr std::array<std::string_view, 13> ends{".scales",    ".qzeros",    ".g_idx",
                                                  "_scale",     "_scale_inv", ".absmax",
                                                  ".quant_map", ".SCB",       ".quant_state.bitsandbytes__nf4",
                                                  "_scales",    "_scale_2",   ".weight_shape",
                                                  "zero_point"};
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return name.ends_with(end); }) ||
         name.find(".nested_") != name.npos || name.find(".quant_state") != name.npos;
}

/// Elements of the model in one stored element.
double packing(std::string_view name, std::string_view dtype) {
  if (dtype == "I32" && (name.ends_with(".qweight") || name.ends_with(".weight_packed"))) return 8;
  if (dtype == "U8" && (name.ends_with("_blocks") || name.ends_with(".weight") || name.ends_with(".weight_packed"))) return 2;
  return 1;
}

double bytes_of(std::string_view dtype) {
  constexpr std::array<std::pair<std::string_view, double>, 15> widths{{{"F64", 8},
                                                                        {"F32", 4},
                                                                        {"F16", 2},
                                                                        {"BF16", 2},
                                                                        {"F8_E4M3", 1},
                                                                        {"F8_E5M2", 1},
                                                                        {"F8_E8M0", 1},
                                                                        {"F4", 0.5},
                                                                        {"I64", 8},
                                                                        {"I32", 4},
                                                                        {"I16", 2},
                                                                        {"I8", 1},
                                                                        {"U8", 1},
                                                                        {"BOOL", 1},
                                                                        {"U32", 4}}};
  const auto it = std::find_if(widths.begin(), widths.end(), [&](const auto& w) { return w.first == dtype; });
  return it == widths.end() ? 0 : it->second;
}

void read_safetensors(const fs::path& file, StoredModel& model) {
  BinaryReader in(file);
  const auto length = in.number<std::uint64_t>();
  if (length > most_header || length > in.size()) in.refuse("is no safetensors file: its header would be longer than it");
  const Json header = parse_json(in.text(length), file.string());
  if (!header.is_object()) in.refuse("is no safetensors file: its header is no object");
  for (const auto& [name, tensor] : header.items()) {
    if (name == "__metadata__") continue;
    const std::string where = pointer(file.string() + "#", std::string_view(name));
    if (!tensor.is_object() || !tensor.contains("shape") || !tensor["shape"].is_array() || !tensor.contains("dtype") ||
        !tensor["dtype"].is_string())
      throw InputError(where, "a tensor takes a dtype and a shape");
    const auto& dtype = tensor["dtype"].get_ref<const std::string&>();
    const double width = bytes_of(dtype);
    if (width == 0) throw InputError(where, "unknown dtype '" + dtype + "'");
    double elements = 1;
    for (const Json& size : tensor["shape"]) {
      if (!size.is_number_unsigned()) throw InputError(where, "a shape takes whole numbers");
      elements *= size.get<double>();
    }
    const bool beside = beside_a_weight(name);
    model.tensors.push_back({name, beside ? 0 : elements * packing(name, dtype), elements * width});
  }
}

/// Bytes and elements of one block of a GGUF type (ggml.h).
struct BlockType {
  std::uint32_t type;
  double bytes;
  double elements;
};
constexpr std::array<BlockType, 31> block_types{
    {{0, 4, 1},     {1, 2, 1},      {2, 18, 32},    {3, 20, 32},    {6, 22, 32},    {7, 24, 32},    {8, 34, 32},   {9, 36, 32},
     {10, 84, 256}, {11, 110, 256}, {12, 144, 256}, {13, 176, 256}, {14, 210, 256}, {15, 292, 256}, {16, 66, 256}, {17, 74, 256},
     {18, 98, 256}, {19, 50, 256},  {20, 18, 32},   {21, 110, 256}, {22, 82, 256},  {23, 136, 256}, {24, 1, 1},    {25, 2, 1},
     {26, 4, 1},    {27, 8, 1},     {28, 8, 1},     {29, 56, 256},  {30, 2, 1},     {34, 54, 256},  {39, 17, 32}}};

/// One value of GGUF metadata; an array becomes its length.
Json gguf_value(BinaryReader& in, std::uint32_t type, int depth) {
  switch (type) {
    case 0:
      return in.number<std::uint8_t>();
    case 1:
      return in.number<std::int8_t>();
    case 2:
      return in.number<std::uint16_t>();
    case 3:
      return in.number<std::int16_t>();
    case 4:
      return in.number<std::uint32_t>();
    case 5:
      return in.number<std::int32_t>();
    case 6:
      return in.number<float>();
    case 7:
      return in.number<std::uint8_t>() != 0;
    case 8:
      return in.text(in.number<std::uint64_t>());
    case 9: {
      const auto element = in.number<std::uint32_t>();
      const auto count = in.number<std::uint64_t>();
      if (depth > 4 || count > most_header) in.refuse("has a list in its header that cannot be");
      Json first;
      for (std::uint64_t i = 0; i < count; ++i) {
        Json value = gguf_value(in, element, depth + 1);
        if (i == 0) first = std::move(value);
      }
      return Json{{"count", count}, {"first", first}};
    }
    case 10:
      return in.number<std::uint64_t>();
    case 11:
      return in.number<std::int64_t>();
    case 12:
      return in.number<double>();
    default:
      in.refuse("has a value of an unknown type " + std::to_string(type) + " in its header");
  }
}

void read_gguf(const fs::path& file, StoredModel& model) {
  BinaryReader in(file);
  if (in.text(4) != "GGUF") in.refuse("is no GGUF file");
  const auto version = in.number<std::uint32_t>();
  if (version < 2 || version > 3) in.refuse("is GGUF version " + std::to_string(version) + "; allowed: 2, 3");
  const auto tensors = in.number<std::uint64_t>();
  const auto values = in.number<std::uint64_t>();
  if (tensors > most_tensors || values > most_tensors) in.refuse("is no GGUF file: its counts cannot be");
  for (std::uint64_t i = 0; i < values; ++i) {
    const std::string key = in.text(in.number<std::uint64_t>());
    model.metadata[key] = gguf_value(in, in.number<std::uint32_t>(), 0);
  }
  for (std::uint64_t i = 0; i < tensors; ++i) {
    StoredTensor tensor;
    tensor.name = in.text(in.number<std::uint64_t>());
    tensor.elements = 1;
    const auto dimensions = in.number<std::uint32_t>();
    if (dimensions > 8) in.refuse("has a tensor of more than 8 dimensions");
    for (std::uint32_t d = 0; d < dimensions; ++d) tensor.elements *= static_cast<double>(in.number<std::uint64_t>());
    const auto type = in.number<std::uint32_t>();
    const auto block = std::find_if(block_types.begin(), block_types.end(), [&](const auto& b) { return b.type == type; });
    if (block == block_types.end()) in.refuse("stores " + tensor.name + " in an unknown type " + std::to_string(type));
    tensor.bytes = tensor.elements / block->elements * block->bytes;
    in.skip(8);  // where its weights begin
    model.tensors.push_back(std::move(tensor));
  }
}

void read_index(const fs::path& file, StoredModel& model) {
  const Json index = read_json(file);
  if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object())
    throw InputError(file.string() + "#/weight_map", "is left out; an index says which file holds which tensor");
  std::set<std::string> shards;
  for (const auto& [name, shard] : index["weight_map"].items()) {
    if (!shard.is_string() || shard.get_ref<const std::string&>().find('/') != std::string::npos)
      throw InputError(pointer(file.string() + "#/weight_map", std::string_view(name)),
                       "takes the name of a file beside the index");
    shards.insert(shard.get<std::string>());
  }
  for (const auto& shard : shards) {
    const fs::path beside = file.parent_path() / shard;
    if (!fs::exists(beside))
      throw InputError(file.string(), "names " + shard + ", which is not beside it; the headers of all its files are needed");
    read_safetensors(beside, model);
  }
}

}  // namespace

double StoredModel::parameters() const {
  double sum = 0;
  for (const auto& t : tensors) sum += t.elements;
  return sum;
}

StoredBits StoredModel::bits() const {
  std::map<std::string_view, std::pair<double, double>> sums;
  for (const auto& t : tensors) {
    auto& [bytes, elements] = sums[class_of_tensor(t.name)];
    bytes += t.bytes;
    elements += t.elements;
  }
  StoredBits all;
  for (const auto& [name, sum] : sums)
    if (sum.second > 0) all[std::string(name)] = 8 * sum.first / sum.second;
  return all;
}

bool is_checkpoint(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json") || name.ends_with(".gguf");
}

StoredModel read_checkpoint(const fs::path& file) {
  StoredModel model;
  const std::string name = file.filename().string();
  if (name.ends_with(".gguf")) {
    read_gguf(file, model);
  } else if (name.ends_with(".json")) {
    read_index(file, model);
  } else {
    read_safetensors(file, model);
  }
  if (model.parameters() < 1) throw InputError(file.string(), "holds no weights");
  return model;
}

}  // namespace ironlaw::host
