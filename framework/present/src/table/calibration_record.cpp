#include <ironlaw/present/calibration_record.hpp>

#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "plan/study_plan.hpp"
#include "table/calibrated_rates.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace ironlaw::host {
namespace {

/// What a row of the study's table says of a constant.
struct FoundConstant {
  std::string name;
  double value = 0;
  double standard_error = 0;
};

/// An entry to write: which object it stands for, and the fields that were found.
struct Entry {
  std::size_t input = 0;  ///< of the plan: the object
  std::string based_on;   ///< empty: nothing was named there
  const Kind* kind = nullptr;
  std::vector<std::pair<std::string, double>> fields;
  std::string rates_of{};  ///< not empty: a table of kernel rates with one row, of this stage
};

std::string exact(double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", number);
  return text;
}

/// A field as an entry takes it: "8.1e-06 s", or a bare number.
Json field_json(const PortInfo& field, double number) {
  if (field.dimension.dimensionless()) return Json::parse(exact(number));
  return exact(number) + " " + si_unit(field.dimension);
}

const PortInfo* field_of(const Kind& kind, std::string_view name) {
  const auto fields = kind.fields();
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const PortInfo& p) { return p.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

/// Passes rows on and keeps the constants among them.
class KeptRows final : public RowSink {
 public:
  std::vector<FoundConstant> constants;
  double band_low = absent_value;
  double band_high = absent_value;
  RowSink* shown = nullptr;
  const std::vector<ResultColumn>* columns = nullptr;

  void rows(const ResultRows& rows) override {
    for (std::size_t r = 0; r < rows.status.size(); ++r) {
      const PortInfo& constant = (*columns)[column("constant")].port;
      const auto name = static_cast<std::size_t>(number(rows, "constant", r));
      constants.push_back({std::string(constant.choices[name]), number(rows, "value", r), number(rows, "standard_error", r)});
      band_low = number(rows, "band_low", r);
      band_high = number(rows, "band_high", r);
    }
    shown->rows(rows);
  }

 private:
  [[nodiscard]] std::size_t column(std::string_view name) const {
    for (std::size_t c = 0; c < columns->size(); ++c)
      if ((*columns)[c].name == name) return c;
    throw InputError("", "the study has no column '" + std::string(name) + "', which a record is made of; only calibrate has");
  }
  [[nodiscard]] double number(const ResultRows& rows, std::string_view name, std::size_t row) const {
    return rows.columns[column(name)][row].number;
  }
};

}  // namespace

struct CalibrationRecord::Impl {
  Impl(const Pipeline& p, StudySink& s) : pipeline(p), shown(s) {}

  /// The input that a constant is: its name, or the end of it behind the only stage.
  [[nodiscard]] std::string input_named(const std::string& name) const {
    const auto& inputs = pipeline.plan().plan_inputs();
    for (const PlanInput& input : inputs)
      if (input.port.name == name) return name;
    for (const PlanInput& input : inputs)
      if (input.port.name.ends_with("." + name)) return std::string(input.port.name);
    throw InputError("-o", name + " is a factor on the output, for which " + std::string(solver_of_prediction()) +
                               " has no record; fit constants of one (--constants)");
  }
  [[nodiscard]] std::string_view solver_of_prediction() const {
    const std::string stage = predicted_stage();
    for (const PlanStage& s : pipeline.plan().stages())
      if (s.name == stage && s.solver != nullptr) return s.solver->about().name;
    return "the config";
  }
  [[nodiscard]] const PortInfo& predicted() const {
    const std::size_t output = pipeline.study()->options->ports("predicts").front();
    const auto outputs = pipeline.solver().outputs();
    return output < outputs.size() ? outputs[output] : pipeline.study()->derived_ports[output - outputs.size()];
  }
  [[nodiscard]] std::string predicted_stage() const {
    const std::string_view name = predicted().name;
    return std::string(name.substr(0, name.rfind('.')));
  }
  [[nodiscard]] std::size_t object_input(std::string_view name) const {
    const auto& inputs = pipeline.plan().plan_inputs();
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i].port.name == name && inputs[i].port.type == PortType::object) return i;
    return inputs.size();
  }
  /// The software stack or trainer of a stage.
  [[nodiscard]] std::size_t stack_of(const std::string& stage) const {
    for (const PlanStage& s : pipeline.plan().stages()) {
      if (s.name != stage || s.solver == nullptr) continue;
      for (std::size_t k = 0; k < s.in.size(); ++k)
        if (s.inputs()[k].interface == SoftwareStack::interface && s.in[k].from == PlanSource::From::input) return s.in[k].index;
    }
    return pipeline.plan().plan_inputs().size();
  }

  [[nodiscard]] std::vector<Entry> entries() const {
    std::vector<Entry> all;
    for (const FoundConstant& constant : rows.constants) {
      const std::string name = input_named(constant.name);
      const std::string owner = name.substr(0, name.rfind('.'));
      const std::string field = name.substr(owner.size() + 1);
      std::size_t object = object_input(owner);
      if (object == pipeline.plan().plan_inputs().size()) object = stack_of(owner);
      if (object == pipeline.plan().plan_inputs().size() && rates_input(pipeline.plan(), owner) != object) {
        rates_of(owner, all).fields.emplace_back(field, constant.value);
        continue;
      }
      if (object == pipeline.plan().plan_inputs().size())
        throw InputError("-o", name +
                                   " is no constant of a record; allowed: inputs that a software stack, a trainer or a record of "
                                   "kernels states, and fields of objects. Set it with --set " +
                                   name + "=" + exact(constant.value));
      Entry& entry = entry_of(object, all);
      if (field_of(*entry.kind, field) == nullptr) {
        std::vector<std::string_view> known;
        for (const PortInfo& p : entry.kind->fields()) known.push_back(p.name);
        throw InputError("-o", name + ": a " + std::string(entry.kind->about().name) + " has no field '" + field + "'" +
                                   did_you_mean(field, known) + " Set it with --set " + name + "=" + exact(constant.value));
      }
      entry.fields.emplace_back(field, constant.value);
    }
    add_band(all);
    return all;
  }
  Entry& rates_of(const std::string& stage, std::vector<Entry>& all) const {
    for (Entry& entry : all)
      if (entry.rates_of == stage) return entry;
    Entry& entry = all.emplace_back();
    entry.rates_of = stage;
    entry.input = rates_input(pipeline.plan(), stage);
    entry.kind = &pipeline.environment().plugins().kind(std::string(KernelRates::interface));
    return entry;
  }
  Entry& entry_of(std::size_t object, std::vector<Entry>& all) const {
    for (Entry& entry : all)
      if (entry.input == object) return entry;
    Entry& entry = all.emplace_back();
    const PlanInput& input = pipeline.plan().plan_inputs()[object];
    entry.input = object;
    if (input.base.object != nullptr) {
      const ZooObject* owner = pipeline.environment().zoo().owner(input.base.object);
      entry.based_on = object_name(pipeline.environment().zoo(), input.port, input.base);
      if (owner == nullptr || entry.based_on.empty())
        throw InputError(
            "-o", std::string(input.port.name) + " is written out in the config; a record is based on an entry of the zoo");
      entry.kind = owner->kind;
    } else {
      const std::string_view port = input.port.name.substr(input.port.name.rfind('.') + 1);
      entry.kind = &pipeline.environment().plugins().kind(std::string(port));
    }
    return entry;
  }
  /// Of the predicted time. A rate is the slower the longer its time.
  void add_band(std::vector<Entry>& all) const {
    if (std::isnan(rows.band_low)) return;
    const std::size_t stack = stack_of(predicted_stage());
    const auto holds = std::find_if(all.begin(), all.end(), [&](const Entry& e) {
      return e.input == stack && field_of(*e.kind, "band_low") != nullptr && field_of(*e.kind, "band_high") != nullptr;
    });
    if (holds == all.end()) return;
    const bool time = predicted().dimension == dimension_of<Time>();
    holds->fields.emplace_back("band_low", time ? rows.band_low : -rows.band_high);
    holds->fields.emplace_back("band_high", time ? rows.band_high : -rows.band_low);
  }
  [[nodiscard]] static std::string name_of(const Entry& entry, const std::string& name, bool one) {
    if (name.empty()) return entry.based_on.empty() ? "calibrated" : entry.based_on;
    return one ? name : name + "_" + std::string(entry.kind->about().name);
  }

  const Pipeline& pipeline;
  StudySink& shown;
  KeptRows rows;
  std::vector<std::string> notes;
};

