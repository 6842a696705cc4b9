#pragma once
#include <ironlaw/callback.hpp>

#include <array>
#include <cstdio>
#include <map>
#include <string>

namespace ironlaw::callbacks {

/// Says on standard error what each stage did: rows, time, nanoseconds a row, and every row that went wrong.
class Trace final : public Observer {
 public:
  static constexpr ObserverType::About about{"trace", "Prints rows, time and errors of every stage to standard error"};
  static constexpr std::array<OptionInfo, 1> options{OptionInfo{
      .name = "errors", .doc = "print rows that were refused or failed", .type = OptionType::boolean, .number_fallback = 1}};

  explicit Trace(const Options& given) : errors_(given.boolean("errors")) {}

  void run_begin(const PlanView& plan, Wants&) override {
    std::fprintf(stderr, "trace: %llu rows\n", static_cast<unsigned long long>(plan.rows()));
  }
  void stage_end(const StageView& stage) override {
    Total& total = totals_[std::string(stage.name())];
    total.rows += stage.rows();
    total.seconds += stage.seconds();
  }
  void stage_error(std::string_view stage, std::uint64_t row, RowStatus, std::string_view what) override {
    if (errors_)
      std::fprintf(stderr, "trace: row %llu, %.*s: %.*s\n", static_cast<unsigned long long>(row), static_cast<int>(stage.size()),
                   stage.data(), static_cast<int>(what.size()), what.data());
  }
  void run_end() override {
    for (const auto& [name, total] : totals_)
      std::fprintf(stderr, "trace: %s: %.6g s, %.4g ns a row\n", name.c_str(), total.seconds,
                   1e9 * total.seconds / static_cast<double>(total.rows));
  }

 private:
  struct Total {
    std::uint64_t rows = 0;
    double seconds = 0;
  };
  bool errors_;
  std::map<std::string, Total> totals_;
};

}  // namespace ironlaw::callbacks
