#include <ironlaw/row.hpp>

#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ironlaw {
namespace {

/// Bits of the first cell of a column, whether it varies or not.
std::uint64_t bits_of(const Column& column) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, column.data, sizeof bits);
  return bits;
}
std::uint64_t shared_of(const Column& column) { return column.stride == 0 ? ~std::uint64_t{0} : 0; }

/// Where a column stands in a memory: in each whole four the two in the middle change places, as a machine's vectors take two
/// columns apart into data and strides.
constexpr std::size_t place_of(std::size_t column, std::size_t columns) {
  const std::size_t in_four = column < columns / 4 * 4 ? column % 4 : 0;
  return in_four == 1 ? column + 1 : in_four == 2 ? column - 1 : column;
}

/// No bit where a column varies or not as `shared` says, and holds `cell` if it does not.
std::uint64_t difference(const Column& column, std::uint64_t cell, std::uint64_t shared) {
  return ((bits_of(column) ^ cell) & shared) | (shared_of(column) ^ shared);
}
/// No bit where that is so of all columns.
std::uint64_t difference(std::span<const Column> in, const std::uint64_t* cells, const std::uint64_t* shared) {
  std::uint64_t bits = 0;
  for (std::size_t k = 0; k < in.size(); ++k) {
    const std::size_t at = place_of(k, in.size());
    bits |= difference(in[k], cells[at], shared[at]);
  }
  return bits;
}
#if defined(__x86_64__)
static_assert(sizeof(Column) == 16, "two make a vector");
/// The same, four at a time.
[[gnu::target("avx2")]] std::uint64_t difference_in_fours(std::span<const Column> in, const std::uint64_t* cells,
                                                          const std::uint64_t* shared) {
  const auto* columns = reinterpret_cast<const __m256i*>(in.data());
  const auto* held = reinterpret_cast<const __m256i*>(cells);
  const auto* is_shared = reinterpret_cast<const __m256i*>(shared);
  const __m256i zero = _mm256_setzero_si256();
  __m256i bits = zero;
  const std::size_t fours = in.size() / 4;
  for (std::size_t four = 0; four < fours; ++four) {
    const __m256i one = _mm256_loadu_si256(columns + 2 * four), other = _mm256_loadu_si256(columns + 2 * four + 1);
    // Columns 0, 2, 1, 3 of the four.
    const __m256i data = _mm256_unpacklo_epi64(one, other), stride = _mm256_unpackhi_epi64(one, other);
    const __m256i now = _mm256_i64gather_epi64(static_cast<const long long*>(nullptr), data, 1);
    const __m256i shared_before = _mm256_loadu_si256(is_shared + four);
    const __m256i other_cells = _mm256_and_si256(_mm256_xor_si256(now, _mm256_loadu_si256(held + four)), shared_before);
    bits = _mm256_or_si256(bits, _mm256_or_si256(other_cells, _mm256_xor_si256(_mm256_cmpeq_epi64(stride, zero), shared_before)));
  }
  std::uint64_t rest = 0;
  for (std::size_t k = in.size(); k > 4 * fours; --k) rest |= difference(in[k - 1], cells[k - 1], shared[k - 1]);
  return rest | static_cast<std::uint64_t>(_mm256_testz_si256(bits, bits) == 0);
}
#endif

}  // namespace

SolverMemory::~SolverMemory() = default;

bool BlockMemory::holds(std::span<const Column> in) {
  if (cells_.size() == in.size()) {
#if defined(__x86_64__)
    const auto differs = __builtin_cpu_supports("avx2") != 0 ? difference_in_fours(in, cells_.data(), shared_.data())
                                                             : difference(in, cells_.data(), shared_.data());
#else
    const auto differs = difference(in, cells_.data(), shared_.data());
#endif
    if (differs == 0) return true;
  }
  forget();
  // Cells last: where memory runs out, nothing is held of these columns, not half of them.
  varying_.reserve(in.size());
  shared_.resize(in.size());
  cells_.resize(in.size());
  for (std::size_t k = 0; k < in.size(); ++k) {
    const std::size_t at = place_of(k, in.size());
    cells_[at] = bits_of(in[k]);
    shared_[at] = shared_of(in[k]);
    if (in[k].stride != 0) varying_.push_back(static_cast<std::uint32_t>(k));
  }
  return false;
}

void BlockMemory::forget() {
  of_solver.reset();
  cells_.clear();
  shared_.clear();
  varying_.clear();
}

}  // namespace ironlaw
