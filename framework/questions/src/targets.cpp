#include "targets.hpp"

#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace ironlaw::host {

std::vector<Target> targets_of(const Question::Spec& spec) {
  std::vector<Target> targets;
  for (const TargetSpec& target : spec.targets)
    if (!target.bound.empty()) targets.push_back({&target});
  return targets;
}

void refuse_contradictions(const std::vector<Target>& targets, const std::vector<double>& bounds) {
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const TargetSpec& part = *targets[t].spec;
    if (!part.at_least && !(bounds[t] > 0))
      throw InputError(part.where, part.bound + " leaves nothing; a target of at most so much is more than 0");
    for (std::size_t w = 0; w < targets.size(); ++w) {
      const TargetSpec& whole = *targets[w].spec;
      if (part.given && whole.name == part.part_of && bounds[t] > bounds[w])
        throw InputError(part.where,
                         part.bound + " is more than " + whole.bound + " of " + whole.where + ", of which it is a part");
    }
  }
}

Config with_targets(const Config& config, const std::vector<Target>& targets) {
  Config::Impl impl = config.impl();
  Json& study = impl.root["study"];
  Json conditions = study.contains("subject_to") ? study["subject_to"] : Json::array();
  if (!conditions.is_array()) conditions = Json::array({conditions});
  for (const Target& target : targets) {
    impl.flags[pointer("/study/subject_to", conditions.size())] = target.spec->where;
    conditions.push_back(target.condition());
  }
  study["subject_to"] = std::move(conditions);
  return Config::copy_of(impl);
}

Config nearest_config(const Config& config, const Target& target, const std::vector<Target>& others, bool far_end) {
  Config::Impl impl = config.impl();
  Json& study = impl.root["study"];
  study["goal"] = (target.spec->at_least ? "max " : "min ") + target.spec->value;
  for (const auto& [near, far] : {std::pair("least", "most"), {"most", "least"}}) {
    if (!far_end || !study.contains(near)) continue;
    study[far] = study[near];
    study.erase(near);
    break;
  }
  std::vector<Target> kept;
  std::copy_if(others.begin(), others.end(), std::back_inserter(kept), [&](const Target& t) { return t.spec != target.spec; });
  return with_targets(Config::copy_of(impl), kept);
}

double bound_of(const Target& target, const Dimension& dimension) {
  try {
    const Parsed bound = parse_quantity(target.spec->bound, dimension);
    if (bound.dimension == dimension) return bound.value;
  } catch (const UnitError& e) {
    throw InputError(target.spec->where, e.what());
  }
  throw InputError(target.spec->where, "takes a quantity in " + si_unit(dimension) + ", not '" + target.spec->bound + "'");
}

std::string unit_of(const Target& target, const Dimension& dimension) {
  const std::string& text = target.spec->bound;
  const auto number = text.find_last_of("0123456789");
  const auto unit = text.find_first_not_of(' ', number == text.npos ? text.size() : number + 1);
  if (unit == text.npos) return {};
  try {
    return parse_unit(text.substr(unit), dimension).dimension == dimension ? text.substr(unit) : std::string();
  } catch (const UnitError&) {
    return {};
  }
}

std::string shortfall_text(const Target& target, double best, const Dimension& dimension, const std::string& unit) {
  const double bound = bound_of(target, dimension);
  const double off = std::abs(best / bound - 1);
  const std::string told =
      format_quantity(best, dimension, unit_of(target, dimension).empty() ? unit : unit_of(target, dimension), shown_digits);
  if (target.spec->at_least ? best >= bound : best <= bound) return told;
  return told + ", " + format_quantity(off, {}, "%", 3) + (target.spec->at_least ? " under" : " over");
}

Config otherwise_config(const Config& config, const OtherwiseSpec& otherwise, const std::vector<Target>& targets) {
  Config::Impl impl = config.impl();
  impl.root["study"]["goal"] = otherwise.goal;
  std::vector<Target> kept;
  std::copy_if(targets.begin(), targets.end(), std::back_inserter(kept), [&](const Target& t) {
    return std::find(otherwise.without.begin(), otherwise.without.end(), t.spec->name) == otherwise.without.end();
  });
  return with_targets(Config::copy_of(impl), kept);
}

}  // namespace ironlaw::host
