#include "document/facts.hpp"

#include "answer/provenance.hpp"
#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "plugins/digest.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <set>

namespace ironlaw::host {
namespace {

/// Objects of the zoo, each once, in the order of their first mention.
class ObjectsUsed {
 public:
  explicit ObjectsUsed(const Zoo& zoo) : zoo_(zoo) {}

  void add(const void* object) {
    const ZooObject* owner = object == nullptr ? nullptr : zoo_.owner(object);
    if (owner == nullptr || std::find(all.begin(), all.end(), owner) != all.end()) return;
    all.push_back(owner);
    const auto fields = owner->kind->fields();
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].type == PortType::object) add(owner->fields[i].object);
  }
  std::vector<const ZooObject*> all;

 private:
  const Zoo& zoo_;
};

std::vector<const ZooObject*> objects_of(const Pipeline& pipeline) {
  const auto& inputs = pipeline.plan().plan_inputs();
  ObjectsUsed used(pipeline.environment().zoo());
  std::vector<bool> varies(inputs.size(), false);
  for (const Axis& axis : pipeline.axes())
    for (std::size_t k = 0; k < axis.inputs.size(); ++k) {
      varies[axis.inputs[k]] = true;
      if (inputs[axis.inputs[k]].port.type == PortType::object)
        for (const Cell& cell : axis.values[k]) used.add(cell.object);
    }
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].port.type == PortType::object && !varies[i]) used.add(inputs[i].base.object);
  return used.all;
}

ZooEntryInfo entry_of(const Zoo& zoo, const ZooObject& object) {
  for (auto& entry : zoo.entries(object.name))
    if (entry.kind == object.kind->about().name) return entry;
  return {};
}

/// Sources, numbered from 1 in the order of their first mention.
class Sources {
 public:
  std::string cite(const ZooEntryInfo& entry, const PortInfo& field, const Cell& cell) {
    auto source = entry.sources.find(std::string(field.name));
    if (source == entry.sources.end()) {
      if (field.type != PortType::object && !field.required && cell.number == field.fallback) return "default";
      source = entry.sources.find("");
    }
    if (source == entry.sources.end() || source->second.title.empty()) return "";
    const auto& s = source->second;
    std::string line = s.title;
    for (const auto* part : {&s.publisher, &s.date, &s.url})
      if (!part->empty()) line += ", " + *part;
    const auto known = std::find(lines_.begin(), lines_.end(), line);
    const auto number = known - lines_.begin() + 1;
    if (known == lines_.end()) lines_.push_back(line);
    return "[" + std::to_string(number) + "]";
  }
  [[nodiscard]] Grid grid() const {
    Grid grid{{"", "source"}, {false, false}, {}};
    for (std::size_t i = 0; i < lines_.size(); ++i) grid.rows.push_back({{"[" + std::to_string(i + 1) + "]", lines_[i]}, false});
    return grid;
  }

 private:
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<DocumentBlock> facts_of(const Pipeline& pipeline) {
  const Zoo& zoo = pipeline.environment().zoo();
  Sources sources;
  std::vector<DocumentBlock> blocks;
  Grid grid{{"object", "fact", "value", "source"}, {}, {}};
  for (const ZooObject* object : objects_of(pipeline)) {
    const auto entry = entry_of(zoo, *object);
    const auto fields = object->kind->fields();
    std::string name = object->name + (entry.label.empty() ? "" : " (" + entry.label + ")");
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const ShownValue value{std::string(fields[i].name), &fields[i], object->fields[i],
                             object_name(zoo, fields[i], object->fields[i])};
      if (is_absent(value)) continue;
      grid.rows.push_back({{name, value.name, value_text(value), sources.cite(entry, fields[i], value.cell)}, false});
      name.clear();
    }
  }
  if (grid.rows.empty()) return {Paragraph{"No entry of the zoo is used."}};
  blocks.emplace_back(std::move(grid));
  blocks.emplace_back(sources.grid());
  return blocks;
}

std::vector<DocumentBlock> provenance_of(const Pipeline& pipeline, const DocumentText& text) {
  ReportOptions options;
  options.program = text.program;
  const Json json = provenance(pipeline, options);
  Grid grid{{"what", "which", "version or SHA-256"}, {}, {}};
  grid.rows.push_back({{"program", text.program, ""}, false});
  grid.rows.push_back({{"profile", json["profile"].get<std::string>(), ""}, false});
  grid.rows.push_back({{"config", text.file, text.of_file ? sha256_of(text.file) : std::string()}, false});
  for (const auto& plugin : json["plugins"]) {
    if (plugin.contains("manifest")) {
      for (const auto& solver : plugin["solvers"])
        grid.rows.push_back({{"solver of the program", solver.get<std::string>(), "without a manifest"}, false});
    } else {
      grid.rows.push_back({{"plugin", plugin["name"].get<std::string>(),
                            plugin["version"].get<std::string>() + ", " + plugin["sha256"].get<std::string>()},
                           false});
    }
  }
  std::set<std::string> files;
  for (const ZooObject* object : objects_of(pipeline))
    if (const auto entry = entry_of(pipeline.environment().zoo(), *object); !entry.file.empty()) files.insert(entry.file);
  for (const auto& file : files) grid.rows.push_back({{"facts", shown_path(file), sha256_of(file)}, false});
  return {std::move(grid)};
}

}  // namespace ironlaw::host
