#include <ironlaw/present/batch.hpp>

#include "batch/request_line.hpp"
#include "batch/request_process.hpp"
#include "batch/result_text.hpp"
#include "config/config_impl.hpp"
#include "plan/compile.hpp"
#include "units/decimal.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <istream>
#include <mutex>
#include <optional>
#include <ostream>
#include <shared_mutex>
#include <unordered_map>

namespace ironlaw::host {
namespace {

/// A pipeline of one solver that many requests share, with the text of its outputs prepared.
struct SharedPipeline {
  explicit SharedPipeline(Pipeline p) : pipeline(std::move(p)), base(pipeline.base()) {
    for (const PortInfo& port : pipeline.solver().outputs()) {
      const ValueForm form = values_of(port.type).form();
      const bool quantity = (form == ValueForm::number || form == ValueForm::list) && !port.dimension.dimensionless();
      keys.push_back(dump(std::string(port.name.substr(port.name.find('.') + 1))) + ":");
      units.push_back(quantity ? ",\"unit\":" + dump(si_unit(port.dimension)) + "}" : "");
    }
  }
  Pipeline pipeline;
  std::vector<Cell> base;
  std::vector<std::string> keys;
  std::vector<std::string> units;
};

void append_value(std::string& text, const PortInfo& port, const Cell& cell) {
  const ValueForm form = values_of(port.type).form();
  if (form == ValueForm::number && std::isfinite(cell.number)) {
    append_exact(text, cell.number);
  } else if (form == ValueForm::choice && std::isfinite(cell.number)) {
    text.append("\"").append(port.choices[static_cast<std::size_t>(cell.number)]).append("\"");
  } else {
    text += dump(scalar_json({{}, &port, cell, {}}));
  }
}

std::string answer_text(const SharedPipeline& shared, const Answer& answer) {
  std::string text = "\"status\":\"" + std::string(status_name(answer.status)) + "\"";
  if (!answer.errors.empty()) return text + ",\"error\":" + dump(answer.errors.front());
  text += ",\"outputs\":{";
  const auto ports = shared.pipeline.solver().outputs();
  for (std::size_t o = 0; o < ports.size(); ++o) {
    if (o > 0) text += ',';
    text += shared.keys[o];
    const double v = answer.outputs[o].number;
    const bool quantity = !shared.units[o].empty() && std::isfinite(v);
    if (quantity) text += "{\"value\":";
    append_value(text, ports[o], answer.outputs[o]);
    if (quantity) text += shared.units[o];
  }
  return text + "}";
}

constexpr std::size_t most_shared = 1000;           ///< pipelines that are kept for later requests
constexpr std::size_t most_known_objects = 10'000;  ///< objects of the zoo whose names are kept

/// What many requests share, by a text; all of it goes where it becomes more than `most`.
template <class T>
class SharedByText {
 public:
  explicit SharedByText(std::size_t most) : most_(most) {}
  template <class Make>
  T get(const std::string& key, const Make& make) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
    }
    T made = make();
    const std::unique_lock lock(mutex_);
    if (kept_.size() >= most_) kept_.clear();
    return kept_.try_emplace(key, std::move(made)).first->second;
  }

 private:
  const std::size_t most_;
  std::unordered_map<std::string, T> kept_;
  std::shared_mutex mutex_;
};

/// Members of a JSON object, and how it ended.
struct Said {
  std::string text;
  int exit_status = 0;
};

int exit_status_of(RowStatus status) {
  switch (status) {
    case RowStatus::ok:
      return 0;
    case RowStatus::infeasible:
      return 2;
    case RowStatus::refused:
      return 1;
    default:
      return 4;
  }
}

const Json& member(const Json& request, const char* key, Json::value_t type, const char* what) {
  if (!request.contains(key) || request[key].type() != type) throw InputError("", std::string("\"") + key + "\" takes " + what);
  return request[key];
}

}  // namespace

struct Batch::Impl {
  Impl(Session& s, std::string p, const RequestLimits& l) : session(s), profile(std::move(p)), limits(l) {
    if (session.options().isolate)
      elsewhere = std::make_unique<RequestProcess>([this] { return begun_there(); }, *session.options().isolate, limits.seconds);
  }

