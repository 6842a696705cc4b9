#include "process/floating_point.hpp"

#include <atomic>

namespace ironlaw::host {
namespace {

std::atomic<std::uint64_t> resets{0};

}  // namespace

void restore_floating_point() noexcept {
  std::fesetenv(FE_DFL_ENV);
#if defined(__x86_64__)
  _mm_setcsr(0x1F80);  // where the C library leaves what makes small numbers zero
#endif
  ++resets;
}

std::uint64_t floating_point_resets() noexcept { return resets; }

}  // namespace ironlaw::host
