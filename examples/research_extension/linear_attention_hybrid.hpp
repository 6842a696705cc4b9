#pragma once
#include <ironlaw/sdk.hpp>

using namespace ironlaw;

/// A decoder in which most layers have linear attention (Katharopoulos et al. 2020, 'Transformers are RNNs', ICML): a state of
/// fixed size, head_size x head_size a head, in place of a cache that grows with the context. Some layers keep full attention.
struct LinearAttentionHybrid {
  static constexpr auto about =
      Kind::About{"linear_attention_hybrid", "decoder in which most layers have linear attention and some have full attention"};
  using Interface = Workload;

  struct Fields {
    double parameters = required;
    int layers = required;
    int full_attention_layers = required;
    int hidden_size = required;
    int head_size = 128;
    int kv_heads = required;
    Precision state_precision = Precision::fp32;
    double activation_elements = required;
  };
  static constexpr auto fields =
      ports(port<&Fields::parameters>("parameters in all", positive), port<&Fields::layers>("layers in all", at_least_one),
            port<&Fields::full_attention_layers>("layers with full attention, among them", non_negative),
            port<&Fields::hidden_size>("width of the residual stream", at_least_one),
            port<&Fields::head_size>("width of a head", at_least_one),
            port<&Fields::kv_heads>("heads of keys and values of a full attention layer", at_least_one),
            port<&Fields::state_precision>("number format of the recurrent state"),
            port<&Fields::activation_elements>("activations written and read back for a token, in all layers", positive));

  class Made final : public Workload {
   public:
    Made(const Fields& f, std::string_view name) : Workload(name), f_(f) {
      if (f.full_attention_layers > f.layers) throw DomainError("full_attention_layers", "is more than layers");
    }

   private:
    Demand do_demand(const Conditions& c) const override {
      const double tokens = c.batch * c.new_tokens;
      const double linear_layers = f_.layers - f_.full_attention_layers;
      const double seen = c.cached_tokens + (c.new_tokens + 1) / 2;  // by a new token on average: the mask is causal
      const double full = 4.0 * f_.hidden_size * f_.full_attention_layers * seen;
      const double linear = 4.0 * f_.hidden_size * f_.head_size * linear_layers;  // add to the state, read from it
      const double cached_elements = 2.0 * f_.kv_heads * f_.head_size * f_.full_attention_layers;

      Demand d;
      d.linear = 2 * f_.parameters * tokens * units::flop;
      d.attention = (full + linear) * tokens * units::flop;
      d.weights_resident = stored(f_.parameters, c.formats.bytes(TensorClass::linear));
      d.weights_read = d.weights_resident;
      d.activations = stored(2 * f_.activation_elements * tokens, c.formats.bytes(TensorClass::activations));
      if (c.phase != Phase::training) {
        d.cache_read = stored(cached_elements * c.batch * c.cached_tokens, c.formats.bytes(TensorClass::cache));
        d.cache_write = stored(cached_elements * tokens, c.formats.bytes(TensorClass::cache));
        d.cache_resident = d.cache_read + d.cache_write;
        d.state = stored(linear_layers * f_.hidden_size * f_.head_size * c.batch, bytes_per_element(f_.state_precision));
      }
      d.hidden_state = stored(tokens * f_.hidden_size, c.formats.bytes(TensorClass::activations));
      d.launches = f_.layers;
      return d;
    }
    WorkUnit do_unit() const noexcept override { return WorkUnit::token; }
    Maybe<double> do_parameters() const noexcept override { return f_.parameters; }

    static Information stored(double elements, double bytes) { return elements * bytes * units::byte; }
    Fields f_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};
