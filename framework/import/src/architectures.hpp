#pragma once
// Tables of architectures: what each names in its config.json, and what its weights add up to.
#include "formula.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ironlaw::host {

/// Formulas by name, in the order of the table.
using Formulas = std::vector<std::pair<std::string, Formula>>;

/// A network that is a part of another: its config stands under a key of the whole's, or is the whole's.
struct NetworkPart {
  std::string role;                   ///< "text", "vision", "encoder"
  std::string config;                 ///< key of its object; empty: the same config
  std::string architecture;           ///< where its config names none that is known
  bool or_whole = false;              ///< the whole's config where that key is absent
  std::vector<std::string> inherits;  ///< keys of the whole's that stand for absent ones
  std::optional<Formula> when;
  std::string runs = "every_pass";  ///< or "once" a request
  bool reads_prompt = false;        ///< its tokens are the request's, not its own
};

/// One row of the table, with what it is based on laid under it. Names in formulas are, in this order: "layer" (from 0 on, in
/// formulas of a layer), facts of the layer, facts, roles of parts, keys of the config, defaults. A fact's own name inside its
/// formula is the config's key, and key.NAME always is.
struct Architecture {
  std::string name;
  std::string where;                                  ///< "FILE#/architectures/NAME"
  std::map<std::string, Json, std::less<>> defaults;  ///< what an absent key stands for: a literal, or a formula as a text
  std::map<std::string, Formula, std::less<>> formula_defaults;
  std::map<std::string, Json, std::less<>> only;  ///< keys that are counted with this value alone
  std::map<std::string, Formula, std::less<>> facts;
  std::map<std::string, Formula, std::less<>> layer_facts;
  Formulas weights;                                   ///< of the whole, by class of tensor
  Formulas layer_weights;                             ///< of one layer
  std::map<std::string, Formula, std::less<>> heads;  ///< by the end of a name in "architectures"
  std::string default_head;
  std::vector<NetworkPart> networks;
};

/// The tables in the folders "architectures" of zoo folders; a later folder's rows replace an earlier one's.
class Architectures {
 public:
  /// Reads which architectures there are. Throws InputError.
  explicit Architectures(const std::vector<std::filesystem::path>& zoo_folders);

  /// Null where none is known by this "model_type".
  [[nodiscard]] const Architecture* find(std::string_view name);
  /// All that a config may name.
  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  struct Row {
    Json json;
    std::string where;
  };
  void read(const std::filesystem::path& file);
  [[nodiscard]] Json resolved(const std::string& name, std::size_t depth, const std::string& where) const;

  std::map<std::string, Row, std::less<>> rows_;
  std::map<std::string, std::string, std::less<>> aliases_;
  std::map<std::string, std::unique_ptr<Architecture>, std::less<>> made_;
};

}  // namespace ironlaw::host
