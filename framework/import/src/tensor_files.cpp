#include "tensor_files.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/input_file.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <system_error>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

/// More than any checkpoint's header takes.
constexpr std::uint64_t most_header = 256u << 20;
constexpr std::uint64_t most_tensors = 1'000'000;
constexpr std::uint64_t most_listed = 4096;
constexpr double most_parameters = 1e18;

/// Little-endian numbers and texts of a file, none past its end.
class BinaryReader {
 public:
  explicit BinaryReader(const fs::path& file) : file_(file.string()), in_(open_input(file)) {
    std::error_code failure;
    size_ = fs::file_size(file, failure);
    if (failure) refuse("is no regular file");
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
    in_->seekg(static_cast<std::streamoff>(count), std::ios::cur);
    at_ += count;
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[noreturn]] void refuse(const std::string& what) const { throw InputError(file_, what); }

 private:
  void bytes(char* to, std::uint64_t count) {
    if (count > size_ - at_) refuse("ends within its header");
    in_->read(to, static_cast<std::streamsize>(count));
    if (!*in_) refuse("cannot be read");
    at_ += count;
  }
  std::string file_;
  std::unique_ptr<std::istream> in_;
  std::uint64_t size_ = 0;
  std::uint64_t at_ = 0;
};

/// Scales and tables that a quantized weight brings along, which are no parameters.
bool beside_a_weight(std::string_view name) {
  constexpr std::array<std::string_view, 14> ends{
      ".scales",    ".qzeros",  ".g_idx",        ".biases",   "_scale",
      "_scale_inv", ".absmax",  ".quant_map",    ".SCB",      ".quant_state.bitsandbytes__nf4",
      "_scales",    "_scale_2", ".weight_shape", "zero_point"};
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return name.ends_with(end); }) ||
         name.find(".nested_") != name.npos || name.find(".quant_state") != name.npos;
}

/// One tensor of a safetensors header.
struct HeaderTensor {
  std::string dtype;
  std::vector<double> shape;
  [[nodiscard]] double elements() const {
    double product = 1;
    for (const double size : shape) product *= size;
    return product;
  }
};
using Header = std::map<std::string, HeaderTensor, std::less<>>;

/// The matrix that `base` + ".scales" and the like stand beside, if there is one.
const HeaderTensor* beside(const Header& header, std::string_view base, std::string_view end) {
  const auto it = header.find(std::string(base) + std::string(end));
  return it == header.end() || it->second.shape.empty() ? nullptr : &it->second;
}

/// Elements of the model that a tensor holds, as it is or packed into larger integers.
double elements_of_model(const Header& header, std::string_view name, const HeaderTensor& t) {
  const std::string_view base = name.substr(0, name.rfind('.'));
  const HeaderTensor* scales = beside(header, base, ".scales");
  const bool matrix = t.shape.size() == 2;
  if (t.dtype == "I32" && name.ends_with(".qweight")) {
    // GPTQ packs rows and says of each which group it is in; AWQ packs columns, of which it has a scale each.
    if (const HeaderTensor* rows = beside(header, base, ".g_idx"); rows != nullptr && matrix) return rows->shape[0] * t.shape[1];
    if (scales != nullptr && matrix && scales->shape.back() > t.shape[1]) return t.shape[0] * scales->shape.back();
    return 8 * t.elements();
  }
  if (t.dtype == "U32" && name.ends_with(".weight") && scales != nullptr && matrix) {
    // MLX: a scale for a group of 64, 32 or 128; the first with which a weight takes a width that there is.
    for (const double group : {64.0, 32.0, 128.0}) {
      const double bits = 32 * t.shape[1] / (scales->shape.back() * group);
      if (bits == 2 || bits == 3 || bits == 4 || bits == 5 || bits == 6 || bits == 8)
        return t.shape[0] * scales->shape.back() * group;
    }
  }
  if (t.dtype == "I32" && name.ends_with(".weight_packed")) return 8 * t.elements();
  if (t.dtype == "U8" && (name.ends_with("_blocks") || name.ends_with(".weight") || name.ends_with(".weight_packed")))
    return 2 * t.elements();
  return t.elements();
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
  Header tensors;
  for (const auto& [name, tensor] : header.items()) {
    if (name == "__metadata__") continue;
    const std::string where = pointer(file.string() + "#", std::string_view(name));
    if (!tensor.is_object() || !tensor.contains("shape") || !tensor["shape"].is_array() || !tensor.contains("dtype") ||
        !tensor["dtype"].is_string())
      throw InputError(where, "a tensor takes a dtype and a shape");
    HeaderTensor& t = tensors[name];
    t.dtype = tensor["dtype"].get<std::string>();
    if (bytes_of(t.dtype) == 0) throw InputError(where, "unknown dtype '" + t.dtype + "'");
    for (const Json& size : tensor["shape"]) {
      if (!size.is_number_unsigned()) throw InputError(where, "a shape takes whole numbers");
      t.shape.push_back(size.get<double>());
    }
  }
  for (const auto& [name, t] : tensors) {
    const double elements = beside_a_weight(name) ? 0 : elements_of_model(tensors, name, t);
    model.tensors.push_back({name, elements, t.elements() * bytes_of(t.dtype)});
  }
}