  Session& session;
  std::string profile;
  RequestLimits limits;
  SharedByText<std::shared_ptr<const SharedPipeline>> shared{most_shared};
  SharedByText<const void*> objects{most_known_objects};
  std::unique_ptr<RequestProcess> elsewhere;  ///< of an isolated session
  std::mutex one_elsewhere;

  /// In the process that answers: a batch whose plugins are open there.
  [[nodiscard]] RequestProcess::Answer begun_there() const {
    struct Here {
      Here(const SessionOptions& options, const std::string& p, const RequestLimits& l)
          : session(options), batch(session, p, l) {}
      Session session;
      Batch batch;
    };
    auto options = session.options();
    options.isolate.reset();
    const auto here = std::make_shared<Here>(options, profile, limits);
    return [here](std::string_view line) { return here->batch.answer(line).text; };
  }

  BatchAnswer answer_elsewhere(std::string_view line) {
    const std::lock_guard lock(one_elsewhere);
    std::string failure;
    if (auto text = elsewhere->answer(line, failure)) {
      const bool answered = text->find(",\"error\":") == text->npos;
      return {std::move(*text), answered ? 0 : 1};
    }
    const Json request = Json::parse(line, nullptr, false);
    const std::string id = request.is_object() && request.contains("id") ? dump(request["id"]) : "null";
    return {"{\"id\":" + id + ",\"error\":" + dump(failure) + "}", 4};
  }

  Said answer_config(Json& request, const std::shared_ptr<Budget>& budget, const std::atomic<bool>* interrupt) {
    const auto config = config_of_tree(std::move(request["config"]), "config", budget);
    const Pipeline pipeline = session.compile(config, profile_of(request));
    ReportOptions options;
    options.format = OutputFormat::json;
    RunOptions run;
    run.threads = 1;
    run.interrupt = interrupt;
    ResultText result = result_text(pipeline, false, options, run);
    std::erase(result.text, '\n');  // none is in a text of JSON
    return {"\"result\":" + result.text, result.exit_status};
  }

  std::string profile_of(const Json& request) const {
    if (!request.contains("profile")) return profile;
    return member(request, "profile", Json::value_t::string, "the name of a profile").get<std::string>();
  }

  /// Requests share a pipeline where they name the same solver, profile and inputs, and every value is plain.
  std::string key_of(const std::string& solver, const std::string& profile_name, const Json& inputs) const {
    std::string key = solver + "\n" + profile_name;
    for (const auto& [name, value] : inputs.items()) {
      const bool plain = !value.is_structured() && !(value.is_string() && value.get_ref<const std::string&>().starts_with('$')) &&
                         name.find('.') == name.npos;
      if (!plain) return {};
      key += "\n" + name;
    }
    return key;
  }

  static Config config_of_solver(const std::string& solver, const Json& inputs, const std::shared_ptr<Budget>& budget) {
    Json stage = inputs;
    stage["solver"] = solver;
    return config_of_tree(Json{{"version", 1}, {"stages", {{std::string(solver.substr(solver.rfind('/') + 1)), stage}}}},
                          "inputs", budget);
  }

  static Said said(const SharedPipeline& pipeline, const Answer& answer) {
    return {answer_text(pipeline, answer), exit_status_of(answer.status)};
  }

  Said answer_solver(const Json& request, const std::shared_ptr<Budget>& budget) {
    const std::string solver = member(request, "solver", Json::value_t::string, "the name of a solver").get<std::string>();
    const Json none = Json::object();
    const Json& inputs =
        request.contains("inputs") ? member(request, "inputs", Json::value_t::object, "an object of inputs") : none;
    const std::string profile_name = profile_of(request);
    const auto compiled = [&] {
      return std::make_shared<const SharedPipeline>(session.compile(config_of_solver(solver, inputs, budget), profile_name));
    };
    if (const std::string key = key_of(solver, profile_name, inputs); !key.empty()) {
      const auto known = shared.get(key, compiled);
      if (const auto cells = cells_of(*known, inputs, profile_name)) return said(*known, host::answer(known->pipeline, *cells));
    }
    const auto own = compiled();
    return said(*own, host::answer(own->pipeline));
  }

