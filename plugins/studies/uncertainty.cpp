#include "uncertainty.hpp"

#include "findings.hpp"
#include "quantile.hpp"
#include "random_points.hpp"
#include "rows.hpp"

#include <boost/random/sobol.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace ironlaw::studies {
namespace {

constexpr double most_samples = 50'000'000;
constexpr std::size_t most_inputs = 1000;  // the sequence has directions for twice as many
struct Quantile {
  const char* name;
  double share;
};
constexpr std::array quantiles{Quantile{"p05", 0.05}, Quantile{"p25", 0.25}, Quantile{"p50", 0.5}, Quantile{"p75", 0.75},
                               Quantile{"p95", 0.95}};

/// Points of the unit cube, one at a time and in order.
class Points {
 public:
  Points(std::size_t dimensions, bool sobol, std::uint64_t seed) : dimensions_(dimensions), seed_(seed) {
    if (sobol) sequence_.emplace(dimensions);
  }
  void next(std::span<double> point) {
    for (std::size_t d = 0; d < dimensions_; ++d) {
      if (!sequence_) {
        point[d] = random_share(seed_, row_, d);
        continue;
      }
      // The sequence leaves its first point, 0, out; with it the first 2^k points are a net. A random digital shift (L'Ecuyer
      // & Lemieux 2002) keeps it one, and makes seeds differ.
      const std::uint64_t bits = (row_ == 0 ? 0 : (*sequence_)()) ^ random_bits(seed_, 0, d);
      point[d] = share_of(bits);
    }
    ++row_;
  }

 private:
  std::size_t dimensions_;
  std::uint64_t seed_;
  std::uint64_t row_ = 0;
  std::optional<boost::random::sobol> sequence_;
};

/// Sums of one input's effect on one output.
struct Shares {
  double first = 0;  ///< sum of (f(B) - f(AB))^2
  double total = 0;  ///< sum of (f(A) - f(AB))^2
  std::size_t rows = 0;
};

/// Mean and variance as values come (Welford 1962): a column of equal values has a variance of exactly 0.
class Moments {
 public:
  void add(double v) {
    ++count_;
    const double off = v - mean_;
    mean_ += off / static_cast<double>(count_);
    squares_ += off * (v - mean_);
  }
  [[nodiscard]] double mean() const { return count_ > 0 ? mean_ : absent_value; }
  [[nodiscard]] double variance() const { return count_ > 1 ? squares_ / static_cast<double>(count_ - 1) : absent_value; }

 private:
  std::size_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

std::size_t count_axes(const Space& space) {
  const std::size_t axes = space.axes();
  if (axes == 0)
    throw InputError("uncertainty", "needs a random input: an axis such as {\"efficiency\": {\"normal\": [0.5, 0.05]}}");
  if (axes > most_inputs) throw InputError("uncertainty", "takes at most 1000 random inputs");
  return axes;
}

std::size_t read_samples(const Options& options) {
  const double asked = options.quantity("samples").number;
  if (!(asked >= 2 && asked <= most_samples)) throw InputError("uncertainty: samples", "takes a count from 2 to 50000000");
  return static_cast<std::size_t>(asked);
}

class Propagation {
 public:
  Propagation(Bench& bench, const Options& options)
      : bench_(bench),
        rows_(bench),
        outputs_(numeric_outputs(bench.pipeline(), options.ports("outputs"), "uncertainty")),
        samples_(read_samples(options)),
        indices_(options.boolean("indices")),
        axes_(count_axes(bench.space())),
        points_(indices_ ? 2 * axes_ : axes_, read_sampling(options), bench.seed()),
        values_(outputs_.size()),
        moments_(outputs_.size()),
        both_(outputs_.size()),
        shares_(outputs_.size(), std::vector<Shares>(axes_)) {
    for (const std::size_t o : outputs_) rows_.want(o);
  }

  void run() {
    const std::size_t designs = indices_ ? axes_ + 2 : 1;
    const std::size_t most = std::max<std::size_t>(rows_at_a_time / designs, 1);
    for (std::size_t first = 0; first < samples_ && !bench_.cancelled(); first += most) {
      evaluate(std::min(most, samples_ - first), designs);
      drawn_ = std::min(first + most, samples_);
      bench_.progress(static_cast<double>(std::min(first + most, samples_)) / static_cast<double>(samples_));
    }
    if (drawn_ > 0 && without_value_ == drawn_) throw InputError("uncertainty", "no draw gives a value: " + first_reason_);
    write();
  }

 private:
  static bool read_sampling(const Options& options) {
    const auto text = options.text("sampling");
    if (text != "sobol" && text != "monte_carlo")
      throw InputError("uncertainty: sampling", "takes sobol or monte_carlo, not '" + std::string(text) + "'");
    return text == "sobol";
  }

