// "3 DGX H100": so many of one entry, as people write a fleet.
#include "zoo/zoo_impl.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ironlaw::host {
namespace {

struct Counted {
  int count;
  std::string_view what;
};

std::string_view without_blanks_before(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

/// "3 DGX H100", "3x DGX H100", "three DGX H100"; nothing for any other text.
std::optional<Counted> read_count(std::string_view text) {
  constexpr std::array<std::string_view, 12> words{"one",   "two",   "three", "four", "five",   "six",
                                                   "seven", "eight", "nine",  "ten",  "eleven", "twelve"};
  text = without_blanks_before(text);
  const std::string_view first = text.substr(0, text.find(' '));
  std::string_view rest = without_blanks_before(text.substr(first.size()));
  if (rest.starts_with("x ")) rest = without_blanks_before(rest.substr(2));
  if (rest.empty()) return {};
  if (const auto word = std::find(words.begin(), words.end(), first); word != words.end())
    return Counted{static_cast<int>(word - words.begin()) + 1, rest};
  int count = 0;
  const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), count);
  const std::string_view behind(end, static_cast<std::size_t>(first.data() + first.size() - end));
  if (error != std::errc() || count < 1 || (!behind.empty() && behind != "x")) return {};
  return Counted{count, rest};
}

}  // namespace

std::optional<Json> Zoo::Impl::counted(std::string_view interface, std::string_view text) {
  const auto said = read_count(text);
  if (!said || !named(text).empty()) return {};
  for (const auto& name : plugins.names("kind")) {
    const Kind& kind = plugins.kind(name);
    if (kind.interface() != interface) continue;
    const auto fields = kind.fields();
    const auto number = std::find_if(fields.begin(), fields.end(), [](const PortInfo& f) { return f.type == PortType::integer; });
    const auto object = std::find_if(fields.begin(), fields.end(), [&](const PortInfo& f) {
      return f.type == PortType::object && f.required && has_entry(f.interface, said->what);
    });
    if (number != fields.end() && object != fields.end())
      return Json{{"kind", name}, {std::string(object->name), std::string(said->what)}, {std::string(number->name), said->count}};
  }
  return {};
}

bool Zoo::Impl::has_entry(std::string_view interface, std::string_view name) {
  const auto entries_named = named(name);
  return std::any_of(entries_named.begin(), entries_named.end(), [&](const ZooEntry* e) {
    const std::string kind(e->kind);
    return plugins.provider("kind", kind) != nullptr && plugins.kind(kind).interface() == interface;
  });
}

std::string Zoo::Impl::told_counted(const Json& object, std::string_view text) {
  const Kind& kind = plugins.kind(object["kind"].get<std::string>());
  std::string line = "'" + std::string(text) + "' is a " + std::string(kind.about().name);
  std::string left_out;
  for (const PortInfo& field : kind.fields()) {
    const std::string name(field.name);
    if (object.contains(name)) {
      const Json& value = object[name];
      line += ", " + name + " " + (value.is_string() ? value.get<std::string>() : value.dump());
    } else {
      constexpr std::string_view instead = "left out: ";
      const auto at = field.doc.find(instead);
      const std::string_view doc = at == field.doc.npos ? field.doc : field.doc.substr(at + instead.size());
      left_out += (left_out.empty() ? "; left out: " : "; ") + name + " (" + std::string(doc) + ")";
    }
  }
  return line + left_out;
}

}  // namespace ironlaw::host
