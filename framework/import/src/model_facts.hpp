#pragma once
// A config.json held against its architecture: what its weights add up to, layer by layer, and the geometry that it says.
#include "architectures.hpp"

#include <memory>

namespace ironlaw::host {

/// Layers that are equal in everything that the table says.
struct CountedLayers {
  double count = 0;
  std::map<std::string, Json> facts;                    ///< of the table's layer
  std::vector<std::pair<std::string, double>> weights;  ///< of one layer, by class of tensor
};

/// A network as its weights add up.
struct CountedNetwork {
  std::string role;  ///< in the whole; empty for the whole itself
  std::string architecture;
  std::string runs = "every_pass";
  bool reads_prompt = false;
  std::map<std::string, Json> facts;                    ///< of the table
  std::vector<std::pair<std::string, double>> weights;  ///< outside of layers; "head" as "architectures" names it
  std::vector<CountedLayers> layers;
  std::vector<CountedNetwork> parts;

  [[nodiscard]] double parameters() const;  ///< with the parts
  [[nodiscard]] const Json* fact(std::string_view name) const;
  /// A number among the facts; `otherwise` where it is absent or null.
  [[nodiscard]] double number(std::string_view name, double otherwise = 0) const;
};

/// Counts what `config` describes. Errors name the file and the key. Throws InputError for an architecture that no table knows,
/// where a size is left out or out of range, and for what the table says it does not count.
[[nodiscard]] CountedNetwork count_network(Architectures& architectures, const Json& config, const std::string& where);

}  // namespace ironlaw::host
