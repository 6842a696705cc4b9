// The cells of every example's table are the same to the bit in CSV, JSON, JSON Lines and Arrow, which is read here by the
// numbers of its fields.
#include "program.hpp"

#include <flatbuffers/flatbuffers.h>
#include <nlohmann/json.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <set>

namespace ironlaw::test {
namespace {

using Json = nlohmann::ordered_json;
using Table = flatbuffers::Table;
template <class T>
using Vector = flatbuffers::Vector<T>;

constexpr flatbuffers::voffset_t field(int n) { return static_cast<flatbuffers::voffset_t>(4 + 2 * n); }

struct Place {
  std::int64_t offset;
  std::int64_t length;
};
struct Block {
  std::int64_t offset;
  std::int32_t head;
  std::int32_t unused;
  std::int64_t body;
};

/// A column as JSON has it: null, a number, a truth value, a text or a list of numbers.
struct ArrowColumn {
  std::string name;
  int type = 0;  ///< 3 floating point, 5 text, 6 truth value, 12 list
  bool dictionary = false;
  std::vector<Json> cells;
};

class ArrowFile {
 public:
  explicit ArrowFile(std::string bytes) : bytes_(std::move(bytes)) {
    EXPECT_TRUE(bytes_.starts_with(std::string("ARROW1\0\0", 8)) && bytes_.ends_with("ARROW1"));
    const auto size = at<std::int32_t>(bytes_.size() - 10);
    const auto* footer = flatbuffers::GetRoot<Table>(bytes_.data() + bytes_.size() - 10 - static_cast<std::size_t>(size));
    const auto* schema = footer->GetPointer<const Table*>(field(1));
    for (const auto* described : *schema->GetPointer<const Vector<flatbuffers::Offset<Table>>*>(field(1)))
      columns.push_back({described->GetPointer<const flatbuffers::String*>(field(0))->str(),
                         described->GetField<std::uint8_t>(field(2), 0),
                         described->GetPointer<const Table*>(field(4)) != nullptr,
                         {}});
    for (const auto* block : *footer->GetPointer<const Vector<const Block*>*>(field(2))) read_dictionary(*block);
    for (const auto* block : *footer->GetPointer<const Vector<const Block*>*>(field(3))) read_batch(*block);
  }
  std::vector<ArrowColumn> columns;

