#pragma once
// Members of a struct that are no ports: what a compiled solver can tell of them.
#include <ironlaw/sdk/port_declarations.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace ironlaw::detail {

/// Bytes of a struct that a port takes.
struct MemberPlace {
  std::size_t begin;
  std::size_t end;
  std::size_t alignment;
  std::string_view name;
};

/// Says where a struct has room that no port takes and that is no padding: "Inputs has 8 bytes behind 'batch_size'". A member
/// that is as small as the padding it lies in is not seen.
inline std::string room_without_port(const std::string& what, std::vector<MemberPlace> places, std::size_t size,
                                     std::size_t alignment) {
  std::sort(places.begin(), places.end(), [](const MemberPlace& a, const MemberPlace& b) { return a.begin < b.begin; });
  places.push_back({size, size, alignment, {}});
  std::size_t end = 0;
  std::string_view last;
  for (const MemberPlace& place : places) {
    if (place.begin >= end + std::max(place.alignment, alignment))  // a base ends where the next of its kind would begin
      return what + " has " + std::to_string(place.begin - end) + " bytes " +
             (last.empty() ? "before its first port" : "behind '" + std::string(last) + "'") + "; ";
    end = std::max(end, place.end);
    last = place.name;
  }
  return {};
}

/// The struct's own member that a port is, or is in: an inner struct need not show all that it has.
template <class Struct, auto First, auto... Rest>
constexpr const auto& outermost(const Struct& s, Path<First, Rest...>) {
  return s.*First;
}

template <class Struct, class... P>
std::string member_without_port(const std::string& what, const Ports<P...>& ports) {
  // What constructs itself may keep what no port gives it: parallel_layout has its step's microbatches.
  if constexpr (sizeof...(P) == 0 || !std::is_aggregate_v<Struct>) {
    return {};
  } else {
    const auto one = std::make_unique<Struct>();
    const auto* const begin = reinterpret_cast<const char*>(one.get());
    std::vector<MemberPlace> places;
    const auto add = [&]<class T>(const T& member) {
      const auto offset = static_cast<std::size_t>(reinterpret_cast<const char*>(&member) - begin);
      places.push_back({offset, offset + sizeof(T), alignof(T), ports.declared[places.size()].name.view()});
    };
    (add(outermost(static_cast<const Struct&>(*one), P{})), ...);
    return room_without_port(what, std::move(places), sizeof(Struct), alignof(Struct));
  }
}

}  // namespace ironlaw::detail
