#include <ironlaw/present/batch.hpp>

#include "batch/plain_request.hpp"
#include "batch/request_process.hpp"
#include "batch/result_text.hpp"
#include "batch/shared_by_text.hpp"
#include "batch/shared_pipeline.hpp"
#include "config/config_impl.hpp"
#include "plan/compile.hpp"
#include "run/plain_row.hpp"
#include "value/check.hpp"
#include "value/kept_by_thread.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/failure_text.hpp>
#include <ironlaw/files/input_file.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <istream>
#include <mutex>
#include <optional>
#include <ostream>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_shared = 1000;            ///< pipelines that are kept for later requests
constexpr std::size_t most_written_out = 64;         ///< of these, with an object that requests write out
constexpr std::size_t most_of_a_written_out = 2048;  ///< characters of such an object
constexpr std::size_t most_known_objects = 10'000;   ///< objects of the zoo whose names are kept

/// What reading and answering a plain request takes, again and again.
struct PlainRoom {
  PlainRequest request;
  std::string key;
  std::vector<Cell> cells;
  std::vector<Cell> outputs;
};

constexpr std::size_t room_for_an_output = 72;              ///< characters of an answer's text
constexpr std::size_t most_of_a_plain_line = 16 << 10;      ///< longer ones are read as trees, which have their limits
constexpr std::uint64_t memory_of_a_plain_line = 64 << 20;  ///< more than its tree could take

bool is_quantity(const Json& value) {
  return value.is_object() && value.size() == 2 && value.contains("value") && value.contains("unit");
}

/// Whether what is written out says itself what it is: it refers to no other input, and to no file that may change.
bool is_whole(const Json& value) {
  if (value.is_structured()) return std::all_of(value.begin(), value.end(), is_whole);
  if (!value.is_string()) return true;
  const auto& text = value.get_ref<const std::string&>();
  return !text.starts_with('$') && text.find(".csv") == text.npos && text.find(".json") == text.npos &&
         text.find(".arrow") == text.npos && text.find(".yaml") == text.npos && text.find(".yml") == text.npos;
}

/// What a request of the same shape may share: its names in their order, and whole what its objects say.
struct Shape {
  std::string key;           ///< empty: it shares nothing
  bool written_out = false;  ///< with an object
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
  SharedByText<std::shared_ptr<const SharedPipeline>> written_out{most_written_out};
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

