// An observer of one's own: it says which row of a run was the slowest, and how slow.
#include <ironlaw/sdk.hpp>

#include <array>
#include <cstdio>
#include <string>

using namespace ironlaw;

class WorstRow final : public Observer {
 public:
  static constexpr ObserverType::About about{"worst_row", "Prints the row with the largest value of one output that is a time"};
  static constexpr std::array<OptionInfo, 2> options{
      OptionInfo{.name = "stage", .doc = "stage to watch", .type = OptionType::text, .required = true},
      OptionInfo{.name = "output", .doc = "its output to watch", .type = OptionType::text, .required = true}};

  explicit WorstRow(const Options& given) : stage_(given.text("stage")), output_(given.text("output")) {}

  void run_begin(const PlanView&, Wants& wants) override { wants.output(stage_, output_); }

  void stage_end(const StageView& stage) override {
    if (stage.name() != stage_) return;
    const auto times = stage.output<Time>(output_);  // checks the name and the dimension
    for (std::size_t row = 0; row < stage.rows(); ++row) {
      if (!has_outputs(stage.status()[row]) || !(times[row] > worst_)) continue;
      worst_ = times[row];
      row_ = stage.first_row() + row;
    }
  }

  void run_end() override {
    std::fprintf(stderr, "worst row: %llu, %.4g ms\n", static_cast<unsigned long long>(row_), in(worst_, units::millisecond));
  }

 private:
  std::string stage_;
  std::string output_;
  Time worst_{};
  std::uint64_t row_ = 0;
};

IRONLAW_PLUGIN("worst_row", "1.0.0", "Apache-2.0", WorstRow)
