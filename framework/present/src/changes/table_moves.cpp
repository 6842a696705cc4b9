#include "changes/table_moves.hpp"

#include "plan/plan.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/study.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/present/study_report.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace ironlaw::host {
namespace {

constexpr std::uint64_t most_rows = 100'000;
constexpr double rounding = 1e-9;  // of a mean move: what is less is no effect

bool says_how_it_ended(const std::string& column) { return column == "status" || column == "reason"; }

std::string percent(double share) { return format_quantity(share, {}, "%", 3); }

}  // namespace

std::optional<std::size_t> TableMoves::Rows::column(const std::string& name) const {
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c].at("name") == name) return c;
  return {};
}

double TableMoves::Rows::number(std::size_t row, std::size_t column) const {
  const Json& cell = rows[row][column];
  return cell.is_number() ? cell.get<double>() : absent_value;
}

TableMoves::Rows TableMoves::rows_of(const Json& table) { return {table.at("columns"), table.at("rows")}; }

/// The table as its JSON has it, which is how the other was written down.
TableMoves::Rows TableMoves::asked(const Pipeline& pipeline) {
  if (pipeline.study() == nullptr && pipeline.rows() > most_rows)
    throw InputError("changes", "looks at tables of up to " + std::to_string(most_rows) + " rows; this one has " +
                                    std::to_string(pipeline.rows()));
  ReportOptions options;
  options.format = OutputFormat::json;
  std::ostringstream text;
  if (pipeline.study() != nullptr) {
    StudyReport report(pipeline, options, text);
    (void)run_study(pipeline, report);
  } else {
    TableReport report(pipeline, options, text);
    report.finish(run(pipeline, report));
  }
  return rows_of(Json::parse(text.view()));
}

TableMoves::Rows TableMoves::known(const RecordedAnswer& side, const Rows& now) {
  return side.table().is_null() ? now : rows_of(side.table());
}

TableMoves::TableMoves(Session& session, const ChangedParts& parts, const ChangesOptions& options)
    : parts_(parts),
      options_(options),
      was_now_(asked(parts.before())),
      is_now_(asked(parts.after())),
      was_(known(parts.old_answer(), was_now_)),
      is_(known(parts.new_answer(), is_now_)) {
  for (const ChangedParts::Part& part : parts.parts()) alone_.push_back(asked(parts.before_with(session, part)));
  find_keys();
  std::set<std::string> both;
  for (const auto& [a, b] : paired(was_, is_)) both.insert(key_of(was_, a, keys_.size()));
  common_ = std::move(both);
}

/// Columns that may say which row a row is: those of axes, and of texts.
std::vector<std::string> TableMoves::key_candidates() const {
  const auto& pipeline = parts_.before();
  const auto is_axis = [&](const std::string& name) {
    for (const Axis& axis : pipeline.axes())
      for (const std::size_t input : axis.inputs)
        if (const std::string_view port = pipeline.solver().inputs()[input].name; port == name || port.ends_with("." + name))
          return true;
    return false;
  };
  std::vector<std::string> candidates;
  for (std::size_t c = 0; c < was_.columns.size(); ++c) {
    const auto name = was_.columns[c].at("name").get<std::string>();
    if (says_how_it_ended(name) || !is_.column(name)) continue;
    const bool text = std::all_of(was_.rows.begin(), was_.rows.end(), [&](const Json& row) { return row[c].is_string(); });
    if (text || is_axis(name)) candidates.push_back(name);
  }
  return candidates;
}

std::string TableMoves::key_of(const Rows& rows, std::size_t row, std::size_t count) const {
  std::string key;
  for (std::size_t k = 0; k < count; ++k) {
    const auto column = rows.column(keys_[k]);
    key += (key.empty() ? "" : ", ") + keys_[k] + " ";
    if (!column) continue;
    const Json& cell = rows.rows[row][*column];
    key += cell.is_string() ? cell.get<std::string>() : cell.dump();
  }
  return key;
}

bool TableMoves::tells_apart(const Rows& rows, std::size_t count) const {
  std::set<std::string> seen;
  for (std::size_t r = 0; r < rows.rows.size(); ++r)
    if (!seen.insert(key_of(rows, r, count)).second) return false;
  return true;
}

/// The fewest of the first candidates that tell all rows apart; none where they are told by their place.
void TableMoves::find_keys() {
  keys_ = key_candidates();
  for (std::size_t count = 0; count <= keys_.size(); ++count)
    if (tells_apart(was_, count) && tells_apart(is_, count)) {
      keys_.resize(count);
      return;
    }
  keys_.clear();
}

TableMoves::Pairs TableMoves::paired(const Rows& a, const Rows& b) const {
  Pairs pairs;
  if (keys_.empty()) {
    for (std::size_t r = 0; r < std::min(a.rows.size(), b.rows.size()); ++r) pairs.emplace_back(r, r);
    return pairs;
  }
  std::map<std::string, std::size_t> others;
  for (std::size_t r = 0; r < b.rows.size(); ++r) others.emplace(key_of(b, r, keys_.size()), r);
  for (std::size_t r = 0; r < a.rows.size(); ++r) {
    const std::string key = key_of(a, r, keys_.size());
    if (const auto found = others.find(key); found != others.end() && (!common_ || common_->contains(key)))
      pairs.emplace_back(r, found->second);
  }
  return pairs;
}

