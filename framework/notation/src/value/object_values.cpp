// Objects of the zoo, and tables. Who reads and names them is the zoo.
#include "value/port_values.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/record_table.hpp>

namespace ironlaw::host {
namespace {

/// A list of rows. What a column takes is said by its doc alone: hundreds of rows would make editors slow.
Json table_schema(std::span<const ColumnInfo> columns) {
  if (columns.empty()) return {{"type", "array"}, {"items", {{"type", "object"}}}};
  Json properties = Json::object();
  Json required = Json::array();
  for (const ColumnInfo& column : columns) {
    properties[std::string(column.name)] = {{"description", column.doc}};
    if (column.required) required.push_back(column.name);
  }
  return {{"type", "array"},
          {"items", {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}}}};
}

class ObjectValues final : public PortValues {
 public:
  [[nodiscard]] ValueForm form() const override { return ValueForm::object; }
  [[nodiscard]] std::string name(const PortInfo& port) const override { return std::string(port.interface); }
  [[nodiscard]] std::string carried(const PortInfo& port) const override { return "a " + std::string(port.interface); }
  [[nodiscard]] std::string allowed(const PortInfo& port) const override {
    return takes_table(port) ? "a list of rows" : "a " + std::string(port.interface);
  }
  [[nodiscard]] bool suits(const PortInfo& from, const PortInfo& to) const override {
    return from.interface == to.interface && from.interface_layout == to.interface_layout;
  }
  [[nodiscard]] bool absent(const Cell& cell) const override { return cell.object == nullptr; }
  [[nodiscard]] bool accepts(const PortInfo&, const Cell&) const override { return true; }
  [[nodiscard]] std::string reason_refused(const PortInfo& port, const Cell&) const override {
    return "is required: give " + allowed(port);
  }
  Cell read(const PortInfo& port, const Json&, const std::string& where, KeptValues&) const override {
    throw InputError(where, std::string(port.name) + " takes " + allowed(port) + ", not a value");
  }
  [[nodiscard]] std::string text(const PortInfo&, const Cell&) const override { return {}; }
  [[nodiscard]] Json json(const PortInfo&, const Cell&) const override { return {}; }
  [[nodiscard]] Json schemas(const PortInfo& port) const override {
    if (!takes_table(port)) return Json::array({{{"type", "string"}}, {{"type", "object"}}});
    return Json::array({table_schema(port.columns),
                        {{"type", "string"}, {"description", "a file (.csv, .arrow, .json) or a table of the zoo"}}});
  }
};

}  // namespace

const PortValues& object_values() {
  static const ObjectValues values;
  return values;
}

}  // namespace ironlaw::host