  const void* object_of(const PortInfo& port, const std::string& key, const std::string& profile_name, const std::string& where) {
    return objects.get(profile_name + "\n" + std::string(port.interface) + "\n" + key, [&] {
      const auto lock = session.lock();
      return session.zoo(profile_name).find(port.interface, key, where).object;
    });
  }

  /// Nothing where a value is kept by the pipeline that reads it: a text, a series, a table.
  std::optional<std::vector<Cell>> cells_of(const SharedPipeline& pipeline, const Json& inputs, const std::string& profile_name) {
    std::vector<Cell> cells = pipeline.base;
    const auto ports = pipeline.pipeline.solver().inputs();
    for (const auto& [name, value] : inputs.items()) {
      for (std::size_t i = 0; i < ports.size(); ++i) {
        if (ports[i].name.substr(ports[i].name.find('.') + 1) != name) continue;
        if (is_kept(ports[i]) || takes_table(ports[i])) return {};
        if (ports[i].type == PortType::object) {
          if (!value.is_string()) throw InputError(name, "takes the name of a " + std::string(ports[i].interface));
          cells[i].object = object_of(ports[i], value.get_ref<const std::string&>(), profile_name, name);
        } else {
          cells[i] = read_value(ports[i], value, name);
        }
      }
    }
    return cells;
  }

  Said answer_request(Json& request, const std::shared_ptr<Budget>& budget, const std::atomic<bool>* interrupt) {
    if (!request.is_object()) throw InputError("", "a request takes an object with \"solver\" and \"inputs\", or \"config\"");
    constexpr std::array<std::string_view, 5> keys{"id", "solver", "inputs", "profile", "config"};
    for (const auto& [name, value] : request.items())
      if (std::find(keys.begin(), keys.end(), name) == keys.end())
        throw InputError("", "unknown key '" + name + "'" + did_you_mean(name, keys));
    if (request.contains("config") == request.contains("solver"))
      throw InputError("", "a request takes either \"solver\" or \"config\"");
    return request.contains("config") ? answer_config(request, budget, interrupt) : answer_solver(request, budget);
  }
};

Batch::Batch(Session& session, std::string profile, const RequestLimits& limits)
    : impl_(std::make_unique<Impl>(session, std::move(profile), limits)) {}
Batch::~Batch() = default;

BatchAnswer Batch::answer(std::string_view line, const std::atomic<bool>* interrupt) {
  if (impl_->elsewhere != nullptr) return impl_->answer_elsewhere(line);
  std::string id = "null";
  try {
    const auto budget = std::make_shared<Budget>(impl_->limits);
    budget->take_bytes(line.size(), "request");
    Json request = parse_json(line, "request", tree_limits(*budget));
    if (request.is_object() && request.contains("id")) id = dump(request["id"]);
    const Said said = impl_->answer_request(request, budget, interrupt);
    return {"{\"id\":" + id + "," + said.text + "}", said.exit_status};
  } catch (const PluginError& e) {
    return {"{\"id\":" + id + ",\"error\":" + dump(std::string(e.what())) + "}", 4};
  } catch (const std::exception& e) {
    return {"{\"id\":" + id + ",\"error\":" + dump(std::string(e.what())) + "}", 1};
  }
}

bool read_line(std::istream& in, std::uint64_t most, std::string& line) {
  line.clear();
  std::array<char, 1 << 12> part;
  while (in.good()) {
    in.get(part.data(), part.size(), '\n');
    const auto size = static_cast<std::size_t>(in.gcount());
    if (line.size() <= most) line.append(part.data(), size);
    if (in.eof()) return !line.empty();
    if (in.bad()) return false;
    in.clear();  // an empty part of a line counts as a failure
    if (in.peek() != '\n') continue;
    in.ignore();
    return true;
  }
  return false;
}

BatchCount Batch::run(std::istream& in, std::ostream& out) {
  BatchCount count;
  std::string line;
  while (read_line(in, impl_->limits.bytes, line)) {
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const BatchAnswer answered = answer(line);
    ++count.requests;
    if (answered.exit_status == 1 || answered.exit_status == 4) ++count.refused;
    out << answered.text << '\n';
  }
  return count;
}

}  // namespace ironlaw::host
