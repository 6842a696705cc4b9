// Studies that break one promise each; HOW names the one that the plugin brings.
#include <ironlaw/sdk.hpp>

#include <array>
#include <cstdio>
#include <limits>

using namespace ironlaw;

namespace {

/// A study of one row, the base.
struct OneRow : Study {
  static constexpr auto about = Study::About{PLUGIN_NAME, "The base, badly"};
  static constexpr std::array options{
      OptionInfo{.name = "output", .doc = "what is looked at", .type = OptionType::outputs, .required = true}};
  static void answer(Bench& bench, const Options& given, double factor) {
    const std::size_t output = given.ports("output").front();
    StudyRows rows(bench, 1);
    rows.evaluate(bench, std::array{output});
    const Cell cell{rows.output(0)[0].number * factor};
    const Column column{&cell, 0};
    bench.table(std::array{bench.pipeline().outputs()[output]}).append(std::array{column}, rows.status());
  }
};

struct NeverEndsAStudy : OneRow {
  void do_run(Bench& bench, const Options&) const override {
    for (double done = 0;; done += 0) bench.progress(done);
  }
};
struct AnswersNotANumber : OneRow {
  void do_run(Bench& bench, const Options& given) const override {
    answer(bench, given, std::numeric_limits<double>::quiet_NaN());
  }
};
struct CountsItsRuns : OneRow {
  void do_run(Bench& bench, const Options& given) const override {
    static double runs = 0;
    answer(bench, given, ++runs);
  }
};
struct PrintsItsTable : OneRow {
  void do_run(Bench& bench, const Options& given) const override {
    std::puts("here it is");
    answer(bench, given, 1);
  }
};

}  // namespace

IRONLAW_PLUGIN(PLUGIN_NAME, "1.0.0", "Apache-2.0", HOW)
