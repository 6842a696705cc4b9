#pragma once
// One session for all tests of a program, and configs as text.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

#include <gtest/gtest.h>

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "own_folder.hpp"

namespace ironlaw::host {

inline Session& session() {
  static Session opened;  // ends after the static objects of the plugins that it opened
  return opened;
}

inline Pipeline compiled(const std::string& json, const std::string& profile = {}) {
  return session().compile(Config::parse(json, "my.json"), profile);
}

/// A message holds all of these.
inline void expect_says(const std::string& message, const std::vector<std::string>& parts) {
  for (const auto& part : parts) EXPECT_NE(message.find(part), std::string::npos) << message << "\n  lacks: " << part;
}

/// The message of the InputError that `call` throws; a failure where it throws none.
inline std::string refused(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& e) {
    EXPECT_EQ(std::string_view(e.what()).find('\n'), std::string_view::npos) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}
inline std::string refused(const std::string& json) {
  return refused([&] { (void)compiled(json); });
}

/// A config of one stage "s"; `rest` is further keys of the config.
inline std::string one_stage(const std::string& stage, const std::string& rest = {}) {
  return R"({"version": 1, "stages": {"s": {)" + stage + "}}" + rest + "}";
}

/// Fields of stages that lack nothing.
inline const std::string resnet_on_a100 = R"("solver": "single_node", "workload": "ResNet50", "hardware": "A100")";
inline const std::string two_seconds = R"("solver": "iron_law", "memory_time": "1 s", "compute_time": "1 s")";

/// The rows of a run, copied.
struct Rows : RowSink {
  void rows(const ResultRows& block) override {
    for (std::size_t r = 0; r < block.status.size(); ++r) {
      auto& row = cells.emplace_back();
      for (const Column& column : block.columns) row.push_back(column[r]);
      status.push_back(block.status[r]);
      if (const auto it = block.errors->find(block.number(r)); it != block.errors->end()) errors[block.number(r)] = it->second;
    }
  }
  std::vector<std::vector<Cell>> cells;
  std::vector<RowStatus> status;
  std::map<std::uint64_t, std::string> errors;

  /// The numbers of one column.
  [[nodiscard]] std::vector<double> column(std::size_t k) const {
    std::vector<double> numbers;
    for (const auto& row : cells) numbers.push_back(row[k].number);
    return numbers;
  }
};

inline Rows rows_of(const Pipeline& pipeline) {
  Rows rows;
  run(pipeline, rows);
  return rows;
}

/// An output of an answer by its name.
inline double output_of(const Pipeline& pipeline, const Answer& answer, std::string_view name) {
  return answer.outputs[pipeline.output(name)].number;
}

}  // namespace ironlaw::host
