#pragma once
// What series among a solver's ports need of its adapter, row by row.
#include <ironlaw/error.hpp>
#include <ironlaw/sdk/ports.hpp>

#include <array>
#include <string>

namespace ironlaw::detail {

/// `inputs` are the ports of the solver's inputs.
template <const auto& inputs>
class SeriesRows {
  static constexpr std::size_t count = inputs.size();

  /// The first series of the same index, or the port itself.
  static constexpr std::size_t first_of_index(std::size_t k) {
    if (inputs[k].type != PortType::series || inputs[k].index.empty()) return k;
    std::size_t first = 0;
    while (inputs[first].type != PortType::series || inputs[first].index != inputs[k].index) ++first;
    return first;
  }
  static constexpr std::array<std::size_t, count> firsts = [] {
    std::array<std::size_t, count> all{};
    for (std::size_t k = 0; k < count; ++k) all[k] = first_of_index(k);
    return all;
  }();
  /// Whether any two run over one index.
  static constexpr bool share_an_index = [] {
    bool any = false;
    for (std::size_t k = 0; k < count; ++k) any |= firsts[k] < k;
    return any;
  }();
  template <class In, class... Path>
  static std::array<std::size_t, count> sizes_of(const In& x, const Ports<Path...>&) {
    const auto size = [&]<class P>() -> std::size_t {
      if constexpr (is_series<typename P::type>) {
        return P::of(x).size();
      } else {
        return 0;
      }
    };
    return {size.template operator()<Path>()...};
  }

 public:
  /// Series of one index have one length; one that is left out has none. Refuses the row where they do not.
  template <class In, class List>
  static bool lengths_agree([[maybe_unused]] const In& x, [[maybe_unused]] const Block& block, [[maybe_unused]] std::size_t row,
                            const List& ports) {
    if constexpr (share_an_index) {
      const auto sizes = sizes_of(x, ports);
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t first = firsts[k];
        if (sizes[k] == sizes[first] || sizes[k] == 0 || sizes[first] == 0) [[likely]]
          continue;
        refuse(block, row, k, sizes[k], first, sizes[first]);
        return false;
      }
    } else {
      static_cast<void>(ports);
    }
    return true;
  }

  /// Points the series of the outputs to where the row's values go.
  template <class Out, class... Path>
  static void place(Out& y, const Block& block, std::size_t row, const Ports<Path...>&) {
    std::size_t k = 0;
    const auto place_one = [&]<class T>(T& member) {
      Cell* const column = block.out[k++];
      if constexpr (is_series_out<T>)
        member.bind(column != nullptr ? static_cast<SeriesCell*>(const_cast<void*>(column[row].object)) : nullptr);
    };
    (place_one(Path::of(y)), ...);
  }

 private:
  [[gnu::cold]] static void refuse(const Block& block, std::size_t row, std::size_t port, std::size_t size, std::size_t other,
                                   std::size_t other_size) {
    reject_row(block, row, RowStatus::refused, inputs[port].name,
               "has " + std::to_string(size) + " values over " + std::string(inputs[port].index) + ", and " +
                   std::string(inputs[other].name) + " has " + std::to_string(other_size));
  }
};

}  // namespace ironlaw::detail
