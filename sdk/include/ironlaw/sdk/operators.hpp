#pragma once
// Lists of operators: what kinds write them with, and what solvers hold and read them with.
#include <ironlaw/equations/transformer.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/operators.hpp>
#include <ironlaw/sdk/reflection.hpp>

#include <algorithm>
#include <cstring>
#include <span>

namespace ironlaw {

/// "expert_up", for reports.
inline constexpr auto operator_role_names = detail::list_enumerators<OperatorRole>(
    std::make_index_sequence<static_cast<std::size_t>(OperatorRole::logits_exchange) + 1>{});
[[nodiscard]] constexpr std::string_view role_name(OperatorRole role) {
  const auto k = static_cast<std::size_t>(role);
  return operator_role_names[k < operator_role_names.size() ? k : 0];
}

/// A list with its room, in the facts of a block: 44 KB, of which a model fills a twentieth, once for an object, its phase,
/// formats and splits. What is not filled is neither set nor copied.
template <std::size_t Room = 256, std::size_t Classes = 32>
class OperatorTable {
 public:
  OperatorTable() {}
  OperatorTable(const OperatorTable& other) { *this = other; }
  OperatorTable& operator=(const OperatorTable& other) {
    count_ = other.count_;
    class_count_ = other.class_count_;
    std::copy_n(other.operators_, count_, operators_);
    std::copy_n(other.classes_, class_count_, classes_);
    return *this;
  }
  ~OperatorTable() = default;

  /// Throws Unsupported where the model lists none, or more than there is room for.
  void ask(const Workload& workload, const OperatorConditions& c) {
    const auto* facet = workload.facet<Operators>();
    if (facet == nullptr) throw Unsupported(workload.name(), "it lists no operators");
    OperatorList list{.operator_room = Room, .class_room = Classes, .first = operators_, .first_class = classes_};
    facet->operators(c, list);
    if (list.operators > Room || list.classes > Classes)
      throw Unsupported(workload.name(), "it has more operators than the solver has room for");
    count_ = list.operators;
    class_count_ = list.classes;
  }
  [[nodiscard]] std::span<const LayerClass> classes() const { return {classes_, class_count_}; }
  [[nodiscard]] std::span<const Operator> of(const LayerClass& layer) const { return {operators_ + layer.first, layer.size}; }

 private:
  union {  // in which nothing is set beforehand
    Operator operators_[Room];
  };
  union {
    LayerClass classes_[Classes];
  };
  std::size_t count_ = 0;
  std::size_t class_count_ = 0;
};

/// The numbers of a row that a list is read for, and the totals of an operator under them.
class OperatorRow {
 public:
  /// `tokens` new ones in all, of `sequences` sequences that each hold `cached` tokens already.
  constexpr OperatorRow(double tokens, double sequences, double cached)
      : tokens_(tokens),
        sequences_(sequences),
        cached_(cached),
        each_(tokens / sequences),
        pairs_(sequences * equations::pairs(each_, cached)),
        keys_(sequences * (cached + each_)) {}

  [[nodiscard]] constexpr double rows(const Operator& o) const {
    return o.rows_fixed + o.rows_per_token * tokens_ + o.rows_per_sequence * sequences_;
  }
  /// Pairs of a query with a key that it sees.
  [[nodiscard]] constexpr double pairs(const Operator& o) const { return bounded(o) ? bounded_pairs(o) : pairs_; }
  /// Keys that are read, once a sequence: cached ones as far as a window reaches, and those of the new tokens.
  [[nodiscard]] constexpr double keys(const Operator& o) const { return bounded(o) ? bounded_keys(o) : keys_; }
  [[nodiscard]] constexpr double operations(const Operator& o) const { return totals(o).operations; }
  [[nodiscard]] constexpr double bytes(const Operator& o) const { return totals(o).bytes; }
  [[nodiscard]] constexpr double exchanged(const Operator& o) const { return o.exchanged_per_row * rows(o); }

  /// What holds for every kind of operator.
  struct Totals {
    double operations;
    double bytes;
  };
  [[nodiscard]] constexpr Totals totals(const Operator& o) const {
    const double r = rows(o);
    double pairs = pairs_, keys = keys_;
    if (bounded(o)) [[unlikely]] {
      pairs = bounded_pairs(o);
      keys = bounded_keys(o);
    }
    return {o.operations_per_row * r + o.operations_per_pair * pairs,
            o.bytes_fixed + o.bytes_per_row * r + o.bytes_per_cached * keys + o.bytes_per_sequence * sequences_};
  }
  [[nodiscard]] constexpr double tokens() const { return tokens_; }
  [[nodiscard]] constexpr double sequences() const { return sequences_; }
  [[nodiscard]] constexpr double cached() const { return cached_; }

