#pragma once
// Peak arithmetic rates of a device by number format, and what to answer for a format that it does not list.
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/precision.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>

#include <array>
#include <span>
#include <string>

namespace ironlaw::hardware {

/// What a device answers when asked for a rate that it does not state: that of a format it widens operands to, none, or that of
/// fp16. Under `widen` 4-bit integers are always widened: engines hold weights in them, never what weights are multiplied with
/// (Frantar 2022, Lin 2023), and 16-bit formats that the device computes slower than fp32 are too: GPUs of compute capability 6.1
/// do 1/64 of it, and llama.cpp multiplies there in fp32. fp64 never takes the rate of a narrower format.
enum class MissingRate { widen, refuse, use_fp16 };

/// Formats that operands are widened to, the likeliest first. Of the two 16-bit formats either stands for the other.
namespace wider {
inline constexpr std::array full{Precision::fp32};
inline constexpr std::array bf16{Precision::fp16, Precision::fp32};
inline constexpr std::array fp16{Precision::bf16, Precision::fp32};
inline constexpr std::array narrow{Precision::fp16, Precision::bf16, Precision::fp32};
inline constexpr std::array integer{Precision::fp16, Precision::bf16, Precision::int8, Precision::fp32};
}  // namespace wider
constexpr std::span<const Precision> wider_formats(Precision p) {
  switch (p) {
    case Precision::tf32:
      return wider::full;
    case Precision::bf16:
      return wider::bf16;
    case Precision::fp16:
      return wider::fp16;
    case Precision::fp8:
    case Precision::fp6:
    case Precision::fp4:
    case Precision::int8:
      return wider::narrow;
    case Precision::int4:
    case Precision::mxint4:
      return wider::integer;
    default:
      return {};
  }
}

/// One rate a number format, in the order of Precision.
struct RateFields {
  Maybe<FlopRate> fp64, tf32, fp32, bf16, fp16, fp8, fp6, fp4, int8, int4, mxint4;
  [[nodiscard]] constexpr std::array<double, precision_count> values() const {
    return {fp64.cell(), tf32.cell(), fp32.cell(), bf16.cell(), fp16.cell(),  fp8.cell(),
            fp6.cell(),  fp4.cell(),  int8.cell(), int4.cell(), mxint4.cell()};
  }
};
inline constexpr auto rate_fields = ports(port<&RateFields::fp64>("rate of 64-bit floating point", positive).display("TFLOP/s"),
                                          port<&RateFields::tf32>("rate of TensorFloat-32", positive).display("TFLOP/s"),
                                          port<&RateFields::fp32>("rate of 32-bit floating point", positive).display("TFLOP/s"),
                                          port<&RateFields::bf16>("rate of bfloat16", positive).display("TFLOP/s"),
                                          port<&RateFields::fp16>("rate of 16-bit floating point", positive).display("TFLOP/s"),
                                          port<&RateFields::fp8>("rate of 8-bit floating point", positive).display("TFLOP/s"),
                                          port<&RateFields::fp6>("rate of 6-bit floating point", positive).display("TFLOP/s"),
                                          port<&RateFields::fp4>("rate of 4-bit floating point", positive).display("TFLOP/s"),
                                          port<&RateFields::int8>("rate of 8-bit integers", positive).display("TFLOP/s"),
                                          port<&RateFields::int4>("rate of 4-bit integers", positive).display("TFLOP/s"),
                                          port<&RateFields::mxint4>("rate of MXINT4", positive).display("TFLOP/s"));

/// Rates of products whose sums are held in 16 bits, where they differ: twice as fast on GeForce cards.
struct NarrowRateFields {
  Maybe<FlopRate> fp16, fp8;
};
inline constexpr auto narrow_rate_fields =
    ports(port<&NarrowRateFields::fp16>("rate of 16-bit floating point with 16-bit sums", positive).display("TFLOP/s"),
          port<&NarrowRateFields::fp8>("rate of 8-bit floating point with 16-bit sums", positive).display("TFLOP/s"));

/// Dense rates with the fallback resolved, so that a look-up is one load and one comparison.
class Rates {
 public:
  /// Throws MissingData where no dense rate is stated, DomainError where a sparse rate is below the dense one.
  Rates(const RateFields& dense, const RateFields& sparse, const NarrowRateFields& narrow, MissingRate missing,
        std::string_view device)
      : rates_(dense.values()),
        missing_(missing),
        narrow_fp16_(narrow.fp16.cell()),
        narrow_fp8_(narrow.fp8.cell()),
        listed_(listed()) {
    for (std::size_t i = 0; i < precision_count; ++i) formats_.of[i] = static_cast<Precision>(i);
    if (listed_.empty()) throw MissingData(device, "dense peak rate", "give at least one, e.g. peak_rate.fp16");
    check_sparse(sparse.values());
    check_narrow("fp16", narrow_fp16_, dense.fp16.cell());
    check_narrow("fp8", narrow_fp8_, dense.fp8.cell());
    if (missing == MissingRate::widen) {
      widen(dense.values());
    } else if (missing == MissingRate::use_fp16) {
      for (std::size_t i = 0; i < precision_count; ++i)
        if (rates_[i] != rates_[i] && i != index(Precision::fp64)) take(i, Precision::fp16, dense.fp16.cell());
    }
  }