/// Bytes and elements of one block of a GGUF type (ggml.h).
struct BlockType {
  std::uint32_t type;
  double bytes;
  double elements;
};
constexpr std::array<BlockType, 35> block_types{
    {{0, 4, 1},      {1, 2, 1},     {2, 18, 32},    {3, 20, 32},    {6, 22, 32},    {7, 24, 32},    {8, 34, 32},
     {9, 36, 32},    {10, 84, 256}, {11, 110, 256}, {12, 144, 256}, {13, 176, 256}, {14, 210, 256}, {15, 292, 256},
     {16, 66, 256},  {17, 74, 256}, {18, 98, 256},  {19, 50, 256},  {20, 18, 32},   {21, 110, 256}, {22, 82, 256},
     {23, 136, 256}, {24, 1, 1},    {25, 2, 1},     {26, 4, 1},     {27, 8, 1},     {28, 8, 1},     {29, 56, 256},
     {30, 2, 1},     {34, 54, 256}, {39, 17, 32},   {31, 18, 32},   {32, 18, 32},   {33, 18, 32},   {35, 66, 256}}};

/// One value of GGUF metadata; an array becomes its length, and its values where they are as few as layers may be.
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
      Json values = Json::array();
      for (std::uint64_t i = 0; i < count; ++i) {
        Json value = gguf_value(in, element, depth + 1);
        if (count <= most_listed) values.push_back(std::move(value));
      }
      return Json{{"count", count}, {"values", std::move(values)}};
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

/// Tables of positions, which are no parameters.
bool is_table(std::string_view name) { return name.starts_with("rope_freqs.") || name.starts_with("rope_factors_"); }

void read_gguf_file(const fs::path& file, StoredModel& model) {
  BinaryReader in(file);
  if (in.text(4) != "GGUF") in.refuse("is no GGUF file");
  const auto version = in.number<std::uint32_t>();
  if (version < 2 || version > 3) in.refuse("is GGUF version " + std::to_string(version) + "; allowed: 2, 3");
  const auto tensors = in.number<std::uint64_t>();
  const auto values = in.number<std::uint64_t>();
  if (tensors > most_tensors || values > most_tensors) in.refuse("is no GGUF file: its counts cannot be");
  for (std::uint64_t i = 0; i < values; ++i) {
    const std::string key = in.text(in.number<std::uint64_t>());
    Json value = gguf_value(in, in.number<std::uint32_t>(), 0);
    if (!model.metadata.contains(key)) model.metadata[key] = std::move(value);  // of several files, the first speaks of the model
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
    if (is_table(tensor.name)) tensor.elements = 0;
    model.tensors.push_back(std::move(tensor));
  }
}

/// m-00001-of-00003.gguf and those beside it.
void read_gguf(const fs::path& file, StoredModel& model) {
  read_gguf_file(file, model);
  const auto split = model.metadata.find("split.count");
  const std::uint64_t files = split != model.metadata.end() && split->is_number() ? split->get<std::uint64_t>() : 1;
  if (files <= 1) return;
  const std::string stem = file.stem().string();
  const std::size_t of = stem.rfind("-of-");
  constexpr std::size_t digits = 5;
  if (of == stem.npos || of < digits || files > 99'999)
    throw InputError(file.string(),
                     "is one of " + std::to_string(files) + " files, and not named like one, as m-00001-of-00003.gguf");
  for (std::uint64_t i = 1; i <= files; ++i) {
    const std::string number = std::to_string(i);
    const fs::path next = file.parent_path() / (stem.substr(0, of - digits) + std::string(digits - number.size(), '0') + number +
                                                stem.substr(of) + ".gguf");
    if (next.filename() == file.filename()) continue;
    std::error_code failure;
    if (!fs::exists(next, failure))
      throw InputError(file.string(),
                       "is one of " + std::to_string(files) + " files, and " + next.filename().string() + " is not beside it");
    read_gguf_file(next, model);
  }
}

/// What an index says of files that are not beside it: bytes in all.
double total_size(const Json& index) {
  const Json* metadata = index.contains("metadata") && index["metadata"].is_object() ? &index["metadata"] : nullptr;
  if (metadata == nullptr || !metadata->contains("total_size") || !(*metadata)["total_size"].is_number()) return 0;
  return (*metadata)["total_size"].get<double>();
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
    std::error_code failure;
    if (!fs::exists(beside, failure)) {
      model.bytes_alone = total_size(index);
      if (model.bytes_alone > 0 && fs::exists(file.parent_path() / "config.json", failure)) return;
      throw InputError(file.string(), "names " + shard +
                                          ", which is not beside it; the headers of all its files are needed, or its "
                                          "total_size and a config.json");
    }
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
  if (model.bytes_alone > 0) return model;
  if (model.parameters() < 1) throw InputError(file.string(), "holds no weights");
  if (!(model.parameters() <= most_parameters))
    throw InputError(file.string(), "says that it holds more than 10^18 weights, which cannot be");
  return model;
}

}  // namespace ironlaw::host
