// Evaluates blocks of a solver's rows, to be counted: rows SOLVER PORT=VALUE ... A value is a number, the name of an entry of the
// zoo, or LOW..HIGH for a port that varies from row to row. A series has as many values as the number says, the same in all rows,
// or others in each where a '*' stands behind it. The port '*' is every one that is not named. `outputs=A,B`: only those are
// wanted. `block=N`: so many rows a block. `memory=none`: each block stands alone; else they share a memory, as those of a run.
#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/series.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <string>
#include <vector>

namespace {
using namespace ironlaw;
using namespace ironlaw::host;

constexpr std::size_t rows = 1024, blocks = 4;

/// Series for the rows of a column, or room for those of an output.
struct SeriesColumn {
  SeriesColumn(std::size_t length, std::size_t count) : values(length * count), series(count) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 900 + static_cast<double>(i % 211);
    for (std::size_t r = 0; r < count; ++r)
      series[r] = {&values[r * length], static_cast<std::uint32_t>(length), static_cast<std::uint32_t>(length)};
  }
  void place(std::vector<Cell>& cells) const {
    cells.resize(series.size());
    for (std::size_t r = 0; r < cells.size(); ++r) cells[r].object = &series[r];
  }
  std::vector<double> values;
  std::vector<SeriesCell> series;
};

struct Columns {
  std::deque<SeriesColumn> series;
  std::vector<std::vector<Cell>> cells;
  std::vector<Column> all;
};

Columns columns_of(const Solver& solver, Session& session, const std::vector<std::string>& words) {
  Columns c;
  for (const PortInfo& port : solver.inputs()) {
    std::vector<Cell> cells(1);
    if (port.type == PortType::object)
      cells[0].object = nullptr;
    else
      cells[0].number = port.fallback;
    for (const std::string& word : words) {
      const auto equals = word.find('=');
      const std::string name = word.substr(0, equals);
      const bool others = name == "*" && port.type != PortType::object &&
                          std::none_of(words.begin(), words.end(),
                                       [&](const std::string& w) { return w.starts_with(std::string(port.name) + "="); });
      if (name != port.name && !others) continue;
      const std::string value = word.substr(equals + 1);
      if (const auto dots = value.find(".."); dots != std::string::npos) {
        const double low = std::stod(value), high = std::stod(value.substr(dots + 2));
        cells.resize(rows);
        for (std::size_t r = 0; r < rows; ++r) {
          const double at = low + (high - low) * static_cast<double>(r) / (rows - 1);
          cells[r].number = port.type == PortType::number ? at : std::floor(at);
        }
      } else if (port.type == PortType::series) {
        c.series.emplace_back(std::stoul(value), value.ends_with('*') ? rows : 1).place(cells);
      } else if (port.type == PortType::object) {
        cells[0].object = session.zoo().find(port.interface, value, "rows").object;
      } else {
        cells[0].number = std::stod(value);
      }
    }
    c.cells.push_back(std::move(cells));
  }
  for (const auto& cells : c.cells) c.all.push_back({cells.data(), cells.size() > 1 ? 1u : 0u});
  return c;
}

}  // namespace

int main(int argc, char** argv) {
  SessionOptions options;
  if (const char* plugin = std::getenv("IRONLAW_COUNTED_PLUGIN")) options.plugins.files.emplace_back(plugin);
  Session session(options);
  const Solver& solver = session.plugins().solver(argv[1]);
  const Columns in = columns_of(solver, session, {argv + 2, argv + argc});
  std::vector<std::vector<Cell>> cells(solver.outputs().size(), std::vector<Cell>(rows));
  std::vector<Cell*> out;
  std::deque<SeriesColumn> series;
  std::string wanted;
  std::size_t block = rows;
  bool alone = false;
  for (const std::string& word : std::vector<std::string>(argv + 2, argv + argc)) {
    if (word.starts_with("outputs=")) wanted = "," + word.substr(word.find('=') + 1) + ",";
    if (word == "memory=none") alone = true;
    if (word.starts_with("block=")) block = std::stoul(word.substr(word.find('=') + 1));
  }
  for (std::size_t o = 0; o < cells.size(); ++o) {
    const PortInfo& port = solver.outputs()[o];
    if (!wanted.empty() && wanted.find("," + std::string(port.name) + ",") == std::string::npos) {
      out.push_back(nullptr);
      continue;
    }
    if (port.type == PortType::series) series.emplace_back(port.longest, rows).place(cells[o]);
    out.push_back(cells[o].data());
  }
  std::vector<RowStatus> status(rows);
  BlockMemory memory;
  for (std::size_t k = 0; k < blocks; ++k) {
    std::fill(status.begin(), status.end(), RowStatus::ok);
    for (std::size_t first = 0; first < rows; first += block) {
      std::vector<Column> part_in;
      for (const Column& c : in.all) part_in.push_back({c.data + first * c.stride, c.stride});
      std::vector<Cell*> part_out;
      for (Cell* c : out) part_out.push_back(c != nullptr ? c + first : nullptr);
      solver.evaluate({part_in, part_out, std::span(status).subspan(first, std::min(block, rows - first)), nullptr,
                       alone ? nullptr : &memory});
    }
  }
  const auto answered = std::count_if(status.begin(), status.end(), [](RowStatus s) { return has_outputs(s); });
  std::cout << rows * blocks << " rows, " << answered << " of " << rows << " answered\n";
  return answered == rows ? 0 : 1;
}