  /// Requests share a pipeline where they name the same solver, profile and inputs, and every value is plain or the same object
  /// written out.
  [[nodiscard]] static Shape shape_of(const std::string& solver, const std::string& profile_name, const Json& inputs) {
    Shape shape{solver + "\n" + profile_name, false};
    for (const auto& [name, value] : inputs.items()) {
      if (name.find('.') != name.npos || value.is_array() || !is_whole(value)) return {};
      shape.key += "\n" + name;
      if (!value.is_object() || is_quantity(value)) continue;
      const std::string said = dump(value);
      if (said.size() > most_of_a_written_out) return {};
      shape.key += " " + said;
      shape.written_out = true;
    }
    return shape;
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
      return std::make_shared<const SharedPipeline>(session.compile(config_of_solver(solver, inputs, budget), profile_name),
                                                    inputs);
    };
    if (const Shape shape = shape_of(solver, profile_name, inputs); !shape.key.empty()) {
      const auto known = (shape.written_out ? written_out : shared).get(shape.key, compiled);
      if (const auto cells = cells_of(*known, inputs, profile_name)) return said(*known, host::answer(known->pipeline, *cells));
    }
    const auto own = compiled();
    return said(*own, host::answer(own->pipeline));
  }

  /// What the value of a plain request is to a port; false where reading it as a tree has to say.
  bool read_plain_cell(const PortInfo& port, const PlainInput& input, std::string_view profile_name, std::string& key,
                       Cell& cell) {
    switch (port.type) {
      case PortType::number:
      case PortType::integer: {
        if (input.kind != PlainInput::Kind::number || !takes_bare_number(port)) return false;
        const char* const end = input.value.data() + input.value.size();
        const auto [rest, error] = std::from_chars(input.value.data(), end, cell.number);
        return error == std::errc() && rest == end && accepts(port, cell);
      }
      case PortType::boolean:
        cell.number = input.value == "true" ? 1 : 0;
        return input.kind == PlainInput::Kind::truth;
      case PortType::choice: {
        const auto found = std::find(port.choices.begin(), port.choices.end(), input.value);
        cell.number = static_cast<double>(found - port.choices.begin());
        return input.kind == PlainInput::Kind::text && found != port.choices.end();
      }
      case PortType::object:
        if (input.kind != PlainInput::Kind::text || takes_table(port)) return false;
        key.assign(profile_name).append("\n").append(port.interface).append("\n").append(input.value);
        cell.object = objects.find(key);
        return cell.object != nullptr;
      default:
        return false;
    }
  }

  /// Nothing where there is a reason to give.
  static std::optional<RowStatus> plain_status(const SharedPipeline& shared, std::span<const Cell> cells,
                                               std::span<Cell> outputs) {
    try {
      const RowStatus status = answer_plain_row(shared.pipeline, cells, outputs);
      if (has_outputs(status)) return status;
    } catch (const PluginError&) {
      // It is said with the request's id where the line is read as a tree.
    }
    return {};
  }

  /// The answer to a line that needs no tree; nothing where it does, or where the answer is a refusal.
  std::optional<BatchAnswer> answer_plain(std::string_view line) {
    if (line.size() > std::min<std::uint64_t>(most_of_a_plain_line, limits.bytes) || limits.depth < 2 ||
        limits.memory < memory_of_a_plain_line)
      return {};
    static const KeptByThread<PlainRoom> kept;
    auto& [request, key, cells, outputs] = kept.mine();
    if (!read_plain(line, request)) return {};
    const std::string_view profile_name = request.profile.value_or(profile);
    key.assign(request.solver).append("\n").append(profile_name);
    for (const PlainInput& input : request.inputs) key.append("\n").append(input.name);
    const auto known = shared.find(key);
    if (known == nullptr || !known->has_plain_rows) return {};
    const auto ports = known->pipeline.solver().inputs();
    cells.assign(known->base.begin(), known->base.end());
    for (std::size_t k = 0; k < request.inputs.size(); ++k)
      if (const std::size_t port = known->named[k];
          port < ports.size() && !read_plain_cell(ports[port], request.inputs[k], profile_name, key, cells[port]))
        return {};
    outputs.resize(known->outputs.size());
    const auto status = plain_status(*known, cells, outputs);
    if (!status) return {};
    std::string text;
    text.reserve(room_for_an_output * (outputs.size() + 1));
    text.append("{\"id\":").append(request.id).append(",");
    append_status(text, *status);
    append_outputs(text, *known, outputs);
    text += "}";
    return BatchAnswer{std::move(text), exit_status_of(*status)};
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
      if (value.is_object() && !is_quantity(value)) continue;  // the pipeline makes it
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
    if (auto plain = impl_->answer_plain(line)) return std::move(*plain);
    const auto budget = std::make_shared<Budget>(impl_->limits);
    budget->take_bytes(line.size(), "request");
    Json request = parse_json(line, "request", tree_limits(*budget));
    if (request.is_object() && request.contains("id")) id = dump(request["id"]);
    const Said said = impl_->answer_request(request, budget, interrupt);
    return {"{\"id\":" + id + "," + said.text + "}", said.exit_status};
  } catch (const PluginError& e) {
    return {"{\"id\":" + id + ",\"error\":" + dump(std::string(e.what())) + "}", 4};
  } catch (const std::exception& e) {
    return {"{\"id\":" + id + ",\"error\":" + dump(failure_text(e)) + "}", 1};
  }
}

BatchCount Batch::run(std::istream& in, std::ostream& out) {
  BatchCount count;
  std::string line;
  while (read_line(in, impl_->limits.bytes, "requests", line)) {
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const BatchAnswer answered = answer(line);
    ++count.requests;
    if (answered.exit_status == 1 || answered.exit_status == 4) ++count.refused;
    out << answered.text << '\n';
  }
  return count;
}

}  // namespace ironlaw::host