 private:
  [[nodiscard]] static constexpr bool bounded(const Operator& o) {
    return (o.flags & (Operator::windowed | Operator::every_pair)) != 0;
  }
  [[nodiscard]] constexpr double window(const Operator& o) const {
    return (o.flags & Operator::windowed) != 0 ? std::min(o.shape.attention.window, cached_ + each_) : cached_ + each_;
  }
  [[nodiscard]] constexpr double bounded_pairs(const Operator& o) const {
    if ((o.flags & Operator::every_pair) != 0) return tokens_ * window(o);
    const double size = o.shape.attention.window;
    const auto visible = (o.flags & Operator::chunked) != 0 ? equations::Visible::chunk(size) : equations::Visible::window(size);
    return sequences_ * visible.pairs(each_, cached_);
  }
  [[nodiscard]] constexpr double bounded_keys(const Operator& o) const {
    return sequences_ * (std::min(cached_, window(o)) + each_);
  }
  double tokens_, sequences_, cached_;
  double each_;  ///< new tokens of a sequence
  double pairs_;
  double keys_;
};

/// Writes a list, layer class by layer class: `w.layers(80); w.product(...); w.elementwise(...);`. Nothing is written past the
/// caller's room; the counts say what it would have taken.
class OperatorWriter {
 public:
  OperatorWriter(const OperatorConditions& conditions, OperatorList& list) : c_(conditions), list_(list) {
    list.operators = list.classes = 0;
  }
  /// Starts a class; what follows is one layer of it.
  void layers(const LayerClass& layer) {
    LayerClass own = layer;
    own.first = list_.operators;
    own.size = 0;
    if (list_.classes < list_.class_room) copy(list_.first_class, list_.classes, list_.class_size, &own, sizeof own);
    ++list_.classes;
  }
  void add(const Operator& o) {
    if (list_.operators < list_.operator_room) copy(list_.first, list_.operators, list_.operator_size, &o, sizeof o);
    ++list_.operators;
    if (list_.classes == 0 || list_.classes > list_.class_room) return;
    auto* const layer = static_cast<char*>(list_.first_class) + std::size_t{list_.classes - 1} * list_.class_size;
    std::uint32_t size = 0;
    std::memcpy(&size, layer + offsetof(LayerClass, size), sizeof size);
    ++size;
    std::memcpy(layer + offsetof(LayerClass, size), &size, sizeof size);
  }

  /// An operator of the conditions' formats, to be filled further and added.
  [[nodiscard]] Operator start(OperatorKind kind, OperatorRole role, TensorClass weights, double rows_per_token) const {
    Operator o;
    o.kind = kind;
    o.role = role;
    o.arithmetic = static_cast<std::uint16_t>(c_.formats.computes(weights));
    o.tensor_class = static_cast<std::uint16_t>(weights);
    o.weight_bytes = c_.formats.bytes(weights);
    o.activation_bytes = c_.formats.bytes(TensorClass::activations);
    o.rows_per_token = rows_per_token;
    return o;
  }
  /// A product of rows x k with weights k x n, `count` of them.
  [[nodiscard]] Operator product_of(OperatorRole role, TensorClass weights, double n, double k, double rows_per_token = 1) const {
    Operator o = start(OperatorKind::product, role, weights, rows_per_token);
    set_product(o, n, k);
    o.shape.product = {n, k};
    return o;
  }
  void product(OperatorRole role, TensorClass weights, double n, double k, double rows_per_token = 1, double count = 1) {
    Operator o = product_of(role, weights, n, k, rows_per_token);
    o.count = count;
    add(o);
  }
  /// Elements that a row reads or writes, in the width of activations.
  void elementwise(OperatorRole role, double elements, double backward_elements, double rows_per_token = 1,
                   std::uint32_t flags = 0) {
    Operator o = start(OperatorKind::elementwise, role, TensorClass::norms, rows_per_token);
    o.flags = flags;
    o.bytes_per_row = elements * o.activation_bytes;
    o.shape.elementwise = {elements, backward_elements};
    add(o);
  }
  /// A collective over `members` ranks, none where there is one alone; `elements` a row.
  void exchange(OperatorRole role, CollectiveKind what, RankGroup group, double members, double elements,
                double rows_per_token = 1, double copies = 1) {
    if (members <= 1) return;
    Operator o = start(OperatorKind::exchange, role, TensorClass::activations, rows_per_token);
    o.collective = what;
    o.group = group;
    o.exchanged_per_row = elements * o.activation_bytes;
    o.shape.exchange = {members, copies};
    add(o);
  }
  /// A product with routed experts: `rows_per_token` of them on this rank, spread over `experts` of its own.
  void expert_product(OperatorRole role, double n, double k, double experts, double all_experts, double per_token,
                      double rows_per_token) {
    Operator o = start(OperatorKind::expert_product, role, TensorClass::experts, rows_per_token);
    set_product(o, n, k);
    o.bytes_fixed *= experts;
    o.shape.expert = {n, k, experts, all_experts, per_token};
    add(o);
  }
  [[nodiscard]] const OperatorConditions& conditions() const { return c_; }

 private:
  static void set_product(Operator& o, double n, double k) {
    o.operations_per_row = 2 * n * k;
    o.bytes_fixed = n * k * o.weight_bytes;
    o.bytes_per_row = (n + k) * o.activation_bytes;
  }
  /// What the other side knows more is zero, what it knows less is left out.
  static void copy(void* first, std::size_t at, std::size_t their_size, const void* from, std::size_t own_size) {
    auto* const to = static_cast<char*>(first) + at * their_size;
    std::memcpy(to, from, std::min(their_size, own_size));
    if (their_size > own_size) std::memset(to + own_size, 0, their_size - own_size);
  }
  const OperatorConditions& c_;
  OperatorList& list_;
};

}  // namespace ironlaw
