#pragma once
// What is counted of a service, in Prometheus' text format.
#include <ironlaw/web/service.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace ironlaw::host {

class Metrics {
 public:
  /// `path` is the route's, not the client's: there are as many as there are routes.
  void count(std::string_view path, unsigned status, double seconds, std::uint64_t rows);
  [[nodiscard]] std::string text(const ServiceLoad& load) const;

 private:
  static constexpr std::array<double, 11> bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.25, 1, 5, 30};
  struct OfPath {
    std::map<unsigned, std::uint64_t> by_status;
    std::array<std::uint64_t, bounds.size() + 1> by_time{};
    double seconds = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, OfPath, std::less<>> paths_;
  std::uint64_t rows_ = 0;
};

}  // namespace ironlaw::host
