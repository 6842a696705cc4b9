#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace ironlaw::host {

/// Places, rising, of the rows that no other matches or beats in every goal, smaller being better; of rows that are equal in
/// every goal the one with the smallest number. `values` holds the goals of each row side by side, none of them NaN. Divide and
/// conquer takes N log^(k-2) N for k >= 3 goals (Kung, Luccio and Preparata 1975; with equal values as Fortin, Grenier and
/// Parizeau 2013 and Buzdalov and Shalyto 2014 have them).
[[nodiscard]] std::vector<std::uint32_t> nondominated(std::span<const double> values, std::size_t goals,
                                                      std::span<const std::uint64_t> numbers);

}  // namespace ironlaw::host
