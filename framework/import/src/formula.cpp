#include "formula.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw::host {

struct Formula::Node {
  enum class What { literal, name, list, unary, binary, choice, index, member, call };
  What what = What::literal;
  Json literal{};
  std::string text;  ///< a name, an operator, a member or a function
  std::vector<Node> of{};
};

namespace {

using Node = Formula::Node;
using What = Formula::Node::What;

/// Binary operators, the loosest first.
constexpr std::array<std::array<std::string_view, 6>, 5> levels{
    {{"||"}, {"&&"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}}};

constexpr std::array<std::pair<std::string_view, std::size_t>, 9> functions{
    {{"min", 2}, {"max", 2}, {"ceil", 1}, {"floor", 1}, {"abs", 1}, {"count", 1}, {"sum", 1}, {"has", 2}, {"otherwise", 2}}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class FormulaParser {
 public:
  FormulaParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Node whole() {
    Node node = choice();
    skip();
    if (at_ < text_.size()) refuse("cannot be read");
    return node;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw InputError(where_, "the formula '" + std::string(text_) + "' " + what + " at character " + std::to_string(at_ + 1));
  }
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(std::string_view token) {
    skip();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void need(std::string_view token) {
    if (!take(token)) refuse("lacks a '" + std::string(token) + "'");
  }
  /// Refuses what would exhaust the stack.
  struct Deeper {
    explicit Deeper(FormulaParser& p) : parser(p) {
      if (++parser.depth_ > 200) parser.refuse("is nested too deep");
    }
    ~Deeper() { --parser.depth_; }
    FormulaParser& parser;
  };

  Node choice() {
    const Deeper deeper(*this);
    Node condition = binary(0);
    if (!take("?")) return condition;
    Node node{What::choice, {}, "?", {}};
    node.of.push_back(std::move(condition));
    node.of.push_back(choice());
    need(":");
    node.of.push_back(choice());
    return node;
  }
  Node binary(std::size_t level) {
    if (level == levels.size()) return unary();
    Node left = binary(level + 1);
    for (;;) {
      const auto token =
          std::find_if(levels[level].begin(), levels[level].end(), [&](std::string_view t) { return !t.empty() && take(t); });
      if (token == levels[level].end()) return left;
      Node node{What::binary, {}, std::string(*token), {}};
      node.of.push_back(std::move(left));
      node.of.push_back(binary(level + 1));
      left = std::move(node);
    }
  }
  Node unary() {
    const Deeper deeper(*this);
    skip();
    if (at_ < text_.size() && (text_[at_] == '-' || (text_[at_] == '!' && !text_.substr(at_).starts_with("!=")))) {
      Node node{What::unary, {}, std::string(1, text_[at_++]), {}};
      node.of.push_back(unary());
      return node;
    }
    Node node = operand();
    for (;;) {
      if (take("[")) {
        Node index{What::index, {}, "[", {}};
        index.of.push_back(std::move(node));
        index.of.push_back(choice());
        need("]");
        node = std::move(index);
      } else if (take(".")) {
        Node member{What::member, {}, word(), {}};
        member.of.push_back(std::move(node));
        node = std::move(member);
      } else {
        return node;
      }
    }
  }
  std::string word() {
    skip();
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || (at_ > begin && is_digit(text_[at_])))) ++at_;
    if (at_ == begin) refuse("lacks a name, a number or a '('");
    return std::string(text_.substr(begin, at_ - begin));
  }
  Node operand() {
    if (take("(")) {
      Node node = choice();
      need(")");
      return node;
    }
    if (take("'")) {
      const std::size_t end = text_.find('\'', at_);
      if (end == text_.npos) refuse("lacks the end of a text");
      Node node{What::literal, std::string(text_.substr(at_, end - at_)), {}, {}};
      at_ = end + 1;
      return node;
    }
    skip();
    if (at_ < text_.size() && is_digit(text_[at_])) {
      std::size_t end = at_;
      while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '.')) ++end;
      Node node{What::literal, std::stod(std::string(text_.substr(at_, end - at_))), {}, {}};
      at_ = end;
      return node;
    }
    return named();
  }
  Node named() {
    std::string name = word();
    if (name == "true" || name == "false") return {What::literal, name == "true", {}, {}};
    if (name == "null") return {What::literal, nullptr, {}, {}};
    if (!take("(")) return {What::name, {}, std::move(name), {}};
    const auto known = std::find_if(functions.begin(), functions.end(), [&](const auto& f) { return f.first == name; });
    if (known == functions.end()) refuse("has an unknown function '" + name + "'");
    Node node{What::call, {}, std::move(name), {}};
    do node.of.push_back(choice());
    while (take(","));
    need(")");
    if (node.of.size() != known->second) refuse("gives " + node.text + " another number of values than it takes");
    return node;
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

bool truth(const Json& v) {
  if (v.is_boolean()) return v.get<bool>();
  if (v.is_number()) return v.get<double>() != 0;
  return !v.is_null();
}

/// One evaluation of a formula.
class Evaluation {
 public:
  explicit Evaluation(const NameLookup& names) : names_(names) {}

  Json value(const Node& n) const {
    switch (n.what) {
      case What::literal:
        return n.literal;
      case What::name:
        return names_(n.text);
      case What::unary:
        return n.text == "!" ? Json(!truth(value(n.of[0]))) : Json(-number(n.of[0]));
      case What::binary:
        return binary(n);
      case What::choice:
        return value(n.of[truth(value(n.of[0])) ? 1 : 2]);
      case What::index:
        return element(n);
      case What::member: {
        if (n.of[0].what == What::name && n.of[0].text == "key") return names_("key." + n.text);
        const Json object = value(n.of[0]);
        return object.is_object() && object.contains(n.text) ? object[n.text] : Json(nullptr);
      }
      default:
        return call(n);
    }
  }

 private:
  [[noreturn]] static void refuse(const Node& n, const std::string& what) {
    throw FormulaFault{n.what == What::name || n.what == What::member ? n.text : std::string(), what};
  }

  double number(const Node& n) const {
    const Json v = value(n);
    if (v.is_boolean()) return v.get<bool>() ? 1 : 0;
    if (!v.is_number()) refuse(n, (v.is_null() ? "is left out" : "is " + shown_json(v)) + " where a number is needed");
    return v.get<double>();
  }
  const Json& list(const Json& v, const Node& n) const {
    if (!v.is_array()) refuse(n, "is " + shown_json(v) + " where a list is needed");
    return v;
  }
  Json element(const Node& n) const {
    const Json from = value(n.of[0]);
    const double index = number(n.of[1]);
    const std::size_t size = from.is_string() ? from.get_ref<const std::string&>().size() : list(from, n.of[0]).size();
    if (!(index >= 0 && index < static_cast<double>(size))) refuse(n.of[0], "has " + std::to_string(size) + " elements, too few");
    const auto i = static_cast<std::size_t>(index);
    return from.is_string() ? Json(std::string(1, from.get_ref<const std::string&>()[i])) : from[i];
  }
  Json binary(const Node& n) const {
    const Node& a = n.of[0];
    const Node& b = n.of[1];
    if (n.text == "&&") return truth(value(a)) && truth(value(b));
    if (n.text == "||") return truth(value(a)) || truth(value(b));
    if (n.text == "==" || n.text == "!=") return (value(a) == value(b)) == (n.text == "==");
    const double x = number(a);
    const double y = number(b);
    switch (n.text[0]) {
      case '+':
        return x + y;
      case '-':
        return x - y;
      case '*':
        return x * y;
      case '/':
      case '%':
        if (y == 0) refuse(b, "is 0, which divides nothing");
        return n.text[0] == '/' ? x / y : x - y * std::floor(x / y);
      case '<':
        return n.text.size() == 2 ? x <= y : x < y;
      default:
        return n.text.size() == 2 ? x >= y : x > y;
    }
  }
  Json call(const Node& n) const {
    if (n.text == "otherwise") {
      Json v = value(n.of[0]);
      return v.is_null() ? value(n.of[1]) : v;
    }
    if (n.text == "min") return std::min(number(n.of[0]), number(n.of[1]));
    if (n.text == "max") return std::max(number(n.of[0]), number(n.of[1]));
    if (n.text == "ceil") return std::ceil(number(n.of[0]));
    if (n.text == "floor") return std::floor(number(n.of[0]));
    if (n.text == "abs") return std::abs(number(n.of[0]));
    const Json v = value(n.of[0]);
    if (n.text == "count") {
      if (v.is_number()) return 0.0;  // of a key that some files have a list for, and some a number
      if (v.is_object()) return static_cast<double>(v.size());
      if (v.is_string()) return static_cast<double>(v.get_ref<const std::string&>().size());
      return static_cast<double>(list(v, n.of[0]).size());
    }
    if (n.text == "has") {
      const Json wanted = value(n.of[1]);
      return v.is_array() && std::any_of(v.begin(), v.end(), [&](const Json& e) { return e == wanted; });
    }
    double sum = 0;
    for (const Json& e : list(v, n.of[0])) sum += e.is_number() ? e.get<double>() : 0;
    return sum;
  }

  const NameLookup& names_;
};

std::string first_name_in(const Node& n) {
  if (n.what == What::name) return n.text;
  if (n.what == What::member && n.of[0].what == What::name && n.of[0].text == "key") return "key." + n.text;
  for (const Node& inner : n.of)
    if (std::string name = first_name_in(inner); !name.empty()) return name;
  return {};
}

void add_texts_of(const Node& n, std::set<std::string, std::less<>>& texts) {
  if (n.what == What::literal && n.literal.is_string()) texts.insert(n.literal.get<std::string>());
  for (const Node& inner : n.of) add_texts_of(inner, texts);
}

}  // namespace

Formula::Formula(std::string_view text, const std::string& where)
    : root_(std::make_unique<Node>(FormulaParser(text, where).whole())) {}
Formula::~Formula() = default;
Formula::Formula(Formula&&) noexcept = default;
Formula& Formula::operator=(Formula&&) noexcept = default;

Json Formula::value(const NameLookup& names) const { return Evaluation(names).value(*root_); }
std::string Formula::first_name() const { return first_name_in(*root_); }
void Formula::add_texts(std::set<std::string, std::less<>>& texts) const { add_texts_of(*root_, texts); }

}  // namespace ironlaw::host
