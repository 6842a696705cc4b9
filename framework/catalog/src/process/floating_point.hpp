#pragma once
// The floating-point environment that every row is computed in, whatever a plugin did to it.
#include <ironlaw/export.hpp>

#include <cfenv>
#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ironlaw::host {

/// Puts the environment back that a plugin changed, and counts it.
IRONLAW_API void restore_floating_point() noexcept;
/// How often that was necessary in this process.
[[nodiscard]] IRONLAW_API std::uint64_t floating_point_resets() noexcept;

#if defined(__x86_64__)

/// Rounds to nearest, traps nothing, keeps small numbers. Looking costs four instructions; only a plugin that changed it pays
/// more.
inline void reset_floating_point() noexcept {
  constexpr unsigned vector_default = 0x1F80;  // of MXCSR; its low six bits are flags of what happened
  constexpr unsigned flags = 0x3F;
  constexpr unsigned short x87_default = 0x37F;
  unsigned short x87 = 0;
  asm volatile("fnstcw %0" : "=m"(x87));
  if (((_mm_getcsr() ^ vector_default) & ~flags) == 0 && x87 == x87_default) [[likely]]
    return;
  restore_floating_point();
}

#elif defined(__aarch64__)

/// Rounds to nearest, traps nothing, keeps small numbers.
inline void reset_floating_point() noexcept {
  std::uint64_t control = 0;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  if (control != 0) [[unlikely]]
    restore_floating_point();
}

#endif

}  // namespace ironlaw::host
