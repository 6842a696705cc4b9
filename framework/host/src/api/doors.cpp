// The doors: every call from the host into a plugin passes here, and nothing but an Error comes back.
#include "check.hpp"

#include <ironlaw/kind.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/study.hpp>

#include <cmath>

namespace ironlaw {
namespace {

/// Calls plugin code; whatever is not an Error comes out as a PluginError that names the component.
template <class F>
auto guarded(std::string_view component, F&& call) {
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    throw PluginError({}, component, e.what());
  } catch (...) {
    throw PluginError({}, component, "threw something that is not a std::exception");
  }
}

/// True where every number of a varying column may enter the port; branch-free over the rows.
bool column_accepted(const PortInfo& port, const Column& column, std::size_t rows) {
  if (port.type == PortType::object) {
    bool ok = true;
    for (std::size_t r = 0; r < rows; ++r) ok &= column.data[r].object != nullptr;
    return ok || port.optional;
  }
  const double low = port.range.above ? std::nextafter(port.range.low, std::numeric_limits<double>::max()) : port.range.low;
  const double high = port.range.high;
  bool ok = true;
  if (port.type == PortType::number && !port.optional) {
    for (std::size_t r = 0; r < rows; ++r) ok &= (column.data[r].number >= low) & (column.data[r].number <= high);
  } else if (port.type == PortType::number) {
    for (std::size_t r = 0; r < rows; ++r) {
      const double v = column.data[r].number;
      ok &= ((v >= low) & (v <= high)) | (v != v);
    }
  } else {
    for (std::size_t r = 0; r < rows; ++r) ok &= host::accepts(port, column.data[r]);
  }
  return ok;
}

void check_column(const Block& block, const PortInfo& port, const Column& column) {
  const std::size_t rows = block.rows();
  if (column.stride == 0 ? host::accepts(port, column.data[0]) : column_accepted(port, column, rows)) return;
  for (std::size_t r = 0; r < rows; ++r) {
    if (!has_outputs(block.status[r]) || host::accepts(port, column[r])) continue;
    reject_row(block, r, RowStatus::refused, port.name, block.errors != nullptr ? host::reason_refused(port, column[r]) : "");
  }
}

void fail_all(const Block& block, std::string_view what) {
  for (std::size_t r = 0; r < block.rows(); ++r)
    if (has_outputs(block.status[r])) reject_row(block, r, RowStatus::failed, {}, what);
}

}  // namespace

void reject_row(const Block& block, std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept {
  block.status[row] = status;
  for (Cell* const column : block.out)
    if (column != nullptr) column[row].number = absent_value;
  if (block.errors != nullptr) block.errors->row(row, status, port, what);
}

Solver::~Solver() = default;
Kind::~Kind() = default;
Study::~Study() = default;

void Solver::evaluate(const Block& block) const {
  if (block.rows() == 0) return;
  const auto ports = inputs();
  for (std::size_t k = 0; k < ports.size(); ++k) check_column(block, ports[k], block.in[k]);
  try {
    do_evaluate(block);
  } catch (const std::exception& e) {
    fail_all(block, e.what());
  } catch (...) {
    fail_all(block, "threw something that is not a std::exception");
  }
}

bool Solver::explain(std::span<const Cell> in, std::span<const Cell> out, Working& working) const {
  return guarded(about().name, [&] { return do_explain(in, out, working); });
}

const void* Kind::construct(void* where, std::span<const Cell> fields, std::string_view name) const {
  return guarded(about().name, [&] { return do_construct(where, fields, name); });
}

void Study::run(Bench& bench, const Options& options) const {
  guarded(about().name, [&] { do_run(bench, options); });
}

}  // namespace ironlaw
