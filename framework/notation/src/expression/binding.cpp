#include "expression/binding.hpp"

#include "expression/literals.hpp"
#include "text/excerpt.hpp"
#include "value/port_values.hpp"

#include <algorithm>

namespace ironlaw::host {
namespace {

enum class Type { number, truth, choice, object, text, series, quoted };

std::string in_words(Type type) {
  switch (type) {
    case Type::number:
      return "a number";
    case Type::truth:
      return "true or false";
    case Type::choice:
      return "a choice";
    case Type::object:
      return "an object";
    case Type::text:
      return "a text";
    case Type::series:
      return "a series";
    default:
      return "a quoted text";
  }
}

Type type_of(const Symbol& symbol) {
  if (symbol.text) return Type::text;
  switch (values_of(symbol.port.type).form()) {
    case ValueForm::truth:
      return Type::truth;
    case ValueForm::choice:
      return Type::choice;
    case ValueForm::object:
      return Type::object;
    case ValueForm::list:
      return Type::series;
    case ValueForm::text:
      return Type::text;
    case ValueForm::number:
      break;
  }
  return Type::number;
}

/// How a value of the type comes into an expression.
std::string use_of(Type type) {
  return type == Type::series ? "; make one number of it: sum, mean, min, max, at, percentile or count"
                              : "; compare it with == or !=";
}

std::string is_in_words(const Dimension& d) { return d.dimensionless() ? "has no unit" : "is in " + si_unit(d); }

/// Goes through the nodes once: every operand is typed, and its instructions are there, before the node it goes into.
class NodeBinder {
 public:
  NodeBinder(const Source& source, const std::vector<Node>& nodes, const Symbols& symbols)
      : source_(source), nodes_(nodes), symbols_(symbols) {}

  Bound bind() {
    for (const auto& node : nodes_) typed_.push_back(typed(node));
    const Typed& whole = typed_.back();
    if (whole.type != Type::number && whole.type != Type::truth)
      source_.fail(nodes_.back().at, words(nodes_.back()) + " is " + in_words(whole.type) + use_of(whole.type));
    return {std::move(program_), whole.type == Type::truth, whole.dimension};
  }

 private:
  struct Typed {
    Type type = Type::number;
    Dimension dimension{};
  };

  [[nodiscard]] std::string words(const Node& node) const {
    return excerpt(source_.text.substr(node.begin, node.end - node.begin));
  }
  [[nodiscard]] std::string words(std::size_t i) const { return words(nodes_[i]); }
  [[nodiscard]] std::string_view unquoted(const Node& node) const {
    return source_.text.substr(node.begin + 1, node.end - node.begin - 2);
  }
  void constant(double number) { program_.add({.kind = Instruction::Kind::constant, .number = number}); }
  void operation(const Node& node) { program_.add({.op = node.op, .exponent = node.exponent}); }

  Typed typed(const Node& node) {
    switch (node.op) {
      case Op::name:
        return typed_name(node);
      case Op::number:
        constant(node.quantity.value);
        return {Type::number, node.quantity.dimension};
      case Op::truth:
        constant(node.quantity.value);
        return {Type::truth};
      case Op::quoted:
        return {Type::quoted};
      case Op::equal:
      case Op::not_equal:
        return typed_equality(node);
      case Op::logical_not:
      case Op::logical_and:
      case Op::logical_or:
        return typed_logic(node);
      default:
        return is_reduction(node.op) ? typed_reduction(node) : typed_arithmetic(node);
    }
  }

  /// The series comes into the program with what makes a number of it.
  Typed typed_reduction(const Node& node) {
    const bool several = node.op == Op::least || node.op == Op::most;
    if (typed_[node.left].type != Type::series)
      source_.fail(nodes_[node.left].at, std::string(spelling(node.op)) + " takes " + (several ? "two values or more, or " : "") +
                                             "a series, but " + words(node.left) + " is " + in_words(typed_[node.left].type));
    if (takes_argument(node.op)) {
      require(node, node.right, Type::number);
      if (!typed_[node.right].dimension.dimensionless())
        source_.fail(nodes_[node.right].at, std::string(spelling(node.op)) + " takes a number without a unit, but " +
                                                words(node.right) + " " + is_in_words(typed_[node.right].dimension));
    }
    program_.add({.kind = Instruction::Kind::reduction, .op = node.op, .slot = nodes_[node.left].symbol->slot});
    return {Type::number, node.op == Op::count ? Dimension{} : typed_[node.left].dimension};
  }

