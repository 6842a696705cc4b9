#include "expression/syntax.hpp"

#include "expression/operations.hpp"
#include "expression/words.hpp"
#include "text/excerpt.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

namespace ironlaw::host {
namespace {

constexpr int deepest_expression = 200;
constexpr int largest_exponent = 64;

/// Spellings of other languages.
struct Foreign {
  std::string_view wrong, hint;
};
constexpr std::array<Foreign, 12> foreign{{{"&&", "write 'and'"},
                                           {"||", "write 'or'"},
                                           {"!", "write 'not' or '!='"},
                                           {"=<", "write '<='"},
                                           {"=>", "write '>='"},
                                           {"=", "write '=='"},
                                           {"\u2264", "write '<='"},
                                           {"\u2265", "write '>='"},
                                           {"\u2260", "write '!='"},
                                           {"\u00d7", "write '*'"},
                                           {"\u2212", "write '-'"},
                                           {"\"", "text is in single quotes"}}};

class Parser {
 public:
  Parser(const Source& source, std::size_t begin, const Symbols& symbols)
      : source_(source), text_(source.text), symbols_(symbols), at_(begin) {}

  std::vector<Node> parse() {
    binary(or_level);
    if (blank(); at_ < text_.size())
      unexpected(text_[at_] == ')' ? "there is no '(' for" : "expected an operator or the end before");
    return std::move(nodes_);
  }

 private:
  void blank() { at_ = skip_blanks(text_, at_); }

  [[noreturn]] void unexpected(const std::string& expected) {
    blank();
    const auto rest = text_.substr(at_);
    const auto* const known =
        std::find_if(foreign.begin(), foreign.end(), [&](const Foreign& f) { return rest.starts_with(f.wrong); });
    const std::string hint = known == foreign.end() ? "" : "; " + std::string(known->hint);
    source_.fail(at_, expected + (rest.empty() ? " the end" : " '" + excerpt(rest) + "'") + hint);
  }

  std::size_t add(Node node) {
    nodes_.push_back(node);
    return nodes_.size() - 1;
  }

  bool word_at(std::string_view word) const {
    return text_.substr(at_).starts_with(word) && !(begins_name(word[0]) && in_name(char_at(text_, at_ + word.size())));
  }

  std::optional<BinaryOperator> next_operator() {
    blank();
    for (const auto& candidate : binary_operators)
      if (word_at(candidate.spelling)) return candidate;
    return std::nullopt;
  }

  /// Operators that bind at least as tightly as `lowest`, and their operands.
  std::size_t binary(int lowest) {
    std::size_t left = prefix(lowest);
    for (auto op = next_operator(); op && op->level >= lowest; op = next_operator()) {
      Node node{.op = op->op, .begin = nodes_[left].begin, .at = at_, .left = left};
      at_ += op->spelling.size();
      node.right = binary(op->level + 1);
      node.end = nodes_[node.right].end;
      if (op->level == compare_level)
        if (const auto next = next_operator(); next && next->level == compare_level)
          source_.fail(at_, "comparisons do not chain; write 'a < b and b < c'");
      left = add(node);
    }
    return left;
  }

  std::size_t prefix(int lowest) {
    blank();
    if (!word_at("not") && char_at(text_, at_) != '-') return powered();
    Node node{.op = text_[at_] == '-' ? Op::negate : Op::logical_not, .begin = at_, .at = at_};
    if (node.op == Op::logical_not && lowest > not_level) source_.fail(at_, "'not' stands in parentheses here");
    at_ += spelling(node.op).size();
    nest(node.at);
    node.left = binary(node.op == Op::negate ? minus_level : not_level);
    --nesting_;
    node.end = nodes_[node.left].end;
    return add(node);
  }

  std::size_t powered() {
    const std::size_t base = primary();
    if (blank(); char_at(text_, at_) != '^') return base;
    Node node{.op = Op::power, .begin = nodes_[base].begin, .at = at_++, .left = base};
    blank();
    const std::size_t digits = at_;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), node.exponent);
    at_ = static_cast<std::size_t>(end - text_.data());
    if (error != std::errc{} || std::abs(node.exponent) > largest_exponent || char_at(text_, at_) == '.' ||
        in_name(char_at(text_, at_)))
      source_.fail(digits, "'^' takes a whole number from -64 to 64; sqrt(x) is the square root");
    node.end = at_;
    if (blank(); char_at(text_, at_) == '^') source_.fail(at_, "powers do not chain; write (a^2)^3");
    return add(node);
  }

  void nest(std::size_t at) {
    if (++nesting_ > deepest_expression) source_.fail(at, "nested deeper than " + std::to_string(deepest_expression) + " levels");
  }

  std::size_t primary() {
    blank();
    const char c = char_at(text_, at_);
    const char next = char_at(text_, at_ + 1);
    if (c == '(') return parenthesis();
    if (c == '\'' || c == '"') return quoted();
    if (is_digit(c) || (c == '.' && is_digit(next))) return number();
    if (c == '$' && is_digit(next) && !read_name(text_, at_, symbols_).symbol) return number();
    if (begins_name(c) || (c == '$' && in_name(next))) return word();
    unexpected("expected a value before");
  }

