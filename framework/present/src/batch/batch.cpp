#include <ironlaw/present/batch.hpp>

#include "batch/request_process.hpp"
#include "config/budget.hpp"
#include "config/config_impl.hpp"
#include "plan/compile.hpp"
#include "units/decimal.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/present/report.hpp>
#include <ironlaw/present/study_report.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <istream>
#include <optional>
#include <ostream>
#include <streambuf>
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

constexpr std::size_t most_shared = 1000;  ///< pipelines that are kept for later requests

const Json& member(const Json& request, const char* key, Json::value_t type, const char* what) {
  if (!request.contains(key) || request[key].type() != type) throw InputError("", std::string("\"") + key + "\" takes " + what);
  return request[key];
}

/// Text that may not become larger than its request may take.
class CountedText final : public std::streambuf {
 public:
  explicit CountedText(Budget& budget) : budget_(budget) {}
  std::string text;

 private:
  int_type overflow(int_type c) override {
    const char one = traits_type::to_char_type(c);
    return c == traits_type::eof() || xsputn(&one, 1) == 1 ? 0 : traits_type::eof();
  }
  std::streamsize xsputn(const char* part, std::streamsize n) override {
    budget_.take_memory(static_cast<std::uint64_t>(n));
    text.append(part, static_cast<std::size_t>(n));
    return n;
  }
  Budget& budget_;
};

}  // namespace

struct Batch::Impl {
  Impl(Session& s, std::string p, const RequestLimits& l) : session(s), profile(std::move(p)), limits(l) {
    if (session.options().isolate)
      elsewhere = std::make_unique<RequestProcess>([this] { return begun_there(); }, *session.options().isolate, limits.seconds);
  }

  Session& session;
  std::string profile;
  RequestLimits limits;
  std::unordered_map<std::string, std::unique_ptr<SharedPipeline>> shared;
  std::unique_ptr<RequestProcess> elsewhere;  ///< of an isolated session

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
    return [here](std::string_view line) { return here->batch.answer(line); };
  }

  std::string answer_elsewhere(std::string_view line) const {
    std::string failure;
    if (auto text = elsewhere->answer(line, failure)) return std::move(*text);
    const Json request = Json::parse(line, nullptr, false);
    const std::string id = request.is_object() && request.contains("id") ? dump(request["id"]) : "null";
    return "{\"id\":" + id + ",\"error\":" + dump(failure) + "}";
  }

  std::string answer_config(Json& request, const std::shared_ptr<Budget>& budget) {
    const auto config = config_of_tree(std::move(request["config"]), "config", budget);
    const Pipeline pipeline = session.compile(config, profile_of(request));
    CountedText counted(*budget);
    std::ostream out(&counted);
    out.exceptions(std::ios::badbit);  // what is thrown there goes on
    ReportOptions options;
    options.format = OutputFormat::json;
    if (pipeline.study() != nullptr) {
      StudyReport report(pipeline, options, out);
      run_study(pipeline, report, {1});
    } else if (pipeline.axes().empty()) {
      report_answer(pipeline, host::answer(pipeline), false, options, out);
    } else {
      TableReport table(pipeline, options, out);
      table.finish(host::run(pipeline, table, {1}));
    }
    std::erase(counted.text, '\n');  // none is in a text of JSON
    return "\"result\":" + counted.text;
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

  std::string answer_solver(const Json& request, const std::shared_ptr<Budget>& budget) {
    const std::string solver = member(request, "solver", Json::value_t::string, "the name of a solver").get<std::string>();
    const Json none = Json::object();
    const Json& inputs =
        request.contains("inputs") ? member(request, "inputs", Json::value_t::object, "an object of inputs") : none;
    const std::string profile_name = profile_of(request);
    const std::string key = key_of(solver, profile_name, inputs);
    if (key.empty()) {
      const SharedPipeline own(session.compile(config_of_solver(solver, inputs, budget), profile_name));
      return answer_text(own, host::answer(own.pipeline));
    }
    if (shared.size() >= most_shared && !shared.contains(key)) shared.clear();
    auto& slot = shared[key];
    if (slot == nullptr)
      slot = std::make_unique<SharedPipeline>(session.compile(config_of_solver(solver, inputs, budget), profile_name));
    const auto cells = cells_of(*slot, inputs, profile_name);
    if (cells) return answer_text(*slot, host::answer(slot->pipeline, *cells));
    const SharedPipeline own(session.compile(config_of_solver(solver, inputs, budget), profile_name));
    return answer_text(own, host::answer(own.pipeline));
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
          cells[i].object = session.zoo(profile_name).find(ports[i].interface, value.get_ref<const std::string&>(), name).object;
        } else {
          cells[i] = read_value(ports[i], value, name);
        }
      }
    }
    return cells;
  }

  std::string answer_request(Json& request, const std::shared_ptr<Budget>& budget) {
    if (!request.is_object()) throw InputError("", "a request takes an object with \"solver\" and \"inputs\", or \"config\"");
    constexpr std::array<std::string_view, 5> keys{"id", "solver", "inputs", "profile", "config"};
    for (const auto& [name, value] : request.items())
      if (std::find(keys.begin(), keys.end(), name) == keys.end())
        throw InputError("", "unknown key '" + name + "'" + did_you_mean(name, keys));
    if (request.contains("config") == request.contains("solver"))
      throw InputError("", "a request takes either \"solver\" or \"config\"");
    return request.contains("config") ? answer_config(request, budget) : answer_solver(request, budget);
  }
};

Batch::Batch(Session& session, std::string profile, const RequestLimits& limits)
    : impl_(std::make_unique<Impl>(session, std::move(profile), limits)) {}
Batch::~Batch() = default;

std::string Batch::answer(std::string_view line) {
  if (impl_->elsewhere != nullptr) return impl_->answer_elsewhere(line);
  std::string id = "null";
  try {
    const auto budget = std::make_shared<Budget>(impl_->limits);
    budget->take_bytes(line.size(), "request");
    Json request = parse_json(line, "request", tree_limits(*budget));
    if (request.is_object() && request.contains("id")) id = dump(request["id"]);
    return "{\"id\":" + id + "," + impl_->answer_request(request, budget) + "}";
  } catch (const std::exception& e) {
    return "{\"id\":" + id + ",\"error\":" + dump(std::string(e.what())) + "}";
  }
}

/// The next line, of which no more is kept than a request may have and one byte; false at the end.
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
    const std::string text = answer(line);
    ++count.requests;
    if (text.find(",\"error\":") != text.npos) ++count.refused;
    out << text << '\n';
  }
  return count;
}

}  // namespace ironlaw::host
