#pragma once
#include "model_count.hpp"

namespace ironlaw::host {

[[nodiscard]] std::vector<std::string_view> decoder_types();
/// `type` is one of decoder_types().
[[nodiscard]] ModelCount count_decoder(const ModelConfig& config, std::string_view type);
/// DeepSeek-V2 and V3: latent attention, shared experts. The layers that predict further tokens are not counted.
[[nodiscard]] ModelCount count_deepseek(const ModelConfig& config, bool third_version);

/// What all of them call alike. `tied` is what an absent "tie_word_embeddings" means.
[[nodiscard]] ModelCount decoder_geometry(const ModelConfig& config, bool tied);
/// The last norm, the embedding and the head; `active_parameters` then goes from a difference to a sum.
void add_embeddings(ModelCount& model);

}  // namespace ironlaw::host
