#pragma once
// Engines to put a load on: Llama 3 8B and 70B on H100 and H200, their iterations as a sum of rooflines, and random settings.
#include <algorithm>
#include <cmath>
#include <random>

#include "estimates/load/engine.hpp"
#include "estimates/load/lengths.hpp"
#include "estimates/load/work.hpp"

namespace ironlaw::load_test {

using namespace ironlaw::load;

constexpr Time seconds(double s) { return Time::from_value(s); }

struct Device {
  double peak, bandwidth, capacity, sustained;
};
constexpr Device h100{989.4e12, 3.35e12, 80e9, 0.88};
constexpr Device h200{989.4e12, 4.8e12, 141e9, 0.93};

struct Llama {
  double hidden, layers, heads, kv_heads, ffn;
};
constexpr Llama llama_8b{4096, 32, 32, 8, 14336};
constexpr Llama llama_70b{8192, 80, 64, 8, 28672};
constexpr double head_size = 128;
constexpr double vocabulary = 128256;

/// Four products, attention, element-wise traffic, all-reduces and launches a layer; a head; host time an iteration and a
/// sequence. `bytes` an element of weights and cache.
class LlamaIteration final : public IterationTime {
 public:
  LlamaIteration(const Llama& m, const Device& d, double tensor, double bytes, double host, double each)
      : m_(m), d_(d), tensor_(tensor), bytes_(bytes), host_(host), each_(each) {}

  Time operator()(const Batch& b) const override {
    const double rows = b.decoding + b.prompt_tokens;
    const double peak = d_.peak * (bytes_ == 1 ? 2 * 0.68 : 0.75);
    const double bandwidth = d_.bandwidth * d_.sustained;
    double layer = 12 * 3.7e-6;
    const auto product = [&](double n, double k) {
      layer += std::max(2 * rows * n * k / peak, (bytes_ * n * k + 2 * rows * (n + k)) / bandwidth);
    };
    product((m_.heads + 2 * m_.kv_heads) * head_size / tensor_, m_.hidden);
    product(m_.hidden, m_.heads * head_size / tensor_);
    product(2 * m_.ffn / tensor_, m_.hidden);
    product(m_.hidden, m_.ffn / tensor_);
    layer += b.context * 2 * std::max(1.0, m_.kv_heads / tensor_) * head_size * bytes_ / (d_.bandwidth * 0.8);
    layer += b.pairs * 4 * m_.heads / tensor_ * head_size / (d_.peak * 0.5);
    const double traffic = 20 * m_.hidden + (6 * m_.ffn + 8 * (m_.heads + 2 * m_.kv_heads) * head_size) / tensor_;
    layer += rows * traffic * 0.3 / bandwidth * (b.prompt_tokens > 0 ? 1 : 0.5);
    if (tensor_ > 1) {
      const double volume = std::min(2 * (tensor_ - 1) / tensor_, tensor_ >= 4 ? 1 + 1 / tensor_ : 2);
      layer += 2 * (2.1e-6 * std::sqrt(std::log2(tensor_)) + volume * 2 * rows * m_.hidden / (0.54 * 450e9));
    }
    const double outputs = b.decoding + b.ended_prompts;
    const double head = std::max(outputs * 2 * vocabulary / tensor_ * m_.hidden / (d_.peak * 0.75),
                                 2 * vocabulary / tensor_ * m_.hidden / bandwidth);
    return seconds(m_.layers * layer + head + host_ + outputs * each_);
  }
  /// Tokens of cache beside the weights.
  [[nodiscard]] double cache_tokens() const {
    const double layer = m_.hidden * (2 * m_.heads + 2 * m_.kv_heads) * head_size + 3 * m_.hidden * m_.ffn;
    const double weights = (m_.layers * layer * bytes_ + 2 * vocabulary * m_.hidden * 2) / tensor_;
    const double token = 2 * m_.layers * std::max(m_.kv_heads, tensor_) * head_size * bytes_ / tensor_;
    const double workspace = 1e9 + 8192 * 2 * (8 * m_.hidden + 4 * m_.ffn / tensor_);
    return (0.92 * d_.capacity - weights - workspace) / token;
  }

 private:
  Llama m_;
  Device d_;
  double tensor_, bytes_, host_, each_;
};

/// A load drawn at random, as planners' loads vary: both lengths, their spread, the scheduler, closed or open.
struct Setting {
  LlamaIteration iteration;
  LoadedEngine engine;
  Traffic traffic;
  bool closed;
  bool fixed;
  double users;
  Time think;
  double load;  ///< of the capacity, of an open loop
};

inline Setting random_setting(unsigned seed) {
  std::mt19937_64 random(seed);
  const auto even = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); };
  const auto log_even = [&](double low, double high) { return std::exp(even(std::log(low), std::log(high))); };
  const auto one_of = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  constexpr double host[]{1.3e-3, 0.12e-3, 1.3e-3, 6.3e-3};
  constexpr double each[]{44e-6, 25e-6, 44e-6, 21e-6};
  struct Rules {
    PromptOrder order;
    Admission admission;
  };
  constexpr Rules rules[]{{PromptOrder::mixed, Admission::held},
                          {PromptOrder::mixed, Admission::reserved},
                          {PromptOrder::whole_first, Admission::held},
                          {PromptOrder::first, Admission::ratio}};
  const auto [order, admission] = rules[seed % 4];
  for (;;) {
    const bool small = one_of(2) == 0;
    const double tensor = std::exp2(one_of(small ? 2 : 4));
    const LlamaIteration iteration(small ? llama_8b : llama_70b, one_of(2) == 0 ? h100 : h200, tensor, 1 + one_of(2),
                                   host[seed % 4], each[seed % 4]);
    if (iteration.cache_tokens() < 60'000) continue;
    const int kind = one_of(3);
    const double prompt = std::round(log_even(128, 16384));
    const double output = std::round(log_even(16, 2048));
    const double variation = even(0.4, 1.2);
    const auto spread = [&](double mean) {
      return kind == 0   ? Lengths::fixed(mean)
             : kind == 1 ? Lengths::uniform(mean, 1.0 / 9)
                         : Lengths::lognormal(mean, variation, 32768);
    };
    constexpr double limits[]{128, 256, 1024};
    const bool chunked = admission == Admission::held;
    LoadedEngine engine{
        nullptr, iteration.cache_tokens(), 1, chunked && one_of(2) == 0 ? 2048.0 : 8192.0, limits[one_of(3)], order, admission};
    const Traffic traffic{spread(prompt), spread(output)};
    engine.iteration = &iteration;
    const double slots = Work(engine, traffic).slots;
    engine.iteration = nullptr;
    return {iteration,
            engine,
            traffic,
            seed / 4 % 2 == 0,
            kind == 0,
            std::max(1.0, std::round(std::exp(even(0, std::log(1.4 * slots + 1))))),
            seconds(one_of(4) == 0 ? 0 : even(0.002, 0.06)),
            even(0.05, 0.95)};
  }
}

}  // namespace ironlaw::load_test
