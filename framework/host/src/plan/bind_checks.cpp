// What can be said only when everything is bound: what nobody gave, what nobody reads, and series that do not go together.
#include "plan/binder.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/series.hpp>

#include <algorithm>

namespace ironlaw::host {

void Binder::check_lengths(std::span<const Axis> axes) const {
  const auto varies = [&](std::size_t input) {
    return std::any_of(axes.begin(), axes.end(), [&](const Axis& axis) {
      return std::find(axis.inputs.begin(), axis.inputs.end(), input) != axis.inputs.end();
    });
  };
  for (const PlanStage& stage : stages_) {
    if (stage.maker) continue;
    std::map<std::string_view, std::pair<std::string_view, std::uint32_t>>
        lengths;  // by index: of the first port that runs over it
    for (std::size_t k = 0; k < stage.in.size(); ++k) {
      const PortInfo& port = stage.inputs()[k];
      const PlanSource& source = stage.in[k];
      if (port.type != PortType::series || port.index.empty() || source.from != PlanSource::From::input || varies(source.index))
        continue;
      const SeriesCell* series = series_of(inputs_[source.index].base);
      if (series == nullptr) continue;
      const auto [known, first] = lengths.try_emplace(port.index, port.name, series->size);
      if (known->second.second != series->size)
        throw InputError(inputs_[source.index].where, std::string(port.name) + " has " + std::to_string(series->size) +
                                                          " values over " + std::string(port.index) + ", and " +
                                                          std::string(known->second.first) + " has " +
                                                          std::to_string(known->second.second));
    }
  }
}

void Binder::check_complete() const {
  std::string text;
  Problems all = problems_;
  const Missing* before = nullptr;
  for (const auto& [input, m] : missing_) {
    const bool same = before != nullptr && before->where == m.where && before->who == m.who;
    text += (text.empty() ? "" : "; ") + (same ? m.what : m.where + ": " + m.who + m.what);
    before = &m;
  }
  if (!text.empty()) all.add(text);
  all.raise();
}

std::vector<std::string> Binder::notes() const {
  std::vector<std::string> lines = notes_;
  for (const auto& [name, named] : named_)
    if (!named.source) lines.push_back(named.where + ": no stage reads the input '" + name + "'");
  return lines;
}

}  // namespace ironlaw::host