  /// Objects and texts come into the program with what they are compared with.
  Typed typed_name(const Node& node) {
    const Type type = type_of(*node.symbol);
    if (type == Type::number || type == Type::truth || type == Type::choice)
      program_.add({.kind = Instruction::Kind::column, .slot = node.symbol->slot});
    return {type, type == Type::number || type == Type::series ? node.symbol->port.dimension : Dimension{}};
  }

  void require(const Node& node, std::size_t operand, Type type) const {
    if (typed_[operand].type == type) return;
    source_.fail(nodes_[operand].at, "'" + std::string(spelling(node.op)) + "' takes " +
                                         (type == Type::number ? "numbers" : "what is true or false") + ", but " +
                                         words(operand) + " is " + in_words(typed_[operand].type) +
                                         (typed_[operand].type == Type::series ? use_of(Type::series) : ""));
  }

  Typed typed_logic(const Node& node) {
    require(node, node.left, Type::truth);
    if (node.op != Op::logical_not) require(node, node.right, Type::truth);
    operation(node);
    return {Type::truth};
  }

  Typed typed_arithmetic(const Node& node) {
    require(node, node.left, Type::number);
    if (node.right != Node::none) require(node, node.right, Type::number);
    operation(node);
    if (is_comparison(node.op)) {
      same_unit(node);
      return {Type::truth};
    }
    return {Type::number, dimension_of(node)};
  }

  [[nodiscard]] Dimension dimension_of(const Node& node) const {
    const Dimension& left = typed_[node.left].dimension;
    switch (node.op) {
      case Op::negate:
      case Op::absolute:
        return left;
      case Op::multiply:
        return in_range(node, combined(left, typed_[node.right].dimension, 1));
      case Op::divide:
        return in_range(node, combined(left, typed_[node.right].dimension, -1));
      case Op::power:
        return in_range(node, raised(left, node.exponent));
      case Op::square_root:
        if (const auto half = halved(left)) return *half;
        source_.fail(node.at, "sqrt halves powers of units, but " + words(node.left) + " " + is_in_words(left));
      default:
        return keeps_unit(node.op) ? same_unit(node) : without_unit(node);
    }
  }

  [[nodiscard]] Dimension in_range(const Node& node, const std::optional<Dimension>& dimension) const {
    if (!dimension)
      source_.fail(node.at, "the unit of " + words(node) + " is out of range; powers of a base dimension go from -128 to 127");
    return *dimension;
  }

  Dimension same_unit(const Node& node) const {
    const Dimension& left = typed_[node.left].dimension;
    const Dimension& right = typed_[node.right].dimension;
    if (left == right || fits_bare(nodes_[node.right], left)) return left;
    if (fits_bare(nodes_[node.left], right)) return right;
    source_.fail(node.at, words(node.left) + " " + is_in_words(left) + ", " + words(node.right) + " " + is_in_words(right));
  }

  [[nodiscard]] Dimension without_unit(const Node& node) const {
    const Dimension& dimension = typed_[node.left].dimension;
    if (dimension.dimensionless()) return {};
    source_.fail(node.at, std::string(spelling(node.op)) + " takes a number without a unit, but " + words(node.left) + " " +
                              is_in_words(dimension) + "; divide it by '1 " + si_unit(dimension) + "' or a unit of your choice");
  }

