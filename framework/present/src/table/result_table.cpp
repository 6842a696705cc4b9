#include <ironlaw/present/result_table.hpp>

#include "value/kept_values.hpp"

#include <algorithm>

namespace ironlaw::host {
namespace {

/// Memory for more rows than these is taken as they come: a selection may keep few.
constexpr std::uint64_t most_reserved = 1 << 24;

}  // namespace

ResultTable::ResultTable(std::shared_ptr<const Pipeline> pipeline)
    : pipeline_(std::move(pipeline)),
      columns_(pipeline_->columns()),
      cells_(columns_.size()),
      kept_(std::make_unique<KeptValues>()) {
  reserve(std::min(pipeline_->rows(), most_reserved));
}

ResultTable::ResultTable(std::shared_ptr<const Pipeline> pipeline, const std::vector<ResultColumn>& columns)
    : pipeline_(std::move(pipeline)), columns_(columns), cells_(columns_.size()), kept_(std::make_unique<KeptValues>()) {
  const auto keep = [this](std::string_view text) -> std::string_view { return texts_.emplace_back(text); };
  for (ResultColumn& column : columns_) {
    PortInfo& port = column.port;
    port.name = keep(port.name);
    port.doc = keep(port.doc);
    port.display = keep(port.display);
    port.interface = keep(port.interface);
    auto& choices = choices_.emplace_back();
    for (const auto choice : port.choices) choices.push_back(keep(choice));
    port.choices = choices;
  }
}
ResultTable::~ResultTable() = default;

void ResultTable::reserve(std::uint64_t rows) {
  for (auto& column : cells_) column.reserve(static_cast<std::size_t>(rows));
  status_.reserve(static_cast<std::size_t>(rows));
}

void ResultTable::rows(const ResultRows& rows) {
  const std::size_t count = rows.status.size();
  for (std::size_t c = 0; c < cells_.size(); ++c) {
    const Column& column = rows.columns[c];
    if (is_kept(columns_[c].port)) {  // what a block's cells point to ends with the block
      for (std::size_t r = 0; r < count; ++r) cells_[c].push_back(kept_->keep(columns_[c].port, column[r]));
    } else if (column.stride == 1) {
      cells_[c].insert(cells_[c].end(), column.data, column.data + count);
    } else if (count > 0) {
      cells_[c].insert(cells_[c].end(), count, column[0]);
    }
  }
  if (rows.errors != nullptr && !rows.errors->empty())
    for (std::size_t r = 0; r < count; ++r)
      if (const auto line = rows.errors->find(rows.number(r)); line != rows.errors->end()) errors_[size() + r] = line->second;
  status_.insert(status_.end(), rows.status.begin(), rows.status.end());
}

void ResultTable::add(const Answer& answer) {
  std::vector<Column> cells;
  for (const ResultColumn& column : columns_) cells.push_back({&answer.cell(column), 0});
  std::map<std::uint64_t, std::string> errors;
  if (!answer.errors.empty()) errors[0] = answer.errors.front();
  rows({0, cells, {&answer.status, 1}, &errors, {}});
}

void ResultTable::replay(RowSink& sink, std::size_t most) const {
  std::vector<Column> cells;
  for (const auto& column : cells_) cells.push_back({column.data(), 1});
  sink.rows({0, cells, std::span(status_).first(std::min(most, size())), &errors_, {}});
}

}  // namespace ironlaw::host
