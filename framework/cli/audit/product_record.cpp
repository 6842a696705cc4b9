#include "audit/product_record.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace ironlaw::cli {
namespace {

using Logs = std::array<double, 3>;  // of the constants

constexpr double operand_bytes = 4;
constexpr double largest_memory_share = 20;  // of main memory's bandwidth: small operands lie in caches
constexpr double least_latency = 1e-9;       // seconds

ProductConstants constants_of(const Logs& x) {
  return {std::min(1.0, std::exp(x[0])), std::min(largest_memory_share, std::exp(x[1])), std::max(least_latency, std::exp(x[2]))};
}

/// Mean size of ln(predicted / measured) over the products whose width is not `without`.
double error_of(const Machine& machine, const Logs& x, std::size_t without) {
  double sum = 0;
  std::size_t count = 0;
  for (const MeasuredProduct& p : machine.products) {
    if (p.width == without) continue;
    sum += std::abs(std::log(product_seconds(machine, constants_of(x), p) / p.seconds));
    ++count;
  }
  return sum / static_cast<double>(count);
}

/// A pattern search from a fixed start (Hooke & Jeeves 1961): the error has corners, which a gradient would not like.
Logs fitted(const Machine& machine, std::size_t without) {
  Logs best{std::log(0.5), std::log(0.8), std::log(1e-5)};
  double least = error_of(machine, best, without);
  for (double step = 1; step > 1e-4; step /= 2) {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t k = 0; k < best.size(); ++k)
        for (const double by : {step, -step}) {
          Logs tried = best;
          tried[k] += by;
          const double error = error_of(machine, tried, without);
          if (error >= least) continue;
          best = tried;
          least = error;
          moved = true;
        }
    }
  }
  return best;
}

double quantile(std::vector<double> sorted, double share) {
  std::sort(sorted.begin(), sorted.end());
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

}  // namespace

double product_seconds(const Machine& machine, const ProductConstants& c, const MeasuredProduct& p) {
  const auto rows = static_cast<double>(p.rows);
  const auto width = static_cast<double>(p.width);
  const double compute = 2 * rows * width * width / (c.compute_share * machine.fp32_rate);
  const double bytes = operand_bytes * (width * width + 2 * rows * width);
  const double memory = bytes / (c.memory_share * machine.levels.back().read_bandwidth);
  return c.latency + std::hypot(compute, memory);
}

ProductRecord fit_products(const Machine& machine) {
  ProductRecord record{constants_of(fitted(machine, 0))};
  std::set<std::size_t> widths;
  record.from = record.to = static_cast<double>(machine.products.front().rows);
  for (const MeasuredProduct& p : machine.products) {
    widths.insert(p.width);
    record.from = std::min(record.from, static_cast<double>(p.rows));
    record.to = std::max(record.to, static_cast<double>(p.rows));
  }
  std::vector<double> errors;
  for (const std::size_t width : widths) {
    const ProductConstants without = constants_of(fitted(machine, width));
    for (const MeasuredProduct& p : machine.products)
      if (p.width == width) errors.push_back(std::log(p.seconds / product_seconds(machine, without, p)));
  }
  record.low = quantile(errors, 0.1);
  record.middle = quantile(errors, 0.5);
  record.high = quantile(errors, 0.9);
  return record;
}

}  // namespace ironlaw::cli
