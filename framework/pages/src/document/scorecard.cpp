#include "document/scorecard.hpp"

#include "plan/clauses.hpp"
#include "plan/plan.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <algorithm>
#include <functional>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_lines = 3;

/// A question of the scorecard, and the dimensions that it is about.
struct Question {
  const char* text;
  std::vector<Dimension> dimensions;
  [[nodiscard]] bool asks_of(const Dimension& d) const {
    return std::find(dimensions.begin(), dimensions.end(), d) != dimensions.end();
  }
};

std::vector<Question> questions() {
  return {
      {"Fast enough", {dimension_of<Time>(), dimension_of<Rate>(), dimension_of<TokenRate>(), dimension_of<RequestRate>()}},
      {"Affordable", {dimension_of<Money>(), dimension_of<MoneyRate>(), dimension_of<decltype(Money{} / Tokens{})>()}},
      {"Clean",
       {dimension_of<Energy>(), dimension_of<Carbon>(), dimension_of<Volume>(), dimension_of<decltype(Carbon{} / Tokens{})>()}}};
}

const PortInfo& port_of(const Plan& plan, std::size_t slot) {
  return slot < plan.inputs().size() ? plan.inputs()[slot] : plan.outputs()[slot - plan.inputs().size()];
}

Score feasible(const Answer& answer, const std::vector<AnsweredStage>& stages) {
  Score score{"Feasible", answer.status == RowStatus::ok ? Score::Verdict::good : Score::Verdict::bad, {}};
  for (const auto& error : answer.errors) score.lines.push_back(error);
  for (const auto& stage : stages)
    for (const auto& wall : stage.walls)
      if (score.lines.size() < most_lines) score.lines.push_back(std::string(wall.limit->name) + ": " + wall_text(wall));
  return score;
}

/// Outputs of these dimensions among the columns of the report.
void add_headlines(const Pipeline& pipeline, const Answer& answer, const Question& question, Score& score) {
  for (const ResultColumn& column : pipeline.columns()) {
    if (says_what_was_asked(column) || column.from == ResultColumn::From::used || column.end != ResultColumn::End::none) continue;
    if (!question.asks_of(column.port.dimension)) continue;
    if (score.lines.size() == most_lines) return;
    const ShownValue value{column.name, &column.port, answer.cell(column), {}};
    if (!is_absent(value)) score.lines.push_back(column.name + ": " + value_text(value));
  }
}

Score score_of(const Question& question, const Pipeline& pipeline, const Answer& answer) {
  Score score{question.text, Score::Verdict::open, {}};
  for (const Constraint& constraint : pipeline.clauses().constraints) {
    const auto slots = constraint.condition.slots();
    const bool asked = !constraint.before && std::any_of(slots.begin(), slots.end(), [&](std::size_t slot) {
      return question.asks_of(port_of(pipeline.plan(), slot).dimension);
    });
    if (!asked) continue;
    const std::string& text = constraint.condition.text();
    const bool broken = std::find(answer.violated.begin(), answer.violated.end(), text) != answer.violated.end();
    if (score.verdict != Score::Verdict::bad) score.verdict = broken ? Score::Verdict::bad : Score::Verdict::good;
    score.lines.push_back(text + (broken ? ": no" : ": yes"));
  }
  if (score.verdict == Score::Verdict::open) score.lines.emplace_back("no condition asks for it");
  add_headlines(pipeline, answer, question, score);
  return score;
}

}  // namespace

Scorecard scorecard_of(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages) {
  Scorecard card{feasible(answer, stages)};
  for (const Question& question : questions()) card.push_back(score_of(question, pipeline, answer));
  return card;
}

}  // namespace ironlaw::host
