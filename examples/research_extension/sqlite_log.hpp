#pragma once
#include <ironlaw/sdk.hpp>

#include <sqlite3.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

using namespace ironlaw;

/// Writes the outputs of every stage and row into the table `answers` of a SQLite file, SI values. The file has its name only
/// when it is whole.
class SqliteLog final : public Observer {
 public:
  static constexpr auto about =
      ObserverType::About{"sqlite_log", "Writes every stage's outputs, row by row, to a file of SQLite"};
  static constexpr std::array options{
      OptionInfo{.name = "file", .doc = "file to write", .type = OptionType::text, .required = true}};

  explicit SqliteLog(const Options& given) : file_(given.text("file")), part_(file_ + ".part") {
    std::remove(part_.c_str());
    sqlite3* opened = nullptr;
    const int status = sqlite3_open(part_.c_str(), &opened);
    base_.reset(opened);
    if (status != SQLITE_OK) fail();
    run("BEGIN; CREATE TABLE answers(row INTEGER, stage TEXT, output TEXT, value, PRIMARY KEY(row, stage, output)) WITHOUT "
        "ROWID");
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(base_.get(), "INSERT INTO answers VALUES(?, ?, ?, ?)", -1, &prepared, nullptr) != SQLITE_OK) fail();
    insert_.reset(prepared);
  }
  ~SqliteLog() override {
    insert_.reset();
    base_.reset();
    std::remove(part_.c_str());  // gone already where the run ended well
  }

  void run_begin(const PlanView& plan, Wants& wants) override {
    for (std::size_t s = 0; s < plan.stages(); ++s)
      for (const PortInfo& port : plan.stage_solver(s).outputs()) wants.output(plan.stage_name(s), port.name);
  }

  void stage_end(const StageView& stage) override {
    const auto ports = stage.solver().outputs();
    for (std::size_t row = 0; row < stage.rows(); ++row) {
      if (!has_outputs(stage.status()[row])) continue;
      for (std::size_t p = 0; p < ports.size(); ++p)
        write(stage.first_row() + row, stage.name(), ports[p], stage.outputs()[p][row].number);
    }
  }

  void run_end() override {
    run("COMMIT");
    insert_.reset();
    base_.reset();
    if (std::rename(part_.c_str(), file_.c_str()) != 0) throw Error("sqlite_log: cannot write " + file_);
  }

 private:
  struct Close {
    void operator()(sqlite3* base) const { sqlite3_close(base); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  [[noreturn]] void fail() const { throw Error("sqlite_log: " + part_ + ": " + sqlite3_errmsg(base_.get())); }
  void run(const char* statement) {
    if (sqlite3_exec(base_.get(), statement, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }
  void bind(int at, std::string_view text) {
    sqlite3_bind_text(insert_.get(), at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  void write(std::uint64_t row, std::string_view stage, const PortInfo& port, double value) {
    sqlite3_bind_int64(insert_.get(), 1, static_cast<sqlite3_int64>(row));
    bind(2, stage);
    bind(3, port.name);
    if (!std::isfinite(value)) {
      sqlite3_bind_null(insert_.get(), 4);
    } else if (port.type == PortType::choice) {
      bind(4, port.choices[static_cast<std::size_t>(value)]);
    } else {
      sqlite3_bind_double(insert_.get(), 4, value);
    }
    if (sqlite3_step(insert_.get()) != SQLITE_DONE) fail();
    sqlite3_reset(insert_.get());
  }

  std::string file_;
  std::string part_;
  std::unique_ptr<sqlite3, Close> base_;
  std::unique_ptr<sqlite3_stmt, Close> insert_;
};
