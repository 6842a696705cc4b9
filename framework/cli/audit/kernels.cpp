#include "audit/kernels.hpp"

#include <algorithm>
#include <array>

namespace ironlaw::cli {
namespace {

template <class T, std::size_t Bytes>
struct Vectors {
  using Vector [[gnu::vector_size(Bytes)]] = T;
  static constexpr std::size_t lanes = Bytes / sizeof(T);
};

/// The same vectors at any address.
template <class T, std::size_t Bytes>
struct Unaligned {
  using Vector [[gnu::vector_size(Bytes), gnu::aligned(alignof(T)), gnu::may_alias]] = T;
};

template <class T, std::size_t Bytes>
[[gnu::always_inline]] inline double multiply_add_of(std::size_t rounds) {
  using V = Vectors<T, Bytes>;
  constexpr std::size_t chains = 12;  // enough to fill the latency of two units
  typename V::Vector chain[chains];
  for (std::size_t k = 0; k < chains; ++k) chain[k] = typename V::Vector{} + static_cast<T>(k + 1);
  const auto factor = typename V::Vector{} + static_cast<T>(0.999999);
  const auto step = typename V::Vector{} + static_cast<T>(1e-6);
  for (std::size_t r = 0; r < rounds; ++r)
#pragma GCC unroll 12
    for (auto& vector : chain) vector = vector * factor + step;
  T rest = 0;
  for (auto& vector : chain)
    for (std::size_t i = 0; i < V::lanes; ++i) rest += vector[i];
  [[maybe_unused]] volatile T kept = rest;
  return 2.0 * static_cast<double>(rounds * chains * V::lanes);
}

template <std::size_t Bytes>
[[gnu::always_inline]] inline float sum_of(std::span<const float> numbers) {
  using V = Vectors<float, Bytes>;
  using U = typename Unaligned<float, Bytes>::Vector;
  constexpr std::size_t chains = 8;
  typename V::Vector partial[chains] = {};
  std::size_t i = 0;
  for (; i + chains * V::lanes <= numbers.size(); i += chains * V::lanes)
#pragma GCC unroll 8
    for (std::size_t k = 0; k < chains; ++k) partial[k] += *reinterpret_cast<const U*>(&numbers[i + k * V::lanes]);
  float total = 0;
  for (auto& vector : partial)
    for (std::size_t lane = 0; lane < V::lanes; ++lane) total += vector[lane];
  for (; i < numbers.size(); ++i) total += numbers[i];
  return total;
}

/// Columns of b side by side, `width` at a time, so that a tile reads them in order; n is a multiple of the width.
[[gnu::always_inline]] inline void pack(const float* b, float* packed, std::size_t n, std::size_t width) {
  for (std::size_t j = 0; j < n; j += width)
    for (std::size_t k = 0; k < n; ++k) packed = std::copy_n(b + k * n + j, width, packed);
}

template <std::size_t Bytes>
[[gnu::always_inline]] inline void multiply_rows_of(const float* a, const float* b, float* c, float* packed, std::size_t n,
                                                    std::size_t first, std::size_t last) {
  using V = Vectors<float, Bytes>;
  using U = typename Unaligned<float, Bytes>::Vector;
  constexpr std::size_t height = 6;
  constexpr std::size_t width = 2 * V::lanes;
  pack(b, packed, n, width);
  for (std::size_t j = 0; j < n; j += width)
    for (std::size_t i = first; i < last; i += height) {
      const std::size_t rows = std::min(height, last - i);
      typename V::Vector tile[height][2] = {};
      std::array<const float*, height> row;
      for (std::size_t r = 0; r < height; ++r) row[r] = a + (i + std::min(r, rows - 1)) * n;
      const float* right = packed + j * n;
      for (std::size_t k = 0; k < n; ++k, right += width) {
        const typename V::Vector left_half = *reinterpret_cast<const U*>(right);
        const typename V::Vector right_half = *reinterpret_cast<const U*>(right + V::lanes);
#pragma GCC unroll 6
        for (std::size_t r = 0; r < height; ++r) {
          tile[r][0] += row[r][k] * left_half;
          tile[r][1] += row[r][k] * right_half;
        }
      }
      for (std::size_t r = 0; r < rows; ++r) {
        *reinterpret_cast<U*>(c + (i + r) * n + j) = tile[r][0];
        *reinterpret_cast<U*>(c + (i + r) * n + j + V::lanes) = tile[r][1];
      }
    }
}

// What a processor without wider vectors must never enter.
#ifdef __x86_64__
#define IRONLAW_WIDE [[gnu::target("avx512f,avx512vl,fma")]]
#define IRONLAW_MIDDLE [[gnu::target("avx2,fma")]]
#else
#define IRONLAW_WIDE
#define IRONLAW_MIDDLE
#endif

template <class T>
IRONLAW_WIDE double multiply_add_wide(std::size_t rounds) {
  return multiply_add_of<T, 64>(rounds);
}
template <class T>
IRONLAW_MIDDLE double multiply_add_middle(std::size_t rounds) {
  return multiply_add_of<T, 32>(rounds);
}
IRONLAW_WIDE float sum_wide(std::span<const float> numbers) { return sum_of<64>(numbers); }
IRONLAW_MIDDLE float sum_middle(std::span<const float> numbers) { return sum_of<32>(numbers); }
IRONLAW_WIDE void rows_wide(const float* a, const float* b, float* c, float* packed, std::size_t n, std::size_t first,
                            std::size_t last) {
  multiply_rows_of<64>(a, b, c, packed, n, first, last);
}
IRONLAW_MIDDLE void rows_middle(const float* a, const float* b, float* c, float* packed, std::size_t n, std::size_t first,
                                std::size_t last) {
  multiply_rows_of<32>(a, b, c, packed, n, first, last);
}

}  // namespace

VectorWidth widest_vectors() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return VectorWidth::wide;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return VectorWidth::middle;
#endif
  return VectorWidth::narrow;
}

template <class T>
double multiply_add(std::size_t rounds) {
  switch (widest_vectors()) {
    case VectorWidth::wide:
      return multiply_add_wide<T>(rounds);
    case VectorWidth::middle:
      return multiply_add_middle<T>(rounds);
    case VectorWidth::narrow:
      break;
  }
  return multiply_add_of<T, 16>(rounds);
}
template double multiply_add<float>(std::size_t);
template double multiply_add<double>(std::size_t);

float sum(std::span<const float> numbers) {
  switch (widest_vectors()) {
    case VectorWidth::wide:
      return sum_wide(numbers);
    case VectorWidth::middle:
      return sum_middle(numbers);
    case VectorWidth::narrow:
      break;
  }
  return sum_of<16>(numbers);
}

void multiply_rows(const float* a, const float* b, float* c, float* packed, std::size_t n, std::size_t first_row,
                   std::size_t last_row) {
  switch (widest_vectors()) {
    case VectorWidth::wide:
      return rows_wide(a, b, c, packed, n, first_row, last_row);
    case VectorWidth::middle:
      return rows_middle(a, b, c, packed, n, first_row, last_row);
    case VectorWidth::narrow:
      break;
  }
  multiply_rows_of<16>(a, b, c, packed, n, first_row, last_row);
}

}  // namespace ironlaw::cli
