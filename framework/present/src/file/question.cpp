#include "file/question.hpp"

#include "answer/provenance.hpp"
#include "config/config_impl.hpp"
#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "value/bytes.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>

#include <boost/crc.hpp>

#include <fstream>
#include <sstream>

namespace ironlaw::host {
namespace {

using Sum = boost::crc_optimal<64, 0x42F0E1EBA9EA3693, ~0ULL, ~0ULL, true, true>;

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
  [[nodiscard]] std::string sum() const {
    Sum sum;
    sum.process_bytes(bytes_.data(), bytes_.size());
    std::ostringstream text;
    text << std::hex << sum.checksum();
    return text.str();
  }

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

  const Zoo& zoo_;
  std::string bytes_;
};

std::string sum_of_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const std::string text = bytes.str();
  boost::crc_32_type sum;
  sum.process_bytes(text.data(), text.size());
  return std::to_string(sum.checksum());
}

}  // namespace

Json question_of(const Config& config, const Pipeline& pipeline, const std::string& program) {
  ReportOptions options;
  options.program = program;
  Json question = provenance(pipeline, options);
  for (Json& plugin : question["plugins"]) {
    plugin["sum"] = sum_of_file(plugin["file"].get<std::string>());
    plugin.erase("file");  // another machine may have it elsewhere
  }
  question["file"] = config.impl().file;
  question["config"] = config.impl().root;
  question["facts"] = Facts(pipeline).sum();
  question["rows"] = pipeline.rows();
  return question;
}

Config config_of(const Json& question, const std::string& where) {
  try {
    const auto file = std::filesystem::path(question.at("file").get<std::string>()).replace_extension(".json");
    return Config::parse(dump(question.at("config")), file.string());
  } catch (const Json::exception&) {
    throw InputError(where, "holds no question that this version of ironlaw understands");
  }
}

}  // namespace ironlaw::host
