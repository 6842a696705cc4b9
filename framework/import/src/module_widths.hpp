#pragma once
// Widths of modules by name, added up to widths of classes of tensors.
#include "tensor_formats.hpp"

namespace ironlaw::host {

/// Modules of a checkpoint as lists in its config name them: "model.layers.3.self_attn.q_proj", "re:.*shared_experts.*",
/// "*.attn.*". A name with a layer's number speaks of that layer, any other of all.
class ModuleWidths {
 public:
  /// Matrices of layers are `bits` wide, embedding, head and norms 16, until a name says otherwise.
  ModuleWidths(double layers, double bits);

  void name(std::string_view module, double bits);
  /// By class, the mean over layers.
  [[nodiscard]] StoredBits bits() const;

 private:
  struct Widths {
    double everywhere = 16;
    std::map<int, std::pair<double, int>> of_layer;  ///< sum of widths, and how many were named
    [[nodiscard]] double mean(double layers) const;
  };
  double layers_;
  std::map<std::string, Widths, std::less<>> classes_;
};

}  // namespace ironlaw::host
