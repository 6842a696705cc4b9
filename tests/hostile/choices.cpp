#include "choices.hpp"

namespace ironlaw::hostile {

std::string Choices::text() {
  using namespace std::string_view_literals;
  static constexpr std::array texts{"a"sv,
                                    "H100"sv,
                                    "fp16"sv,
                                    "node.latency"sv,
                                    ""sv,
                                    " "sv,
                                    "-"sv,
                                    "--"sv,
                                    "-1"sv,
                                    "="sv,
                                    "\x1b[31mred"sv,
                                    "\x1b]0;title\x07"sv,
                                    "\x1b[2J\x1b[1;1H"sv,
                                    "good\rbad"sv,
                                    "two\nlines"sv,
                                    "tab\there"sv,
                                    "nul\0byte"sv,
                                    "\x7f"sv,
                                    "\xC2\x9B"
                                    "31m"sv,
                                    "\xE2\x80\xAEtxt.exe"sv,
                                    "\xE2\x81\xA6isolated\xE2\x81\xA9"sv,
                                    "\xE2\x80\x8F"sv,
                                    "zero\xE2\x80\x8Bwidth"sv,
                                    "\xEF\xBB\xBFmark"sv,
                                    "line\xE2\x80\xA8separator"sv,
                                    "\xFF\xFE"sv,
                                    "\xC0\x80"sv,
                                    "half \xE2\x82"sv,
                                    "\xED\xA0\x80"sv,
                                    "\xF4\x90\x80\x80"sv,
                                    "\xF3\xA0\x80\x81tag"sv,
                                    "\xC3\xA9t\xC3\xA9"sv,
                                    "\xE6\xBC\xA2\xE5\xAD\x97"sv,
                                    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"sv,
                                    "<script>alert(1)</script>"sv,
                                    "<img src=x onerror=alert(1)>"sv,
                                    "</title><script>"sv,
                                    "-->"sv,
                                    "]]>"sv,
                                    "<!--"sv,
                                    "&lt;&amp;#60;"sv,
                                    "\" onload=\"x"sv,
                                    "' onload='x"sv,
                                    "[click](javascript:alert(1))"sv,
                                    "![x](http://example.org/x.png)"sv,
                                    "[a]: http://example.org"sv,
                                    "```"sv,
                                    "`code`"sv,
                                    "~~~"sv,
                                    "# heading"sv,
                                    "| cell |"sv,
                                    "\\|"sv,
                                    "\\u001b"sv,
                                    "=1+1"sv,
                                    "+1+cmd|' /C calc'!A0"sv,
                                    "@SUM(A1)"sv,
                                    "-2+3"sv,
                                    "  =1"sv,
                                    "a,b"sv,
                                    "\"quoted\""sv,
                                    "{{body}}"sv,
                                    "{{echarts}}"sv,
                                    "${jndi:x}"sv,
                                    "$(id)"sv,
                                    "%s%n%x"sv,
                                    "../../etc/passwd"sv,
                                    "/dev/null"sv,
                                    "~root"sv,
                                    "{"sv,
                                    "["sv,
                                    "{\"a\": 1}"sv,
                                    "[1, 2"sv,
                                    "null"sv,
                                    "true"sv,
                                    "$a"sv,
                                    "$node.latency"sv,
                                    "a.b.c"sv,
                                    "."sv,
                                    ".."sv,
                                    "a/b"sv,
                                    "~0~1"sv,
                                    "1/0"sv,
                                    "[]"sv,
                                    "{}"sv,
                                    "[[1]]"sv,
                                    "{\"from\": 1, \"to\": 2}"sv,
                                    "{\"from\": \"a\"}"sv,
                                    "{\"zoo\": 1}"sv,
                                    "{\"kind\": 1}"sv,
                                    "{\"based_on\": 3}"sv,
                                    "{\"value\": [], \"unit\": 1}"sv,
                                    "{\"powers_of\": 2, \"from\": 0, \"to\": 1e308}"sv,
                                    "{\"normal\": [1]}"sv,
                                    "{\"divisors_of\": -1}"sv,
                                    "{\"zoo\": \"accelerator\", \"where\": \"1\"}"sv,
                                    "[null]"sv,
                                    "\"text\""sv,
                                    "0/0 > 1"sv,
                                    "node.latency <= 1 s"sv,
                                    "min node.latency"sv};
  std::string text(of(texts));
  if (one_in(12)) text += of(texts);
  if (one_in(40)) text.assign(5000, 'x');
  if (one_in(60)) text.assign(3000, '\xE2');
  return text;
}

std::string Choices::number() {
  using namespace std::string_view_literals;
  static constexpr std::array numbers{
      "1"sv,     "2"sv,     "8"sv,      "64"sv,  "0.5"sv, "0"sv,    "-1"sv,         "-0"sv,        "1e-320"sv,
      "1e308"sv, "1e999"sv, "-1e999"sv, "nan"sv, "inf"sv, "1,5"sv,  "1.5.2"sv,      "0x10"sv,      "1e"sv,
      "+3"sv,    "1_000"sv, "2.5e-3"sv, "3 "sv,  " 4"sv,  "1e5"sv,  "2147483648"sv, "1e19"sv,      "18446744073709551616"sv,
      "0.1"sv,   "1..2"sv,  "1..1e9"sv, "..2"sv, "1.."sv, "2..1"sv, "0.1..0.9"sv,   "1e-9..1e9"sv, "9007199254740993"sv};
  static constexpr std::array units{" s"sv,      " ms"sv,     " TB/s"sv, " GiB"sv, " W"sv,  " USD"sv, " %"sv,
                                    " FLOP/s"sv, " banana"sv, " s s"sv,  " m^2"sv, " /s"sv, " 10 s"sv};
  static constexpr std::array right{"1"sv, "2"sv, "8"sv, "64"sv, "0.5"sv, "0.25"sv, "20 us"sv, "2 TB/s"sv, "300 W"sv};
  if (below(3) > 0) return std::string(of(right));
  std::string number(of(numbers));
  if (one_in(3)) number += of(units);
  return number;
}

}  // namespace ironlaw::hostile
