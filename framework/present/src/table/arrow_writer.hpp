#pragma once
// Arrow's interprocess format: https://arrow.apache.org/docs/format/Columnar.html, metadata version 5.
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ironlaw::host {

enum class ArrowType : std::uint8_t { float64, boolean, text, dictionary, list };

/// Names and texts.
using ArrowMetadata = std::vector<std::pair<std::string, std::string>>;

/// A column as the schema describes it. A list is of numbers. A dictionary's indices are 32-bit, its values texts; its id is its
/// position.
struct ArrowField {
  std::string name;
  ArrowType type = ArrowType::float64;
  ArrowMetadata metadata;
  std::vector<std::string> dictionary;
};

/// A column of one batch: its buffers as they stand in the stream.
struct ArrowColumn {
  std::string validity;  ///< a bit a row; empty where nothing is absent
  std::uint64_t absent = 0;
  std::vector<std::string> buffers;
  bool is_list = false;
  std::string items;  ///< of a list: its numbers, row behind row
};

/// Gathers the cells of a column.
class ArrowColumnBuilder {
 public:
  explicit ArrowColumnBuilder(ArrowType type);
  void add_absent();
  void add(double number);
  void add(bool flag);
  void add(std::int32_t index);
  void add(const std::string& text);
  void add(std::span<const double> list);
  /// The column so far; empty afterwards.
  [[nodiscard]] ArrowColumn take();

 private:
  void add_row(bool present);
  void append_end_of_list();
  ArrowType type_;
  std::uint64_t rows_ = 0;
  ArrowColumn column_;
};

/// Messages behind each other: what Arrow calls its stream; or its file, which readers may enter anywhere: the same between two
/// marks, with a list of the messages at its end.
enum class ArrowForm : std::uint8_t { stream, file };

/// A message: where it begins, and how long its head and its body are. Laid out as the list at the end of a file has it.
struct ArrowBlock {
  std::int64_t offset;
  std::int32_t head;
  std::int32_t unused = 0;
  std::int64_t body;
};

/// Writes a table, batch by batch.
class ArrowWriter {
 public:
  /// `metadata` is of the whole table.
  ArrowWriter(ArrowForm form, std::vector<ArrowField> fields, ArrowMetadata metadata, std::ostream& out);
  /// The schema, then a batch for each dictionary.
  void begin();
  /// In place of begin(): the first bytes of a file hold that, and batches.
  void go_on(const std::filesystem::path& file, std::uint64_t bytes);
  void batch(std::uint64_t rows, const std::vector<ArrowColumn>& columns);
  void end();

 private:
  void write_dictionary(std::int64_t id, const std::vector<std::string>& values);
  void write_list();
  void list(bool dictionary, const ArrowBlock& block);
  ArrowForm form_;
  std::vector<ArrowField> fields_;
  ArrowMetadata metadata_;
  std::ostream& out_;
  std::int64_t written_ = 0;
  std::vector<ArrowBlock> dictionaries_;  ///< listed at the end of a file
  std::vector<ArrowBlock> batches_;
};

}  // namespace ironlaw::host
