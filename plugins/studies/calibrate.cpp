#include "calibrate.hpp"

#include "findings.hpp"
#include "linear_equations.hpp"
#include "quantile.hpp"
#include "rows.hpp"

#include <ironlaw/step_numbers.hpp>

#include <charconv>
#include <cmath>
#include <map>
#include <nlopt.hpp>
#include <numeric>

namespace ironlaw::studies {
namespace {

using Numbers = std::vector<double>;

constexpr double slope_step = 0.01;       // of the logarithm of a constant, for slopes
constexpr double moves_nothing = 1e-9;    // slope below which no row depends on a constant
constexpr double strong = 0.9;            // correlation that is worth a line
constexpr std::size_t fewest_groups = 3;  // rows left out in turn that make a band

double parsed(std::string_view text, std::size_t row) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !(number > 0))
    throw InputError("calibrate: observed",
                     "measured row " + std::to_string(row + 1) + ": '" + std::string(text) + "' is no positive number");
  return number;
}

std::string shown(double x, int digits = 4) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", digits, x);
  return text;
}
std::string percent(double x) { return shown(100 * x, 3) + " %"; }

double mean_size(const Numbers& logs) {
  double sum = 0;
  for (const double x : logs) sum += std::abs(std::expm1(x));
  return sum / static_cast<double>(logs.size());
}

class Calibration {
 public:
  Calibration(Bench& bench, const Options& given)
      : bench_(bench),
        rows_(bench),
        output_(given.ports("predicts").front()),
        constants_(given.ports("constants").begin(), given.ports("constants").end()),
        spread_(given.quantity("spread").number),
        noise_(given.quantity("noise").number) {
    for (std::size_t i = 0; i < given.texts("observed"); ++i) observed_.push_back(parsed(given.text("observed", i), i));
    const Space& space = bench.space();
    if (space.axes() != 1 || space.rows() != observed_.size())
      throw InputError("calibrate", "the config's axes must be the measured rows, " + std::to_string(observed_.size()) +
                                        " of them; give --measured FILE, and each other axis one value");
    if (given.ports("predicts").size() != 1)
      throw InputError("calibrate: predicts", "one output is compared with what was measured");
    const Value unit = given.quantity("unit");
    const PortInfo& measured = rows_.solver().outputs()[output_];
    if (unit.number != 0 && !(unit.dimension == measured.dimension))
      throw InputError("calibrate", "what was measured has another dimension than " + std::string(measured.name));
    if (!(spread_ > 0) || !(noise_ > 0)) throw InputError("calibrate", "spread and noise must be above 0");
    rows_.want(output_);
    if (constants_.empty()) take_time_factor();
    read_priors();
    check_constants();
  }

  void run() {
    const Numbers before = residuals(Numbers(size(), 0));
    check_rows(before);
    Numbers best = constants_.empty() ? common_factor(before) : minimised();
    slopes_ = slopes_at(best);
    check_slopes();
    const Numbers after = residuals(best);
    report(best, before, after);
  }

 private:
  [[nodiscard]] std::size_t size() const { return std::max<std::size_t>(1, constants_.size()); }
  [[nodiscard]] const PortInfo& port(std::size_t c) const { return rows_.solver().inputs()[constants_[c]]; }
  [[nodiscard]] double prior(std::size_t c) const { return priors_[c]; }

