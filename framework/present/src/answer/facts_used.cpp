#include "answer/facts_used.hpp"

#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "plugins/digest.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/record_table.hpp>

#include <array>
#include <cstdio>

namespace ironlaw::host {
namespace {

/// Names and values of a table, to be told from another.
std::string bytes_of(const RecordTable& table) {
  std::string bytes;
  for (const TableColumn& column : table.columns) {
    bytes.append(column.name).append("\n");
    for (const double number : column.numbers) {
      std::array<char, 32> text{};
      std::snprintf(text.data(), text.size(), "%.17g,", number);
      bytes += text.data();
    }
    for (const std::string_view text : column.texts) bytes.append(text).append(",");
  }
  return bytes;
}

class FactsUsed {
 public:
  explicit FactsUsed(const Zoo& zoo) : zoo_(zoo) {}

  void add(const std::string& path, const void* object) {
    const ZooObject* owner = object == nullptr ? nullptr : zoo_.owner(object);
    if (owner == nullptr) return;
    Json& entry = facts[path] = {{"name", owner->name}, {"kind", std::string(owner->kind->about().name)}};
    const auto fields = owner->kind->fields();
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const PortInfo& field = fields[f];
      const Cell& cell = owner->fields[f];
      const std::string name(field.name);
      if (takes_table(field)) {
        if (cell.object != nullptr) entry["tables"][name] = sha256_text(bytes_of(*static_cast<const RecordTable*>(cell.object)));
      } else if (field.type == PortType::object) {
        add(path + "." + name, cell.object);
      } else if (Json value = value_json({name, &field, cell, {}}); !value.is_null()) {
        facts[path]["values"][name] = std::move(value);
      }
    }
  }
  Json facts = Json::object();

 private:
  const Zoo& zoo_;
};

}  // namespace

Json facts_used(const Pipeline& pipeline) {
  FactsUsed used(pipeline.environment().zoo());
  for (const PlanInput& input : pipeline.plan().plan_inputs())
    if (input.port.type == PortType::object && !takes_table(input.port))
      used.add(std::string(input.port.name), input.base.object);
  return std::move(used.facts);
}

}  // namespace ironlaw::host
