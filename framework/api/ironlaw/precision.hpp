#pragma once
#include <array>
#include <cstddef>

namespace ironlaw {

/// Number formats. Closed: a device may lack a rate for one, but every solver knows them all. Dense or sparse is said beside it.
enum class Precision { fp64, tf32, fp32, bf16, fp16, fp8, fp6, fp4, int8, int4, mxint4 };
inline constexpr std::size_t precision_count = 11;

namespace detail {
inline constexpr std::array<double, precision_count> bytes_of_precision{8, 4, 4, 2, 2, 1, 0.75, 0.5, 1, 0.5, 0.53125};
}
/// Bytes one stored element takes; mxint4 shares an 8-bit scale among 32 elements (OCP Microscaling Formats 1.0, 2023).
constexpr double bytes_per_element(Precision p) { return detail::bytes_of_precision[static_cast<std::size_t>(p)]; }

}  // namespace ironlaw
