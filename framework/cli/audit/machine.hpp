#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace ironlaw::cli {

/// A level of memory as a program meets it: all cores reading at once, each its own numbers.
struct MemoryLevel {
  std::string name;           ///< "L1", "memory"
  double capacity = 0;        ///< of all cores, in bytes
  double read_bandwidth = 0;  ///< in bytes a second
};

/// A piece of work, with what a roofline reads of it.
struct MeasuredWork {
  std::string name;
  double operations = 0;
  double weights = 0;      ///< numbers read once
  double activations = 0;  ///< numbers written and read back
  double seconds = 0;      ///< the best of several tries
};

/// A product of `rows` by `width` numbers and a square of `width`, all in 32 bits.
struct MeasuredProduct {
  std::size_t rows = 0;
  std::size_t width = 0;
  double seconds = 0;  ///< the best of several tries
};

/// What the machine under this program does, measured with all its cores.
struct Machine {
  std::string processor;
  std::size_t cores = 0;
  double fp32_rate = 0;  ///< operations a second, a multiply-add being two
  double fp64_rate = 0;
  std::vector<MemoryLevel> levels;  ///< the smallest first, main memory last
  std::vector<MeasuredWork> works;
  std::vector<MeasuredProduct> products;  ///< of many shapes, where they are asked for
};

/// Takes a few seconds; with products as many again.
[[nodiscard]] Machine measure_machine(bool products);

}  // namespace ironlaw::cli
