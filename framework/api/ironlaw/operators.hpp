#pragma once
// What a workload does, operator by operator: a facet that solvers of single steps ask for. Plain data, filled by the workload
// into memory of the caller; no allocation, no text. `ironlaw/sdk/operators.hpp` has what writes and reads it.
#include <ironlaw/formats.hpp>
#include <ironlaw/workload.hpp>

#include <type_traits>

namespace ironlaw {

/// What an operator is. Numbers are never given anew; an operator of a kind that a solver does not know is answered by its
/// totals.
enum class OperatorKind : std::uint16_t {
  product = 1,         ///< rows x k times k x n, weights of its own
  attention = 2,       ///< every new token of a sequence against the keys that it sees
  elementwise = 3,     ///< reads and writes activations
  exchange = 4,        ///< a collective over a group of ranks
  expert_product = 5,  ///< product whose weights are routed experts: `rows` are spread over those that are touched
  state_update = 6,    ///< recurrent state, read and written once a sequence
  gather = 7,          ///< rows of a table
  whole = 8            ///< a network that is known by its totals alone
};
/// How ranks exchange data.
enum class CollectiveKind : std::uint16_t { none, all_reduce, all_gather, reduce_scatter, all_to_all, point_to_point };
/// Which ranks exchange: those that share a layer, a context or the experts.
enum class RankGroup : std::uint16_t { none, tensor, context, expert };

/// What it is there for: its name in a report, and how a solver that treats one of them apart finds it.
enum class OperatorRole : std::uint16_t {
  other,
  embedding,
  norm,             ///< normalisation and residual sum
  query_key_value,  ///< projections of attention in one; of a latent cache, into the query's and the cache's ranks
  query_down,       ///< latent, training: into the query's rank
  key_value_down,   ///< latent, training: into the cache's rank and the position key
  query_up,         ///< latent: out of the query's rank
  key_value_up,     ///< latent, prompts and training: keys and values of each head
  key_absorbed,     ///< latent, decoding: queries into the latent space, a product a head
  value_absorbed,   ///< latent, decoding: values out of it, a product a head
  rotary,           ///< positions, and whatever passes over queries, keys and values
  index_query,      ///< sparse index: its queries
  index_key,        ///< sparse index: its key and the weights of its heads
  index_scores,     ///< sparse index: every new token against every cached index key
  compressor,       ///< compressed layers: a token's share of an entry, or of an entry's index key, and its gate
  attention,
  compressed_attention,  ///< over entries of several tokens each; engines run it in one kernel with the window's
  attention_gate,        ///< product of attention's output with a gate
  output_down,           ///< of groups of heads, into the output's ranks
  attention_output,
  recurrent_input,
  convolution,
  time_step,  ///< of a selective scan: its step, input and output vectors
  scan,       ///< what passes over the streams of a recurrent layer
  state,
  recurrent_output,
  up,  ///< feed-forward, with its gate
  activation,
  down,
  router,
  expert_input,  ///< latent experts: into their width
  dispatch,
  permutation,  ///< tokens into the order of experts, and back
  expert_up,
  expert_activation,
  expert_down,
  combine,
  expert_output,  ///< latent experts: out of their width
  shared_up,
  shared_activation,
  shared_down,
  attention_exchange,  ///< of partial sums behind attention or a recurrent mixer
  feed_forward_exchange,
  head,
  logits,  ///< passes over logits
  logits_exchange
};

/// Of a product with weights: outputs n and inputs k of this rank.
struct ProductShape {
  double n, k;
};
/// Of the products of routed experts: outputs n and inputs k of one expert.
struct ExpertShape {
  double n, k;
  double experts;      ///< of this rank
  double all_experts;  ///< of the layer
  double per_token;    ///< that a token passes
};
/// Of scores over the cache, and what is read for them.
struct AttentionShape {
  double heads, kv_heads;  ///< of this rank; of a latent cache one key-value head
  double key_size, value_size;
  double window;  ///< tokens that a query sees at most; 0: all
  double ratio;   ///< tokens that share a key: what is said of a token's key is the share of it; 0: one
};
/// Elements a row that are read or written, each once; the backward pass counts its own.
struct ElementwiseShape {
  double elements, backward_elements;
};
/// Of an exchange between ranks.
struct ExchangeShape {
  double members;
  double copies;  ///< of a row, that an all-to-all sends: experts a token passes
};
/// Of a recurrent layer, which keeps a state in place of a cache.
struct StateShape {
  double heads, key_size, value_size;  ///< of this rank; the state is their product
  double inner_size;                   ///< width of the streams that the layer passes over, of this rank
  double convolution_width;
};

/// One operator of a rank, as a form in the numbers of a row: T new tokens in all, S sequences, C cached tokens of each. With
/// n = T / S, `pairs` = S (n C + n (n + 1) / 2), or T (C + n) where every_pair; `cached` = S (C + n). A window bounds what a
/// token sees in both (ironlaw/sdk/operators.hpp: OperatorRow).
///   rows       = rows_fixed + rows_per_token T + rows_per_sequence S
///   operations = operations_per_row rows + operations_per_pair pairs
///   bytes      = bytes_fixed + bytes_per_row rows + bytes_per_cached cached + bytes_per_sequence S
///   exchanged  = exchanged_per_row rows
/// Weights are in bytes_fixed, activations in bytes_per_row, the cache in bytes_per_cached, recurrent state in
/// bytes_per_sequence. These totals hold for every kind; `shape` adds what a solver that knows the kind can use. A later field is
/// appended, and zero in it means what was so before.
struct Operator {
  static constexpr std::uint32_t every_pair = 1;   ///< attention of an encoder: every token sees every other
  static constexpr std::uint32_t windowed = 2;     ///< `window` bounds what a token sees
  static constexpr std::uint32_t latent = 32;      ///< attention over a latent cache
  static constexpr std::uint32_t chunked = 4;      ///< `window` is a chunk: a token sees its own chunk up to itself
  static constexpr std::uint32_t indexed = 8;      ///< `window` is the keys that a sparse index picks
  static constexpr std::uint32_t replicated = 16;  ///< the same on every rank of the tensor group, but with sequence parallelism
  OperatorKind kind{};
  OperatorRole role{};
  Precision arithmetic_format() const { return static_cast<Precision>(arithmetic); }
  std::uint16_t arithmetic = 0;  ///< Precision of its products
  CollectiveKind collective{};
  RankGroup group{};
  std::uint16_t tensor_class = 0;  ///< TensorClass of its weights; of attention, the cache
  std::uint32_t flags = 0;
  double count = 1;             ///< times in one layer
  double weight_bytes = 0;      ///< stored bytes an element of its weights; of attention, of the cache
  double activation_bytes = 0;  ///< bytes an element of its activations
  double rows_fixed = 0, rows_per_token = 0, rows_per_sequence = 0;
  double operations_per_row = 0, operations_per_pair = 0;
  double bytes_fixed = 0, bytes_per_row = 0, bytes_per_cached = 0, bytes_per_sequence = 0;
  double exchanged_per_row = 0;
  union Shape {
    double spare[6] = {};
    ProductShape product;
    ExpertShape expert;
    AttentionShape attention;
    ElementwiseShape elementwise;
    ExchangeShape exchange;
    StateShape state;
  } shape;
};
static_assert(sizeof(Operator) == 168 && std::is_trivially_copyable_v<Operator>);

/// How the tokens of a layer meet each other.
enum class Mixer : std::uint8_t { none, full, window, chunked, latent, indexed, recurrent };
/// What stands behind the mixer of a layer.
enum class FeedForward : std::uint8_t { none, dense, experts };
/// Where in the model the layers of a class are.
enum class LayerPlace : std::uint8_t {
  stack,
  outside,    ///< embedding, last norm and head: once
  prediction  ///< of further tokens (multi-token prediction): training steps run it, and drafts
};

/// Layers that are alike. Their operators follow one another in the list.
struct LayerClass {
  double count = 0;
  std::uint32_t first = 0;
  std::uint32_t size = 0;
  Mixer mixer{};
  FeedForward feed_forward{};
  LayerPlace place{};
  bool shares_cache = false;  ///< attends to the cache of another layer: it has neither keys and values nor a cache of its own
  std::uint32_t reserved = 0;
};
static_assert(sizeof(LayerClass) == 24);

/// How the model lies on ranks, and in what formats: what the forms depend on. The numbers of a row are not in it.
/// Widths and heads are divided as they are, which is the mean of the ranks where they do not divide; key-value heads are kept at
/// one a rank.
struct OperatorConditions {
  std::uint32_t size = sizeof(OperatorConditions);  ///< of the side that asks; a later field that it lacks is zero
  Phase phase = Phase::decode;
  std::uint32_t tensor = 1, context = 1;
  std::uint32_t expert = 1;         ///< ranks that share out the routed experts of a layer
  std::uint32_t expert_tensor = 1;  ///< ranks that share out the width of each
  Formats formats{};

  /// Attention ranks (data parallel) whose tokens meet in one group of experts.
  [[nodiscard]] double replicas_of_experts() const { return static_cast<double>(expert) * expert_tensor / tensor; }
};

/// Room for the answer, given by the caller.
struct OperatorList {
  std::uint32_t operator_size = sizeof(Operator);  ///< of the side that asks: the distance from one to the next
  std::uint32_t class_size = sizeof(LayerClass);   ///< likewise
  std::uint32_t operator_room = 0;
  std::uint32_t class_room = 0;
  std::uint32_t operators = 0;  ///< written; more than the room where it did not do
  std::uint32_t classes = 0;
  void* first = nullptr;
  void* first_class = nullptr;
};

/// A model that says what its layers consist of. Training lists the forward pass; what its solver adds for the backward pass
/// follows from the shapes.
class Operators {
 public:
  static constexpr std::string_view facet_id = "operators/1";
  /// Fills the list. Throws Unsupported for a phase or split that the model does not have, MissingData where a fact is lacking.
  virtual void operators(const OperatorConditions& conditions, OperatorList& list) const = 0;

 protected:
  ~Operators() = default;
};

}  // namespace ironlaw
