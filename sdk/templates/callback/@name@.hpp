#pragma once
#include <ironlaw/sdk.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

/// An observer is told of a run, on one thread and in row order, and changes nothing. (A Guard may amend, veto or stop rows.)
class @Name@ final : public ironlaw::Observer {
 public:
  static constexpr auto about = ironlaw::ObserverType::About{"@name@", "Counts the rows that a stage could answer"};
  // What stands beside "use" in a config, checked before the observer is made.
  static constexpr std::array options{
      ironlaw::OptionInfo{.name = "stage", .doc = "stage to watch", .type = ironlaw::OptionType::text, .required = true}};

  explicit @Name@(const ironlaw::Options& given) : stage_(given.text("stage")) {}

  // `wants` names the outputs that will be read: what nobody reads is not stored. This one reads the status alone.
  void run_begin(const ironlaw::PlanView&, ironlaw::Wants&) override {}

  // After each block of rows. `stage.output<ironlaw::Time>("latency")[row]` would read an output that was asked for.
  void stage_end(const ironlaw::StageView& stage) override {
    if (stage.name() != stage_) return;
    for (const auto status : stage.status()) answered_ += ironlaw::has_outputs(status) ? 1 : 0;
    rows_ += stage.rows();
  }

  // To standard error: standard output carries the result and nothing else.
  void run_end() override {
    std::fprintf(stderr, "@name@: %s answered %llu of %llu rows\n", stage_.c_str(), static_cast<unsigned long long>(answered_),
                 static_cast<unsigned long long>(rows_));
  }

 private:
  std::string stage_;
  std::uint64_t answered_ = 0;
  std::uint64_t rows_ = 0;
};
