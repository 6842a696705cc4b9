// Quantities of different dimensions do not mix.
#include <ironlaw/quantity.hpp>

namespace ironlaw {

constexpr Information weights = 8.0 * units::gigabyte;
constexpr Bandwidth bandwidth = weights / units::second;
constexpr Time reading = weights / bandwidth;
static_assert(in(reading, units::second) == 1);

#ifdef BYTES_PLUS_FLOP
inline auto sum() { return weights + 1.0 * units::flop; }
#endif
#ifdef BYTES_PLUS_FLOP_NAMES_BOTH
inline auto named_sum() { return weights + 1.0 * units::flop; }
#endif
#ifdef BYTES_LESS_THAN_A_RATE
inline bool less() { return weights < bandwidth; }
#endif
#ifdef BARE_DOUBLE
constexpr Time bare = 3.0;
#endif
#ifdef FLOP_RATE_FOR_BANDWIDTH
constexpr Bandwidth rate = 1e12 * units::flop_per_second;
#endif
#ifdef INTEGER_FOR_TIME
constexpr bool later = reading > 3;
#endif

}  // namespace ironlaw