  /// The common factor of an estimate is an input of its solver, which a record can hold.
  void take_time_factor() {
    const std::string_view output = rows_.solver().outputs()[output_].name;
    const std::string name = std::string(output.substr(0, output.rfind('.') + 1)) + "time_factor";
    const auto inputs = rows_.solver().inputs();
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i].name == name) constants_.push_back(i);
  }

  /// What the config says of the constants, else what stood in for them: a record's value.
  void read_priors() {
    bool all = true;
    for (const std::size_t input : constants_) {
      priors_.push_back(rows_.base(input).number);
      all &= !std::isnan(priors_.back());
    }
    if (all) return;
    const auto stood_in = explained(0);
    const auto last = explained(observed_.size() - 1);
    for (std::size_t c = 0; c < constants_.size(); ++c) {
      const auto found = stood_in.find(port(c).name);
      if (!std::isnan(priors_[c]) || found == stood_in.end()) continue;
      priors_[c] = found->second;
      const auto other = last.find(port(c).name);
      if (other != last.end() && std::abs(other->second - found->second) > 1e-9 * std::abs(found->second))
        bench_.note("prior of " + std::string(rows_.shown(port(c).name)) + " is the record's of the first row, " +
                    shown(found->second) + "; that of the last row is " + shown(other->second));
    }
  }
  std::map<std::string, double, std::less<>> explained(std::size_t row) {
    const SpaceAxis axis = bench_.space().axis(0);
    std::vector<Cell> in(bench_.base().begin(), bench_.base().end());
    std::vector<Cell> cells(axis.inputs.size());
    bench_.space().value(0, row, cells);
    for (std::size_t k = 0; k < cells.size(); ++k) in[axis.inputs[k]] = cells[k];
    std::vector<Cell> out(rows_.solver().outputs().size(), Cell{absent_value});
    std::vector<Column> columns;
    for (const Cell& cell : in) columns.push_back({&cell, 0});
    std::vector<Cell*> to;
    for (std::size_t o = 0; o < out.size(); ++o) {
      const PortType type = rows_.solver().outputs()[o].type;  // what points to something has no place here
      to.push_back(type == PortType::series || type == PortType::text ? nullptr : &out[o]);
    }
    RowStatus status = RowStatus::ok;
    bench_.evaluate({columns, to, {&status, 1}, nullptr});
    StepNumbers stood_in;  // for inputs that were left out, by steps that are named after them
    if (has_outputs(status)) (void)rows_.solver().explain(in, out, stood_in);
    return stood_in.numbers;
  }

  void check_constants() const {
    for (std::size_t c = 0; c < constants_.size(); ++c) {
      const std::string name(port(c).name);
      if (port(c).type != PortType::number) throw InputError("calibrate: constants", name + " is no number");
      if (!(prior(c) > 0))
        throw InputError("calibrate: constants",
                         name +
                             (std::isnan(prior(c)) ? " has no value to start from, and no record says one"
                                                   : " starts from " + shown(prior(c)) + ", not above 0") +
                             "; give it one (--set " + name + "=VALUE)");
    }
    if (observed_.size() <= size())
      throw InputError("calibrate", std::to_string(observed_.size()) + (observed_.size() == 1 ? " row" : " rows") +
                                        " cannot fit " + std::to_string(size()) +
                                        (constants_.empty() ? " common factor" : " constants") +
                                        "; allowed: fewer constants than rows");
  }

  /// The constants at logarithms `p` from their priors, held inside their ports' ranges.
  [[nodiscard]] double value(std::size_t c, double p) const {
    return std::clamp(prior(c) * std::exp(p), std::max(port(c).range.low, 1e-300), port(c).range.high);
  }
  /// ln(predicted / measured) of every row.
  Numbers residuals(const Numbers& p) {
    const Space& space = bench_.space();
    const SpaceAxis axis = space.axis(0);
    rows_.begin(observed_.size());
    std::vector<Cell> cells(axis.inputs.size());
    for (std::size_t r = 0; r < observed_.size(); ++r) {
      space.value(0, r, cells);
      for (std::size_t k = 0; k < cells.size(); ++k) rows_.vary(axis.inputs[k])[r] = cells[k];
    }
    for (std::size_t c = 0; c < constants_.size(); ++c) {
      auto& column = rows_.vary(constants_[c]);
      for (auto& cell : column) cell.number = value(c, p[c]);
    }
    rows_.evaluate();
    Numbers logs(observed_.size());
    for (std::size_t r = 0; r < logs.size(); ++r) {
      const double predicted = rows_.value(output_, r);
      if (!(predicted > 0))
        throw InputError("calibrate", "measured row " + std::to_string(r + 1) + " cannot be predicted: " + rows_.reason(r));
      logs[r] = std::log(predicted / observed_[r]) + (constants_.empty() ? p[0] : 0);
    }
    return logs;
  }

  /// Rows that the pipeline cannot tell apart must not be told apart by what was measured.
  void check_rows(const Numbers& before) const {
    for (std::size_t i = 0; i < before.size(); ++i)
      for (std::size_t k = 0; k < i; ++k) {
        const double same = std::abs(before[i] + std::log(observed_[i]) - before[k] - std::log(observed_[k]));
        const double apart = std::abs(std::log(observed_[i] / observed_[k]));
        if (same < 1e-9 && apart > std::log(2))
          throw InputError("calibrate", "measured rows " + std::to_string(k + 1) + " and " + std::to_string(i + 1) +
                                            " are one question with answers " + shown(std::exp(apart), 3) +
                                            " times apart; leave one out, or add the input that differs");
      }
  }
  void check_slopes() const {
    for (std::size_t c = 0; c < constants_.size(); ++c) {
      const bool moves = std::any_of(slopes_[c].begin(), slopes_[c].end(), [](double s) { return std::abs(s) > moves_nothing; });
      if (!moves) throw InputError("calibrate: constants", std::string(port(c).name) + " moves no measured row; leave it out");
    }
  }

  /// Soft-L1 of rows (Charbonnier 1997), and priors.
  double cost(const Numbers& p) {
    double sum = 0;
    for (const double r : residuals(p)) sum += 2 * (std::sqrt(1 + (r / noise_) * (r / noise_)) - 1);
    for (const double x : p) sum += (x / spread_) * (x / spread_);
    return sum;
  }
  Numbers minimised() {
    nlopt::opt search(nlopt::LN_BOBYQA, static_cast<unsigned>(size()));
    search.set_min_objective(
        [](const std::vector<double>& p, std::vector<double>&, void* self) {
          auto& own = *static_cast<Calibration*>(self);
          if (own.bench_.cancelled()) throw nlopt::forced_stop();
          return own.cost(p);
        },
        this);
    search.set_lower_bounds(-10 * spread_);
    search.set_upper_bounds(10 * spread_);
    search.set_initial_step(spread_ / 4);
    search.set_xtol_abs(1e-7);
    search.set_maxeval(4000);
    Numbers p(size(), 0);
    double lowest = 0;
    try {
      search.optimize(p, lowest);
    } catch (const nlopt::roundoff_limited&) {  // as near as numbers come
    }
    return p;
  }
  /// The factor on the output that rows agree on: their weighted mean, settled by reweighting.
  [[nodiscard]] Numbers common_factor(const Numbers& before) const {
    double p = 0;
    for (int i = 0; i < 100; ++i) {
      double weights = 1 / (spread_ * spread_);
      double sum = 0;
      for (const double r : before) {
        const double weight = weight_of(r + p);
        weights += weight;
        sum -= weight * r;
      }
      p = sum / weights;
    }
    return {p};
  }
  [[nodiscard]] double weight_of(double residual) const {
    return 1 / (noise_ * noise_ * std::sqrt(1 + (residual / noise_) * (residual / noise_)));
  }

  std::vector<Numbers> slopes_at(const Numbers& best) {
    std::vector<Numbers> slopes;
    for (std::size_t c = 0; c < size(); ++c) {
      Numbers up = best;
      Numbers down = best;
      up[c] += slope_step;
      down[c] -= slope_step;
      const Numbers above = residuals(up);
      const Numbers below = residuals(down);
      slopes.emplace_back(above.size());
      for (std::size_t r = 0; r < above.size(); ++r) slopes.back()[r] = (above[r] - below[r]) / (2 * slope_step);
    }
    return slopes;
  }

  /// Weighted normal matrix with priors, row `without` left out.
  [[nodiscard]] std::vector<Numbers> information(const Numbers& after, std::size_t without) const {
    std::vector<Numbers> a(size(), Numbers(size(), 0));
    for (std::size_t i = 0; i < size(); ++i) {
      a[i][i] = 1 / (spread_ * spread_);
      for (std::size_t k = 0; k < size(); ++k)
        for (std::size_t r = 0; r < after.size(); ++r)
          if (r != without) a[i][k] += weight_of(after[r]) * slopes_[i][r] * slopes_[k][r];
    }
    return a;
  }
  [[nodiscard]] std::vector<Numbers> covariance(const Numbers& after) const {
    std::vector<Numbers> inverse;
    for (std::size_t i = 0; i < size(); ++i) {
      Numbers unit(size(), 0);
      unit[i] = 1;
      inverse.push_back(solved(information(after, after.size()), unit));
    }
    return inverse;
  }
  /// ln(predicted / measured) of each row by constants that were fitted without it, to first order.
  [[nodiscard]] Numbers left_out(const Numbers& after) const {
    Numbers out;
    for (std::size_t r = 0; r < after.size(); ++r) {
      Numbers right(size());
      for (std::size_t i = 0; i < size(); ++i) right[i] = weight_of(after[r]) * slopes_[i][r] * after[r];
      const Numbers moved = solved(information(after, r), right);
      double log = after[r];
      for (std::size_t i = 0; i < size(); ++i) log += slopes_[i][r] * moved[i];
      out.push_back(log);
    }
    return out;
  }

  /// ln(measured / predicted) of each row, left out in turn; the least first.
  [[nodiscard]] Numbers left_out_errors(const Numbers& after) const {
    Numbers errors = left_out(after);
    for (double& x : errors) x = -x;
    std::sort(errors.begin(), errors.end());
    return errors;
  }

  void report(const Numbers& best, const Numbers& before, const Numbers& after) {
    Findings table;
    const std::size_t name = table.add_text("constant", "what was fitted");
    const std::size_t was = table.add_number("prior", "its value in the config");
    const std::size_t is = table.add_number("value", "its value with the measured rows");
    const std::size_t error = table.add_number("standard_error", "of the value, from rows and prior");
    const std::size_t from_rows = table.add_number("from_rows", "share of what is known of it that the rows brought");
    const std::size_t low = table.add_number("band_low", "10 % quantile of ln(measured / predicted), each row left out in turn");
    const std::size_t high = table.add_number("band_high", "90 % quantile of it");
    const auto known = covariance(after);
    const Numbers errors = left_out_errors(after);
    for (std::size_t c = 0; c < size(); ++c) {
      table.add_row();
      const double value_now = constants_.empty() ? std::exp(best[0]) : value(c, best[c]);
      table.set(name, constants_.empty() ? std::string_view("common factor") : rows_.shown(port(c).name));
      table.set(was, constants_.empty() ? 1 : prior(c));
      table.set(is, value_now);
      table.set(error, value_now * std::sqrt(known[c][c]));
      table.set(from_rows, 1 - known[c][c] / (spread_ * spread_));
      if (errors.size() < fewest_groups) continue;
      table.set(low, quantile_of(errors, 0.1));
      table.set(high, quantile_of(errors, 0.9));
    }
    table.write(bench_);
    notes(before, after, known);
  }
  void notes(const Numbers& before, const Numbers& after, const std::vector<Numbers>& known) {
    bench_.note(std::to_string(after.size()) + " rows: mean error " + percent(mean_size(before)) + " before, " +
                percent(mean_size(after)) + " after");
    const Numbers errors = left_out_errors(after);
    const std::string left_out_text = "each row left out in turn: mean error " + percent(mean_size(left_out(after)));
    bench_.note(errors.size() < fewest_groups
                    ? left_out_text + "; no band of so few"
                    : left_out_text + "; ln(measured / predicted) 10 % " + shown(quantile_of(errors, 0.1), 3) + ", 90 % " +
                          shown(quantile_of(errors, 0.9), 3));
    for (std::size_t i = 0; i < size(); ++i)
      for (std::size_t k = 0; k < i; ++k) {
        const double correlation = known[i][k] / std::sqrt(known[i][i] * known[k][k]);
        if (std::abs(correlation) > strong)
          bench_.note("correlation " + shown(correlation, 2) + " of " + std::string(rows_.shown(port(k).name)) + " and " +
                      std::string(rows_.shown(port(i).name)) + ": the rows hardly tell them apart");
      }
  }

  Bench& bench_;
  Rows rows_;
  std::size_t output_;
  std::vector<std::size_t> constants_;
  Numbers priors_;  ///< by constant
  double spread_;
  double noise_;
  Numbers observed_;
  std::vector<Numbers> slopes_;  ///< by constant and row
};

}  // namespace

void Calibrate::do_run(Bench& bench, const Options& given) const { Calibration(bench, given).run(); }

}  // namespace ironlaw::studies
