#pragma once
// A demand as a form in the numbers of a row: what a workload may offer beside `demand`, so that a row needs no call at all.
#include <ironlaw/workload.hpp>

namespace ironlaw {

/// Coefficients of a demand under a phase and formats, all in SI. With B members, n new and c cached tokens of each:
///   tokens = B n,  pairs = B (n c + n (n + 1) / 2), or B n n where `every_pair`,  cached = B c.
/// Elements and the bytes of each stand apart, so that products are taken in one order whoever takes them. A later field is
/// appended, and zero in it means what was so before; absent (NaN) is what `demand` leaves absent.
struct DemandForm {
  static constexpr std::uint32_t every_pair = 1;    ///< every token sees every other one of its sequence
  static constexpr std::uint32_t fixed_tokens = 2;  ///< n is tokens_at_rest, whatever is asked
  static constexpr std::uint32_t windows = 4;       ///< some window below, or caches that layers share: their sums differ
  static constexpr std::uint32_t rests = 8;         ///< tokens_at_rest is what n <= 1 stands for
  static constexpr std::uint32_t routed = 16;       ///< tokens touch some of the experts
  static constexpr std::uint32_t gathered = 32;     ///< members gather rows of tables

  std::uint32_t size = sizeof(DemandForm);  ///< of the side that asks
  std::uint32_t flags = 0;
  double tokens_at_rest = 0;
  double linear_per_token = 0;
  double logits_per_token = 0;
  double logits_per_member = 0;
  double attention_per_pair = 0;
  double attention_per_token = 0;  ///< of recurrent layers, whose scan multiplies no weights either
  double weights_resident = 0;
  double weights_read = 0;  ///< but for what is touched or gathered
  double experts = 0;       ///< routed experts of a layer
  double experts_per_token = 0;
  double expert_elements = 0;      ///< of all routed experts, which weights_read holds: those untouched are taken off
  double expert_bytes = 0;         ///< an element
  double gathered_per_member = 0;  ///< of tables that weights_read does not hold
  double gathered_most = 0;
  double activations_per_token = absent_value;  ///< elements, written and read
  double hidden_per_token = absent_value;       ///< elements
  double activation_bytes = 0;                  ///< an element
  double cache_read_per_token = 0;              ///< elements that a cached token has in layers that see all of them
  double cache_written_per_token = 0;           ///< elements of a new token, in all layers
  double cache_kept_per_token = 0;              ///< elements that stay, in layers that keep every token
  double cache_bytes = 0;                       ///< an element
  double state_per_member = 0;
  double launches = 1;
  /// Layers where a token sees at most the last `size` tokens. `beyond`: keys that a token beyond them sees.
  struct Window {
    double size = 0;  ///< 0: none, and none after it
    double beyond = 0;
    double attention_per_pair = 0;
    double cache_read_per_token = 0;
    double cache_kept_per_token = 0;
  } window[4]{};
};

/// A model that states its demand as a form. Solvers that ask it once for rows that share objects make no call a row.
class DemandForms {
 public:
  static constexpr std::string_view facet_id = "demand_forms/1";
  /// The form under the phase and the formats of `c`, whose numbers are not looked at; false where there is none. Throws as
  /// `demand` does.
  [[nodiscard]] virtual bool form(const Conditions& c, DemandForm& to) const = 0;

 protected:
  ~DemandForms() = default;
};

}  // namespace ironlaw