CalibrationRecord::CalibrationRecord(const Pipeline& pipeline, StudySink& shown)
    : impl_(std::make_unique<Impl>(pipeline, shown)) {}
CalibrationRecord::~CalibrationRecord() = default;

RowSink& CalibrationRecord::table(const std::vector<ResultColumn>& columns) {
  impl_->rows.shown = &impl_->shown.table(columns);
  impl_->rows.columns = &columns;
  return impl_->rows;
}
void CalibrationRecord::note(std::string_view text) {
  impl_->notes.emplace_back(text);
  impl_->shown.note(text);
}
void CalibrationRecord::progress(double done) { impl_->shown.progress(done); }
void CalibrationRecord::finish(const RunSummary& summary) {
  impl_->notes = summary.notes;
  impl_->shown.finish(summary);
}

std::string CalibrationRecord::zoo_file(const std::string& name) const {
  const auto entries = impl_->entries();
  std::string note;
  for (const FoundConstant& c : impl_->rows.constants)
    note += (note.empty() ? "standard errors: " : ", ") + c.name + " " + exact(c.standard_error);
  for (const std::string& line : impl_->notes) note += "; " + line;
  Json file;
  file["sources"]["calibration"]["title"] =
      "Fitted by ironlaw study calibrate to measured rows of " + std::string(impl_->predicted().name);
  for (const Entry& entry : entries) {
    Json json;
    if (!entry.rates_of.empty())
      json = calibrated_rates(impl_->pipeline, {entry.rates_of, entry.fields, impl_->rows.band_low, impl_->rows.band_high});
    else if (entry.based_on.empty())
      json["kind"] = entry.kind->about().name;
    else
      json["based_on"] = entry.based_on;
    for (const auto& [field, value] : entry.fields) {
      if (!entry.rates_of.empty()) continue;
      json[field] = field_json(*field_of(*entry.kind, field), value);
      json["sources"][field] = "calibration";
    }
    if (entry.based_on.empty()) json["source"] = "calibration";
    json["note"] = note;
    file["entries"][Impl::name_of(entry, name, entries.size() == 1)] = std::move(json);
  }
  return dump(file, 2) + "\n";
}

std::vector<std::string> CalibrationRecord::uses(const std::string& name) const {
  const auto entries = impl_->entries();
  std::vector<std::string> lines;
  for (const Entry& entry : entries) {
    const std::string key = Impl::name_of(entry, name, entries.size() == 1);
    const std::string input(impl_->pipeline.plan().plan_inputs()[entry.input].port.name);
    lines.push_back(key == entry.based_on ? key + " takes the place of the entry of that name: nothing else to set"
                                          : "--set " + input + "=" + key);
  }
  return lines;
}

}  // namespace ironlaw::host
