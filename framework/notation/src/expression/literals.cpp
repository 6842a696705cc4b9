#include "expression/literals.hpp"

#include <ironlaw/quantity.hpp>

namespace ironlaw::host {
namespace {

/// The dimension of a node before literals are steered; firm where no literal's unit goes into it.
struct Guess {
  Dimension dimension{};
  bool firm = true;
};

/// Two passes over the nodes: up for what names say, down to the literals.
class Steering {
 public:
  Steering(const Source& source, std::vector<Node>& nodes)
      : source_(source), nodes_(nodes), guesses_(nodes.size()), expected_(nodes.size()) {}

  void run() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) guesses_[i] = guess(nodes_[i]);
    for (std::size_t i = nodes_.size(); i-- > 0;) pass_down(i);
  }

 private:
  [[nodiscard]] Guess guess(const Node& node) const {
    if (node.op == Op::number) return {node.quantity.dimension, !node.has_unit};
    if (node.op == Op::name) return {node.symbol->port.dimension};
    if (keeps_unit(node.op) && !is_comparison(node.op)) return guesses_[leading(node)];
    if (node.op == Op::multiply || node.op == Op::divide) {
      const Guess& l = guesses_[node.left];
      const Guess& r = guesses_[node.right];
      return {combined(l.dimension, r.dimension, sign(node)).value_or(Dimension{}), l.firm && r.firm};
    }
    if (node.op == Op::negate || node.op == Op::absolute) return guesses_[node.left];
    if (node.op == Op::power)
      return {raised(guesses_[node.left].dimension, node.exponent).value_or(Dimension{}), guesses_[node.left].firm};
    if (is_reduction(node.op)) return node.op == Op::count ? Guess{} : guesses_[node.left];
    if (node.op == Op::square_root)
      return {halved(guesses_[node.left].dimension).value_or(Dimension{}), guesses_[node.left].firm};
    return {};
  }

  static int sign(const Node& node) { return node.op == Op::multiply ? 1 : -1; }
  [[nodiscard]] bool bare(std::size_t i) const { return nodes_[i].op == Op::number && !nodes_[i].has_unit; }

  /// The operand that says what unit both have.
  [[nodiscard]] std::size_t leading(const Node& node) const {
    if (bare(node.left)) return node.right;
    return guesses_[node.right].firm && !guesses_[node.left].firm && !bare(node.right) ? node.right : node.left;
  }

  void pass_down(std::size_t i) {
    Node& node = nodes_[i];
    if (node.op == Op::number) return reread(node, expected_[i]);
    if (node.op == Op::negate || node.op == Op::absolute) expected_[node.left] = expected_[i];
    if (keeps_unit(node.op)) {
      const Guess& lead = guesses_[leading(node)];
      const bool free = !lead.firm && !is_comparison(node.op);
      expected_[node.left] = expected_[node.right] = free && expected_[i] ? *expected_[i] : lead.dimension;
    }
    if (node.op == Op::multiply || node.op == Op::divide) pass_down_product(node, expected_[i]);
  }

  /// What is expected of a factor follows from the other.
  void pass_down_product(const Node& node, const std::optional<Dimension>& expected) {
    if (!expected) return;
    const Dimension& l = guesses_[node.left].dimension;
    const Dimension& r = guesses_[node.right].dimension;
    expected_[node.left] = combined(*expected, r, -sign(node));
    expected_[node.right] = node.op == Op::multiply ? combined(*expected, l, -1) : combined(l, *expected, -1);
  }

  void reread(Node& node, const std::optional<Dimension>& expected) const {
    if (!node.has_unit || !expected || (*expected)[Base::carbon] == 0) return;
    try {
      node.quantity = parse_quantity(source_.text.substr(node.begin, node.end - node.begin), *expected);
    } catch (const UnitError& e) {
      source_.fail(node.at, e.what());
    }
  }

  const Source& source_;
  std::vector<Node>& nodes_;
  std::vector<Guess> guesses_;
  std::vector<std::optional<Dimension>> expected_;
};

std::optional<Dimension> linear(const Dimension& a, int of_a, const Dimension& b, int of_b) {
  Dimension d;
  for (std::size_t i = 0; i < base_count; ++i) {
    const int exponent = a.exponents[i] * of_a + b.exponents[i] * of_b;
    if (exponent < -128 || exponent > 127) return std::nullopt;
    d.exponents[i] = static_cast<std::int8_t>(exponent);
  }
  return d;
}

}  // namespace

std::optional<Dimension> combined(const Dimension& a, const Dimension& b, int sign) { return linear(a, 1, b, sign); }
std::optional<Dimension> raised(const Dimension& dimension, int exponent) { return linear(dimension, exponent, {}, 0); }

std::optional<Dimension> halved(const Dimension& dimension) {
  Dimension half = dimension;
  for (auto& exponent : half.exponents) {
    if (exponent % 2 != 0) return std::nullopt;
    exponent = static_cast<std::int8_t>(exponent / 2);
  }
  return half;
}

bool fits_bare(const Node& node, const Dimension& dimension) {
  if (node.op != Op::number || node.has_unit) return false;
  return node.quantity.value == 0 || dimension == dimension_of<Tokens>() || dimension == dimension_of<Requests>();
}

void steer_literals(const Source& source, std::vector<Node>& nodes) { Steering(source, nodes).run(); }

}  // namespace ironlaw::host
