// Guards, and a device, that do what they may not.
#include <ironlaw/sdk.hpp>

#include <array>
#include <string>

using namespace ironlaw;

namespace {

/// Amends the batch to what no solver takes.
class AmendsOutOfRange final : public Guard {
 public:
  static constexpr auto about = GuardType::About{"amends_out_of_range", "Amends every batch above 8 to -1"};
  static constexpr std::array options{
      OptionInfo{.name = "stage", .doc = "stage to amend", .type = OptionType::text, .required = true}};
  explicit AmendsOutOfRange(const Options& given) : stage_(given.text("stage")) {}
  void run_begin(const PlanView&, Amendments& amendments) override { batch_ = amendments.declare(stage_, "batch_size"); }
  void before(const StageView& stage, Verdict& verdict) const override {
    if (stage.name() != stage_) return;
    const Column batch = stage.numbers("batch_size");
    for (std::size_t row = 0; row < stage.rows(); ++row)
      if (batch[row].number > 8) verdict.amend(batch_, row, -1);
  }

 private:
  std::string stage_;
  std::size_t batch_ = 0;
};

/// A device that asks itself for what it does not know.
struct AsksItself {
  static constexpr auto about = Kind::About{"asks_itself", "a device that wraps itself"};
  using Interface = Hardware;
  struct Fields {
    const Hardware* base;
  };
  static constexpr auto fields = ports(port<&Fields::base>("device that it says it wraps"));
  class Made final : public WrappingHardware {
   public:
    Made(const Fields& f, std::string_view name) : WrappingHardware(name, *f.base) {}

   private:
    const void* do_facet(const FacetKey& key) const override { return facet_of(key); }
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

struct AsksForAFacet {
  static constexpr auto about = Solver::About{"asks_for_a_facet", "whether a device has memory on its die", "spite"};
  struct Inputs {
    const Hardware* hardware;
  };
  struct Outputs {
    bool has_one;
  };
  static constexpr auto inputs = ports(port<&Inputs::hardware>("device"));
  static constexpr auto outputs = ports(port<&Outputs::has_one>("whether it has"));
  static Outputs solve(const Inputs& in) { return {in.hardware->facet<OnChipMemory>() != nullptr}; }
};

}  // namespace

IRONLAW_PLUGIN(PLUGIN_NAME, "1.0.0", "Apache-2.0", AmendsOutOfRange, AsksItself, AsksForAFacet)