  /// What operands of each format are computed in.
  [[nodiscard]] const ArithmeticFormats& formats() const { return formats_; }

  /// Throws MissingData, naming the rates that are listed.
  [[nodiscard]] FlopRate at(Precision precision, std::string_view device) const {
    const double rate = rates_[index(precision)];
    if (rate != rate) [[unlikely]]
      refuse(precision, device);
    return rate * units::flop_per_second;
  }

  /// With sums in 16 bits.
  [[nodiscard]] FlopRate narrow_at(Precision precision, std::string_view device) const {
    const Precision computed = formats_.of[index(precision)];
    const double narrow = computed == Precision::fp16 ? narrow_fp16_ : computed == Precision::fp8 ? narrow_fp8_ : absent_value;
    return narrow == narrow ? narrow * units::flop_per_second : at(precision, device);
  }

 private:
  static constexpr auto& names = detail::enumerator_names<Precision>;
  static constexpr std::size_t index(Precision p) { return static_cast<std::size_t>(p); }

  void take(std::size_t format, Precision from, double rate) {
    rates_[format] = rate;
    formats_.of[format] = from;
  }
  void widen(const std::array<double, precision_count>& dense) {
    const double full = dense[index(Precision::fp32)];
    for (const Precision half : {Precision::bf16, Precision::fp16})
      if (dense[index(half)] < full) take(index(half), Precision::fp32, full);
    for (std::size_t i = 0; i < precision_count; ++i) {
      const auto format = static_cast<Precision>(i);
      const bool weights_only = format == Precision::int4 || format == Precision::mxint4;
      if (dense[i] == dense[i] && !weights_only) continue;
      for (const Precision wider : wider_formats(format)) {
        if (dense[index(wider)] != dense[index(wider)]) continue;
        take(i, formats_.of[index(wider)], rates_[index(wider)]);
        break;
      }
    }
  }

  [[nodiscard]] std::string listed() const {
    std::string text;
    for (std::size_t i = 0; i < precision_count; ++i)
      if (rates_[i] == rates_[i]) text.append(text.empty() ? "" : ", ").append(names[i]);
    return text;
  }
  void check_sparse(const std::array<double, precision_count>& sparse) const {
    for (std::size_t i = 0; i < precision_count; ++i)
      if (sparse[i] < rates_[i])
        throw DomainError("sparse_peak_rate." + std::string(names[i]),
                          "is below the dense rate; allowed: peak_rate." + std::string(names[i]) + " and above");
  }
  static void check_narrow(const char* format, double narrow, double wide) {
    if (narrow < wide)
      throw DomainError("fp16_accumulate_rate." + std::string(format),
                        "is below the rate with 32-bit sums; allowed: peak_rate." + std::string(format) + " and above");
  }
  [[noreturn, gnu::cold]] void refuse(Precision precision, std::string_view device) const {
    const bool could_widen = missing_ == MissingRate::refuse && !wider_formats(precision).empty();
    throw MissingData(device, "dense " + std::string(names[index(precision)]) + " rate",
                      "it lists " + listed_ + (could_widen ? "; missing_rate = widen takes that of a wider format" : ""));
  }

  std::array<double, precision_count> rates_;
  MissingRate missing_;
  double narrow_fp16_;
  double narrow_fp8_;
  std::string listed_;
  ArithmeticFormats formats_{};
};

}  // namespace ironlaw::hardware
