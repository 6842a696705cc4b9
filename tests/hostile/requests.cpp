#include "request_grammar.hpp"
#include "requirements.hpp"
#include "trials.hpp"

#include <ironlaw/host/session.hpp>
#include <ironlaw/present/batch.hpp>

namespace ironlaw::hostile {

bool try_request(Choices choices) {
  static host::Session session;
  static host::Batch batch(session, {});
  Json request = Json::object();
  if (!choices.one_in(8)) request["id"] = json_value(choices);
  if (choices.one_in(2)) {
    request["config"] = config(choices);
  } else {
    const std::string solver = solver_name(choices);
    request["solver"] = solver;
    request["inputs"] = choices.one_in(10) ? json_value(choices) : inputs(choices, solver);
  }
  if (choices.one_in(10)) request[choices.one_in(2) ? "profile" : choices.text()] = json_value(choices);
  std::string line = request.dump(-1, ' ', false, Json::error_handler_t::ignore);
  if (choices.one_in(10)) line.erase(choices.below(line.size()));
  const std::string answer = batch.answer(line).text;
  try {
    require(answer.find('\n') == answer.npos, "an answer of several lines");
    require_json(answer);
    const Json json = Json::parse(answer);
    require(json.contains("id") && (json.contains("error") || json.contains("outputs") || json.contains("result")),
            "no answer: " + answer);
    if (!json.contains("error")) return true;
    require_message(json["error"].get<std::string>());
    return false;
  } catch (const Fault& fault) {
    throw Fault(line.substr(0, 2000) + ": " + fault.what());
  }
}

}  // namespace ironlaw::hostile
