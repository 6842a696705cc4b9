#include <ironlaw/host/pipeline.hpp>

#include "plan/clauses.hpp"
#include "plan/environment.hpp"
#include "plan/study_plan.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

std::size_t find_port(std::span<const PortInfo> ports, std::string_view name, const char* what, const std::string& where) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == name) return i;
  throw InputError(where, "no " + std::string(what) + " '" + std::string(name) + "'" + did_you_mean(name, names_of(ports)));
}

}  // namespace

Pipeline::Pipeline(std::shared_ptr<const Environment> environment, std::unique_ptr<Plan> plan, std::vector<Axis> axes,
                   std::vector<ResultColumn> columns, std::unique_ptr<const Clauses> clauses,
                   std::unique_ptr<const StudyPlan> study, std::vector<std::string> notes)
    : environment_(std::move(environment)),
      plan_(std::move(plan)),
      axes_(std::move(axes)),
      columns_(std::move(columns)),
      clauses_(std::move(clauses)),
      study_(std::move(study)),
      notes_(std::move(notes)) {}
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline::~Pipeline() = default;

const Solver& Pipeline::solver() const { return *plan_; }
const Zoo& Pipeline::zoo() const { return environment_->zoo(); }
std::vector<Cell> Pipeline::base() const { return plan_->base(); }

bool Pipeline::observed() const {
  const auto& callbacks = clauses_->callbacks;
  return std::any_of(callbacks.begin(), callbacks.end(), [](const CallbackSpec& c) { return c.observer != nullptr; });
}

void Pipeline::amended_by_guards(std::vector<AmendableInput> amendable) {
  using From = ResultColumn::From;
  amendable_ = std::move(amendable);
  const std::size_t inputs = plan_->inputs().size();
  for (std::size_t a = 0; a < amendable_.size(); ++a) {
    const AmendableInput& one = amendable_[a];
    const PortInfo& port = plan_->stages()[one.stage].inputs()[one.port];
    const From from = one.source < inputs ? From::input : From::output;
    const std::size_t index = one.source < inputs ? one.source : one.source - inputs;
    const auto shown = std::find_if(columns_.begin(), columns_.end(),
                                    [&](const ResultColumn& c) { return c.from == from && c.index == index && one.alone; });
    if (shown == columns_.end()) {
      columns_.push_back({one.name, From::used, a, port});
      continue;
    }
    ResultColumn asked{shown->name + "_asked", From::asked, a, shown->port};
    shown->from = From::used;
    shown->index = a;
    columns_.insert(shown + 1, std::move(asked));
  }
}

std::uint64_t Pipeline::rows() const {
  std::uint64_t n = 1;
  for (const auto& axis : axes_)
    if (!axis.distribution) n *= axis.size();
  return n;
}

std::size_t Pipeline::input(std::string_view name, const std::string& where) const {
  return find_port(plan_->inputs(), name, "input", where);
}
std::size_t Pipeline::output(std::string_view name, const std::string& where) const {
  return find_port(plan_->outputs(), name, "output", where);
}

}  // namespace ironlaw::host
