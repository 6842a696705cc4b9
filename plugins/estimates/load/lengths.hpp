#pragma once
// How long requests are: distributions of prompt and output lengths, and the weighted points that closed forms sum over.
#include <ironlaw/equations/normal.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace ironlaw::load {

/// Lengths in whole tokens, from `least` of them on.
class Lengths {
 public:
  enum class Spread { fixed, uniform, lognormal, histogram };

  static Lengths fixed(double tokens) { return {Spread::fixed, tokens, 0}; }
  /// Even between mean * (1 - half_width) and mean * (1 + half_width).
  static Lengths uniform(double mean, double half_width) {
    return half_width > 0 ? Lengths{Spread::uniform, mean, half_width} : fixed(mean);
  }
  /// With the mean and the ratio of standard deviation to mean; cut off at `longest`.
  static Lengths lognormal(double mean, double variation, double longest) {
    if (variation <= 0) return fixed(mean);
    Lengths l{Spread::lognormal, mean, std::sqrt(std::log1p(variation * variation))};
    l.longest_ = longest;
    return l;
  }
  /// `shares[i]` of the requests, in any total, have `tokens[i]`; tokens ascend. Both outlive this.
  static Lengths histogram(std::span<const double> tokens, std::span<const double> shares) {
    Lengths l{Spread::histogram, 0, 0};
    l.tokens_ = tokens;
    l.shares_ = shares;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      l.total_ += shares[i];
      l.mean_ += shares[i] * tokens[i];
    }
    l.mean_ /= l.total_;
    return l;
  }

  /// Length that the share p of requests does not exceed.
  [[nodiscard]] double quantile(double p) const {
    return quantile(p, spread_ == Spread::lognormal ? equations::normal_quantile(p) : 0);
  }
  /// The same where p's quantile of the normal distribution, `deviate`, is known.
  [[nodiscard]] double quantile(double p, double deviate) const {
    return std::max(1.0, std::round(std::min(longest_, exact_quantile(p, deviate))));
  }
  [[nodiscard]] bool is_fixed() const { return spread_ == Spread::fixed; }
  [[nodiscard]] double mean() const { return mean_; }
  /// Variance over the square of the mean, before a cut.
  [[nodiscard]] double squared_variation() const {
    switch (spread_) {
      case Spread::fixed:
        return 0;
      case Spread::uniform:
        return width_ * width_ / 3;
      case Spread::lognormal:
        return std::expm1(width_ * width_);
      case Spread::histogram:
        break;
    }
    double square = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) square += shares_[i] * tokens_[i] * tokens_[i];
    return square / (total_ * mean_ * mean_) - 1;
  }

 private:
  Lengths(Spread spread, double mean, double width) : spread_(spread), mean_(mean), width_(width) {}

  [[nodiscard]] double exact_quantile(double p, double deviate) const {
    switch (spread_) {
      case Spread::fixed:
        return mean_;
      case Spread::uniform:
        return mean_ * (1 + width_ * (2 * p - 1));
      case Spread::lognormal:
        return mean_ * std::exp(width_ * (deviate - width_ / 2));
      case Spread::histogram:
        break;
    }
    double sum = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i)
      if ((sum += shares_[i]) > p * total_) return tokens_[i];
    return tokens_.back();
  }

  Spread spread_;
  double mean_;
  double width_;
  double longest_ = 1e9;
  std::span<const double> tokens_, shares_;
  double total_ = 0;
};

/// A distribution of lengths as weighted points, finer in the upper tail, with its first two moments.
class LengthAtoms {
 public:
  /// `scale` times the lengths, `least` tokens at least.
  explicit LengthAtoms(const Lengths& lengths, double least = 1, double scale = 1) {
    if (lengths.is_fixed()) {
      add(std::max(least, scale * lengths.quantile(0.5)), 1, 0);
      return;
    }
    static const Points points;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const double low = std::max(least, scale * lengths.quantile(points.low[i].p, points.low[i].deviate));
      const double high = std::max(least, scale * lengths.quantile(points.high[i].p, points.high[i].deviate));
      add((low + high) / 2, shares[i], (high - low) / 2);
    }
  }

  [[nodiscard]] std::span<const double> tokens() const { return {tokens_.data(), static_cast<std::size_t>(size_)}; }
  [[nodiscard]] double share(std::size_t i) const { return size_ == 1 ? 1 : shares[i]; }
  [[nodiscard]] double mean() const { return mean_; }
  [[nodiscard]] double mean_square() const { return mean_square_; }
  [[nodiscard]] double variance() const { return std::max(0.0, mean_square_ - mean_ * mean_); }
  /// Variance over the square of the mean.
  [[nodiscard]] double squared_variation() const { return std::max(0.0, mean_square_ / (mean_ * mean_) - 1); }
  /// Mean age of a request's length where it is met at random: E[n^2] / 2 E[n].
  [[nodiscard]] double mean_age() const { return mean_square_ / (2 * mean_); }
  [[nodiscard]] double longest() const { return tokens_[static_cast<std::size_t>(size_ - 1)]; }
  [[nodiscard]] bool is_fixed() const { return size_ == 1; }

  static constexpr std::size_t most = 14;  ///< points of a distribution

  /// E[f(n)].
  template <class F>
  [[nodiscard]] auto mean_of(F&& f) const {
    auto sum = share(0) * f(tokens_[0]);
    for (std::size_t i = 1; i < static_cast<std::size_t>(size_); ++i) sum += share(i) * f(tokens_[i]);
    return sum;
  }
  /// The same of an f that bends little between one point and the next.
  template <class F>
  [[nodiscard]] auto mean_of_pairs(F&& f) const {
    if (size_ == 1) return share(0) * f(tokens_[0]);
    const auto pair = [&](std::size_t i) {
      const double both = share(i) + share(i + 1);
      return both * f((share(i) * tokens_[i] + share(i + 1) * tokens_[i + 1]) / both);
    };
    auto sum = pair(0);
    for (std::size_t i = 2; i < most; i += 2) sum += pair(i);
    return sum;
  }

 private:
  static constexpr std::array<double, most> shares{.1, .1, .1, .1, .1, .1, .1, .1, .08, .05, .03, .02, .012, .008};

  /// Each share of a distribution stands there by the two points that keep a straight piece's variance.
  struct Points {
    struct Point {
      double p = 0, deviate = 0;
    };
    std::array<Point, shares.size()> low, high;
    Points() {
      constexpr double gauss = 0.2887;
      const auto at = [](double p) { return Point{p, equations::normal_quantile(p)}; };
      double below = 0;
      for (std::size_t i = 0; i < shares.size(); ++i) {
        const double centre = below + shares[i] / 2;
        low[i] = at(centre - gauss * shares[i]);
        high[i] = at(centre + gauss * shares[i]);
        below += shares[i];
      }
    }
  };

  void add(double tokens, double share, double half_spread) {
    tokens_[static_cast<std::size_t>(size_++)] = tokens;
    mean_ += share * tokens;
    mean_square_ += share * (tokens * tokens + half_spread * half_spread);
  }

  std::array<double, shares.size()> tokens_{};
  int size_ = 0;
  double mean_ = 0;
  double mean_square_ = 0;
};

}  // namespace ironlaw::load
