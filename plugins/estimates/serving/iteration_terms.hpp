#pragma once
// What an iteration is made of: laws with their constants, which rows of `iteration` share.
#include "../fixed_list.hpp"
#include "../kernels/exchange.hpp"
#include "../laws.hpp"
#include "../record_range.hpp"
#include "power_facts.hpp"
#include "serving_band.hpp"
#include "stack_constants.hpp"

namespace ironlaw::estimates {

/// A dense product of one shape, in all layers that have it.
struct ProductTerm {
  equations::RowForm form;
  double count = 0;
  double batch = 1;  ///< products of one call, a weight each
  OperatorRole role{};
  double n = 0;
  double k = 0;
  Information weight{};
  OperandFormat format{};
  Time widening{};  ///< of narrow weights that are widened in the longer of both
  Time copy{};      ///< of writing widened weights and reading them again, where rows are many
  RateFound record;
};

/// The routed experts of a class of layers.
struct ExpertTerm {
  equations::ExpertForm form;
  double count = 0;
  double own = 0;          ///< experts of this rank
  double per_token = 0;    ///< that a token passes
  double group_share = 0;  ///< of the routed slots that fall on this rank
  double elements = 0;     ///< of one expert on this rank
  Information weight{};
  RateFound record;
};

/// Attention of a class of layers: tiles a sequence in decoding, heads in prompts.
struct AttentionTerm {
  equations::AttentionForm form;
  double count = 0;
  double window = 0;  ///< 0: all keys
  double kept = 0;    ///< tokens that the cache keeps; 0: all
  double tiles = 0;
  Information cached_bytes{};    ///< a cached token
  Operations pair_operations{};  ///< a query and a key
  OperatorRole role{};
  RateFound record;
  template <class N>
  [[nodiscard]] N seen(const N& keys) const {
    return window > 0 ? smaller(keys, N(window)) : keys;
  }
};

/// Sums over the ranks of the tensor group, and the passage of tokens to experts and back under attention-data parallelism.
struct ExchangeTerms {
  equations::CollectiveForm form{};  ///< over the inner link
  RateFound record;
  double reductions = 0;   ///< all-reduces an iteration
  double joint_norms = 0;  ///< norms over heads of several ranks: a sum of a few bytes a row, between passes of their own
  Time norm_passes{};      ///< launches of those of one norm
  Information norm_row{};  ///< of a row, of one norm
  double norm_share = 0;   ///< of those bytes in a reduction's
  double inner = 1;        ///< ranks inside the domain of the inner link
  double outer = 1;        ///< domains
  Time wire{};             ///< a row, of one reduction over the inner link at full bandwidth
  Time network_latency{};
  Time network_wire{};       ///< a row, at the sustained rate
  double routed_layers = 0;  ///< with a gather and a scatter of the whole batch
  Time routed_wire{};        ///< a token of the replica and layer
  Time stage_wire{};         ///< a row, between pipeline stages
};

struct IterationFacts {
  FixedList<ProductTerm, 48> products;
  FixedList<ExpertTerm, 8> experts;
  FixedList<AttentionTerm, 16> decoding;
  FixedList<AttentionTerm, 16> prompts;
  ProductTerm head;
  ExchangeTerms exchange;
  ServingBand plain;         ///< of iterations without drafts
  ServingBand drafts;        ///< with drafts
  ServingBand first_token;   ///< time to first token of a loop
  ServingBand batch_decode;  ///< of decoding in a static batch
  ServingBand batch_prompt;  ///< of its prompts
  PowerFacts power;
  StackConstants stack;
  bool widens = false;       ///< a product has narrow weights to widen
  Time product_fixed{};      ///< of all products
  Time product_traffic{};    ///< a row
  Time state{};              ///< a decoding sequence: recurrent state read and written
  Information state_size{};  ///< of a sequence
  Time prompt_row{};         ///< a row: what passes over activations, and the expansion of a latent
  double layers = 0;
  double plain_layers = 0;         ///< layers that would have as many operators if each had those of a dense decoder's
  double prompt_plain_layers = 0;  ///< the same in prompts
  double recurrent_layers = 0;
  double routed_layers = 0;
  Time layer_time{};         ///< of all layers beside their kernels
  RecordRange product_rows;  ///< rows of a rank
  RecordRange decode_keys;
  RecordRange prompt_keys;
  double tensor = 1;
  double data = 1;
  double stages = 1;
};

}  // namespace ironlaw::estimates
