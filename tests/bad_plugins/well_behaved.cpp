// Nothing is bad here: one component of each sort, for comparison.
#include <ironlaw/sdk/plugin.hpp>

using namespace ironlaw;

namespace {

struct Doubler {
  static constexpr auto about = Solver::About{"doubler", "Twice a time", "arithmetic"};
  struct Inputs {
    Time once = required;
  };
  struct Outputs {
    Time twice;
  };
  static constexpr auto inputs = ports(port<&Inputs::once>("the time", positive));
  static constexpr auto outputs = ports(port<&Outputs::twice>("twice the time"));
  static Outputs solve(const Inputs& in) { return {2.0 * in.once}; }
};

class Toy final : public Hardware {
 public:
  Toy(std::string_view name, FlopRate rate) : Hardware(name), rate_(rate) {}

 private:
  FlopRate do_peak_rate(Precision) const override { return rate_; }
  Memory do_memory() const override { return {}; }
  Time do_dispatch_overhead() const override { return {}; }
  FlopRate rate_;
};

struct ToyKind {
  static constexpr auto about = Kind::About{"toy", "a device with one number"};
  using Interface = Hardware;
  struct Fields {
    FlopRate rate = required;
  };
  static constexpr auto fields = ports(port<&Fields::rate>("arithmetic of every precision", positive));
  static Toy make(const Fields& given, std::string_view name) { return {name, given.rate}; }
};

class Once : public Study {
 public:
  static constexpr auto about = Study::About{"once", "one row of nothing"};
  static constexpr std::array options{OptionInfo{.name = "label", .doc = "what to note", .text_fallback = "done"}};

 private:
  void do_run(Bench& bench, const Options& given) const override { bench.note(given.text("label")); }
};

class Counter final : public Observer {
 public:
  static constexpr auto about = ObserverType::About{"counter", "counts the blocks"};
  explicit Counter(const Options&) {}
  void stage_end(const StageView&) override { ++blocks_; }

 private:
  int blocks_ = 0;
};

class Patience final : public Guard {
 public:
  static constexpr auto about = GuardType::About{"patience", "stops at the first block, with a word"};
  static constexpr std::array options{OptionInfo{.name = "word", .doc = "the reason", .required = true, .text_fallback = {}}};
  explicit Patience(const Options& given) : word_(given.text("word")) {}
  void before(const StageView&, Verdict& verdict) const override { verdict.stop(word_); }

 private:
  std::string word_;
};

class OneToy : public Importer {
 public:
  static constexpr auto about = Importer::About{"one_toy", "reads a toy of one number", "toy file"};

 private:
  bool do_reads(const ForeignFile& file) const override { return file.bytes.starts_with("toy "); }
  void do_import(const ForeignFile& file, EntryWriter& entries) const override {
    if (!do_reads(file)) throw Error("line 1: takes 'toy', a name and a rate in FLOP/s");
    const std::string_view rest = file.bytes.substr(4);
    const auto blank = rest.find(' ');
    entries.entry(rest.substr(0, blank), "toy");
    entries.number("rate", std::stod(std::string(rest.substr(blank + 1))), "FLOP/s");
  }
};

}  // namespace

IRONLAW_PLUGIN("well_behaved", "1.2.3", "Apache-2.0", Doubler, ToyKind, Once, Counter, Patience, OneToy)
