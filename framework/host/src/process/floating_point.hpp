#pragma once
// The floating-point environment that every row is computed in, whatever a plugin did to it.
#include <cfenv>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ironlaw::host {

#if defined(__x86_64__)

/// Rounds to nearest, traps nothing, keeps small numbers. Looking costs four instructions; only a plugin that changed it pays more.
inline void reset_floating_point() noexcept {
  constexpr unsigned vector_default = 0x1F80;  // of MXCSR; its low six bits are flags of what happened
  constexpr unsigned flags = 0x3F;
  constexpr unsigned short x87_default = 0x37F;
  unsigned short x87 = 0;
  asm volatile("fnstcw %0" : "=m"(x87));
  if (((_mm_getcsr() ^ vector_default) & ~flags) == 0 && x87 == x87_default) [[likely]]
    return;
  std::fesetenv(FE_DFL_ENV);
  _mm_setcsr(vector_default);
}

#else

/// Rounds to nearest, traps nothing, keeps small numbers.
inline void reset_floating_point() noexcept { std::fesetenv(FE_DFL_ENV); }

#endif

}  // namespace ironlaw::host
