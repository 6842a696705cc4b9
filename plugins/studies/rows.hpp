#pragma once
#include <ironlaw/maybe.hpp>
#include <ironlaw/study.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace ironlaw::studies {

/// Rows that a study evaluates at a time, where it has many.
constexpr std::size_t rows_at_a_time = 65536;

/// Rows around a design: every input is as the config says, but for the columns that vary.
class Rows final : public ErrorSink {
 public:
  explicit Rows(Bench& bench, std::size_t pipeline = 0)
      : bench_(bench),
        solver_(bench.pipeline(pipeline)),
        pipeline_(pipeline),
        base_(bench.base(pipeline).begin(), bench.base(pipeline).end()),
        varied_(base_.size()),
        varies_(base_.size()),
        stored_(solver_.outputs().size()),
        wanted_(solver_.outputs().size()) {}

  [[nodiscard]] const Solver& solver() const { return solver_; }
  [[nodiscard]] std::size_t size() const { return status_.size(); }
  [[nodiscard]] const Cell& base(std::size_t input) const { return base_[input]; }

  /// From here on the design has another value of an input.
  void set_base(std::size_t input, const Cell& cell) { base_[input] = cell; }

  /// A port's name: without its stage where the pipeline has one. An expression is as it was written.
  [[nodiscard]] std::string_view shown(std::string_view name) const {
    const auto outputs = solver_.outputs();
    if (outputs.empty()) return name;
    const auto stage = outputs.front().name.substr(0, outputs.front().name.find('.') + 1);
    if (is_expression(name) || !name.starts_with(stage)) return name;
    const bool one = std::all_of(outputs.begin(), outputs.end(),
                                 [&](const PortInfo& p) { return p.name.starts_with(stage) || is_expression(p.name); });
    return one ? name.substr(stage.size()) : name;
  }
  /// Begins a block of rows; nothing varies yet.
  void begin(std::size_t rows) {
    status_.assign(rows, RowStatus::ok);
    reason_of_.assign(rows, 0);
    reason_texts_.clear();
    reasons_.clear();
    last_ = nullptr;
    varies_.assign(varies_.size(), 0);
  }
  /// The column of an input, at its base until written.
  std::vector<Cell>& vary(std::size_t input) {
    if (varies_[input] == 0) varied_[input].assign(size(), base_[input]);
    varies_[input] = 1;
    return varied_[input];
  }
  /// The same for one who writes every row: until then it holds anything.
  std::span<Cell> write(std::size_t input) {
    varied_[input].resize(size());
    varies_[input] = 1;
    return varied_[input];
  }
  /// An output to keep; stays wanted for the blocks after this.
  void want(std::size_t output) { wanted_[output] = true; }

  void evaluate() {
    std::vector<Column> in;
    for (std::size_t i = 0; i < base_.size(); ++i)
      in.push_back(varies_[i] == 0 ? Column{&base_[i], 0} : Column{varied_[i].data(), 1});
    std::vector<Cell*> out;
    for (std::size_t o = 0; o < stored_.size(); ++o) {
      if (wanted_[o]) stored_[o].resize(size());
      out.push_back(wanted_[o] ? stored_[o].data() : nullptr);
    }
    bench_.evaluate({in, out, status_, this}, pipeline_);
  }

  [[nodiscard]] RowStatus status(std::size_t row) const { return status_[row]; }
  [[nodiscard]] double value(std::size_t output, std::size_t row) const {
    return has_outputs(status_[row]) ? stored_[output][row].number : absent_value;
  }
  [[nodiscard]] const Cell& input(std::size_t input, std::size_t row) const {
    return varies_[input] == 0 ? base_[input] : varied_[input][row];
  }
  /// Either side of a limit; an output must be wanted.
  [[nodiscard]] double side(const PortReference& side, std::size_t row) const {
    return side.side == PortReference::Side::output ? value(side.index, row) : input(side.index, row).number;
  }
  /// Why a row has no outputs, or empty.
  [[nodiscard]] std::string reason(std::size_t row) const {
    return reason_of_[row] == 0 ? std::string() : *reason_texts_[reason_of_[row] - 1];
  }
  /// A number for it, which rows of the block that say the same share: from 0, where nothing is said, to reasons().
  [[nodiscard]] std::size_t reason_number(std::size_t row) const { return reason_of_[row]; }
  [[nodiscard]] std::size_t reasons() const { return reason_texts_.size(); }

