// A table in memory as Arrow's C data interface has it.
#include "table/arrow_columns.hpp"
#include "table/row_reasons.hpp"

#include <ironlaw/present/result_table.hpp>

#include <cerrno>
#include <cmath>

namespace ironlaw::host {
namespace {

using SharedTable = std::shared_ptr<const ResultTable>;

std::string encoded_metadata(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string bytes;
  const auto put_size = [&bytes](std::size_t n) {
    const auto size = static_cast<std::int32_t>(n);
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  };
  put_size(pairs.size());
  for (const auto& [key, value] : pairs)
    for (const std::string& text : {key, value}) {
      put_size(text.size());
      bytes += text;
    }
  return bytes;
}

/// What Arrow calls a type here; of a dictionary, its indices.
const char* format_of(ArrowType type) {
  switch (type) {
    case ArrowType::float64:
      return "g";
    case ArrowType::boolean:
      return "b";
    case ArrowType::dictionary:
      return "i";
    case ArrowType::list:
      return "+l";
    case ArrowType::text:
      break;
  }
  return "u";
}

/// Releases what hangs below a node unless a consumer took it, then what the node owns.
template <class Node, class Held>
void release(Node* node) {
  for (std::int64_t i = 0; i < node->n_children; ++i)
    if (node->children[i]->release != nullptr) node->children[i]->release(node->children[i]);
  if (node->dictionary != nullptr && node->dictionary->release != nullptr) node->dictionary->release(node->dictionary);
  node->release = nullptr;
  delete static_cast<Held*>(node->private_data);
}

struct HeldSchema {
  std::string name, metadata;
  std::vector<std::unique_ptr<ArrowSchema>> owned;
  std::vector<ArrowSchema*> children;
  ArrowSchema dictionary{};
};

void fill(ArrowSchema& schema, const char* format, std::unique_ptr<HeldSchema> held) {
  constexpr std::int64_t nullable = 2;
  schema = {};
  schema.format = format;
  schema.name = held->name.c_str();
  schema.metadata = held->metadata.empty() ? nullptr : held->metadata.data();
  schema.flags = nullable;
  schema.n_children = static_cast<std::int64_t>(held->children.size());
  schema.children = held->children.data();
  schema.dictionary = held->dictionary.release != nullptr ? &held->dictionary : nullptr;
  schema.release = release<ArrowSchema, HeldSchema>;
  schema.private_data = held.release();
}

void describe(const ArrowField& field, ArrowSchema& schema) {
  auto held = std::make_unique<HeldSchema>();
  held->name = field.name;
  if (!field.metadata.empty()) held->metadata = encoded_metadata(field.metadata);
  if (field.type == ArrowType::dictionary) fill(held->dictionary, "u", std::make_unique<HeldSchema>());
  if (field.type == ArrowType::list) {
    describe({"item", ArrowType::float64, {}, {}}, *held->owned.emplace_back(std::make_unique<ArrowSchema>()));
    held->children.push_back(held->owned.back().get());
  }
  fill(schema, format_of(field.type), std::move(held));
}

void describe(const std::vector<ArrowField>& fields, ArrowSchema& schema) {
  auto held = std::make_unique<HeldSchema>();
  for (const ArrowField& field : fields) {
    describe(field, *held->owned.emplace_back(std::make_unique<ArrowSchema>()));
    held->children.push_back(held->owned.back().get());
  }
  fill(schema, "+s", std::move(held));
}

struct HeldArray {
  SharedTable table;  ///< whose numbers are the buffer
  ArrowColumn column;
  std::vector<const void*> buffers;
  std::vector<std::unique_ptr<ArrowArray>> owned;
  std::vector<ArrowArray*> children;
  ArrowArray dictionary{};
};

void fill(ArrowArray& array, std::size_t rows, std::unique_ptr<HeldArray> held) {
  array = {};
  array.length = static_cast<std::int64_t>(rows);
  array.null_count = static_cast<std::int64_t>(held->column.absent);
  array.n_buffers = static_cast<std::int64_t>(held->buffers.size());
  array.buffers = held->buffers.data();
  array.n_children = static_cast<std::int64_t>(held->children.size());
  array.children = held->children.data();
  array.dictionary = held->dictionary.release != nullptr ? &held->dictionary : nullptr;
  array.release = release<ArrowArray, HeldArray>;
  array.private_data = held.release();
}

const void* validity_of(const ArrowColumn& column) { return column.absent == 0 ? nullptr : column.validity.data(); }

std::unique_ptr<HeldArray> held_of(ArrowColumn column) {
  auto held = std::make_unique<HeldArray>();
  held->column = std::move(column);
  held->buffers.push_back(validity_of(held->column));
  for (const std::string& buffer : held->column.buffers) held->buffers.push_back(buffer.data());
  if (!held->column.is_list) return held;
  auto items = std::make_unique<HeldArray>();
  items->column.buffers.push_back(std::move(held->column.items));
  items->buffers = {nullptr, items->column.buffers.front().data()};
  const std::size_t count = items->column.buffers.front().size() / sizeof(double);
  fill(*held->owned.emplace_back(std::make_unique<ArrowArray>()), count, std::move(items));
  held->children.push_back(held->owned.back().get());
  return held;
}

/// Numbers stay where the table has them; what is absent among them is marked.
std::unique_ptr<HeldArray> numbers_of(const SharedTable& table, std::size_t c) {
  const auto cells = table->cells(c);
  auto held = std::make_unique<HeldArray>();
  held->table = table;
  held->column.validity.assign((cells.size() + 7) / 8, '\xff');
  for (std::size_t r = 0; r < cells.size(); ++r) {
    if (std::isfinite(cells[r].number)) continue;
    char& bits = held->column.validity[r / 8];
    bits = static_cast<char>(bits & ~(1 << (r % 8)));
    ++held->column.absent;
  }
  held->buffers = {validity_of(held->column), cells.data()};
  return held;
}

std::unique_ptr<HeldArray> column_of(const SharedTable& table, const ArrowColumns& columns, std::size_t c) {
  const ArrowField& field = columns.fields()[c];
  if (field.type == ArrowType::float64) return numbers_of(table, c);
  ArrowColumnBuilder builder(field.type);
  for (const Cell& cell : table->cells(c)) columns.add(c, cell, builder);
  return held_of(builder.take());
}

std::unique_ptr<HeldArray> status_of(const ResultTable& table) {
  ArrowColumnBuilder builder(ArrowType::dictionary);
  for (const RowStatus status : table.status()) builder.add(static_cast<std::int32_t>(status));
  return held_of(builder.take());
}

class ReasonColumn final : public RowSink {
 public:
  explicit ReasonColumn(const ResultTable& table) : reasons_(table.pipeline(), table.columns()) {}
  void rows(const ResultRows& rows) override {
    for (std::size_t r = 0; r < rows.status.size(); ++r) {
      const std::string text = reasons_.of(rows, r);
      text.empty() ? builder_.add_absent() : builder_.add(text);
    }
  }
  [[nodiscard]] std::unique_ptr<HeldArray> take() { return held_of(builder_.take()); }

