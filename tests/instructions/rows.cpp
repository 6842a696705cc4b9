// Evaluates blocks of a solver's rows, to be counted: rows SOLVER PORT=VALUE ... A value is a number, the name of an entry of the
// zoo, or LOW..HIGH for a port that varies from row to row.
#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/host/session.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {
using namespace ironlaw;
using namespace ironlaw::host;

constexpr std::size_t rows = 1024, blocks = 4;

struct Columns {
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
      if (word.substr(0, equals) != port.name) continue;
      const std::string value = word.substr(equals + 1);
      if (const auto dots = value.find(".."); dots != std::string::npos) {
        const double low = std::stod(value), high = std::stod(value.substr(dots + 2));
        cells.resize(rows);
        for (std::size_t r = 0; r < rows; ++r) {
          const double at = low + (high - low) * static_cast<double>(r) / (rows - 1);
          cells[r].number = port.type == PortType::number ? at : std::floor(at);
        }
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
  for (auto& column : cells) out.push_back(column.data());
  std::vector<RowStatus> status(rows);
  for (std::size_t k = 0; k < blocks; ++k) {
    std::fill(status.begin(), status.end(), RowStatus::ok);
    solver.evaluate({in.all, out, status, nullptr});
  }
  const auto answered = std::count_if(status.begin(), status.end(), [](RowStatus s) { return has_outputs(s); });
  std::cout << rows * blocks << " rows, " << answered << " of " << rows << " answered\n";
  return answered == rows ? 0 : 1;
}
