#include "evaluation.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/object.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace ironlaw::host {
namespace {

class KeepErrors final : public ErrorSink {
 public:
  KeepErrors(Outcome& outcome, std::size_t first) : outcome_(outcome), first_(first) {}
  void row(std::size_t row, RowStatus, std::string_view port, std::string_view what) noexcept override {
    outcome_.errors[first_ + row] = {std::string(port), std::string(what)};
  }

 private:
  Outcome& outcome_;
  std::size_t first_;
};

void evaluate_block(const Solver& solver, std::span<const RowMaker::Row> rows, std::size_t first, std::size_t count,
                    Outcome& outcome) {
  const std::size_t inputs = solver.inputs().size();
  std::vector<std::vector<Cell>> cells(inputs, std::vector<Cell>(count));
  std::vector<Column> in;
  for (std::size_t k = 0; k < inputs; ++k) {
    for (std::size_t r = 0; r < count; ++r) cells[k][r] = rows[first + r][k];
    in.push_back({cells[k].data(), 1});
  }
  std::vector<Cell*> out;
  for (auto& column : outcome.outputs) out.push_back(column.data() + first);
  KeepErrors errors(outcome, first);
  solver.evaluate({in, out, std::span(outcome.status).subspan(first, count), &errors});
}

}  // namespace

Outcome evaluate(const Solver& solver, std::span<const RowMaker::Row> rows, std::size_t block) {
  Outcome outcome;
  outcome.status.assign(rows.size(), RowStatus::ok);
  outcome.outputs.assign(solver.outputs().size(), std::vector<Cell>(rows.size()));
  std::vector<Cell*> columns;
  for (auto& column : outcome.outputs) columns.push_back(column.data());
  outcome.series.place(solver.outputs(), columns, rows.size());
  for (const PortInfo& port : solver.outputs()) outcome.is_series.push_back(port.type == PortType::series ? 1 : 0);
  const std::size_t step = block == 0 ? std::max<std::size_t>(1, rows.size()) : block;
  for (std::size_t first = 0; first < rows.size(); first += step)
    evaluate_block(solver, rows, first, std::min(step, rows.size() - first), outcome);
  return outcome;
}

bool Outcome::same_row(std::size_t row, const Outcome& other, std::size_t other_row) const {
  if (status[row] != other.status[other_row]) return false;
  if (!has_outputs(status[row])) {
    const auto own = errors.find(row);
    const auto others = other.errors.find(other_row);
    if (own == errors.end() || others == other.errors.end()) return own == errors.end() && others == other.errors.end();
    return own->second.port == others->second.port && own->second.what == others->second.what;
  }
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    if (is_series[o] != 0) {
      const SeriesCell* own = series_of(outputs[o][row]);
      const SeriesCell* others = series_of(other.outputs[o][other_row]);
      const bool there = own != nullptr && others != nullptr;
      if (there ? own->size != others->size || std::memcmp(own->data, others->data, own->size * sizeof(double)) != 0
                : own != others)
        return false;
      continue;
    }
    const double a = outputs[o][row].number;
    const double b = other.outputs[o][other_row].number;
    if (std::isnan(a) && std::isnan(b)) continue;
    if (std::bit_cast<std::uint64_t>(a) != std::bit_cast<std::uint64_t>(b)) return false;
  }
  return true;
}

std::pair<std::size_t, std::string> Outcome::first(RowStatus wanted) const {
  const auto found = std::find(status.begin(), status.end(), wanted);
  if (found == status.end()) return {status.size(), {}};
  const auto row = static_cast<std::size_t>(found - status.begin());
  const auto error = errors.find(row);
  if (error == errors.end()) return {row, "no reason given"};
  const auto& [port, what] = error->second;
  return {row, port.empty() ? what : port + ": " + what};
}

std::string in_words(std::span<const PortInfo> ports, const RowMaker::Row& row) {
  std::string text;
  for (std::size_t k = 0; k < ports.size(); ++k) {
    const PortInfo& port = ports[k];
    std::string value;
    if (port.type == PortType::object) {
      if (row[k].object == nullptr) continue;
      value = "a " + std::string(port.interface);
    } else if (is_kept(port)) {
      if (absent_cell(row[k])) continue;
      value = port.type == PortType::text ? "a text" : std::to_string(series_of(row[k])->size) + " values";
    } else if (std::bit_cast<std::uint64_t>(row[k].number) == std::bit_cast<std::uint64_t>(port.fallback) ||
               std::isnan(row[k].number)) {
      continue;
    } else if (port.type == PortType::choice) {
      value = port.choices[static_cast<std::size_t>(row[k].number)];
    } else {
      value = format_quantity(row[k].number, port.dimension, {}, 6);
    }
    text += (text.empty() ? "" : ", ") + std::string(port.name) + " = " + value;
  }
  return text;
}

}  // namespace ironlaw::host
