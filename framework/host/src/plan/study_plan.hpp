#pragma once
#include "config/option_values.hpp"
#include "expression/expression.hpp"
#include "plan/binder.hpp"

#include <ironlaw/host/pipeline.hpp>
#include <ironlaw/study.hpp>

#include <deque>

namespace ironlaw::host {

/// What "study" of a config asks for, before anything is bound.
struct StudyRequest {
  const Study* study = nullptr;  ///< null: a sweep
  Json options = Json::object();
  std::string where;
  std::vector<VariedInput> inputs;  ///< that its options name, and fields that a design it is held against replaces
  bool every_field = false;         ///< its option "inputs" is left out: numbers of objects are looked at, too
};

/// The verb to run on a pipeline, bound to it.
struct StudyPlan {
  std::string name;
  const Study* study = nullptr;
  std::deque<Expression> derived;  ///< outputs that the options ask for, behind the pipeline's own; slots as in Clauses
  std::vector<PortInfo> derived_ports;
  std::unique_ptr<OptionValues> options;
  std::uint64_t seed = 1;
  std::vector<std::unique_ptr<const Pipeline>> others;  ///< what it is held against
};

/// Numbers of the zoo's objects that a plan reads, and of the objects in them, under the names that replace them. Those of models
/// are left out: one of their sizes alone is no model.
[[nodiscard]] std::vector<VariedInput> fields_of_objects(const Config::Impl& config, const Plan& plan, const Zoo& zoo,
                                                         const std::string& where);

/// Throws InputError where no study has that name, with the nearest.
[[nodiscard]] StudyRequest read_study(const Config::Impl& config, Plugins& plugins);

/// Null for a sweep. Throws InputError at the option.
[[nodiscard]] std::unique_ptr<const StudyPlan> bind_study(const StudyRequest& request, const Config::Impl& config,
                                                          const Plan& plan, const std::vector<Axis>& axes,
                                                          const std::shared_ptr<Environment>& environment);

}  // namespace ironlaw::host
