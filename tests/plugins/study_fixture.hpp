#pragma once
// A session with the analytic solvers, and a study's table as numbers and texts.
#include <ironlaw/host/study.hpp>

#include "../host/sessions.hpp"

#include <cmath>
#include <cstring>

namespace ironlaw::studies_test {

using host::refused;

inline host::Session& session() {
  static host::Session opened([] {
    host::SessionOptions options;
    options.plugins.files = {IRONLAW_ANALYTIC_PLUGIN};
    return options;
  }());
  return opened;
}
inline host::Pipeline compiled(const std::string& json) { return session().compile(host::Config::parse(json, "my.json")); }

/// What a study found, copied.
class Found final : public host::StudySink, host::RowSink {
 public:
  std::vector<host::ResultColumn> columns;
  std::vector<std::vector<Cell>> cells;
  std::vector<RowStatus> status;
  host::RunSummary summary;

  [[nodiscard]] double number(std::size_t row, const std::string& column) const { return cells.at(row).at(index(column)).number; }
  [[nodiscard]] std::string text(std::size_t row, const std::string& column) const {
    const double ordinal = number(row, column);
    return std::isnan(ordinal) ? std::string() : choices_.at(index(column)).at(static_cast<std::size_t>(ordinal));
  }
  /// The row in which `column` says `word`, and a second column another.
  [[nodiscard]] std::size_t row(const std::string& column, const std::string& word, const std::string& second = {},
                                const std::string& other = {}) const {
    for (std::size_t r = 0; r < cells.size(); ++r)
      if (text(r, column) == word && (second.empty() || text(r, second) == other)) return r;
    ADD_FAILURE() << "no row " << word << " " << other;
    return 0;
  }
  [[nodiscard]] bool notes(const std::string& part) const {
    return std::any_of(summary.notes.begin(), summary.notes.end(), [&](const auto& n) { return n.find(part) != n.npos; });
  }

 private:
  [[nodiscard]] std::size_t index(const std::string& column) const {
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (columns[c].name == column) return c;
    ADD_FAILURE() << "no column " << column;
    return 0;
  }
  host::RowSink& table(const std::vector<host::ResultColumn>& declared) override {
    columns = declared;
    for (const auto& c : declared) choices_.emplace_back(c.port.choices.begin(), c.port.choices.end());
    return *this;
  }
  void rows(const host::ResultRows& block) override {
    for (std::size_t r = 0; r < block.status.size(); ++r) {
      auto& row = cells.emplace_back();
      for (const Column& column : block.columns) row.push_back(column[r]);
      status.push_back(block.status[r]);
    }
  }
  void finish(const host::RunSummary& done) override { summary = done; }
  std::vector<std::vector<std::string>> choices_;
};

inline Found found(const host::Pipeline& pipeline, std::size_t threads = 1) {
  Found sink;
  host::run_study(pipeline, sink, {threads, {}});
  return sink;
}
inline Found found(const std::string& json, std::size_t threads = 1) { return found(compiled(json), threads); }

inline void expect_same_bits(const Found& a, const Found& b) {
  ASSERT_EQ(a.cells.size(), b.cells.size());
  ASSERT_FALSE(a.cells.empty());
  for (std::size_t r = 0; r < a.cells.size(); ++r)
    EXPECT_EQ(std::memcmp(a.cells[r].data(), b.cells[r].data(), a.cells[r].size() * sizeof(Cell)), 0) << r;
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.summary.notes, b.summary.notes);
}

/// A config of one stage "s" of an analytic solver; `ports` and `rest` are further keys.
inline std::string analytic(const std::string& solver, const std::string& ports, const std::string& study,
                            const std::string& axes = "[]") {
  return R"({"version": 1, "stages": {"s": {"solver": "analytic_)" + solver + "\"" + (ports.empty() ? "" : ", ") + ports +
         R"(}}, "axes": )" + axes + R"(, "study": {)" + study + "}}";
}
inline std::string in_full(double v) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.17g", v);
  return text.data();
}

}  // namespace ironlaw::studies_test
