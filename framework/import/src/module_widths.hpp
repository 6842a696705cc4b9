#pragma once
// Widths of modules by name, added up to widths of classes of tensors.
#include "tensor_formats.hpp"

namespace ironlaw::host {

/// Modules of a checkpoint as lists in its config name them: "model.layers.3.self_attn.q_proj", "re:.*shared_experts.*",
/// "*.attn.*". A name with a layer's number speaks of that layer, any other of all; one of the matrices of a block of itself, as
/// one of equals.
class ModuleWidths {
 public:
  /// Matrices of layers are `bits` wide, embedding, head and norms 16, until a name says otherwise.
  ModuleWidths(double layers, double bits);

  void name(std::string_view module, double bits);
  /// A regular expression that a module's name begins with: every module of a stack that it meets. False where it meets none, or
  /// is of a form that is not read.
  bool match(std::string_view expression, double bits);
  /// By class, the mean over layers.
  [[nodiscard]] StoredBits bits() const;

 private:
  /// What names said of one class, in one layer or in all.
  struct Named {
    std::pair<double, int> whole;                             ///< of the block: sum of widths, and how many were named
    std::map<std::string_view, std::pair<double, int>> part;  ///< of its matrices, likewise
    void take(std::string_view matrix, double bits);
    [[nodiscard]] double mean(double otherwise) const;
  };
  struct Widths {
    double everywhere = 16;
    Named of_all;
    std::map<int, Named> of_layer;
    [[nodiscard]] double mean(double layers) const;
  };
  double layers_;
  std::map<std::string, Widths, std::less<>> classes_;
};

}  // namespace ironlaw::host
