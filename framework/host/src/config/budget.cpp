#include "config/budget.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

namespace ironlaw::host {
namespace {

std::string in_bytes(std::uint64_t bytes) {
  return format_quantity(static_cast<double>(bytes), dimension_of<Information>(), "MiB");
}

}  // namespace

void Budget::take_bytes(std::uint64_t bytes, const std::string& where) {
  bytes_ += bytes;
  if (bytes_ > limits_.bytes)
    throw InputError(where, "the request has more text than " + in_bytes(limits_.bytes) + " (--max-bytes)");
}

void Budget::take_include(const std::string& where) {
  check_time(where);
  if (++includes_ > limits_.includes)
    throw InputError(where, "the request has more configs in it than " + std::to_string(limits_.includes) + " (--max-includes)");
}

void Budget::take_memory(std::uint64_t bytes, const std::string& where) {
  if (memory_.fetch_add(bytes, std::memory_order_relaxed) + bytes > limits_.memory)
    throw InputError(where, "the request takes more memory than " + in_bytes(limits_.memory) + " (--max-memory)");
}

void Budget::check_rows(std::uint64_t rows, const std::string& where) const {
  if (rows > limits_.rows)
    throw InputError(where, "the axes span more than " + std::to_string(limits_.rows) +
                                " rows (--max-rows); take fewer values or split the sweep");
}

void Budget::check_files(const char* what, const std::string& where) const {
  if (!limits_.files)
    throw InputError(where, std::string(what) + " is not for a request, which touches no file; --allow-files allows it");
}

void Budget::check_time(const std::string& where) const {
  if (late())
    throw InputError(where, "the request takes longer than " + format_quantity(limits_.seconds, dimension_of<Time>(), "s") +
                                " (--max-seconds)");
}

}  // namespace ironlaw::host
