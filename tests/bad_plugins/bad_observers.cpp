// An observer that does what it may not, and one that writes down all that it is told.
#include <ironlaw/callback_file.hpp>
#include <ironlaw/sdk.hpp>

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace ironlaw;

namespace {

/// Does its deed when it is told of the row that is bad, in the first stage that it is told of.
class Spiteful final : public Observer {
 public:
  static constexpr auto about = ObserverType::About{"spiteful", "Does harm at a row"};
  static constexpr std::array options{
      OptionInfo{.name = "deed", .doc = "what it does", .type = OptionType::text, .required = true}};
  explicit Spiteful(const Options& given) : deed_(given.text("deed")) {}
  void stage_end(const StageView& stage) override {
    constexpr std::uint64_t bad_row = 20;
    if (stage.first_row() <= bad_row && bad_row < stage.first_row() + stage.rows()) act();
  }
  void run_end() override {
    if (deed_ == "crash at the end") std::raise(SIGSEGV);
  }

 private:
  void act() {
    if (deed_ == "crash") std::raise(SIGSEGV);
    if (deed_ == "exit") std::exit(0);
    if (deed_ == "exit at once") _exit(0);
    if (deed_ == "throw") throw std::runtime_error("out of patience");
    if (deed_ == "fork" && fork() < 0) throw std::runtime_error("may not fork");
    while (deed_ == "loop") endless_ = endless_ + 1;
    if (deed_ != "babble") return;
    const std::string noise(5000, '!');
    for (int descriptor = 3; descriptor < 64; ++descriptor) (void)!write(descriptor, noise.data(), noise.size());
  }
  std::string deed_;
  volatile std::uint64_t endless_ = 0;
};

/// Writes every cell that it is told of to a file, inputs too.
class Witness final : public Observer {
 public:
  static constexpr auto about = ObserverType::About{"witness", "Writes down all that it is told, but for times"};
  static constexpr std::array options{
      OptionInfo{.name = "file", .doc = "file to write", .type = OptionType::text, .required = true}};
  explicit Witness(const Options& given) : file_(given.text("file")) {}
  void run_begin(const PlanView& plan, Wants& wants) override {
    for (std::size_t s = 0; s < plan.stages(); ++s)
      for (const PortInfo& port : plan.stage_solver(s).outputs()) wants.output(plan.stage_name(s), port.name);
  }
  void stage_end(const StageView& stage) override {
    std::ostringstream text;
    text.precision(17);
    text << "stage " << stage.name() << " from " << stage.first_row() << " timed " << (stage.seconds() > 0) << '\n';
    for (std::size_t row = 0; row < stage.rows(); ++row) {
      text << static_cast<int>(stage.status()[row]);
      tell(text, stage.solver().inputs(), stage.inputs(), row);
      tell(text, stage.solver().inputs(), stage.asked(), row);
      tell(text, stage.solver().outputs(), stage.outputs(), row);
      text << '\n';
    }
    file_.write(text.str());
  }
  void stage_error(std::string_view stage, std::uint64_t row, RowStatus status, std::string_view what) override {
    file_.write("row " + std::to_string(row) + " of " + std::string(stage) + " is " + std::to_string(static_cast<int>(status)) +
                ": " + std::string(what) + "\n");
  }
  void run_end() override {
    file_.write("end\n");
    file_.commit();
  }

 private:
  static void tell(std::ostream& text, std::span<const PortInfo> ports, std::span<const Column> columns, std::size_t row) {
    for (std::size_t p = 0; p < ports.size(); ++p) {
      text << ' ' << ports[p].name << '=';
      if (columns[p].data == nullptr) {
        text << '?';
        continue;
      }
      const Cell& cell = columns[p][row];
      if (ports[p].type == PortType::text) {
        text << (absent_cell(cell) ? "none" : *static_cast<const std::string_view*>(cell.object));
      } else if (ports[p].type == PortType::object) {
        text << (cell.object == nullptr ? "none" : "some");
      } else if (ports[p].type == PortType::series) {
        const SeriesCell* series = series_of(cell);
        for (std::size_t i = 0; series != nullptr && i < series->size; ++i) text << series->data[i] << ',';
      } else {
        text << cell.number;
      }
      if (ports[p].interface == "hardware" && cell.object != nullptr) text << static_cast<const Hardware*>(cell.object)->name();
    }
  }
  CallbackFile file_;
};

}  // namespace

IRONLAW_PLUGIN(PLUGIN_NAME, "1.0.0", "Apache-2.0", Spiteful, Witness)
