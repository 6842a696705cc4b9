#include "document/scorecard.hpp"

#include "plan/clauses.hpp"
#include "plan/plan.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <algorithm>
#include <set>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_lines = 4;

/// A question of the scorecard, and the dimensions that it is about; the last one is about whatever no other is.
struct Question {
  const char* text;
  std::vector<Dimension> dimensions;
  [[nodiscard]] bool asks_of(const Dimension& d) const {
    return std::find(dimensions.begin(), dimensions.end(), d) != dimensions.end();
  }
};

std::vector<Question> questions() {
  return {{"Fast enough", {dimension_of<Time>(), dimension_of<Rate>(), dimension_of<TokenRate>(), dimension_of<RequestRate>()}},
          {"Affordable", {dimension_of<Money>(), dimension_of<MoneyRate>(), dimension_of<decltype(Money{} / Tokens{})>()}},
          {"Clean",
           {dimension_of<Energy>(), dimension_of<Power>(), dimension_of<Carbon>(), dimension_of<Volume>(),
            dimension_of<decltype(Carbon{} / Tokens{})>()}},
          {"Other targets", {}}};
}

const PortInfo& port_of(const Plan& plan, std::size_t slot) {
  return slot < plan.inputs().size() ? plan.inputs()[slot] : plan.outputs()[slot - plan.inputs().size()];
}

double share_of(const Wall& wall) { return wall.used.cell.number / wall.bound.cell.number; }

/// Hard walls, the closest first.
Score feasible(const Answer& answer, const std::vector<AnsweredStage>& stages) {
  Score score{"Feasible", answer.status == RowStatus::ok ? Score::Verdict::good : Score::Verdict::bad, {}};
  for (const auto& error : answer.errors) score.lines.push_back(error);
  std::vector<std::pair<const Wall*, std::string>> walls;  // and what it is called
  for (const auto& stage : stages)
    for (const auto& wall : stage.walls)
      if (wall.limit->hard) walls.emplace_back(&wall, wall_name(stages, stage.name, wall.limit->name));
  std::stable_sort(walls.begin(), walls.end(),
                   [](const auto& a, const auto& b) { return share_of(*a.first) > share_of(*b.first); });
  for (const auto& [wall, name] : walls)
    if (score.lines.size() < most_lines) score.lines.push_back(name + ": " + wall_text(*wall));
  if (score.lines.empty()) score.lines.emplace_back("no hard limit stands in the way");
  return score;
}

/// The scores of questions whose targets are told one by one.
class TargetScores {
 public:
  TargetScores() : questions_(questions()) {
    for (const Question& question : questions_) scores_.push_back({question.text, Score::Verdict::open, {}});
  }
  void add(const std::vector<Dimension>& about, bool held, const std::string& line) {
    Score& score = scores_[question_of(about)];
    if (score.verdict != Score::Verdict::bad) score.verdict = held ? Score::Verdict::good : Score::Verdict::bad;
    if (!held) score.lines.insert(score.lines.begin(), line);
    if (held) score.lines.push_back(line);
  }
  /// A target says what this output of the pipeline is.
  void tells(std::size_t output) { told_.insert(output); }
  /// Outputs of its dimensions among the columns of the report stand where a question has room.
  Scorecard with_headlines(const Pipeline& pipeline, const Answer& answer) && {
    Scorecard card;
    for (std::size_t q = 0; q < questions_.size(); ++q) {
      Score& score = scores_[q];
      if (questions_[q].dimensions.empty() && score.lines.empty()) continue;
      if (score.verdict == Score::Verdict::open) score.lines.emplace_back("no target is set");
      for (const ResultColumn& column : pipeline.columns()) {
        if (says_what_was_asked(column) || column.from == ResultColumn::From::used || column.end != ResultColumn::End::none)
          continue;
        if (!questions_[q].asks_of(column.port.dimension) || score.lines.size() >= most_lines) continue;
        if (column.from == ResultColumn::From::output && told_.contains(column.index)) continue;
        const ShownValue value{column.name, &column.port, answer.cell(column), {}};
        if (!is_absent(value)) score.lines.push_back(column.name + ": " + value_text(value));
      }
      card.push_back(std::move(score));
    }
    return card;
  }

 private:
  [[nodiscard]] std::size_t question_of(const std::vector<Dimension>& about) const {
    for (std::size_t q = 0; q < questions_.size(); ++q)
      if (std::any_of(about.begin(), about.end(), [&](const Dimension& d) { return questions_[q].asks_of(d); })) return q;
    return questions_.size() - 1;
  }
  std::vector<Question> questions_;
  std::vector<Score> scores_;
  std::set<std::size_t> told_;
};

}  // namespace

std::string wall_name(const std::vector<AnsweredStage>& stages, std::string_view stage, std::string_view wall) {
  return std::string(wall) + (stages.size() > 1 ? " of " + std::string(stage) : std::string());
}

std::string values_in(const Pipeline& pipeline, const Answer& answer, const Constraint& constraint) {
  std::string text;
  for (const std::size_t slot : constraint.condition.slots()) {
    const std::size_t inputs = pipeline.plan().inputs().size();
    const Cell& cell = slot < inputs ? answer.inputs[slot] : answer.outputs[slot - inputs];
    const PortInfo& port = port_of(pipeline.plan(), slot);
    if (port.type != PortType::number && port.type != PortType::integer) continue;
    const ShownValue value{std::string(port.name), &port, cell, {}};
    text += (text.empty() ? "" : ", ") + (is_absent(value) ? std::string("absent") : value_text(value));
  }
  return text;
}

Scorecard scorecard_of(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages) {
  TargetScores targets;
  if (has_outputs(answer.status)) {
    for (const Constraint& constraint : pipeline.clauses().constraints) {
      if (constraint.before) continue;
      std::vector<Dimension> about;
      for (const std::size_t slot : constraint.condition.slots()) {
        about.push_back(port_of(pipeline.plan(), slot).dimension);
        if (slot >= pipeline.plan().inputs().size()) targets.tells(slot - pipeline.plan().inputs().size());
      }
      const std::string& text = constraint.condition.text();
      const bool broken = std::find(answer.violated.begin(), answer.violated.end(), text) != answer.violated.end();
      const std::string is = values_in(pipeline, answer, constraint);
      targets.add(about, !broken, text + (broken ? ": no" : ": yes") + (is.empty() ? "" : ", " + is));
    }
    for (const auto& stage : stages)
      for (const auto& wall : stage.walls)
        if (wall.is_target() && !wall.limit->hard)
          targets.add(
              {wall.used.port->dimension}, !wall.exceeded(),
              wall_name(stages, stage.name, wall.limit->name) + ": " + (wall.exceeded() ? "no" : "yes") + ", " + wall_text(wall));
  }
  Scorecard card{feasible(answer, stages)};
  for (Score& score : std::move(targets).with_headlines(pipeline, answer)) card.push_back(std::move(score));
  return card;
}

}  // namespace ironlaw::host
