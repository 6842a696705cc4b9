#include "shortfall.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace ironlaw::studies {
namespace {

bool speaks_of(std::string_view text, std::string_view name) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; };
  for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// "24 %"; three digits below one percent.
std::string share_text(double share) {
  char text[32];
  std::snprintf(text, sizeof text, share < 0.01 ? "%.3g %%" : "%.0f %%", 100 * share);
  return text;
}

}  // namespace

void Shortfall::want() {
  for (const std::size_t t : targets_) want_named_in(t);
  want_limits(rows_);
}

void Shortfall::want_named_in(std::size_t target) {
  const auto outputs = rows_.solver().outputs();
  const std::string_view text = outputs[target].name;
  std::vector<std::size_t>& named = named_.emplace_back();
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    if (o == target || !(speaks_of(text, outputs[o].name) || speaks_of(text, rows_.shown(outputs[o].name)))) continue;
    rows_.want(o);
    if (std::isdigit(static_cast<unsigned char>(outputs[o].name.front())) == 0) named.push_back(o);  // its bound says itself
  }
  const auto left = text.find_first_of("<>");
  const auto right = text.find_first_not_of("<>=", left);
  auto& sides = sides_.emplace_back();
  if (left == text.npos || right == text.npos) return;
  const auto value = output_named(without_blanks(text.substr(0, left)));
  const auto bound = output_named(without_blanks(text.substr(right)));
  if (value && bound) sides = {*value, *bound};
}

std::optional<std::size_t> Shortfall::output_named(std::string_view name) const {
  const auto outputs = rows_.solver().outputs();
  for (std::size_t o = 0; o < outputs.size(); ++o)
    if (outputs[o].name == name || rows_.shown(outputs[o].name) == name) return o;
  return std::nullopt;
}

double Shortfall::share_missed(std::size_t t, std::size_t row) const {
  if (!sides_[t]) return absent_value;
  return std::abs(rows_.value(sides_[t]->first, row) / rows_.value(sides_[t]->second, row) - 1);
}

Shortfall::Misses Shortfall::misses(std::size_t row) const {
  if (!has_outputs(rows_.status(row))) return {targets_.size() + rows_.solver().limits().size() + 1, 0};
  Misses missed{0, 0};
  const auto add = [&](double share) {
    ++missed.count;
    if (std::isfinite(share)) missed.share += share;
  };
  for (std::size_t t = 0; t < targets_.size(); ++t)
    if (rows_.value(targets_[t], row) != 1) add(share_missed(t, row));
  for (const auto& limit : rows_.solver().limits())
    if (const double used = rows_.side(limit.used, row), bound = rows_.side(limit.bound, row); limit.hard && used > bound)
      add(used / bound - 1);
  return missed;
}

void Shortfall::look(std::size_t axis) {
  std::size_t best = rows_.size();
  Misses least = nearest_.misses;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    const Misses missed = misses(r);
    if (least < missed) continue;
    least = missed;
    best = r;
  }
  if (best == rows_.size()) return;
  nearest_ = {least, {}, rows_.reason(best)};
  for (std::size_t a = 0; a <= axis; ++a)
    for (const std::size_t i : bench_.space().axis(a).inputs) nearest_.at.emplace_back(i, rows_.input(i, best));
}

void Shortfall::tell_target(std::size_t t) {
  const auto outputs = rows_.solver().outputs();
  std::string text = "misses " + std::string(outputs[targets_[t]].name);
  if (const double share = share_missed(t, 0); std::isfinite(share)) text += " by " + share_text(share);
  for (const std::size_t o : named_[t])
    text += ": " + std::string(rows_.shown(outputs[o].name)) + " is " +
            std::string(bench_.describe(outputs[o], Cell{rows_.value(o, 0)}));
  bench_.note(text);
}

void Shortfall::tell() {
  std::string place;
  rows_.begin(1);
  for (const auto& [input, cell] : nearest_.at) {
    const PortInfo& port = rows_.solver().inputs()[input];
    place += (place.empty() ? "" : ", ") + std::string(rows_.shown(port.name)) + " = " + std::string(bench_.describe(port, cell));
    rows_.vary(input)[0] = cell;
  }
  bench_.note("no value in the range meets the targets; the nearest is " + place);
  if (!nearest_.reason.empty()) return bench_.note("it has no answer: " + nearest_.reason);
  rows_.evaluate();
  for (std::size_t t = 0; t < targets_.size(); ++t)
    if (rows_.value(targets_[t], 0) != 1) tell_target(t);
  for (const Margin& margin : margins_of(bench_, rows_, 0))
    if (margin.hard && margin.share > 1)
      bench_.note("exceeds " + margin.name + " by " + share_text(margin.share - 1) + ": " + margin.sides);
  note_margins(bench_, rows_, 0);
}

}  // namespace ironlaw::studies