 private:
  RowReasons reasons_;
  ArrowColumnBuilder builder_{ArrowType::text};
};

void add_child(const ArrowField& field, std::size_t rows, std::unique_ptr<HeldArray> child, HeldArray& parent) {
  if (field.type == ArrowType::dictionary) {
    ArrowColumnBuilder names(ArrowType::text);
    for (const std::string& name : field.dictionary) names.add(name);
    fill(child->dictionary, field.dictionary.size(), held_of(names.take()));
  }
  fill(*parent.owned.emplace_back(std::make_unique<ArrowArray>()), rows, std::move(child));
  parent.children.push_back(parent.owned.back().get());
}

struct HeldStream {
  SharedTable table;
  bool done = false;
  std::string error;
};

template <class Call>
int answered(ArrowArrayStream* stream, const Call& call) {
  auto& held = *static_cast<HeldStream*>(stream->private_data);
  try {
    call(held);
    return 0;
  } catch (const std::exception& e) {
    held.error = e.what();
    return ENOMEM;
  }
}

}  // namespace

void export_arrow(const SharedTable& table, ArrowSchema& schema, ArrowArray& batch) {
  const ArrowColumns columns(table->pipeline(), table->columns());
  const auto& fields = columns.fields();
  auto held = std::make_unique<HeldArray>();
  held->buffers = {nullptr};  // a row is never absent
  const std::size_t count = table->columns().size();
  for (std::size_t c = 0; c < count; ++c) add_child(fields[c], table->size(), column_of(table, columns, c), *held);
  add_child(fields[count], table->size(), status_of(*table), *held);
  ReasonColumn reasons(*table);
  table->replay(reasons);
  add_child(fields[count + 1], table->size(), reasons.take(), *held);
  describe(fields, schema);
  fill(batch, table->size(), std::move(held));
}

void export_arrow(const SharedTable& table, ArrowArrayStream& stream) {
  stream = {};
  stream.get_schema = [](ArrowArrayStream* s, ArrowSchema* out) {
    return answered(
        s, [&](const HeldStream& held) { describe(ArrowColumns(held.table->pipeline(), held.table->columns()).fields(), *out); });
  };
  stream.get_next = [](ArrowArrayStream* s, ArrowArray* out) {
    return answered(s, [&](HeldStream& held) {
      *out = {};
      if (held.done) return;
      ArrowSchema schema;
      export_arrow(held.table, schema, *out);
      schema.release(&schema);
      held.done = true;
    });
  };
  stream.get_last_error = [](ArrowArrayStream* s) { return static_cast<HeldStream*>(s->private_data)->error.c_str(); };
  stream.release = [](ArrowArrayStream* s) {
    delete static_cast<HeldStream*>(s->private_data);
    s->release = nullptr;
  };
  stream.private_data = new HeldStream{table, false, {}};
}

}  // namespace ironlaw::host