 private:
  template <class T>
  T at(std::size_t place) const {
    T value;
    std::memcpy(&value, bytes_.data() + place, sizeof value);
    return value;
  }
  [[nodiscard]] const Table* content(const Block& block) const {
    EXPECT_EQ(at<std::uint32_t>(static_cast<std::size_t>(block.offset)), 0xFFFFFFFFU);
    EXPECT_EQ(block.offset % 8, 0);
    const auto* message = flatbuffers::GetRoot<Table>(bytes_.data() + block.offset + 8);
    EXPECT_EQ(message->GetField<std::int64_t>(field(3), 0), block.body);
    return message->GetPointer<const Table*>(field(2));
  }
  /// The texts of two buffers.
  std::vector<Json> texts(std::size_t rows, std::size_t offsets, std::size_t text) const {
    std::vector<Json> cells;
    for (std::size_t r = 0; r < rows; ++r) {
      const auto begin = at<std::int32_t>(offsets + 4 * r);
      const auto end = at<std::int32_t>(offsets + 4 * r + 4);
      cells.emplace_back(bytes_.substr(text + static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
    }
    return cells;
  }
  /// The lists of two buffers.
  std::vector<Json> lists(std::size_t rows, std::size_t offsets, std::size_t numbers) const {
    std::vector<Json> cells(rows, Json::array());
    for (std::size_t r = 0; r < rows; ++r)
      for (auto i = at<std::int32_t>(offsets + 4 * r); i < at<std::int32_t>(offsets + 4 * r + 4); ++i)
        cells[r].push_back(at<double>(numbers + 8 * static_cast<std::size_t>(i)));
    return cells;
  }
  void read_dictionary(const Block& block) {
    const Table* dictionary = content(block);
    const auto* batch = dictionary->GetPointer<const Table*>(field(1));
    const auto* places = batch->GetPointer<const Vector<const Place*>*>(field(2));
    const auto body = static_cast<std::size_t>(block.offset + block.head);
    dictionaries_[dictionary->GetField<std::int64_t>(field(0), -1)] =
        texts(static_cast<std::size_t>(batch->GetField<std::int64_t>(field(0), 0)),
              body + static_cast<std::size_t>(places->Get(1)->offset), body + static_cast<std::size_t>(places->Get(2)->offset));
  }
  void read_batch(const Block& block) {
    const Table* batch = content(block);
    const auto rows = static_cast<std::size_t>(batch->GetField<std::int64_t>(field(0), 0));
    const auto* places = batch->GetPointer<const Vector<const Place*>*>(field(2));
    const auto body = static_cast<std::size_t>(block.offset + block.head);
    flatbuffers::uoffset_t next = 0;
    const auto buffer = [&] { return body + static_cast<std::size_t>(places->Get(next++)->offset); };
    const auto bit = [&](std::size_t from, std::size_t r) {
      return (static_cast<unsigned char>(bytes_[from + r / 8]) >> (r % 8) & 1) != 0;
    };
    for (std::size_t c = 0; c < columns.size(); ++c) {
      ArrowColumn& column = columns[c];
      const bool all = places->Get(next)->length == 0;
      const std::size_t validity = buffer();
      const std::size_t values = buffer();
      std::vector<Json> cells;
      if (column.type == 5 && !column.dictionary) {
        cells = texts(rows, values, buffer());
      } else if (column.type == 12) {
        (void)buffer();  // no number of a list is absent
        cells = lists(rows, values, buffer());
      } else {
        const auto cell = [&](std::size_t r) {
          if (column.type == 6) return Json(bit(values, r));
          if (!column.dictionary) return Json(at<double>(values + 8 * r));
          const auto index = static_cast<std::size_t>(at<std::int32_t>(values + 4 * r));
          return dictionaries_[static_cast<std::int64_t>(c)].at(index);
        };
        for (std::size_t r = 0; r < rows; ++r) cells.push_back(all || bit(validity, r) ? cell(r) : Json());
      }
      for (std::size_t r = 0; r < rows; ++r) column.cells.push_back(all || bit(validity, r) ? cells[r] : Json());
    }
  }
  std::string bytes_;
  std::map<std::int64_t, std::vector<Json>> dictionaries_;
};

std::vector<std::vector<std::string>> csv_rows(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"')
        rows.back().back() += text[i++];
      else
        quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (text[i] == '\n' && !quoted) {
      if (i + 1 < text.size()) rows.emplace_back(1);
    } else {
      rows.back().back() += text[i];
    }
  }
  return rows;
}

bool same(const Json& json, const Json& arrow, const std::string& csv) {
  if (json.is_null()) return arrow.is_null() && csv.empty();
  if (json.is_number()) {
    const double number = json.get<double>();
    const auto bits = [](double d) { return std::bit_cast<std::uint64_t>(d); };
    return arrow.is_number() && bits(arrow.get<double>()) == bits(number) &&
           bits(std::strtod(csv.c_str(), nullptr)) == bits(number);
  }
  if (json.is_array()) return arrow == json && Json::parse(csv) == json;
  if (json.is_boolean()) return arrow == json && csv == (json.get<bool>() ? "true" : "false");
  return arrow == json && csv == json.get<std::string>();
}

class Cells : public Program {
 protected:
  /// Cells that were compared.
  std::uint64_t compare(const std::string& arguments) const {
    SCOPED_TRACE(arguments);
    for (const std::string ending : {"csv", "json", "jsonl", "arrow", "arrows"})
      (void)shell("ironlaw " + arguments + " -o t." + ending + " >/dev/null 2>&1");
    const Json table = Json::parse(read("t.json"), nullptr, false);
    if (table.is_discarded() || !table.contains("columns")) return 0;
    const auto csv = csv_rows(read("t.csv"));
    const ArrowFile arrow(read("t.arrow"));
    const std::string stream = read("t.arrows");
    EXPECT_TRUE(read("t.arrow").substr(8, stream.size()) == stream);
    const auto lines_of_json = lines("t.jsonl");
    EXPECT_EQ(table["columns"].size(), arrow.columns.size());
    EXPECT_EQ(csv.size(), table["rows"].size() + 1);
    EXPECT_EQ(lines_of_json.size(), table["rows"].size());
    if (testing::Test::HasFailure()) return 0;
    std::uint64_t cells = 0;
    for (std::size_t c = 0; c < arrow.columns.size(); ++c) {
      EXPECT_EQ(table["columns"][c]["name"].get<std::string>(), arrow.columns[c].name);
      EXPECT_EQ(arrow.columns[c].cells.size(), table["rows"].size());
      for (std::size_t r = 0; r < table["rows"].size(); ++r, ++cells) {
        Json json = table["rows"][r][c];
        if (json == "" && arrow.columns[c].name == "reason") json = Json();
        EXPECT_TRUE(same(json, arrow.columns[c].cells[r], csv[r + 1][c]))
            << arrow.columns[c].name << " row " << r << ": " << json << " " << arrow.columns[c].cells[r] << " " << csv[r + 1][c];
        if (testing::Test::HasFailure()) return 0;
      }
    }
    for (std::size_t r = 0; r < lines_of_json.size(); ++r) {
      const Json line = Json::parse(lines_of_json[r]);
      for (std::size_t c = 0; c + 1 < arrow.columns.size(); ++c)
        EXPECT_EQ(line.at(arrow.columns[c].name), table["rows"][r][c]) << "line " << r;
    }
    return cells;
  }
};

TEST_F(Cells, OfEveryExample) {
  std::uint64_t cells = 0;
  int tables = 0;
  std::set<std::string> configs;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(IRONLAW_EXAMPLES)) {
    const std::string ending = entry.path().extension().string();
    if (ending == ".json" || ending == ".yaml" || ending == ".yml") configs.insert(entry.path().string());
  }
  for (const auto& config : configs) {
    const auto compared = compare("run '" + config + "'");
    cells += compared;
    tables += compared > 0 ? 1 : 0;
  }
  std::cout << cells << " cells of " << tables << " tables\n";
  EXPECT_GT(tables, 15);
}

TEST_F(Cells, OfStudiesObjectsToo) {
  write("choose.json", R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50"}},
    "axes": [{"node.hardware": ["A100", "H100", "V100"]}, {"node.batch_size": [1, 8, 64]}],
    "study": {"use": "optimize", "goal": "max node.throughput", "keep": 4}})");
  EXPECT_GT(compare("run choose.json"), 10u);
  const ArrowFile arrow(read("t.arrow"));
  int objects = 0;
  for (const auto& column : arrow.columns)
    if (column.name.ends_with("hardware"))
      for (const Json& cell : column.cells) objects += cell.is_string() ? 1 : 0;
  EXPECT_GT(objects, 1) << "the devices are named";
}

TEST_F(Cells, OfAbsentValuesNoRowsAndManyBatches) {
  write_config("run", "faulty_throws", 30000);
  EXPECT_EQ(compare("run run.json"), 4u * 30000);
  write("none.json",
        R"({"version": 1, "stages": {"s": {"solver": "faulty_nan"}}, "axes": [{"s.row": [1, 2]}], "where": ["s.row > 5"]})");
  (void)compare("run none.json");
}

}  // namespace
}  // namespace ironlaw::test
