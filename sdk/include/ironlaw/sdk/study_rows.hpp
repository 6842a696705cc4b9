#pragma once
// The rows that a study asks for.
#include <ironlaw/study.hpp>

#include <algorithm>
#include <vector>

namespace ironlaw {

/// Rows over the axes of a bench: an input that no axis sets is the base's in every row.
class StudyRows {
 public:
  StudyRows(const Bench& bench, std::size_t rows)
      : space_(bench.space()), rows_(rows), cells_(bench.base().size()), status_(rows, RowStatus::ok) {
    for (const Cell& cell : bench.base()) in_.push_back({&cell, 0});
    for (std::size_t a = 0; a < space_.axes(); ++a)
      for (const std::size_t input : space_.axis(a).inputs) vary(input);
  }
  StudyRows(const StudyRows&) = delete;
  StudyRows& operator=(const StudyRows&) = delete;

  [[nodiscard]] std::size_t size() const { return rows_; }
  /// Puts an axis of one row at `u` in [0, 1] (Space::at).
  void set(std::size_t row, std::size_t axis, double u) {
    const auto inputs = space_.axis(axis).inputs;
    at_.resize(inputs.size());
    space_.at(axis, u, at_);
    for (std::size_t k = 0; k < inputs.size(); ++k) cells_[inputs[k]][row] = at_[k];
  }
  /// Puts one input of one row, on an axis or not.
  void set_input(std::size_t row, std::size_t input, Cell cell) {
    vary(input);
    cells_[input][row] = cell;
  }
  /// Evaluates the rows and keeps these outputs.
  void evaluate(Bench& bench, std::span<const std::size_t> outputs, std::size_t pipeline = 0) {
    std::vector<Cell*> out(bench.pipeline(pipeline).outputs().size(), nullptr);
    out_.assign(outputs.size(), std::vector<Cell>(rows_));
    for (std::size_t o = 0; o < outputs.size(); ++o) out[outputs[o]] = out_[o].data();
    std::fill(status_.begin(), status_.end(), RowStatus::ok);
    bench.evaluate({in_, out, status_}, pipeline);
  }

  [[nodiscard]] const Column& input(std::size_t input) const { return in_[input]; }
  /// Of the outputs that evaluate() was given, by their place there.
  [[nodiscard]] std::span<const Cell> output(std::size_t o) const { return out_[o]; }
  [[nodiscard]] std::span<const RowStatus> status() const { return status_; }
  /// Whether a row has its values.
  [[nodiscard]] bool answered(std::size_t row) const { return has_outputs(status_[row]); }

 private:
  void vary(std::size_t input) {
    if (!cells_[input].empty() || rows_ == 0) return;
    cells_[input].assign(rows_, in_[input][0]);
    in_[input] = {cells_[input].data(), 1};
  }
  const Space& space_;
  std::size_t rows_;
  std::vector<Column> in_;
  std::vector<std::vector<Cell>> cells_;  ///< by input; empty: the base
  std::vector<Cell> at_;
  std::vector<std::vector<Cell>> out_;
  std::vector<RowStatus> status_;
};

}  // namespace ironlaw
