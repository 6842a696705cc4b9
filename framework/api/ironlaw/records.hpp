#pragma once
// Plain records: facts about what surrounds a device, as solvers read them.
#include <ironlaw/hardware.hpp>

namespace ironlaw {

/// Several accelerators behind one host and one internal link.
class IRONLAW_API Node : public Object {
 public:
  static constexpr std::string_view interface = "node";
  using Object::Object;
  ~Node() override;
  const Hardware* accelerator = nullptr;
  double accelerators = 1;
  Bandwidth link_bandwidth{};  ///< between accelerators of the node, one way
};

/// The network between nodes.
class IRONLAW_API Fabric : public Object {
 public:
  static constexpr std::string_view interface = "fabric";
  using Object::Object;
  ~Fabric() override;
  Bandwidth link_bandwidth{};   ///< per accelerator, one way
  double oversubscription = 1;  ///< edge capacity over core capacity
  Time latency{};
};

/// Nodes on a fabric. A single machine is a fleet of one node without a fabric.
class IRONLAW_API Fleet : public Object {
 public:
  static constexpr std::string_view interface = "fleet";
  using Object::Object;
  ~Fleet() override;
  const Node* node = nullptr;
  const Fabric* fabric = nullptr;  ///< null: one node alone
  double nodes = 1;
  [[nodiscard]] double accelerators() const { return nodes * node->accelerators; }
};

}  // namespace ironlaw