 private:
  /// What a condition compares is an output too: "0", "50 ms", "2 * latency". A port's name is in snake_case, with dots.
  static bool is_expression(std::string_view name) {
    constexpr std::string_view of_names = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    return name.find_first_not_of(of_names) != name.npos || name.front() < 'a' || name.front() > 'z';
  }
  void row(std::size_t row, RowStatus, std::string_view port, std::string_view what) noexcept override {
    if (reason_of_[row] != 0) return;
    // Rows that follow one another mostly fail for the same.
    const std::size_t after_port = port.empty() ? 0 : port.size() + 2;
    if (last_ != nullptr && last_port_ == port.size() && last_->size() == after_port + what.size() && last_->starts_with(port) &&
        last_->ends_with(what)) {
      reason_of_[row] = last_number_;
      return;
    }
    said_.assign(port).append(port.empty() ? "" : ": ").append(what);
    const auto [text, fresh] = reasons_.try_emplace(said_, static_cast<std::uint32_t>(reasons_.size() + 1));
    if (fresh) reason_texts_.push_back(&text->first);
    last_ = &text->first;
    last_port_ = port.size();
    last_number_ = reason_of_[row] = text->second;
  }

  Bench& bench_;
  const Solver& solver_;
  std::size_t pipeline_;
  std::vector<Cell> base_;
  std::vector<std::vector<Cell>> varied_;
  std::vector<char> varies_;  ///< by input: whether the block has a column of it
  std::vector<std::vector<Cell>> stored_;
  std::vector<bool> wanted_;
  std::vector<RowStatus> status_;
  std::map<std::string, std::uint32_t> reasons_;  ///< of the block, numbered from 1: many rows share one
  std::vector<const std::string*> reason_texts_;
  std::vector<std::uint32_t> reason_of_;  ///< by row; 0: none
  const std::string* last_ = nullptr;     ///< what was said last in the block, of a port with a name so long
  std::size_t last_port_ = 0;
  std::uint32_t last_number_ = 0;
  std::string said_;
};

/// Refuses a config with axes, where a study looks at one design.
inline void check_one_design(const Bench& bench, std::string_view study) {
  if (bench.space().axes() > 0)
    throw InputError(study, "looks at one design, and the config has axes: give each one value (--set NAME=VALUE)");
}

/// Outputs that are numbers: what the option names, or all.
inline std::vector<std::size_t> numeric_outputs(const Solver& solver, std::span<const std::size_t> named,
                                                std::string_view study) {
  const auto outputs = solver.outputs();
  std::vector<std::size_t> all(named.begin(), named.end());
  for (const std::size_t o : all)
    if (outputs[o].type != PortType::number && outputs[o].type != PortType::integer)
      throw InputError(study, "the output " + std::string(outputs[o].name) + " is no number");
  if (all.empty())
    for (std::size_t o = 0; o < outputs.size(); ++o)
      if (outputs[o].type == PortType::number || outputs[o].type == PortType::integer) all.push_back(o);
  return all;
}

/// A limit of a row that has both sides.
struct Margin {
  double share;  ///< of the bound that is used
  bool hard;
  std::string name;
  std::string sides;  ///< "63 GiB of 80 GiB (79 %)"
};
/// The tightest first; what want_limits() wants must have been evaluated.
[[nodiscard]] std::vector<Margin> margins_of(Bench& bench, const Rows& rows, std::size_t row);

/// One line a limit, the tightest first, at most five.
void note_margins(Bench& bench, Rows& rows, std::size_t row);
/// Wants what note_margins() reads.
void want_limits(Rows& rows);

}  // namespace ironlaw::studies
