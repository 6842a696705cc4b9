#include "tensor_formats.hpp"

namespace ironlaw::host {

std::string_view class_of_tensor(std::string_view name) {
  const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
  if (has("embed_tokens") || has("wte.") || has("word_embeddings") || has("token_embd") || has("embed_in") ||
      name == "shared.weight")
    return "embedding";
  if (has("lm_head") || name == "output.weight" || has("embed_out")) return "head";
  if (has("norm") || has("ln_") || has("layernorm")) return "norms";
  if (has("_exps.") || (has("experts.") && !has("shared_expert"))) return "experts";
  if (has("linear_attn")) return "linear";  // recurrent, as its fields are
  if (has("attn") || has("attention")) return "attention";
  return "linear";
}

}  // namespace ironlaw::host
