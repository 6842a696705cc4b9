#include "expression/source.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/nearest.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::size_t Source::column(std::size_t offset) const {
  const auto before = text.substr(0, offset);
  return 1 + before.size() - static_cast<std::size_t>(std::count_if(before.begin(), before.end(), continues_character));
}

std::string Source::at(std::size_t offset) const {
  return (where.empty() ? "" : where + ": ") + "column " + std::to_string(column(offset));
}

void Source::fail(std::size_t offset, const std::string& what) const { throw InputError(at(offset), what); }

std::string nearest_hint(std::string_view word, std::span<const std::string_view> candidates) {
  const auto best = nearest(word, candidates);
  return best.empty() ? "" : "; did you mean '" + std::string(best) + "'?";
}

}  // namespace ironlaw::host
