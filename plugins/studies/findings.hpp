#pragma once
#include <ironlaw/maybe.hpp>
#include <ironlaw/study.hpp>

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace ironlaw::studies {

/// A small table, kept until its end: a column of texts becomes one of choices.
class Findings {
 public:
  /// Values of a port of the pipeline, absent where not set.
  std::size_t add_port(PortInfo port, std::string name = {});
  std::size_t add_number(std::string name, std::string_view doc);
  std::size_t add_text(std::string name, std::string_view doc);

  void add_row(RowStatus status = RowStatus::ok);
  /// In the row added last.
  void set(std::size_t column, double number) { cells_[column].back().number = number; }
  void set(std::size_t column, const Cell& cell) { cells_[column].back() = cell; }
  void set(std::size_t column, std::string_view text);

  [[nodiscard]] std::size_t rows() const { return status_.size(); }
  /// Declares the table and appends all rows.
  void write(Bench& bench);

 private:
  std::size_t add(PortInfo port, std::string name);
  std::deque<std::string> names_;
  std::vector<PortInfo> ports_;
  std::vector<std::vector<Cell>> cells_;
  std::vector<RowStatus> status_;
  std::vector<std::string_view> words_;
  std::map<std::string_view, std::size_t> word_index_;
};

inline std::size_t Findings::add(PortInfo port, std::string name) {
  port.name = names_.emplace_back(std::move(name));
  port.optional = true;
  port.required = false;
  ports_.push_back(port);
  cells_.emplace_back();
  return ports_.size() - 1;
}
inline std::size_t Findings::add_port(PortInfo port, std::string name) {
  return add(port, name.empty() ? std::string(port.name) : std::move(name));
}
inline std::size_t Findings::add_number(std::string name, std::string_view doc) {
  PortInfo port;
  port.doc = doc;
  return add(port, std::move(name));
}
inline std::size_t Findings::add_text(std::string name, std::string_view doc) {
  PortInfo port;
  port.doc = doc;
  port.type = PortType::choice;
  return add(port, std::move(name));
}
inline void Findings::add_row(RowStatus status) {
  for (std::size_t c = 0; c < ports_.size(); ++c) {
    Cell none{absent_value};
    if (ports_[c].type == PortType::object) none.object = nullptr;
    cells_[c].push_back(none);
  }
  status_.push_back(status);
}
inline void Findings::set(std::size_t column, std::string_view text) {
  auto known = word_index_.find(text);
  if (known == word_index_.end()) {
    words_.push_back(names_.emplace_back(text));
    known = word_index_.emplace(words_.back(), words_.size() - 1).first;
  }
  set(column, static_cast<double>(known->second));
}
inline void Findings::write(Bench& bench) {
  for (auto& port : ports_)
    if (port.type == PortType::choice && port.choices.empty()) port.choices = words_;
  Table& table = bench.table(ports_);
  std::vector<Column> columns;
  for (const auto& column : cells_) columns.push_back({column.data(), 1});
  table.append(columns, status_);
}

}  // namespace ironlaw::studies
