// Answers serving_engine under loads drawn at random as planners' vary, to be counted beside the facts that rows share:
// loads open|closed|in_step MODEL means|percentiles ROWS
#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/host/session.hpp>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "estimates/load/serving_engine.hpp"

namespace {
using namespace ironlaw;
using namespace ironlaw::host;
using estimates::ServingEngine;

/// A question to the solver, port by port.
class Question {
 public:
  explicit Question(Session& session) : session_(session) {}
  void set(const std::string& port, double value) { numbers_[port] = value; }
  void unset(const std::string& port) { numbers_.erase(port); }
  void set(const std::string& port, const std::string& entry) { objects_[port] = entry; }

  [[nodiscard]] ServingEngine::Inputs inputs() const {
    const auto ports = session_.plugins().solver("serving_engine").inputs();
    ServingEngine::Inputs x;
    ::ironlaw::detail::load_ports(x, ServingEngine::inputs, [&](std::size_t k) {
      Cell cell;
      const PortInfo& port = ports[k];
      const std::string name(port.name);
      if (port.type == PortType::object) {
        const auto found = objects_.find(name);
        cell.object = found == objects_.end() ? nullptr : session_.zoo().find(port.interface, found->second, "loads").object;
      } else {
        const auto found = numbers_.find(name);
        cell.number = found == numbers_.end() ? port.fallback : found->second;
      }
      return cell;
    });
    return x;
  }

 private:
  Session& session_;
  std::map<std::string, double> numbers_;
  std::map<std::string, std::string> objects_;
};

[[gnu::noinline]] double answer_to_count(const ServingEngine::Inputs& in, const ServingEngine::Facts& facts, bool means) {
  return (means ? ServingEngine::solve_cheap(in, facts) : ServingEngine::solve(in, facts)).decoding_sequences;
}

/// Lengths, their spread, the scheduler, its budget and its slots, the layout, and how much of the capacity is asked for. False
/// where the weights leave no room.
bool draw(Question& q, std::mt19937_64& random, const std::string& model, bool closed, bool in_step) {
  const auto even = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); };
  const auto log_even = [&](double low, double high) { return std::exp(even(std::log(low), std::log(high))); };
  const auto one_of = [&](unsigned n) { return static_cast<double>(random() % n); };
  const bool large = model.find("DeepSeek") != std::string::npos;
  q.set("workload", model);
  q.set("hardware", one_of(2) == 0 ? "H100" : "H200");
  q.set("tensor_parallel", large ? 16 : std::exp2(1 + one_of(3)));
  q.set("format", static_cast<double>(large            ? estimates::OperandFormat::fp8_block
                                      : one_of(2) == 0 ? estimates::OperandFormat::bf16
                                                       : estimates::OperandFormat::fp8));
  q.set("prompt_order", one_of(3));
  q.set("admission", one_of(3));
  q.set("token_budget", one_of(2) == 0 ? 2048 : 8192);
  q.set("most_sequences", std::exp2(7 + one_of(4)));
  q.set("prompt_tokens", std::round(log_even(128, 16384)));
  q.set("output_tokens", std::round(log_even(16, 2048)));
  const double kind = in_step ? 0 : one_of(3);
  const double variation = kind == 0 ? 0 : kind == 1 ? 0.0642 : even(0.4, 1.2);
  q.set("random_delays", in_step ? 0 : 1);
  q.set("think_time", in_step ? even(0, 0.06) : 0);
  q.set("length_spread", kind == 1 ? 1 : 0);
  q.set("prompt_variation", variation);
  q.set("output_variation", variation);
  const double share = even(0.05, 0.95), spread = even(0, 1);
  q.unset("users");
  q.set("request_rate", 1e-4);
  const ServingEngine::Inputs idle = q.inputs();
  const auto out = ServingEngine::solve(idle);
  if (out.weights_per_device > out.usable_memory) return false;
  if (!closed) {
    q.set("request_rate", share * (*out.capacity).value());
    return true;
  }
  q.unset("request_rate");
  q.set("users", std::max(1.0, std::round(std::exp(spread * std::log(1.4 * out.slots + 1)))));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 1;
  Session session{SessionOptions{}};
  Question question(session);
  std::mt19937_64 random(7);
  const bool in_step = std::string(argv[1]) == "in_step";  // a closed loop of lengths that are all alike
  const bool closed = in_step || std::string(argv[1]) == "closed";
  const bool means = std::string(argv[3]) == "means";
  const int wanted = std::atoi(argv[4]);
  int rows = 0;
  double sum = 0;
  for (int drawn = 0; rows < wanted && drawn < 100 * wanted; ++drawn) {
    if (!draw(question, random, argv[2], closed, in_step)) continue;
    const ServingEngine::Inputs in = question.inputs();
    sum += answer_to_count(in, ServingEngine::facts(in), means);
    ++rows;
  }
  std::cout << rows << " rows\n";
  return rows == wanted && sum > 0 ? 0 : 1;
}