  /// Design 0 is A, 1 is B, 2 + k is A with the k-th input of B; rows of a design lie together.
  void evaluate(std::size_t samples, std::size_t designs) {
    const Space& space = bench_.space();
    rows_.begin(samples * designs);
    std::vector<double> point(indices_ ? 2 * axes_ : axes_);
    std::vector<Cell> a;
    std::vector<Cell> b;
    for (std::size_t s = 0; s < samples; ++s) {
      points_.next(point);
      for (std::size_t k = 0; k < axes_; ++k) {
        const auto inputs = space.axis(k).inputs;
        a.resize(inputs.size());
        b.resize(inputs.size());
        space.at(k, point[k], a);
        if (indices_) space.at(k, point[axes_ + k], b);
        for (std::size_t i = 0; i < inputs.size(); ++i) {
          auto& column = rows_.vary(inputs[i]);
          for (std::size_t d = 0; d < designs; ++d) column[d * samples + s] = d == 1 || d == 2 + k ? b[i] : a[i];
        }
      }
    }
    rows_.evaluate();
    for (std::size_t o = 0; o < outputs_.size(); ++o) add(o, samples);
    for (std::size_t s = 0; s < samples; ++s) {
      without_value_ += !has_outputs(rows_.status(s));
      infeasible_ += rows_.status(s) == RowStatus::infeasible;
      if (first_reason_.empty()) first_reason_ = rows_.reason(s);
    }
  }

  void add(std::size_t o, std::size_t samples) {
    const std::size_t output = outputs_[o];
    for (std::size_t s = 0; s < samples; ++s) {
      const double a = rows_.value(output, s);
      if (std::isfinite(a)) {
        values_[o].push_back(a);
        moments_[o].add(a);
        both_[o].add(a);
      }
      if (!indices_) continue;
      const double b = rows_.value(output, samples + s);
      if (std::isfinite(b)) both_[o].add(b);
      for (std::size_t k = 0; k < axes_; ++k) {
        const double ab = rows_.value(output, (2 + k) * samples + s);
        if (!std::isfinite(a) || !std::isfinite(b) || !std::isfinite(ab)) continue;
        shares_[o][k].first += (b - ab) * (b - ab);
        shares_[o][k].total += (a - ab) * (a - ab);
        ++shares_[o][k].rows;
      }
    }
  }

  void write() {
    Findings table;
    const std::size_t what = table.add_text("what", "a statistic, or the input whose share of the variance it is");
    std::vector<std::size_t> value_columns;
    std::vector<std::size_t> first_columns;
    std::vector<std::size_t> total_columns;
    for (const std::size_t o : outputs_) {
      PortInfo port = rows_.solver().outputs()[o];
      port.type = PortType::number;  // the mean of counts is no count
      const std::string name(rows_.shown(port.name));
      value_columns.push_back(table.add_port(port, name));
      if (!indices_) continue;
      first_columns.push_back(table.add_number(name + " first_order", "share of the variance that the input carries alone"));
      total_columns.push_back(
          table.add_number(name + " total", "share of the variance that is gone once the input is known last"));
    }
    for (auto& values : values_) std::sort(values.begin(), values.end());
    const auto add_row = [&](std::string_view name, auto&& value_of) {
      table.add_row(status());
      table.set(what, name);
      for (std::size_t o = 0; o < outputs_.size(); ++o) table.set(value_columns[o], static_cast<double>(value_of(o)));
    };
    add_row("mean", [&](std::size_t o) { return moments_[o].mean(); });
    add_row("standard_deviation", [&](std::size_t o) { return std::sqrt(moments_[o].variance()); });
    for (const auto& q : quantiles) add_row(q.name, [&](std::size_t o) { return quantile_of(values_[o], q.share); });
    if (indices_)
      for (std::size_t k = 0; k < axes_; ++k) add_shares(table, what, k, first_columns, total_columns);
    table.write(bench_);
    const std::string of_all = " of " + std::to_string(drawn_) + " draws ";
    if (infeasible_ > 0) bench_.note(std::to_string(infeasible_) + of_all + "are infeasible; their values count");
    if (without_value_ > 0)
      bench_.note(std::to_string(without_value_) + of_all + "gave no value and are left out; first: " + first_reason_);
  }

  /// Where no draw fits, neither does what is said of them.
  [[nodiscard]] RowStatus status() const {
    return infeasible_ > 0 && infeasible_ + without_value_ == drawn_ ? RowStatus::infeasible : RowStatus::ok;
  }

  void add_shares(Findings& table, std::size_t what, std::size_t k, const std::vector<std::size_t>& first_columns,
                  const std::vector<std::size_t>& total_columns) const {
    table.add_row(status());
    table.set(what, rows_.shown(rows_.solver().inputs()[bench_.space().axis(k).inputs[0]].name));
    for (std::size_t o = 0; o < outputs_.size(); ++o) {
      const Shares& s = shares_[o][k];
      const double twice = 2 * both_[o].variance() * static_cast<double>(s.rows);
      if (!(twice > 0)) continue;  // nothing varies: there is nothing to share out
      table.set(first_columns[o], 1 - s.first / twice);
      table.set(total_columns[o], s.total / twice);
    }
  }

  Bench& bench_;
  Rows rows_;
  std::vector<std::size_t> outputs_;
  std::size_t samples_;
  bool indices_;
  std::size_t axes_;
  Points points_;
  std::vector<std::vector<double>> values_;  ///< by output, of design A
  std::vector<Moments> moments_;             ///< by output, of design A
  std::vector<Moments> both_;                ///< of designs A and B
  std::vector<std::vector<Shares>> shares_;  ///< by output and axis
  std::size_t drawn_ = 0;
  std::size_t without_value_ = 0;
  std::size_t infeasible_ = 0;
  std::string first_reason_;
};

}  // namespace

void Uncertainty::do_run(Bench& bench, const Options& given) const { Propagation(bench, given).run(); }

}  // namespace ironlaw::studies
