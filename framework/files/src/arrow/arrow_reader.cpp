// The numbers of the fields are those of the format's Message.fbs and Schema.fbs.
#include "arrow/arrow_reader.hpp"

#include "arrow/flat_table.hpp"

#include <ironlaw/error.hpp>

#include <map>

namespace ironlaw::host {
namespace {

constexpr std::string_view mark = "ARROW1";
constexpr std::uint64_t most_rows = 100'000'000;
enum class Header : std::uint8_t { none = 0, schema = 1, dictionary_batch = 2, record_batch = 3 };
enum class Type : std::uint8_t { none = 0, integer = 2, floating_point = 3, utf8 = 5, boolean = 6, large_utf8 = 20 };

/// How the values of a column lie in its buffers.
struct Layout {
  Type type = Type::none;
  int bits = 0;  ///< of a number
  bool is_signed = false;
};

struct Field {
  std::string name;
  std::string unit;
  Layout layout;
  bool is_dictionary = false;  ///< then the layout is of the indices
  std::int64_t dictionary = 0;
  Layout words;
};

struct Buffer {
  std::int64_t offset;
  std::int64_t length;
};

Layout layout_of(const FlatTable& field, const std::string& name) {
  Layout layout{static_cast<Type>(field.number<std::uint8_t>(2, 0)), 0, false};
  const auto type = field.table(3);
  if (!type) throw BrokenBytes("has a column without a type");
  switch (layout.type) {
    case Type::integer:
      layout.bits = type->number<std::int32_t>(0, 0);
      layout.is_signed = type->number<std::uint8_t>(1, 0) != 0;
      if (layout.bits == 8 || layout.bits == 16 || layout.bits == 32 || layout.bits == 64) return layout;
      break;
    case Type::floating_point:
      layout.bits = 16 << type->number<std::int16_t>(0, 0);
      if (layout.bits == 32 || layout.bits == 64) return layout;
      break;
    case Type::utf8:
    case Type::large_utf8:
    case Type::boolean:
      return layout;
    default:
      break;
  }
  throw BrokenBytes("column '" + name +
                    "' is of a type that is not read here; allowed: numbers, booleans, texts, dictionaries of texts");
}

Field field_of(const FlatTable& field) {
  Field f;
  f.name = field.text(0);
  f.layout = layout_of(field, f.name);
  const FlatVector metadata = field.vector(6, 4);
  for (std::size_t i = 0; i < metadata.size; ++i)
    if (metadata.table(i).text(0) == "unit") f.unit = metadata.table(i).text(1);
  if (const auto dictionary = field.table(4)) {
    f.is_dictionary = true;
    f.dictionary = dictionary->number<std::int64_t>(0, 0);
    f.words = f.layout;
    f.layout = {Type::integer, 32, true};
    if (const auto index = dictionary->table(1))
      f.layout = {Type::integer, index->number<std::int32_t>(0, 0), index->number<std::uint8_t>(1, 0) != 0};
    if (f.words.type != Type::utf8 && f.words.type != Type::large_utf8)
      throw BrokenBytes("column '" + f.name + "' is a dictionary of other values than texts");
  }
  return f;
}

template <class T>
ArrowValue number_at(std::string_view values, std::uint64_t row) {
  return static_cast<double>(value_at<T>(values, row * sizeof(T)));
}

template <class Offset>
ArrowValue text_at(std::string_view offsets, std::string_view letters, std::uint64_t row) {
  const auto begin = value_at<Offset>(offsets, row * sizeof(Offset));
  const auto end = value_at<Offset>(offsets, (row + 1) * sizeof(Offset));
  if (begin < 0 || end < begin || static_cast<std::uint64_t>(end) > letters.size())
    throw BrokenBytes("holds a wrong offset of a text");
  return std::string(letters.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
}

bool bit_at(std::string_view bits, std::uint64_t row) { return ((value_at<std::uint8_t>(bits, row / 8) >> (row % 8)) & 1) != 0; }

/// Hands out the buffers of a batch, column by column.
class Batch {
 public:
  Batch(const FlatTable& batch, std::string_view body)
      : rows_(static_cast<std::uint64_t>(batch.number<std::int64_t>(0, 0))),
        buffers_(batch.vector(2, sizeof(Buffer))),
        body_(body) {
    if (batch.table(3)) throw BrokenBytes("is compressed; write it uncompressed");
    if (rows_ > most_rows) throw BrokenBytes("has more than 100000000 rows");
  }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

  void append(const Layout& layout, std::vector<ArrowValue>& values) {
    const std::string_view present = next();
    const std::string_view first = next();
    const bool text = layout.type == Type::utf8 || layout.type == Type::large_utf8;
    const std::string_view letters = text ? next() : std::string_view();
    for (std::uint64_t row = 0; row < rows_; ++row) {
      const bool absent = !present.empty() && !bit_at(present, row);
      values.push_back(absent ? ArrowValue() : value(layout, first, letters, row));
    }
  }

 private:
  std::string_view next() {
    if (buffer_ >= buffers_.size) throw BrokenBytes("has a batch with too few buffers");
    const auto [offset, length] = buffers_.item<Buffer>(buffer_++);
    if (offset < 0 || length < 0 || static_cast<std::uint64_t>(offset) > body_.size() ||
        static_cast<std::uint64_t>(length) > body_.size() - static_cast<std::uint64_t>(offset))
      throw BrokenBytes("has a buffer beyond its end");
    return body_.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
  }
  static ArrowValue value(const Layout& layout, std::string_view first, std::string_view letters, std::uint64_t row) {
    if (layout.type == Type::boolean) return bit_at(first, row);
    if (layout.type == Type::utf8) return text_at<std::int32_t>(first, letters, row);
    if (layout.type == Type::large_utf8) return text_at<std::int64_t>(first, letters, row);
    if (layout.type == Type::floating_point)
      return layout.bits == 32 ? number_at<float>(first, row) : number_at<double>(first, row);
    switch (layout.bits) {
      case 8:
        return layout.is_signed ? number_at<std::int8_t>(first, row) : number_at<std::uint8_t>(first, row);
      case 16:
        return layout.is_signed ? number_at<std::int16_t>(first, row) : number_at<std::uint16_t>(first, row);
      case 32:
        return layout.is_signed ? number_at<std::int32_t>(first, row) : number_at<std::uint32_t>(first, row);
      default:
        return layout.is_signed ? number_at<std::int64_t>(first, row) : number_at<std::uint64_t>(first, row);
    }
  }
  std::uint64_t rows_;
  FlatVector buffers_;
  std::string_view body_;
  std::size_t buffer_ = 0;
};

class Reader {
 public:
  std::vector<ArrowSourceColumn> read(std::string_view bytes) {
    std::size_t at = bytes.starts_with(mark) ? 8 : 0;
    while (at < bytes.size()) {
      if (value_at<std::uint32_t>(bytes, at) != 0xFFFFFFFFU) throw BrokenBytes("holds no messages of Arrow");
      const std::size_t head = value_at<std::uint32_t>(bytes, at + 4);
      at += 8;
      if (head == 0) break;
      if (head > bytes.size() - at) throw BrokenBytes("ends too early");
      const FlatTable message = FlatTable::root(bytes.substr(at, head));
      const auto body = static_cast<std::uint64_t>(message.number<std::int64_t>(3, 0));
      at += head;
      if (body > bytes.size() - at) throw BrokenBytes("ends too early");
      take(message, bytes.substr(at, body));
      at += body;
    }
    if (columns_.empty()) throw BrokenBytes("holds no columns of Arrow");
    return std::move(columns_);
  }

 private:
  void take(const FlatTable& message, std::string_view body) {
    const auto content = message.table(2);
    if (!content) throw BrokenBytes("holds a message without content");
    switch (static_cast<Header>(message.number<std::uint8_t>(1, 0))) {
      case Header::schema:
        return take_schema(*content);
      case Header::dictionary_batch:
        return take_dictionary(*content, body);
      case Header::record_batch:
        return take_rows(*content, body);
      default:
        throw BrokenBytes("holds a message that is no schema and no batch");
    }
  }

  void take_schema(const FlatTable& schema) {
    if (schema.number<std::int16_t>(0, 0) != 0) throw BrokenBytes("is big-endian, which is not read here");
    const FlatVector fields = schema.vector(1, 4);
    for (std::size_t i = 0; i < fields.size; ++i) {
      fields_.push_back(field_of(fields.table(i)));
      columns_.push_back({fields_.back().name, fields_.back().unit, {}});
    }
  }

  void take_dictionary(const FlatTable& dictionary, std::string_view body) {
    const auto id = dictionary.number<std::int64_t>(0, 0);
    const auto data = dictionary.table(1);
    if (!data) throw BrokenBytes("has a dictionary without words");
    auto& words = dictionaries_[id];
    if (dictionary.number<std::uint8_t>(2, 0) == 0) words.clear();  // else these follow the others
    for (const Field& field : fields_)
      if (field.is_dictionary && field.dictionary == id) return Batch(*data, body).append(field.words, words);
  }

  void take_rows(const FlatTable& rows, std::string_view body) {
    Batch batch(rows, body);
    for (std::size_t c = 0; c < fields_.size(); ++c) {
      auto& values = columns_[c].values;
      const std::size_t before = values.size();
      batch.append(fields_[c].layout, values);
      if (!fields_[c].is_dictionary) continue;
      const auto& words = dictionaries_[fields_[c].dictionary];
      for (std::size_t row = before; row < values.size(); ++row) {
        const double* const index = std::get_if<double>(&values[row]);
        if (index == nullptr) continue;
        if (!(*index >= 0) || *index >= static_cast<double>(words.size()))
          throw BrokenBytes("names a word that its dictionary lacks");
        values[row] = words[static_cast<std::size_t>(*index)];
      }
    }
  }

  std::vector<Field> fields_;
  std::vector<ArrowSourceColumn> columns_;
  std::map<std::int64_t, std::vector<ArrowValue>> dictionaries_;
};

}  // namespace

std::vector<ArrowSourceColumn> read_arrow(std::string_view bytes, const std::string& file) {
  try {
    return Reader().read(bytes);
  } catch (const BrokenBytes& e) {
    throw InputError(file, e.what());
  }
}

}  // namespace ironlaw::host
