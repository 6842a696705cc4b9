#include "file/question.hpp"

#include "answer/provenance.hpp"
#include "config/config_impl.hpp"
#include "files/check_sum.hpp"
#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "value/bytes.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/record_table.hpp>
#include <ironlaw/series.hpp>

#include <array>

namespace ironlaw::host {
namespace {

/// Adds up everything that a pipeline computes with.
class Facts {
 public:
  explicit Facts(const Pipeline& pipeline) : zoo_(pipeline.environment().zoo()) {
    add(pipeline.plan());
    for (const Axis& axis : pipeline.axes()) {
      for (std::size_t k = 0; k < axis.inputs.size(); ++k) {
        put(bytes_, axis.inputs[k]);
        for (const Cell& cell : axis.values[k]) add(pipeline.plan().plan_inputs()[axis.inputs[k]].port, cell);
      }
    }
    for (const ResultColumn& column : pipeline.columns()) put(bytes_, std::string_view(column.name));
  }
  [[nodiscard]] std::uint64_t sum() const { return check_sum(bytes_); }

 private:
  void add(const Plan& plan) {
    for (const PlanInput& input : plan.plan_inputs()) {
      put(bytes_, std::string_view(input.port.name));
      add(input.port, input.base);
    }
    for (const PlanStage& stage : plan.stages()) {
      put(bytes_, std::string_view(stage.name));
      for (const PlanSource& source : stage.in) {
        put(bytes_, source.from);
        put(bytes_, source.index);
        put(bytes_, source.port);
      }
      if (stage.owned) add(*stage.owned);
      if (stage.solver != nullptr) put(bytes_, stage.solver->about().name);
      if (stage.arithmetic) put(bytes_, std::string_view(stage.arithmetic->text()));
    }
  }
  void add(const PortInfo& port, const Cell& cell) {
    if (is_kept(port)) return add_kept(port, cell);
    if (takes_table(port)) return add_table(static_cast<const RecordTable*>(cell.object));
    if (port.type != PortType::object) {
      put(bytes_, cell.number);
      return;
    }
    const ZooObject* object = zoo_.owner(cell.object);
    put(bytes_, object != nullptr);
    if (object == nullptr) return;
    put(bytes_, std::string_view(object->name));
    put(bytes_, object->kind->about().name);
    for (std::size_t f = 0; f < object->fields.size(); ++f) add(object->kind->fields()[f], object->fields[f]);
  }

  void add_kept(const PortInfo& port, const Cell& cell) {
    put(bytes_, absent_cell(cell));
    if (absent_cell(cell)) return;
    if (port.type == PortType::text) return put(bytes_, *static_cast<const std::string_view*>(cell.object));
    add_numbers({series_of(cell)->data, series_of(cell)->size});
  }
  void add_table(const RecordTable* table) {
    put(bytes_, table != nullptr);
    for (std::size_t c = 0; table != nullptr && c < table->columns.size(); ++c) {
      put(bytes_, table->columns[c].name);
      add_numbers(table->columns[c].numbers);
      for (const std::string_view text : table->columns[c].texts) put(bytes_, text);
    }
  }
  void add_numbers(std::span<const double> numbers) {
    put(bytes_, numbers.size());
    for (const double number : numbers) put(bytes_, number);
  }

  const Zoo& zoo_;
  std::string bytes_;
};

}  // namespace

Json question_of(const Config& config, const Pipeline& pipeline, const std::string& program) {
  ReportOptions options;
  options.program = program;
  Json question = provenance(pipeline, options);
  for (Json& plugin : question["plugins"]) plugin.erase("file");  // another machine may have it elsewhere
  question.erase("zoo");                                          // "facts" are those that take part
  question["config"] = config.impl().root;
  question["includes"] = config.impl().includes->texts();
  question["facts"] = Facts(pipeline).sum();
  question["rows"] = pipeline.rows();
  return question;
}

std::string difference(const Json& one, const Json& other) {
  constexpr std::array<std::array<const char*, 2>, 6> parts{{{"program", "another version of ironlaw"},
                                                             {"profile", "another profile"},
                                                             {"plugins", "other plugins"},
                                                             {"config", "another config"},
                                                             {"includes", "other files that the config names"},
                                                             {"facts", "other facts"}}};
  for (const auto& [key, words] : parts)
    if (one.value(key, Json()) != other.value(key, Json())) return words;
  return "another question";
}

Config config_of(const Json& question, const std::string& where) {
  if (!question.is_object() || !question.contains("config") || !question.contains("includes"))
    throw InputError(where, "holds no question that this version of ironlaw understands");
  return Config::of_bundle(dump({{"config", question["config"]}, {"includes", question["includes"]}}), where);
}

}  // namespace ironlaw::host
