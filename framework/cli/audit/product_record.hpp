#pragma once
// The law of a product, fitted to products of this machine.
#include "audit/machine.hpp"

namespace ironlaw::cli {

/// Constants of T = tau + sqrt((2 M N K/(eta_c P))^2 + (bytes/(eta_m beta))^2), each operand of 4 bytes moved once.
struct ProductConstants {
  double compute_share = 0.5;  ///< eta_c, of the machine's rate of multiply-adds
  double memory_share = 0.5;   ///< eta_m, of the bandwidth of its main memory
  double latency = 1e-5;       ///< tau, in seconds
};

/// The constants, and how far they err where they were fitted without the width that they are asked for.
struct ProductRecord {
  ProductConstants constants;
  double from = 0;  ///< rows of the smallest and the largest product
  double to = 0;
  double low = 0, middle = 0, high = 0;  ///< 10, 50 and 90 % quantiles of ln(measured / predicted), each width left out in turn
};

/// The time of a product by the law.
[[nodiscard]] double product_seconds(const Machine& machine, const ProductConstants& constants, const MeasuredProduct& product);
/// Least absolute error of logarithms. Needs three widths or more among machine.products.
[[nodiscard]] ProductRecord fit_products(const Machine& machine);

}  // namespace ironlaw::cli
