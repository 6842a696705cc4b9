// The library builds the flatbuffers; the numbers of the fields are those of the format's File.fbs, Message.fbs and Schema.fbs.
#include "table/arrow_writer.hpp"

#include <ironlaw/error.hpp>

#include <flatbuffers/flatbuffers.h>

#include <array>
#include <bit>
#include <cstring>
#include <fstream>
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

constexpr std::string_view mark = "ARROW1";  // of a file, at both ends
constexpr std::int16_t version_5 = 4;
constexpr std::int16_t double_precision = 2;
enum class Header : std::uint8_t { schema = 1, dictionary_batch = 2, record_batch = 3 };
enum class Type : std::uint8_t { integer = 2, floating_point = 3, utf8 = 5, boolean = 6, list = 12 };

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
    case ArrowType::list:
      return {Type::list, table(builder, [] {})};
    case ArrowType::text:
    case ArrowType::dictionary:
      break;
  }
  return {Type::utf8, table(builder, [] {})};
}

auto metadata_vector(FlatBufferBuilder& builder, const ArrowMetadata& metadata) {
  std::vector<Table> pairs;
  for (const auto& [key, value] : metadata) {
    const auto key_text = builder.CreateString(key);
    const auto value_text = builder.CreateString(value);
    pairs.push_back(table(builder, [&, key_text = key_text, value_text = value_text] {
      builder.AddOffset(field(0), key_text);
      builder.AddOffset(field(1), value_text);
    }));
  }
  return builder.CreateVector(pairs);
}

Table field_table(FlatBufferBuilder& builder, const ArrowField& described, std::int64_t id) {
  const auto name = builder.CreateString(described.name);
  const auto metadata = metadata_vector(builder, described.metadata);
  std::vector<Table> items;
  if (described.type == ArrowType::list) items.push_back(field_table(builder, {"item", ArrowType::float64, {}, {}}, 0));
  const auto children = builder.CreateVector(items);
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

/// The length of the message's head.
std::int32_t write_message(FlatBufferBuilder& builder, Header header, Table content, std::int64_t body, std::ostream& out) {
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
  return static_cast<std::int32_t>(sizeof prefix + prefix[1]);
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
    if (!column.is_list) continue;
    nodes.push_back({static_cast<std::int64_t>(column.items.size() / sizeof(double)), 0});
    add({});
    add(column.items);
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
    if (column.is_list) write_padded(column.items, out);
  }
}

