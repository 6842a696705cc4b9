#pragma once
#include <ironlaw/sdk.hpp>

#include <sqlite3.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

using namespace ironlaw;

/// Holds inputs to what an operator allows: the table `policy(stage TEXT, input TEXT, at_most REAL)` of a SQLite file, SI values.
class PolicyGuard final : public Guard {
 public:
  static constexpr auto about = GuardType::About{"policy_guard", "Lowers inputs of stages to what a policy in SQLite allows"};
  static constexpr std::array options{
      OptionInfo{.name = "file", .doc = "file of SQLite", .type = OptionType::text, .required = true}};

  explicit PolicyGuard(const Options& given) {
    const std::string file(given.text("file"));
    sqlite3* opened = nullptr;
    const int status = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
    const std::unique_ptr<sqlite3, Close> base(opened);
    sqlite3_stmt* prepared = nullptr;
    if (status != SQLITE_OK ||
        sqlite3_prepare_v2(opened, "SELECT stage, input, at_most FROM policy", -1, &prepared, nullptr) != SQLITE_OK)
      throw InputError(file, sqlite3_errmsg(opened));
    const std::unique_ptr<sqlite3_stmt, Close> rows(prepared);
    const auto text = [&](int column) {
      return std::string(reinterpret_cast<const char*>(sqlite3_column_text(prepared, column)));
    };
    while (sqlite3_step(prepared) == SQLITE_ROW) policies_.push_back({text(0), text(1), sqlite3_column_double(prepared, 2)});
  }
  void run_begin(const PlanView&, Amendments& amendments) override {
    for (Policy& policy : policies_) policy.amendment = amendments.declare(policy.stage, policy.input);
  }
  void before(const StageView& stage, Verdict& verdict) const override {
    for (const Policy& policy : policies_) {
      if (policy.stage != stage.name()) continue;
      const Column column = stage.numbers(policy.input);
      for (std::size_t row = 0; row < stage.rows(); ++row)
        if (column[row].number > policy.at_most) verdict.amend(policy.amendment, row, policy.at_most);
    }
  }

 private:
  struct Policy {
    std::string stage;
    std::string input;
    double at_most;
    std::size_t amendment = 0;
  };
  struct Close {
    void operator()(sqlite3* base) const { sqlite3_close(base); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::vector<Policy> policies_;
};
