// The doors: every call from the host into a plugin passes here, and nothing but an Error comes back.
#include "doors/door.hpp"
#include "value/check.hpp"

#include <ironlaw/importer.hpp>
#include <ironlaw/kind.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/study.hpp>

#include <new>

namespace ironlaw {
namespace {

/// What a plugin failed of, behind the file that it read, if any.
std::string said_of(std::string_view file, std::string_view what) {
  std::string said(file);
  if (!said.empty()) said += ": ";
  return said.append(what);
}

/// Calls plugin code; whatever is not an Error comes out as a PluginError that names the component, and the file that it read.
template <class Component, class F>
auto guarded(const Component& called, F&& call, std::string_view file = {}) {
  const host::Door door(&called);
  const std::string_view component = called.about().name;
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    throw PluginError({}, component, said_of(file, e.what()));
  } catch (...) {
    throw PluginError({}, component, said_of(file, "threw something that is not a std::exception"));
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
Importer::~Importer() = default;

void Solver::evaluate(const Block& block) const {
  if (block.rows() == 0) return;
  host::check_inputs(inputs(), block);
  const host::Door door(this);
  try {
    try {
      do_evaluate(block);
    } catch (const std::bad_alloc&) {
      do_evaluate(block);  // one allocation that failed is no reason to fail all rows; those that were rejected are left alone
    }
  } catch (const std::exception& e) {
    fail_all(block, e.what());
  } catch (...) {
    fail_all(block, "threw something that is not a std::exception");
  }
}

bool Solver::explain(std::span<const Cell> in, std::span<const Cell> out, Working& working) const {
  return guarded(*this, [&] { return do_explain(in, out, working); });
}

const void* Kind::construct(void* where, std::span<const Cell> fields, std::string_view name) const {
  return guarded(*this, [&] { return do_construct(where, fields, name); });
}

void Study::run(Bench& bench, const Options& options) const {
  guarded(*this, [&] { do_run(bench, options); });
}

bool Importer::reads(const ForeignFile& file) const {
  return guarded(
      *this, [&] { return do_reads(file); }, file.name);
}

void Importer::import(const ForeignFile& file, EntryWriter& entries) const {
  guarded(
      *this, [&] { do_import(file, entries); }, file.name);
}

}  // namespace ironlaw
