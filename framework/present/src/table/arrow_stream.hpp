#pragma once
// Messages of an Arrow IPC stream: https://arrow.apache.org/docs/format/Columnar.html, metadata version 5.
#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace ironlaw::host {

enum class ArrowType : std::uint8_t { float64, boolean, text, dictionary };

/// A column as the schema describes it. A dictionary's indices are 32-bit, its values texts; its id is its position.
struct ArrowField {
  std::string name;
  ArrowType type = ArrowType::float64;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<std::string> dictionary;
};

/// A column of one batch: its buffers as they stand in the stream.
struct ArrowColumn {
  std::string validity;  ///< a bit a row; empty where nothing is absent
  std::uint64_t absent = 0;
  std::vector<std::string> buffers;
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
  /// The column so far; empty afterwards.
  [[nodiscard]] ArrowColumn take();

 private:
  void add_row(bool present);
  ArrowType type_;
  std::uint64_t rows_ = 0;
  ArrowColumn column_;
};

/// The schema, then a batch for each dictionary.
void write_arrow_schema(const std::vector<ArrowField>& fields, std::ostream& out);
void write_arrow_batch(std::uint64_t rows, const std::vector<ArrowColumn>& columns, std::ostream& out);
void write_arrow_end(std::ostream& out);

}  // namespace ironlaw::host
