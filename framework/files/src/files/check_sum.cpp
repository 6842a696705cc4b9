#include "files/check_sum.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ironlaw::host {

std::uint64_t check_sum(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace ironlaw::host
