#include "request_grammar.hpp"
#include "requirements.hpp"
#include "trials.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>
#include <nlohmann/json.hpp>

#include <cmath>

namespace ironlaw::hostile {
namespace {

std::string literal(Choices& choices) {
  if (choices.one_in(12)) return "'" + choices.text() + "'";
  return choices.number();
}

std::string port_name(Choices& choices) {
  if (choices.one_in(24)) return choices.text();
  return std::string(choices.of({"node.latency", "node.batch_size", "node.bottleneck", "node.hardware", "node.energy",
                                 "node.feasible", "latency", "$node.mfu", "node.memory_footprint", "node.nothing", "device"}));
}

std::string expression(Choices& choices, std::size_t depth) {
  if (depth == 0 || choices.used_up()) return choices.one_in(2) ? literal(choices) : port_name(choices);
  const auto inner = [&] { return expression(choices, depth - 1); };
  switch (choices.below(9)) {
    case 0:
      return "(" + inner() + ")";
    case 1:
      return std::string(choices.of({"-", "not ", "+", "--", "- -"})) + inner();
    case 2:
      return std::string(choices.of({"min", "max", "abs", "sqrt", "log", "exp", "floor", "sum", "min "})) + "(" + inner() +
             (choices.one_in(2) ? ", " + inner() : "") + ")";
    case 3:
      return inner() + choices.of({"^2", "^-1", "^0.5", "^9999999999", "^", "**2"}).data();
    case 4:
      return literal(choices);
    case 5:
      return port_name(choices);
    default:
      return inner() +
             std::string(choices.of(
                 {" + ", " - ", " * ", "/", " <= ", " < ", " == ", " != ", " and ", " or ", " % ", "", " = ", " && ", ", "})) +
             inner();
  }
}

struct Values final : host::RowSink {
  void rows(const host::ResultRows& rows) override {
    for (std::size_t r = 0; r < rows.status.size(); ++r)
      if (has_outputs(rows.status[r])) all.push_back(rows.columns[0][r].number);
  }
  std::vector<double> all;
};

/// The value of the first column of one row.
std::vector<double> values_of(host::Session& session, const std::string& text) {
  const Json config{{"version", 1},
                    {"stages", {{"node", {{"solver", "single_node"}, {"workload", "ResNet50"}, {"hardware", "H100"}}}}},
                    {"axes", Json::array({Json{{"node.batch_size", {1, 64}}}})},
                    {"report", {{"columns", {text}}}}};
  Values values;
  run(session.compile(host::Config::parse(config.dump(), "here")), values);
  return values.all;
}

template <class Ask>
bool ask(Ask ask_it) {
  try {
    ask_it();
    return true;
  } catch (const Error& e) {
    require_message(e.what());
  } catch (const Json::exception&) {
    // The text is no UTF-8, and so no JSON either.
  }
  return false;
}

}  // namespace

bool try_expression(Choices choices) {
  static host::Session session;
  const std::string text = expression(choices, 1 + choices.below(6));
  const bool answered = ask([&] {
    const auto once = values_of(session, text);
    const auto again = values_of(session, text);
    require(once.size() == again.size(), "an expression with other rows the second time: " + text);
    for (std::size_t i = 0; i < once.size(); ++i)
      require(once[i] == again[i] || (std::isnan(once[i]) && std::isnan(again[i])), "an expression with two values: " + text);
  });
  for (const char* key : {"where", "assert"})
    ask([&] {
      const Json config{{"version", 1},
                        {"stages", {{"node", {{"solver", "single_node"}, {"workload", "ResNet50"}, {"hardware", "H100"}}}}},
                        {key, {text}}};
      const auto pipeline = session.compile(host::Config::parse(config.dump(), "here"));
      for (const auto& line : answer(pipeline).violated) require(!line.empty(), "a condition without a text");
    });
  return answered;
}

}  // namespace ironlaw::hostile
