#pragma once
// Products with weights of a language model, from its parameters alone.
#include "phases.hpp"

namespace ironlaw::workloads {

/// Two operations a parameter and token (Kaplan 2020), where the input embedding is a gather and logits are products that a
/// prompt needs for its last token only.
class LanguageHead {
 public:
  /// `embeddings` counts the vocabulary matrices among the parameters: 1 where input and output share one, else 2. Throws
  /// DomainError where they alone are all parameters.
  LanguageHead(double parameters, Maybe<int> vocabulary_size, int hidden_size, int embeddings) : body_(2 * parameters) {
    if (!vocabulary_size) return;
    const double matrix = static_cast<double>(*vocabulary_size) * hidden_size;
    body_ = 2 * (parameters - embeddings * matrix);
    logits_ = 2 * matrix;
    if (body_ <= 0)
      throw DomainError("vocabulary_size", "its embedding holds " + shown(embeddings * matrix) +
                                               " parameters; allowed: less than the " + shown(parameters) +
                                               " that a token passes through");
  }
  /// Operations of a token, but for its logits.
  [[nodiscard]] double body_per_token() const { return body_; }
  [[nodiscard]] double logits_per_token() const { return logits_; }

 private:
  double body_;
  double logits_ = 0;
};

}  // namespace ironlaw::workloads