  std::size_t parenthesis() {
    const std::size_t open = at_++;
    nest(open);
    const std::size_t inner = binary(or_level);
    --nesting_;
    close(open);
    nodes_[inner].begin = open;
    nodes_[inner].end = at_;
    return inner;
  }

  void close(std::size_t open) {
    blank();
    if (char_at(text_, at_) != ')')
      unexpected("'(' of column " + std::to_string(source_.column(open)) + " is not closed; expected ')' before");
    ++at_;
  }

  std::size_t quoted() {
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == text_.npos) source_.fail(at_, "the text that begins here has no closing quote");
    const std::size_t begin = at_;
    at_ = end + 1;
    return add({.op = Op::quoted, .begin = begin, .end = at_, .at = begin});
  }

  std::size_t number() {
    Node node{.op = Op::number, .begin = at_, .end = literal_end(text_, at_, symbols_), .at = at_};
    const auto literal = text_.substr(at_, node.end - at_);
    try {
      node.quantity = parse_quantity(literal);
    } catch (const UnitError& e) {
      source_.fail(at_, e.what());
    }
    node.has_unit = literal.find_first_not_of("0123456789.eE+-") != literal.npos;
    at_ = node.end;
    return add(node);
  }

  /// A name, true, false, or the function of a call.
  std::size_t word() {
    const auto name = read_name(text_, at_, symbols_);
    const bool dollar = text_[at_] == '$';
    if (!dollar && char_at(text_, skip_blanks(text_, name.end)) == '(') return call(name);
    Node node{.op = Op::name, .begin = at_, .end = name.end, .at = at_, .symbol = name.symbol};
    if (!dollar && (name.text == "and" || name.text == "or" || name.text == "not")) unexpected("expected a value before");
    if (!dollar && (name.text == "true" || name.text == "false")) {
      node.op = Op::truth;
      node.quantity.value = name.text == "true" ? 1 : 0;
    } else {
      check_name(name, dollar);
    }
    at_ = node.end;
    return add(node);
  }

  void check_name(const Name& name, bool dollar) const {
    if (!name.symbol) {
      const auto run = text_.substr(at_ + (dollar ? 1 : 0), text_.find_first_of(" \t()+*/^<>=!,'", at_) - at_ - (dollar ? 1 : 0));
      const std::string hint = name_hint(run, symbols_);
      source_.fail(at_, "unknown name '" + excerpt(text_.substr(at_, name.end - at_)) + "'" +
                            (hint.empty() ? name_hint(name.text, symbols_) : hint));
    }
    if (!symbols_.bare && !dollar && name.text.find('.') == name.text.npos)
      source_.fail(at_, "a name without a dot has a '$' before it: write '$" + std::string(name.text) + "'");
  }

  std::size_t call(const Name& name) {
    const auto* const function =
        std::find_if(functions.begin(), functions.end(), [&](const Function& f) { return f.name == name.text; });
    if (function == functions.end()) unknown_function(name);
    const std::size_t begin = at_;
    const std::size_t open = skip_blanks(text_, name.end);
    at_ = open + 1;
    nest(begin);
    const std::size_t result = operands(*function, begin);
    --nesting_;
    close(open);
    nodes_[result].end = at_;
    return result;
  }

  /// What stands between the parentheses of a call that begins at `begin`, and the node that takes it.
  std::size_t operands(const Function& function, std::size_t begin) {
    std::size_t result = binary(or_level);
    blank();
    if (function.takes == Function::Takes::one_and_number && char_at(text_, at_) != ',')
      unexpected(std::string(function.name) + " takes a series and a number; expected ',' before");
    if (function.takes == Function::Takes::one || char_at(text_, at_) != ',')
      return add({.op = function.of_series, .begin = begin, .at = begin, .left = result});
    do {
      ++at_;
      const std::size_t right = binary(or_level);
      result = add({.op = function.op, .begin = begin, .end = at_, .at = begin, .left = result, .right = right});
      blank();
    } while (function.takes == Function::Takes::one_or_more && char_at(text_, at_) == ',');
    return result;
  }

  [[noreturn]] void unknown_function(const Name& name) const {
    std::vector<std::string_view> names;
    for (const auto& f : functions) names.push_back(f.name);
    const auto hint = nearest_hint(name.text, names);
    std::string all;
    for (const auto n : names) all += (all.empty() ? "" : ", ") + std::string(n);
    source_.fail(at_, "unknown function '" + excerpt(text_.substr(at_, name.end - at_)) + "'" +
                          (hint.empty() ? "; there are " + all : hint));
  }

  const Source& source_;
  std::string_view text_;
  const Symbols& symbols_;
  std::size_t at_;
  int nesting_ = 0;
  std::vector<Node> nodes_;
};

}  // namespace

std::vector<Node> parse_syntax(const Source& source, std::size_t begin, const Symbols& symbols) {
  return Parser(source, begin, symbols).parse();
}

}  // namespace ironlaw::host
