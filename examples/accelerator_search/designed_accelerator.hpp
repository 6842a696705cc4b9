#pragma once
#include <ironlaw/sdk.hpp>

using namespace ironlaw;

/// What a die is made of, in the terms of LLMCompass: cores of lanes, each with a systolic array and a vector unit.
struct AcceleratorDesign {
  static constexpr std::string_view facet_id = "accelerator_design/1";
  double cores = 0;
  double lanes = 0;         ///< of a core
  double array_side = 0;    ///< multipliers of an array's side
  double vector_width = 0;  ///< of a lane
  double registers = 0;     ///< of a lane, 32 bits each
  Information local_buffer{};
  Information global_buffer{};
  double memory_stacks = 0;
  Information memory_capacity{};
  double device_links = 0;
};

/// An accelerator that is designed and not bought: its rates follow from what is on the die (Zhang, Ning, Prabhakar and Wentzlaff
/// 2024, 'LLMCompass', ISCA). Memory is HBM2e.
struct DesignedAccelerator {
  static constexpr auto about = Kind::About{"designed_accelerator", "accelerator whose rates follow from what is on its die"};
  using Interface = Hardware;

  struct Fields {
    Rate frequency = Rate::from_value(1.41e9);
    int cores = required;
    int lanes = 4;
    int array_side = 16;
    int vector_width = 32;
    int registers = 16384;
    Information local_buffer = 192.0 * 1024 * units::byte;
    Information global_buffer = 48.0 * 1024 * 1024 * units::byte;
    int memory_stacks = 5;
    Bandwidth stack_bandwidth = 409.6e9 * units::byte_per_second;
    Information stack_capacity = 16.0 * units::gigabyte;
    int device_links = 12;
    Time dispatch_overhead = 10.0 * units::microsecond;
  };
  static constexpr auto fields =
      ports(port<&Fields::frequency>("clock", positive).display("GHz"), port<&Fields::cores>("cores of the die", at_least_one),
            port<&Fields::lanes>("lanes of a core", at_least_one),
            port<&Fields::array_side>("multipliers of a systolic array's side", at_least_one),
            port<&Fields::vector_width>("width of a lane's vector unit", at_least_one),
            port<&Fields::registers>("registers of a lane, 32 bits each", between(64, 65536)),
            port<&Fields::local_buffer>("memory of a core", positive).display("KiB"),
            port<&Fields::global_buffer>("memory that the cores share", positive).display("MiB"),
            port<&Fields::memory_stacks>("stacks of HBM2e", at_least_one),
            port<&Fields::stack_bandwidth>("of a stack", positive).display("GB/s"),
            port<&Fields::stack_capacity>("of a stack", positive).display("GB"),
            port<&Fields::device_links>("links to other devices, NVLink of the third generation", non_negative),
            port<&Fields::dispatch_overhead>("fixed cost of one piece of work", non_negative).display("us"));

  class Made final : public Hardware {
   public:
    Made(const Fields& f, std::string_view name)
        : Hardware(name), f_(f), design_{1.0 * f.cores,        1.0 * f.lanes,         1.0 * f.array_side,
                                         1.0 * f.vector_width, 1.0 * f.registers,     f.local_buffer,
                                         f.global_buffer,      1.0 * f.memory_stacks, f.stack_capacity * f.memory_stacks,
                                         1.0 * f.device_links} {}

   private:
    FlopRate do_peak_rate(Precision precision) const override {
      const double arrays = 1.0 * f_.cores * f_.lanes;
      if (precision == Precision::fp16 || precision == Precision::bf16)
        return 2 * arrays * f_.array_side * f_.array_side * f_.frequency * units::flop;
      if (precision == Precision::fp32) return arrays * f_.vector_width * f_.frequency * units::flop;
      throw Unsupported(name(), "its arrays multiply 16-bit numbers, its vector units 32-bit ones");
    }
    Memory do_memory() const override { return {design_.memory_capacity, f_.stack_bandwidth * f_.memory_stacks}; }
    Time do_dispatch_overhead() const override { return f_.dispatch_overhead; }
    const void* do_facet(const FacetKey& key) const override { return answer(key, &design_); }

    Fields f_;
    AcceleratorDesign design_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};