  Typed typed_equality(const Node& node) {
    const Type left = typed_[node.left].type;
    const Type right = typed_[node.right].type;
    if (left == Type::quoted || right == Type::quoted) {
      compare_quoted(node, right == Type::quoted ? node.left : node.right, right == Type::quoted ? node.right : node.left);
      return {Type::truth};
    }
    if (left == Type::choice && right == Type::choice) {
      same_choices(node);
    } else if (left == Type::series || right == Type::series) {
      const std::size_t one = left == Type::series ? node.left : node.right;
      source_.fail(node.at, words(one) + " is a series" + use_of(Type::series));
    } else if (left == Type::object || left == Type::text || right == Type::object || right == Type::text) {
      const std::size_t one = left == Type::object || left == Type::text ? node.left : node.right;
      source_.fail(node.at, words(one) + " is " + in_words(typed_[one].type) + "; compare it with a quoted name, such as 'H100'");
    } else if (left != right) {
      unlike(node);
    } else if (left == Type::number) {
      same_unit(node);
    }
    operation(node);
    return {Type::truth};
  }

  [[noreturn]] void unlike(const Node& node) const {
    const std::size_t choice = typed_[node.left].type == Type::choice ? node.left : node.right;
    const std::string hint = typed_[choice].type == Type::choice ? "; allowed: " + allowed(*nodes_[choice].symbol) : "";
    source_.fail(node.at, words(node.left) + " is " + in_words(typed_[node.left].type) + ", " + words(node.right) + " is " +
                              in_words(typed_[node.right].type) + hint);
  }

  static std::string allowed(const Symbol& symbol) {
    std::string all;
    for (const auto choice : symbol.port.choices) all += (all.empty() ? "'" : ", '") + std::string(choice) + "'";
    return all;
  }

  void same_choices(const Node& node) const {
    const Symbol& left = *nodes_[node.left].symbol;
    const Symbol& right = *nodes_[node.right].symbol;
    if (!std::equal(left.port.choices.begin(), left.port.choices.end(), right.port.choices.begin(), right.port.choices.end()))
      source_.fail(node.at,
                   words(node.left) + " is one of " + allowed(left) + ", " + words(node.right) + " one of " + allowed(right));
  }

  /// `named` is the operand beside the quoted text.
  void compare_quoted(const Node& node, std::size_t named, std::size_t quote) {
    const Node& quoted = nodes_[quote];
    const std::string name(unquoted(quoted));
    if (name.empty()) source_.fail(quoted.at, "an empty text equals nothing");
    Instruction step{.negated = node.op == Op::not_equal};
    switch (typed_[named].type) {
      case Type::choice:
        constant(ordinal(*nodes_[named].symbol, name, words(named), quoted.at));
        step.op = node.op;
        break;
      case Type::object:
        step.kind = Instruction::Kind::same_object;
        step.slot = nodes_[named].symbol->slot;
        step.object = object(*nodes_[named].symbol, name, quoted.at);
        break;
      case Type::text:
        step.kind = nodes_[named].symbol->text ? Instruction::Kind::same_text : Instruction::Kind::same_word;
        step.slot = nodes_[named].symbol->slot;
        step.text = name;
        break;
      default:
        source_.fail(node.at,
                     words(named) + " is " + in_words(typed_[named].type) + ", not a name to compare with " + words(quoted));
    }
    program_.add(std::move(step));
  }

  [[nodiscard]] double ordinal(const Symbol& symbol, std::string_view name, const std::string& choice, std::size_t at) const {
    const auto& choices = symbol.port.choices;
    const auto found = std::find(choices.begin(), choices.end(), name);
    if (found == choices.end()) {
      const std::string hint = nearest_hint(name, choices);
      source_.fail(at, choice + " is never '" + excerpt(name) + "'" + (hint.empty() ? "; allowed: " + allowed(symbol) : hint));
    }
    return static_cast<double>(found - choices.begin());
  }

  [[nodiscard]] const void* object(const Symbol& symbol, std::string_view name, std::size_t at) const {
    if (!symbols_.object_named) source_.fail(at, "objects cannot be compared here");
    return symbols_.object_named(symbol.port, name, source_.at(at));
  }

  const Source& source_;
  const std::vector<Node>& nodes_;
  const Symbols& symbols_;
  Program program_;
  std::vector<Typed> typed_;
};

}  // namespace

Bound bind_nodes(const Source& source, const std::vector<Node>& nodes, const Symbols& symbols) {
  return NodeBinder(source, nodes, symbols).bind();
}

}  // namespace ironlaw::host
