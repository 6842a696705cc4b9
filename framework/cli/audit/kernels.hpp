#pragma once
// Pieces of work of one thread, in the widest vectors that this processor has.
#include <cstddef>
#include <span>

namespace ironlaw::cli {

/// Vectors that a kernel is compiled for.
enum class VectorWidth { narrow = 16, middle = 32, wide = 64 };
/// The widest of this processor.
[[nodiscard]] VectorWidth widest_vectors();

/// Multiply-adds in registers alone; how many operations (two each) they were.
template <class T>
double multiply_add(std::size_t rounds);

/// The sum of the numbers.
float sum(std::span<const float> numbers);

/// Rows of c = a * b, all square of size n in row order, by tiles that stay in registers. `packed` has room for n * n numbers.
void multiply_rows(const float* a, const float* b, float* c, float* packed, std::size_t n, std::size_t first_row,
                   std::size_t last_row);

}  // namespace ironlaw::cli
