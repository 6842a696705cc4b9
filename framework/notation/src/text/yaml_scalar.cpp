#include "text/yaml_scalar.hpp"

#include "text/excerpt.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace ironlaw::host {
namespace {

std::string in_quotes(std::string_view text) { return "'" + excerpt(text) + "'"; }

constexpr std::string_view core_tags = "tag:yaml.org,2002:";

template <std::size_t N>
bool one_of(std::string_view text, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

bool is_null(std::string_view text) { return one_of(text, {"", "~", "null", "Null", "NULL"}); }

std::optional<bool> read_boolean(std::string_view text) {
  if (one_of(text, {"true", "True", "TRUE"})) return true;
  if (one_of(text, {"false", "False", "FALSE"})) return false;
  return std::nullopt;
}

bool consists_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

constexpr std::string_view decimal = "0123456789";

[[noreturn]] void out_of_range(std::string_view text) { throw ScalarError(in_quotes(text) + " is out of range"); }

std::string_view without_sign(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

/// [+-]? then digits with a point among them or not, then an exponent or not.
bool is_decimal(std::string_view text) {
  text = without_sign(text);
  const std::size_t exponent = std::min(text.find_first_of("eE"), text.size());
  if (exponent < text.size() && !consists_of(without_sign(text.substr(exponent + 1)), decimal)) return false;
  const auto mantissa = text.substr(0, exponent);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const auto whole = mantissa.substr(0, point);
  const auto fraction = mantissa.substr(std::min(point + 1, mantissa.size()));
  if (whole.empty() && fraction.empty()) return false;
  return (whole.empty() || consists_of(whole, decimal)) && (fraction.empty() || consists_of(fraction, decimal));
}

Json read_decimal(std::string_view text) {
  const auto number = text.starts_with('+') ? text.substr(1) : text;
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || end != number.data() + number.size()) out_of_range(text);
  return value;
}

template <class Integer>
std::optional<Json> as_integer(std::string_view digits, int base) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return Json(value);
}

/// Whole numbers beyond 64 bits become decimal ones, as in JSON.
std::optional<Json> read_integer(std::string_view text) {
  if (text.starts_with("0x") && consists_of(text.substr(2), "0123456789abcdefABCDEF")) {
    if (auto value = as_integer<std::uint64_t>(text.substr(2), 16)) return value;
    out_of_range(text);
  }
  if (text.starts_with("0o") && consists_of(text.substr(2), "01234567")) {
    if (auto value = as_integer<std::uint64_t>(text.substr(2), 8)) return value;
    out_of_range(text);
  }
  const auto unsigned_text = without_sign(text);
  if (!consists_of(unsigned_text, decimal)) return std::nullopt;
  if (unsigned_text.size() > 1 && unsigned_text[0] == '0')
    throw ScalarError(in_quotes(text) + " has a leading 0, which some read as octal; write it without, as 0o..., or in quotes");
  auto value = text[0] == '-' ? as_integer<std::int64_t>(text, 10) : as_integer<std::uint64_t>(unsigned_text, 10);
  return value ? *value : read_decimal(text);
}

std::optional<Json> read_number(std::string_view text) {
  if (auto integer = read_integer(text)) return integer;
  if (is_decimal(text)) return read_decimal(text);
  if (one_of(without_sign(text), {".inf", ".Inf", ".INF"}) || one_of(text, {".nan", ".NaN", ".NAN"}))
    throw ScalarError(in_quotes(text) + " is no number here; put it in quotes where it is a text");
  return std::nullopt;
}

Json read_plain(const std::string& text) {
  if (is_null(text)) return nullptr;
  if (const auto truth = read_boolean(text)) return *truth;
  return read_number(text).value_or(text);
}

std::string_view core_name(std::string_view tag) {
  return tag.starts_with(core_tags) ? tag.substr(core_tags.size()) : std::string_view();
}

}  // namespace

Json read_scalar(const std::string& text, const std::string& tag) {
  if (tag == "!") return text;
  if (tag.empty() || tag == "?") return read_plain(text);
  const auto core = core_name(tag);
  if (core == "str") return text;
  if (!one_of(core, {"null", "bool", "int", "float"}))
    throw ScalarError("unknown tag " + in_quotes(tag) + "; a scalar takes !!str, !!int, !!float, !!bool and !!null");
  Json value = read_plain(text);
  if (core == "float" && value.is_number()) value = value.get<double>();
  const bool fits = core == "null"   ? value.is_null()
                    : core == "bool" ? value.is_boolean()
                    : core == "int"  ? value.is_number_integer()
                                     : value.is_number();
  if (!fits) throw ScalarError(in_quotes(text) + " is no !!" + std::string(core));
  return value;
}

bool is_tag_of(const std::string& tag, std::string_view core) {
  return tag.empty() || tag == "?" || tag == "!" || core_name(tag) == core;
}

}  // namespace ironlaw::host
