#include "answer/facts_used.hpp"

#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "plugins/digest.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/record_table.hpp>

#include <array>
#include <cmath>
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

/// The rows of a table as a config takes them.
Json rows_of(const RecordTable& table) {
  Json rows = Json::array();
  for (std::size_t r = 0; r < table.rows; ++r) {
    Json row = Json::object();
    for (const TableColumn& column : table.columns) {
      const std::string name(column.name);
      if (!column.texts.empty() && !column.texts[r].empty()) row[name] = std::string(column.texts[r]);
      if (column.numbers.empty() || std::isnan(column.numbers[r])) continue;
      row[name] = quantity_json(column.numbers[r], column.dimension);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

class FactsUsed {
 public:
  FactsUsed(const Zoo& zoo, Tables tables) : zoo_(zoo), tables_(tables) {}

  void add(const std::string& path, const void* object) {
    const ZooObject* owner = object == nullptr ? nullptr : zoo_.owner(object);
    if (owner == nullptr) return;
    facts[path] = {{"name", owner->name}, {"kind", std::string(owner->kind->about().name)}};
    const auto fields = owner->kind->fields();
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const PortInfo& field = fields[f];
      const Cell& cell = owner->fields[f];
      const std::string name(field.name);
      if (takes_table(field)) {
        if (cell.object == nullptr) continue;
        const auto& table = *static_cast<const RecordTable*>(cell.object);
        facts[path]["tables"][name] = sha256_text(bytes_of(table));
        if (tables_ == Tables::whole) facts[path]["rows"][name] = rows_of(table);
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
  Tables tables_;
};

}  // namespace

Json facts_used(const Pipeline& pipeline, Tables tables) {
  FactsUsed used(pipeline.environment().zoo(), tables);
  for (const PlanInput& input : pipeline.plan().plan_inputs())
    if (input.port.type == PortType::object && !takes_table(input.port))
      used.add(std::string(input.port.name), input.base.object);
  return std::move(used.facts);
}

}  // namespace ironlaw::host
