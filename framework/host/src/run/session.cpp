#include <ironlaw/host/session.hpp>

#include "plan/clauses.hpp"
#include "plan/compile.hpp"
#include "process/confined_task.hpp"
#include "run/callbacks.hpp"
#include "run/origin.hpp"
#include "run/outcome.hpp"
#include "run/program_solvers.hpp"
#include "zoo/packs.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {

namespace {

PluginOpening opening_of(const SessionOptions& options) {
  if (!options.isolate || options.isolate->opens_here) return {};
  constexpr double rows_time = 10;  // opening a library may take as long as so many rows
  return {.elsewhere = true, .most_seconds = rows_time * options.isolate->row_timeout, .most_bytes = options.isolate->row_memory};
}

bool has_guards(const Pipeline& pipeline) {
  const auto& callbacks = pipeline.clauses().callbacks;
  return std::any_of(callbacks.begin(), callbacks.end(), [](const CallbackSpec& c) { return c.guard != nullptr; });
}

void write_amendable(std::string& bytes, const std::vector<AmendableInput>& all) {
  put(bytes, static_cast<std::uint64_t>(all.size()));
  for (const AmendableInput& one : all) {
    put(bytes, std::string_view(one.name));
    put(bytes, static_cast<std::uint64_t>(one.stage));
    put(bytes, static_cast<std::uint64_t>(one.port));
    put(bytes, static_cast<std::uint64_t>(one.source));
    put(bytes, one.alone);
    put(bytes, static_cast<std::uint64_t>(one.guards.size()));
    for (const auto& guard : one.guards) put(bytes, std::string_view(guard));
  }
}

/// Throws InputError for what no pipeline like this one has.
std::vector<AmendableInput> read_amendable(std::string_view bytes, const Pipeline& pipeline) {
  std::vector<AmendableInput> all;
  for (auto n = take<std::uint64_t>(bytes); n > 0; --n) {
    AmendableInput& one = all.emplace_back();
    one.name = take_text(bytes);
    one.stage = take<std::uint64_t>(bytes);
    one.port = take<std::uint64_t>(bytes);
    one.source = take<std::uint64_t>(bytes);
    one.alone = take<std::uint8_t>(bytes) != 0;
    for (auto guards = take<std::uint64_t>(bytes); guards > 0; --guards) one.guards.push_back(take_text(bytes));
    const auto& stages = pipeline.plan().stages();
    if (one.stage >= stages.size() || one.port >= stages[one.stage].inputs().size() ||
        one.source >= pipeline.solver().inputs().size() + pipeline.solver().outputs().size())
      throw PluginError({}, "--isolate", "a plugin declares something else each time that it is opened");
  }
  return all;
}

/// What guards declare, in a process of its own that opens them.
std::vector<AmendableInput> amendable_elsewhere(const Pipeline& pipeline, const PipelineOrigin& origin) {
  const auto end = run_confined(
      [&] {
        return outcome_of([&](std::string& bytes) {
          const CompiledHere here(origin);
          write_amendable(bytes, here.pipeline.amendable());
        });
      },
      {.seconds = most_seconds_to_compile}, {.memory = origin.session.isolate->row_memory});
  if (!end.done) throw PluginError({}, "a guard", end.failure);
  std::string_view bytes = end.bytes;
  check_outcome(bytes);
  return read_amendable(bytes, pipeline);
}

}  // namespace

Session::Session(const SessionOptions& options)
    : options_(options), plugins_(std::make_shared<Plugins>(options.plugins, opening_of(options))) {
  const auto append = [this](const std::vector<std::filesystem::path>& folders) {
    zoo_folders_.insert(zoo_folders_.end(), folders.begin(), folders.end());
  };
  if (options.default_zoo) {
    const auto data = data_folder();
    if (!data.empty() && std::filesystem::is_directory(data / "zoo")) zoo_folders_.push_back(data / "zoo");
    append(installed_packs());
  }
  append(plugin_packs(plugins_->records()));
  append(options.zoo);
}
Session::~Session() = default;

Environment& Session::environment(const std::string& profile, const std::string& where) {
  const std::string name = profile.empty() ? "native" : profile;
  if (const auto known = environments_.find(name); known != environments_.end()) return *known->second;
  auto made = std::make_shared<Environment>(plugins_, zoo_folders_, profile, where);  // of no profile: nothing is kept
  return *environments_.emplace(name, std::move(made)).first->second;
}

Zoo& Session::zoo(const std::string& profile) {
  const std::lock_guard lock(mutex_);
  return environment(profile, "profile").zoo();
}

std::vector<std::string> Session::profiles() const { return profile_names(zoo_folders_); }

Pipeline Session::compile(const Config& config, const std::string& profile) {
  const bool said = !config.profile().empty();
  const std::string name = said ? config.profile() : profile;
  const std::lock_guard lock(mutex_);
  environment(name, said ? config.impl().where("/profile") : "profile");
  auto pipeline = host::compile(config.impl(), environments_[name.empty() ? "native" : name]);
  if (options_.isolate) {
    if (const Solver* own = solver_of_program(pipeline))
      throw InputError("--isolate", of_this_program(*own, "it is evaluated in this process alone; leave it out"));
    pipeline.evaluated_elsewhere(
        std::make_shared<PipelineOrigin>(PipelineOrigin{options_, Config::copy_of(config.impl()), profile}));
  }
  if (!has_guards(pipeline)) return pipeline;
  const bool elsewhere = options_.isolate && !options_.isolate->opens_here;
  pipeline.amended_by_guards(
      elsewhere
          ? amendable_elsewhere(pipeline, *pipeline.origin())
          : CallbackRun(pipeline.plan(), pipeline.rows(), pipeline.clauses().callbacks, CallbackRun::Which::guards).amendable());
  return pipeline;
}

}  // namespace ironlaw::host
