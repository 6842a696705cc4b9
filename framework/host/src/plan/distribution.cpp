// Quantiles of the distributions that an axis may have.
#include <ironlaw/host/pipeline.hpp>

#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/triangular.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ironlaw::host {
namespace {

/// The quantile of what is left of a distribution that is cut off at the range.
template <class D>
double cut_quantile(const D& distribution, const Range& range, double u) {
  const auto ends = boost::math::support(distribution);
  const double low = ends.first;
  const double high = ends.second;
  const auto below = [&](double v) { return v <= low ? 0.0 : v >= high ? 1.0 : boost::math::cdf(distribution, v); };
  const double from = below(range.low);
  const double share = std::clamp(from + u * (below(range.high) - from), std::numeric_limits<double>::min(), 1 - 1e-16);
  const double floor = range.above ? std::nextafter(range.low, range.high) : range.low;
  return std::clamp(boost::math::quantile(distribution, share), floor, range.high);
}

}  // namespace

double Distribution::quantile(double u) const {
  switch (shape) {
    case Shape::uniform:
      return u <= 0 ? first : u >= 1 ? second : first + u * (second - first);
    case Shape::log_uniform:
      return u <= 0 ? first : u >= 1 ? second : first * std::pow(second / first, u);
    case Shape::normal:
      return cut_quantile(boost::math::normal(first, second), range, u);
    case Shape::lognormal:
      return cut_quantile(boost::math::lognormal(std::log(first), std::log(second)), range, u);
    case Shape::triangular:
      return std::clamp(boost::math::quantile(boost::math::triangular(first, second, third), std::clamp(u, 0.0, 1.0)), first,
                        third);
  }
  return first;
}

}  // namespace ironlaw::host
