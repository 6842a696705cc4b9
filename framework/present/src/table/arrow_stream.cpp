// The library builds the flatbuffers; the numbers of the fields are those of the format's Message.fbs and Schema.fbs.
#include "table/arrow_stream.hpp"

#include <flatbuffers/flatbuffers.h>

#include <array>
#include <bit>
#include <cstring>
#include <ostream>

namespace ironlaw::host {
namespace {

static_assert(std::endian::native == std::endian::little, "buffers go out as they are in memory");

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::uoffset_t;
using Table = Offset<flatbuffers::Table>;

/// Where the n-th field of a table stands in its list of fields.
constexpr flatbuffers::voffset_t field(int n) { return static_cast<flatbuffers::voffset_t>(4 + 2 * n); }

constexpr std::int16_t version_5 = 4;
constexpr std::int16_t double_precision = 2;
enum class Header : std::uint8_t { schema = 1, dictionary_batch = 2, record_batch = 3 };
enum class Type : std::uint8_t { integer = 2, floating_point = 3, utf8 = 5, boolean = 6 };

struct FieldNode {
  std::int64_t length;
  std::int64_t absent;
};
struct Buffer {
  std::int64_t offset;
  std::int64_t length;
};

template <class Fill>
Table table(FlatBufferBuilder& builder, const Fill& fill) {
  const auto start = builder.StartTable();
  fill();
  return Table(builder.EndTable(start));
}

Table int32_type(FlatBufferBuilder& builder) {
  return table(builder, [&] {
    builder.AddElement<std::int32_t>(field(0), 32, 0);
    builder.AddElement<std::uint8_t>(field(1), 1, 0);  // signed
  });
}

std::pair<Type, Table> type_of(FlatBufferBuilder& builder, ArrowType type) {
  switch (type) {
    case ArrowType::float64:
      return {Type::floating_point, table(builder, [&] { builder.AddElement<std::int16_t>(field(0), double_precision, 0); })};
    case ArrowType::boolean:
      return {Type::boolean, table(builder, [] {})};
    case ArrowType::text:
    case ArrowType::dictionary:
      break;
  }
  return {Type::utf8, table(builder, [] {})};
}

Table field_table(FlatBufferBuilder& builder, const ArrowField& described, std::int64_t id) {
  const auto name = builder.CreateString(described.name);
  std::vector<Table> pairs;
  for (const auto& [key, value] : described.metadata) {
    const auto key_text = builder.CreateString(key);
    const auto value_text = builder.CreateString(value);
    pairs.push_back(table(builder, [&] {
      builder.AddOffset(field(0), key_text);
      builder.AddOffset(field(1), value_text);
    }));
  }
  const auto metadata = builder.CreateVector(pairs);
  const auto children = builder.CreateVector(std::vector<Table>());
  const auto [type, type_table] = type_of(builder, described.type);
  Table dictionary;
  if (described.type == ArrowType::dictionary) {
    const auto index = int32_type(builder);
    dictionary = table(builder, [&] {
      builder.AddElement<std::int64_t>(field(0), id, -1);
      builder.AddOffset(field(1), index);
    });
  }
  return table(builder, [&, type = type, type_table = type_table] {
    builder.AddOffset(field(0), name);
    builder.AddElement<std::uint8_t>(field(1), 1, 0);  // nullable
    builder.AddElement<std::uint8_t>(field(2), static_cast<std::uint8_t>(type), 0);
    builder.AddOffset(field(3), type_table);
    if (!dictionary.IsNull()) builder.AddOffset(field(4), dictionary);
    builder.AddOffset(field(5), children);
    builder.AddOffset(field(6), metadata);
  });
}

std::uint64_t padding(std::uint64_t size) { return (8 - size % 8) % 8; }

void write_padded(const std::string& bytes, std::ostream& out) {
  constexpr char zeros[8] = {};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.write(zeros, static_cast<std::streamsize>(padding(bytes.size())));
}

void write_message(FlatBufferBuilder& builder, Header header, Table content, std::int64_t body, std::ostream& out) {
  builder.Finish(table(builder, [&] {
    builder.AddElement<std::int16_t>(field(0), version_5, 0);
    builder.AddElement<std::uint8_t>(field(1), static_cast<std::uint8_t>(header), 0);
    builder.AddOffset(field(2), content);
    builder.AddElement<std::int64_t>(field(3), body, 0);
  }));
  const std::uint32_t size = builder.GetSize();
  const std::array<std::uint32_t, 2> prefix{0xFFFFFFFFU, static_cast<std::uint32_t>(size + padding(size))};
  out.write(reinterpret_cast<const char*>(prefix.data()), sizeof prefix);
  write_padded(std::string(reinterpret_cast<const char*>(builder.GetBufferPointer()), size), out);
}

/// The table of a batch, and the size of its body.
std::pair<Table, std::int64_t> batch_table(FlatBufferBuilder& builder, std::uint64_t rows,
                                           const std::vector<ArrowColumn>& columns) {
  std::vector<FieldNode> nodes;
  std::vector<Buffer> buffers;
  std::int64_t body = 0;
  const auto add = [&](const std::string& bytes) {
    buffers.push_back({body, static_cast<std::int64_t>(bytes.size())});
    body += static_cast<std::int64_t>(bytes.size() + padding(bytes.size()));
  };
  for (const ArrowColumn& column : columns) {
    nodes.push_back({static_cast<std::int64_t>(rows), static_cast<std::int64_t>(column.absent)});
    add(column.validity);
    for (const std::string& bytes : column.buffers) add(bytes);
  }
  const auto node_vector = builder.CreateVectorOfStructs(nodes);
  const auto buffer_vector = builder.CreateVectorOfStructs(buffers);
  const auto batch = table(builder, [&] {
    builder.AddElement<std::int64_t>(field(0), static_cast<std::int64_t>(rows), 0);
    builder.AddOffset(field(1), node_vector);
    builder.AddOffset(field(2), buffer_vector);
  });
  return {batch, body};
}

void write_body(const std::vector<ArrowColumn>& columns, std::ostream& out) {
  for (const ArrowColumn& column : columns) {
    write_padded(column.validity, out);
    for (const std::string& bytes : column.buffers) write_padded(bytes, out);
  }
}

void write_dictionary(std::int64_t id, const std::vector<std::string>& values, std::ostream& out) {
  ArrowColumnBuilder texts(ArrowType::text);
  for (const std::string& value : values) texts.add(value);
  const std::vector<ArrowColumn> columns{texts.take()};
  FlatBufferBuilder builder;
  const auto [batch, body] = batch_table(builder, values.size(), columns);
  const auto content = table(builder, [&, batch = batch] {
    builder.AddElement<std::int64_t>(field(0), id, -1);
    builder.AddOffset(field(1), batch);
  });
  write_message(builder, Header::dictionary_batch, content, body, out);
  write_body(columns, out);
}

template <class T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_bit(std::string& bits, std::uint64_t row, bool bit) {
  if (row % 8 == 0) bits += '\0';
  if (bit) bits.back() = static_cast<char>(bits.back() | (1 << (row % 8)));
}

}  // namespace

ArrowColumnBuilder::ArrowColumnBuilder(ArrowType type) : type_(type) { (void)take(); }

ArrowColumn ArrowColumnBuilder::take() {
  ArrowColumn column = std::move(column_);
  if (column.absent == 0) column.validity.clear();
  column_ = {};
  column_.buffers.resize(type_ == ArrowType::text ? 2 : 1);
  if (type_ == ArrowType::text) append(column_.buffers[0], std::int32_t{0});
  rows_ = 0;
  return column;
}

void ArrowColumnBuilder::add_row(bool present) {
  append_bit(column_.validity, rows_++, present);
  column_.absent += present ? 0 : 1;
}

/// A place is taken in the buffers too.
void ArrowColumnBuilder::add_absent() {
  if (type_ == ArrowType::float64) append(column_.buffers[0], 0.0);
  if (type_ == ArrowType::boolean) append_bit(column_.buffers[0], rows_, false);
  if (type_ == ArrowType::dictionary) append(column_.buffers[0], std::int32_t{0});
  if (type_ == ArrowType::text) append(column_.buffers[0], static_cast<std::int32_t>(column_.buffers[1].size()));
  add_row(false);
}

void ArrowColumnBuilder::add(double number) {
  append(column_.buffers[0], number);
  add_row(true);
}

void ArrowColumnBuilder::add(bool flag) {
  append_bit(column_.buffers[0], rows_, flag);
  add_row(true);
}

void ArrowColumnBuilder::add(std::int32_t index) {
  append(column_.buffers[0], index);
  add_row(true);
}

void ArrowColumnBuilder::add(const std::string& text) {
  column_.buffers[1] += text;
  append(column_.buffers[0], static_cast<std::int32_t>(column_.buffers[1].size()));
  add_row(true);
}

void write_arrow_schema(const std::vector<ArrowField>& fields, std::ostream& out) {
  FlatBufferBuilder builder;
  std::vector<Table> tables;
  for (const ArrowField& described : fields)
    tables.push_back(field_table(builder, described, static_cast<std::int64_t>(tables.size())));
  const auto field_vector = builder.CreateVector(tables);
  const auto schema = table(builder, [&] { builder.AddOffset(field(1), field_vector); });
  write_message(builder, Header::schema, schema, 0, out);
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].type == ArrowType::dictionary) write_dictionary(static_cast<std::int64_t>(i), fields[i].dictionary, out);
}

void write_arrow_batch(std::uint64_t rows, const std::vector<ArrowColumn>& columns, std::ostream& out) {
  FlatBufferBuilder builder;
  const auto [batch, body] = batch_table(builder, rows, columns);
  write_message(builder, Header::record_batch, batch, body, out);
  write_body(columns, out);
}

void write_arrow_end(std::ostream& out) {
  constexpr std::array<std::uint32_t, 2> end{0xFFFFFFFFU, 0};
  out.write(reinterpret_cast<const char*>(end.data()), sizeof end);
}

}  // namespace ironlaw::host
