#pragma once
// A session with a zoo of tables and the solvers of tests/instructions/series.cpp, and what is asked of it.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/host/study.hpp>
#include <ironlaw/present/report.hpp>
#include <ironlaw/series.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

namespace ironlaw::host::series_fixture {

using Json = nlohmann::ordered_json;

inline std::filesystem::path folder() {
  static const std::filesystem::path made = [] {
    const auto path = std::filesystem::temp_directory_path() / ("ironlaw_series_" + std::to_string(getpid()));
    std::filesystem::create_directories(path / "zoo");
    return path;
  }();
  return made;
}

inline void write(const std::string& name, const std::string& text) { std::ofstream(folder() / name, std::ios::binary) << text; }

inline constexpr const char* zoo_text = R"({"entries": {
  "day_ahead": {"kind": "table", "rows": [{"hour": 0, "price": "0.1 USD/kWh"}, {"hour": 1, "price": {"value": 0.3, "unit": "USD/kWh"}}]},
  "measured": {"kind": "table", "rows": [
    {"m": 1, "n": 1, "rate": "1 TFLOP/s"}, {"m": 1, "n": 3, "rate": "3 TFLOP/s"},
    {"m": 2, "n": 1, "rate": "2 TFLOP/s"}, {"m": 2, "n": 3, "rate": "8 TFLOP/s"}]}}})";

inline Session& session() {
  static Session& one = *[] {
    write("zoo/tables.json", zoo_text);
    SessionOptions options;
    options.plugins.files.emplace_back(IRONLAW_SERIES_PLUGIN);
    options.zoo.push_back(folder() / "zoo");
    return new Session(options);
  }();
  return one;
}

inline Pipeline compiled(const std::string& json) {
  return session().compile(Config::parse(json, (folder() / "my.json").string()));
}

inline std::string stage(const std::string& inputs, const std::string& rest = {}) {
  return R"({"version": 1, "stages": {"s": {)" + inputs + "}}" + rest + "}";
}

/// The message, without the folder.
inline std::string refused(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& e) {
    std::string line = e.what();
    EXPECT_EQ(line.find('\n'), line.npos) << line;
    const std::string here = folder().string() + "/";
    for (auto at = line.find(here); at != line.npos; at = line.find(here)) line.erase(at, here.size());
    return line;
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}
inline std::string refused(const std::string& json) {
  return refused([&] { (void)compiled(json); });
}

inline double output(const std::string& json, const char* name) {
  const Pipeline pipeline = compiled(json);
  const Answer a = answer(pipeline);
  EXPECT_EQ(a.status, RowStatus::ok) << (a.errors.empty() ? "" : a.errors.front());
  return a.outputs[pipeline.output(name)].number;
}

inline std::string table_of(const Pipeline& pipeline, OutputFormat format, const RunOptions& run_options = {}) {
  std::ostringstream out;
  ReportOptions options;
  options.format = format;
  TableReport report(pipeline, options, out);
  report.finish(run(pipeline, report, run_options));
  return out.str();
}

// 1 kW and 3 kW for a quarter of an hour each, at 0.1 and 0.3 USD/kWh: 0.025 + 0.225.
inline constexpr const char* two = R"("solver": "two_series", "load": ["1 kW", "3 kW"], "price": ["0.1 USD/kWh", "0.3 USD/kWh"])";

}  // namespace ironlaw::host::series_fixture
