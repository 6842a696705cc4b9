#include "answer/provenance.hpp"

#include "plan/clauses.hpp"
#include "plan/environment.hpp"
#include "plan/plan.hpp"

#include <ironlaw/catalog/installation.hpp>

#include <algorithm>
#include <vector>

namespace ironlaw::host {
namespace {

/// Plugins by what they brought; each once, in the order of first use.
class PluginsUsed {
 public:
  explicit PluginsUsed(Plugins& plugins) : plugins_(plugins), records_(plugins.opened()) {}

  void add(const Solver& solver) {
    if (plugins_.is_of_program(solver)) {
      if (std::find(of_program_.begin(), of_program_.end(), solver.about().name) == of_program_.end())
        of_program_.emplace_back(solver.about().name);
      return;
    }
    add_if("solver", solver.about().name, [&](const std::string& name) { return &plugins_.solver(name) == &solver; });
    for (const Solver* called : plugins_.called_by(solver)) add(*called);
  }
  void add(const Kind& kind) {
    add_if("kind", kind.about().name, [&](const std::string& name) { return &plugins_.kind(name) == &kind; });
  }
  void add(const CallbackSpec& spec) {
    if (spec.observer != nullptr)
      add_if("observer", spec.observer->about().name,
             [&](const std::string& name) { return &plugins_.observer(name) == spec.observer; });
    if (spec.guard != nullptr)
      add_if("guard", spec.guard->about().name, [&](const std::string& name) { return &plugins_.guard(name) == spec.guard; });
  }
  [[nodiscard]] Json json() const {
    Json list = Json::array();
    for (const PluginRecord* record : used_)
      list.push_back({{"name", record->name},
                      {"version", record->version},
                      {"licence", record->licence},
                      {"file", shown_path(record->file)},
                      {"sha256", plugins_.sha256(*record)},
                      {"fingerprint", record->fingerprint}});
    // Of these nothing says what they were made of.
    if (!of_program_.empty()) list.push_back({{"name", "program"}, {"manifest", nullptr}, {"solvers", of_program_}});
    return list;
  }

 private:
  /// Several plugins may bring one name: the one meant is the one whose component it is.
  template <class Same>
  void add_if(std::string_view what, std::string_view name, const Same& same) {
    const Provides provides{std::string(what), std::string(name)};
    for (const PluginRecord& record : records_) {
      if (std::find(record.provides.begin(), record.provides.end(), provides) == record.provides.end()) continue;
      if (!same(record.name + "/" + provides.name)) continue;
      if (std::find(used_.begin(), used_.end(), &record) == used_.end()) used_.push_back(&record);
    }
  }

  Plugins& plugins_;
  std::vector<PluginRecord> records_;
  std::vector<const PluginRecord*> used_;
  std::vector<std::string> of_program_;  ///< solvers that no plugin brought
};

void add_kind(const Zoo& zoo, const void* object, PluginsUsed& used) {
  if (const ZooObject* owner = zoo.owner(object)) used.add(*owner->kind);
}

/// A stage that is a config of its own counts by its stages.
void add_solvers(const Plan& plan, PluginsUsed& used) {
  for (const PlanStage& stage : plan.stages()) {
    if (stage.owned) {
      add_solvers(*stage.owned, used);
    } else if (stage.solver != nullptr) {
      used.add(*stage.solver);
    }
  }
}

Json zoo_json(const Zoo& zoo) {
  Json list = Json::array();
  const auto said = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  for (const ZooStamp& stamp : zoo.stamps())
    list.push_back({{"folder", shown_path(stamp.folder)},
                    {"version", said(stamp.version)},
                    {"sha256", said(stamp.sha256)},
                    {"records_sha256", said(stamp.records_sha256)}});
  return list;
}

}  // namespace

std::string stamp_text(const Pipeline& pipeline, const ReportOptions& options) {
  constexpr std::size_t shown = 12;  // of a check sum
  const Environment& environment = pipeline.environment();
  std::string text = "Made by " + options.program;
  if (const auto& profile = environment.profile.name; profile != "native") text += " with the profile " + profile;
  std::string_view before = " of the zoo ";
  for (const ZooStamp& stamp : environment.zoo().stamps()) {
    text.append(before).append(stamp.version.empty() ? stamp.folder.filename().string() : stamp.version);
    text.append(" (").append(stamp.sha256.substr(0, shown));
    if (!stamp.records_sha256.empty()) text.append(", records ").append(stamp.records_sha256.substr(0, shown));
    text += ")";
    before = " and ";
  }
  return text + ".";
}

Json provenance(const Pipeline& pipeline, const ReportOptions& options) {
  const Environment& environment = pipeline.environment();
  PluginsUsed used(environment.plugins());
  add_solvers(pipeline.plan(), used);
  for (const CallbackSpec& callback : pipeline.clauses().callbacks) used.add(callback);
  for (const PlanInput& input : pipeline.plan().plan_inputs())
    if (input.port.type == PortType::object) add_kind(environment.zoo(), input.base.object, used);
  for (const Axis& axis : pipeline.axes())
    for (std::size_t k = 0; k < axis.inputs.size(); ++k)
      if (pipeline.plan().plan_inputs()[axis.inputs[k]].port.type == PortType::object)
        for (const Cell& cell : axis.values[k]) add_kind(environment.zoo(), cell.object, used);
  Json json{{"program", options.program},
            {"profile", environment.profile.name},
            {"plugins", used.json()},
            {"zoo", zoo_json(environment.zoo())}};
  for (const AmendableInput& one : pipeline.amendable()) json["amends"].push_back({{"input", one.name}, {"guards", one.guards}});
  return json;
}

}  // namespace ironlaw::host