TableMoves::Move TableMoves::move_of(const std::string& column, const Rows& from, const Rows& to) const {
  Move move;
  const auto a = from.column(column);
  const auto b = to.column(column);
  if (!a || !b) return move;
  for (const auto& pair : paired(from, to)) {
    const double was = from.number(pair.first, *a);
    const double is = to.number(pair.second, *b);
    const double relative = was == is ? 0 : (is - was) / std::abs(was);
    if (!std::isfinite(relative)) continue;
    ++move.rows;
    move.sum += relative;
    if (std::abs(relative) >= options_.least) ++move.moved;
    if (std::abs(relative) <= std::abs(move.largest)) continue;
    move.largest = relative;
    move.where = pair;
  }
  return move;
}

/// Columns of numbers that both have in one unit: those that were asked for, else those that moved.
std::vector<std::string> TableMoves::moving_columns() const {
  std::vector<std::string> columns;
  for (const Json& column : was_.columns) {
    const auto name = column.at("name").get<std::string>();
    const auto other = is_.column(name);
    if (says_how_it_ended(name) || std::find(keys_.begin(), keys_.end(), name) != keys_.end()) continue;
    if (!other || is_.columns[*other] != column) continue;
    const bool asked_for = std::any_of(options_.outputs.begin(), options_.outputs.end(),
                                       [&](const std::string& o) { return name == o || name.ends_with("." + o); });
    const bool all = options_.outputs.empty() && move_of(name, was_, is_).moved > 0;
    if (asked_for || all) columns.push_back(name);
  }
  return columns;
}

void TableMoves::add_effect(const std::string& column, const std::string& what, const std::string& name, const Move& effect,
                            double moved, PageTable& table) const {
  const double share = effect.mean() / moved;
  table.rows.push_back({column,
                        what,
                        name,
                        {std::to_string(effect.moved) + " of " + std::to_string(effect.rows), Json(effect.moved)},
                        {percent(effect.mean()), Json(effect.mean())},
                        {percent(effect.largest), Json(effect.largest)},
                        {std::isfinite(share) ? percent(share) : "", std::isfinite(share) ? Json(share) : Json()}});
}

void TableMoves::add_column(const std::string& column, PageTable& table) const {
  const Move total = move_of(column, was_, is_);
  table.rows.push_back({column,
                        "column",
                        total.moved > 0 && !keys_.empty() ? "most at " + key_of(was_, total.where.first, keys_.size()) : "",
                        {std::to_string(total.moved) + " of " + std::to_string(total.rows), Json(total.moved)},
                        {percent(total.mean()), Json(total.mean())},
                        {percent(total.largest), Json(total.largest)},
                        ""});
  struct Effect {
    std::string what, name;
    Move move;
  };
  std::vector<Effect> effects;
  double explained = 0;
  for (std::size_t p = 0; p < alone_.size(); ++p) {
    const ChangedParts::Part& part = parts_.parts()[p];
    if (const Move move = move_of(column, was_now_, alone_[p]); move.largest != 0)
      effects.push_back({part.what, part.name, move});
  }
  // What today's program and records answer otherwise to the same questions and facts.
  Move behind = move_of(column, was_, was_now_);
  behind.sum += move_of(column, is_now_, is_).sum;
  if (std::abs(behind.mean()) > rounding) {
    const std::string name = parts_.behind();
    effects.push_back(
        {name.empty() ? "other" : "record", name.empty() ? "nothing that was written down says why" : name, behind});
  }
  std::stable_sort(effects.begin(), effects.end(),
                   [](const Effect& a, const Effect& b) { return std::abs(a.move.mean()) > std::abs(b.move.mean()); });
  for (const Effect& e : effects) {
    add_effect(column, e.what, e.name, e.move, total.mean(), table);
    explained += e.move.mean();
  }
  const double rest = total.mean() - explained;
  if (std::abs(rest) <= rounding) return;
  Move together;
  together.rows = 1;
  together.sum = rest;
  table.rows.push_back({column,
                        "together",
                        "what several move only together",
                        "",
                        {percent(rest), Json(rest)},
                        "",
                        {percent(rest / total.mean()), Json(rest / total.mean())}});
}

void TableMoves::add_to(Page& page) const {
  const std::size_t both = paired(was_, is_).size();
  page.facts.emplace_back("rows", std::to_string(both) + " in both; " + std::to_string(was_.rows.size() - both) +
                                      " only before, " + std::to_string(is_.rows.size() - both) + " only after");
  std::size_t ended = 0;
  const auto status = was_.column("status");
  const auto other = is_.column("status");
  if (status && other)
    for (const auto& [a, b] : paired(was_, is_)) ended += was_.rows[a][*status] == is_.rows[b][*other] ? 0 : 1;
  if (ended > 0) page.facts.emplace_back("status", std::to_string(ended) + " rows end otherwise");
  page.tables.push_back(parts_.table());
  PageTable table{"moved", {{"output"}, {"what"}, {"name"}, {"rows"}, {"mean"}, {"largest"}, {"share"}}, {}, InJson::list};
  for (const std::string& column : moving_columns()) add_column(column, table);
  page.tables.push_back(std::move(table));
}

}  // namespace ironlaw::host
