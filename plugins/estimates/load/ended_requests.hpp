#pragma once
#include <algorithm>
#include <vector>

#include "engine.hpp"

namespace ironlaw::load {

/// Times of requests that have ended.
class EndedRequests {
 public:
  void add(Time first, Time token, Time request) {
    first_.push_back(first);
    token_.push_back(token);
    request_.push_back(request);
  }
  void report(Answer& a) {
    a.ttft = spread(first_);
    a.tpot = spread(token_);
    a.request = spread(request_);
  }

 private:
  static Spread spread(std::vector<Time>& times) {
    if (times.empty()) return {};
    std::sort(times.begin(), times.end());
    Time sum{};
    for (const Time& t : times) sum += t;
    const auto at = [&](double level) {
      return times[std::min(times.size() - 1, static_cast<std::size_t>(level * static_cast<double>(times.size())))];
    };
    return {sum / static_cast<double>(times.size()), at(0.5), at(0.9), at(0.99)};
  }
  std::vector<Time> first_, token_, request_;
};

}  // namespace ironlaw::load
