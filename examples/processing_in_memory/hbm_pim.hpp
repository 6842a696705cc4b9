#pragma once
#include <ironlaw/sdk.hpp>

using namespace ironlaw;

/// Units in the memory's banks that multiply a matrix with a vector where it lies.
struct ProcessingInMemory {
  static constexpr std::string_view facet_id = "processing_in_memory/1";
  Bandwidth bandwidth;
  FlopRate rate;
};

/// A device whose memory also computes (Lee et al. 2021, ISCA): what it wraps, and the units in the banks.
struct HbmPim {
  static constexpr auto about = Kind::About{"hbm_pim", "device whose memory multiplies matrices with vectors"};
  using Interface = Hardware;
  struct Fields {
    const Hardware* base;
    Bandwidth bank_bandwidth = required;
    FlopRate bank_rate = required;
  };
  static constexpr auto fields = ports(port<&Fields::base>("device that the memory belongs to"),
                                       port<&Fields::bank_bandwidth>("reading inside the banks", positive).display("TB/s"),
                                       port<&Fields::bank_rate>("arithmetic inside the banks", positive).display("TFLOP/s"));
  class Made final : public WrappingHardware {
   public:
    Made(const Fields& f, std::string_view name) : WrappingHardware(name, *f.base), pim_{f.bank_bandwidth, f.bank_rate} {}

   private:
    const void* do_facet(const FacetKey& key) const override { return own_or_wrapped(key, &pim_); }
    ProcessingInMemory pim_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

/// One step of decoding where products of weights with one vector a sequence run in the banks.
struct PimDecode {
  static constexpr auto about =
      Solver::About{"pim_decode", "A step of decoding with the weights multiplied inside the memory", "Lee et al. 2021, ISCA"};
  struct Inputs {
    const Workload* workload;
    const Hardware* hardware;
    double batch_size = 1;
    double context_length = 1024;
    Precision precision = Precision::fp16;
  };
  struct Outputs {
    Time bank_time;
    Time device_time;
    Time latency;
    double speedup;
  };
  static constexpr auto inputs =
      ports(port<&Inputs::workload>("model"), port<&Inputs::hardware>("device with such memory"),
            port<&Inputs::batch_size>("sequences", at_least_one), port<&Inputs::context_length>("tokens cached", non_negative),
            port<&Inputs::precision>("number format"));
  static constexpr auto outputs = ports(
      port<&Outputs::bank_time>("products with weights").display("ms"), port<&Outputs::device_time>("all the rest").display("ms"),
      port<&Outputs::latency>("of the step").display("ms"), port<&Outputs::speedup>("over the same device without it"));
  /// The same step without such memory: single_node is asked what this solver is asked.
  struct Plain {
    static constexpr std::string_view solver = "single_node";
    struct Outputs {
      Time latency;
    };
    static constexpr auto outputs = ports(called<&Outputs::latency>());
  };
  using Calls = ironlaw::Calls<Plain>;

  static Outputs solve(const Inputs& in, const Plain::Outputs& plain) {
    const auto* pim = in.hardware->facet<ProcessingInMemory>();
    if (pim == nullptr) throw Unsupported(in.hardware->name(), "its memory does not compute");
    const Demand d = in.workload->demand({.phase = Phase::decode,
                                          .batch = in.batch_size,
                                          .new_tokens = 1,
                                          .cached_tokens = in.context_length,
                                          .formats = Formats::of(in.precision)});
    // A bank reads its weights once a sequence; what grows with the context is read by the device as ever.
    const Time bank = std::max(Time(in.batch_size * d.weights_read / pim->bandwidth), Time((d.linear + d.logits) / pim->rate));
    const Time rest = std::max(Time((d.cache_read + d.cache_write) / in.hardware->memory().bandwidth),
                               Time(d.attention / in.hardware->peak_rate(in.precision)));
    return {bank, rest, bank + rest, plain.latency / (bank + rest)};
  }
};
