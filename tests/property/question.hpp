#pragma once
// A stage whose inputs are set by name, as often as one likes.
#include "../host/sessions.hpp"

namespace ironlaw::host {

class Question {
 public:
  explicit Question(const std::string& stage) : pipeline_(compiled(one_stage(stage))), inputs_(pipeline_.base()) {}

  void set(const std::string& input, double value) { inputs_[pipeline_.input("s." + input)].number = value; }
  [[nodiscard]] double get(const std::string& input) const { return inputs_[pipeline_.input("s." + input)].number; }

  /// The outputs of one row.
  class Result {
   public:
    Result(const Pipeline& pipeline, Answer answer) : pipeline_(&pipeline), answer_(std::move(answer)) {}
    [[nodiscard]] double operator[](const std::string& output) const { return output_of(*pipeline_, answer_, "s." + output); }
    [[nodiscard]] bool ok() const { return answer_.status == RowStatus::ok; }

   private:
    const Pipeline* pipeline_;
    Answer answer_;
  };

  /// The answer, whether or not it fits; a refusal is a failure of the test.
  [[nodiscard]] Result ask() const {
    Answer a = answer(pipeline_, inputs_);
    EXPECT_TRUE(has_outputs(a.status)) << (a.errors.empty() ? "" : a.errors.front());
    return {pipeline_, std::move(a)};
  }

 private:
  Pipeline pipeline_;
  std::vector<Cell> inputs_;
};

/// Room for rounding in sums and products.
constexpr double rounding = 1e-12;

inline void expect_share(const Question::Result& result, const std::string& output) {
  EXPECT_GE(result[output], 0) << output;
  EXPECT_LE(result[output], 1 + rounding) << output;
}

}  // namespace ironlaw::host