Table schema_table(FlatBufferBuilder& builder, const std::vector<ArrowField>& fields, const ArrowMetadata& metadata) {
  std::vector<Table> tables;
  for (const ArrowField& described : fields)
    tables.push_back(field_table(builder, described, static_cast<std::int64_t>(tables.size())));
  const auto field_vector = builder.CreateVector(tables);
  const auto described = metadata_vector(builder, metadata);
  return table(builder, [&] {
    builder.AddOffset(field(1), field_vector);
    builder.AddOffset(field(2), described);
  });
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
  column_.is_list = type_ == ArrowType::list;
  column_.buffers.resize(type_ == ArrowType::text ? 2 : 1);
  if (type_ == ArrowType::text || type_ == ArrowType::list) append(column_.buffers[0], std::int32_t{0});
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
  if (type_ == ArrowType::list) append_end_of_list();
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

void ArrowColumnBuilder::add(std::span<const double> list) {
  column_.items.append(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(double));
  append_end_of_list();
  add_row(true);
}

void ArrowColumnBuilder::append_end_of_list() {
  append(column_.buffers[0], static_cast<std::int32_t>(column_.items.size() / sizeof(double)));
}

ArrowWriter::ArrowWriter(ArrowForm form, std::vector<ArrowField> fields, ArrowMetadata metadata, std::ostream& out)
    : form_(form), fields_(std::move(fields)), metadata_(std::move(metadata)), out_(out) {}

void ArrowWriter::begin() {
  if (form_ == ArrowForm::file) {
    write_padded(std::string(mark), out_);
    written_ += static_cast<std::int64_t>(mark.size() + padding(mark.size()));
  }
  FlatBufferBuilder builder;
  const auto schema = schema_table(builder, fields_, metadata_);
  written_ += write_message(builder, Header::schema, schema, 0, out_);
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (fields_[i].type == ArrowType::dictionary) write_dictionary(static_cast<std::int64_t>(i), fields_[i].dictionary);
}

/// Finds the messages by their lengths.
void ArrowWriter::go_on(const std::filesystem::path& file, std::uint64_t bytes) {
  written_ = static_cast<std::int64_t>(bytes);
  if (form_ == ArrowForm::stream) return;
  std::ifstream in(file, std::ios::binary);
  auto at = static_cast<std::int64_t>(mark.size() + padding(mark.size()));
  std::string head;
  for (std::array<std::uint32_t, 2> prefix{}; at < written_;) {
    in.seekg(at);
    in.read(reinterpret_cast<char*>(prefix.data()), sizeof prefix);
    head.resize(in ? prefix[1] : 0);
    if (!in.read(head.data(), static_cast<std::streamsize>(head.size())) || head.empty())
      throw InputError(file.string(), "holds no messages of Arrow");
    const auto* message = flatbuffers::GetRoot<flatbuffers::Table>(head.data());
    const auto header = static_cast<Header>(message->GetField<std::uint8_t>(field(1), 0));
    const ArrowBlock block{at, static_cast<std::int32_t>(sizeof prefix + head.size()), 0,
                           message->GetField<std::int64_t>(field(3), 0)};
    if (header != Header::schema) list(header == Header::dictionary_batch, block);
    at += block.head + block.body;
  }
}

/// Only the end of a file lists them.
void ArrowWriter::list(bool dictionary, const ArrowBlock& block) {
  if (form_ == ArrowForm::file) (dictionary ? dictionaries_ : batches_).push_back(block);
}

void ArrowWriter::write_dictionary(std::int64_t id, const std::vector<std::string>& values) {
  ArrowColumnBuilder texts(ArrowType::text);
  for (const std::string& value : values) texts.add(value);
  const std::vector<ArrowColumn> columns{texts.take()};
  FlatBufferBuilder builder;
  const auto [batch, body] = batch_table(builder, values.size(), columns);
  const auto content = table(builder, [&, batch = batch] {
    builder.AddElement<std::int64_t>(field(0), id, -1);
    builder.AddOffset(field(1), batch);
  });
  const auto head = write_message(builder, Header::dictionary_batch, content, body, out_);
  write_body(columns, out_);
  list(true, {written_, head, 0, body});
  written_ += head + body;
}

void ArrowWriter::batch(std::uint64_t rows, const std::vector<ArrowColumn>& columns) {
  FlatBufferBuilder builder;
  const auto [batch, body] = batch_table(builder, rows, columns);
  const auto head = write_message(builder, Header::record_batch, batch, body, out_);
  write_body(columns, out_);
  list(false, {written_, head, 0, body});
  written_ += head + body;
}

void ArrowWriter::end() {
  constexpr std::array<std::uint32_t, 2> end{0xFFFFFFFFU, 0};
  out_.write(reinterpret_cast<const char*>(end.data()), sizeof end);
  if (form_ == ArrowForm::file) write_list();
}

void ArrowWriter::write_list() {
  FlatBufferBuilder builder;
  const auto schema = schema_table(builder, fields_, metadata_);
  const auto dictionaries = builder.CreateVectorOfStructs(dictionaries_);
  const auto batches = builder.CreateVectorOfStructs(batches_);
  builder.Finish(table(builder, [&] {
    builder.AddElement<std::int16_t>(field(0), version_5, 0);
    builder.AddOffset(field(1), schema);
    builder.AddOffset(field(2), dictionaries);
    builder.AddOffset(field(3), batches);
  }));
  const auto size = static_cast<std::int32_t>(builder.GetSize());
  out_.write(reinterpret_cast<const char*>(builder.GetBufferPointer()), size);
  out_.write(reinterpret_cast<const char*>(&size), sizeof size);
  out_ << mark;
}

}  // namespace ironlaw::host
