#pragma once
#include <ironlaw/callback.hpp>
#include <ironlaw/callback_file.hpp>
#include <ironlaw/series.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

namespace ironlaw::callbacks {

/// Writes the outputs of every stage and row as JSON Lines, SI values. The file has its name only when it is whole.
class JsonlLog final : public Observer {
 public:
  static constexpr ObserverType::About about{"jsonl_log", "Writes every stage's outputs, row by row, to a file of JSON Lines"};
  static constexpr std::array<OptionInfo, 2> options{
      OptionInfo{.name = "file", .doc = "file to write", .type = OptionType::text, .required = true},
      OptionInfo{.name = "stages", .doc = "stages to write; none: all", .type = OptionType::texts}};

  explicit JsonlLog(const Options& given) : file_(given.text("file")) {
    for (std::size_t i = 0; i < given.texts("stages"); ++i) stages_.emplace_back(given.text("stages", i));
  }

  void run_begin(const PlanView& plan, Wants& wants) override {
    for (std::size_t s = 0; s < plan.stages(); ++s) {
      if (!logged(plan.stage_name(s))) continue;
      for (const auto& port : plan.stage_solver(s).outputs()) wants.output(plan.stage_name(s), port.name);
    }
  }
  void stage_end(const StageView& stage) override {
    if (!logged(stage.name())) return;
    text_.clear();
    for (std::size_t row = 0; row < stage.rows(); ++row) append_row(stage, row);
    file_.write(text_);
  }
  void run_end() override { file_.commit(); }

 private:
  [[nodiscard]] bool logged(std::string_view stage) const {
    return stages_.empty() || std::find(stages_.begin(), stages_.end(), stage) != stages_.end();
  }
  void append_number(double v) {
    std::array<char, 32> digits;
    text_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), v).ptr);
  }
  void append_series(const SeriesCell* series) {
    if (series == nullptr) {
      text_ += "null";
      return;
    }
    text_ += '[';
    for (std::uint32_t i = 0; i < series->size; ++i) {
      if (i > 0) text_ += ',';
      append_number(series->data[i]);
    }
    text_ += ']';
  }
  void append_value(const PortInfo& port, const Cell& cell) {
    const double v = cell.number;
    if (port.type == PortType::series) {
      append_series(series_of(cell));
    } else if (!std::isfinite(v)) {
      text_ += "null";
    } else if (port.type == PortType::choice) {
      text_.append("\"").append(port.choices[static_cast<std::size_t>(v)]).append("\"");
    } else if (port.type == PortType::boolean) {
      text_ += v != 0 ? "true" : "false";
    } else {
      append_number(v);
    }
  }
  void append_row(const StageView& stage, std::size_t row) {
    constexpr std::array<const char*, 5> names{"ok", "infeasible", "refused", "failed", "skipped"};
    text_ += "{\"row\":" + std::to_string(stage.first_row() + row) + ",\"stage\":\"";
    text_.append(stage.name())
        .append("\",\"status\":\"")
        .append(names[static_cast<std::size_t>(stage.status()[row])])
        .append("\"");
    const auto ports = stage.solver().outputs();
    for (std::size_t p = 0; p < ports.size(); ++p) {
      text_.append(",\"").append(ports[p].name).append("\":");
      append_value(ports[p], stage.outputs()[p][row]);
    }
    text_ += "}\n";
  }

  CallbackFile file_;
  std::vector<std::string> stages_;
  std::string text_;
};

}  // namespace ironlaw::callbacks
