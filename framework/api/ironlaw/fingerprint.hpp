#pragma once
// The fingerprint: everything that changes the layout of what crosses the boundary, as one readable string.
#include <ironlaw/manifest.h>
#include <ironlaw/authored_solver.hpp>
#include <ironlaw/demand_form.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/operators.hpp>
#include <ironlaw/record_table.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/registrar.hpp>
#include <ironlaw/series.hpp>
#include <ironlaw/workload.hpp>

#include <array>
#include <version>

#define IRONLAW_TEXT_OF(x) #x
#define IRONLAW_TEXT(x) IRONLAW_TEXT_OF(x)

#if defined(__x86_64__)
#define IRONLAW_ARCHITECTURE "x86_64"
#elif defined(__aarch64__)
#define IRONLAW_ARCHITECTURE "aarch64"
#else
#define IRONLAW_ARCHITECTURE "other"
#endif
#if defined(_LIBCPP_VERSION)
#define IRONLAW_STANDARD_LIBRARY "libc++." IRONLAW_TEXT(_LIBCPP_ABI_VERSION)
#elif defined(__GLIBCXX__)
#define IRONLAW_STANDARD_LIBRARY "libstdc++.cxx11=" IRONLAW_TEXT(_GLIBCXX_USE_CXX11_ABI)
#else
#define IRONLAW_STANDARD_LIBRARY "unknown"
#endif
#if defined(_GLIBCXX_DEBUG)
#define IRONLAW_CONTAINERS "debug"
#else
#define IRONLAW_CONTAINERS "release"
#endif
// Bumped by hand in the same commit as any change to a virtual or a struct that crosses.
#define IRONLAW_INTERFACE_REVISION 7

namespace ironlaw {

/// Sizes and alignments of everything that crosses: a changed field changes it.
constexpr std::uint64_t layout_hash() {
  std::uint64_t h = 14695981039346656037ull;
  auto mix = [&h](std::size_t v) { h = (h ^ v) * 1099511628211ull; };
  auto layout = [&mix]<class... T>() { ((mix(sizeof(T)), mix(alignof(T))), ...); };
  layout.template operator()<
      Dimension, Cell, SeriesCell, Column, SolverMemory, BlockMemory, Block, Range, PortInfo, LimitInfo, RuleInfo, MonotoneInfo,
      Solver, Solver::About, SolverCall, CallingSolver, SolverMembers, Kind, Kind::About, Object, Hardware, Memory, Workload,
      Formats, Conditions, Demand, DemandForm, DemandForms, Operator, LayerClass, OperatorConditions, OperatorList, Operators,
      Node, Fabric, Fleet, Grid, Datacenter, StorageSystem, Value, Term, Working, Wants, OptionInfo, Options, Study, SpaceAxis,
      Space, Table, Bench, Observer, Guard, StageView, Importer, EntryWriter, Registrar, FacetKey, Error, ColumnInfo, TableColumn,
      RecordTable, KernelRate, KernelRates, KernelPlatform, Engine, SoftwareStack, OperatorTime>();
  return h;
}

namespace detail {
constexpr std::array<char, 192> make_fingerprint() {
  constexpr std::string_view head = IRONLAW_ARCHITECTURE
      "-linux-itanium;" IRONLAW_STANDARD_LIBRARY ";" IRONLAW_CONTAINERS ";sdk=" IRONLAW_TEXT(IRONLAW_SDK_MAJOR) "." IRONLAW_TEXT(
          IRONLAW_SDK_MINOR) ";interface=" IRONLAW_TEXT(IRONLAW_INTERFACE_REVISION) ";layout=";
  std::array<char, 192> text{};
  std::size_t n = 0;
  for (const char c : head) text[n++] = c;
  for (int shift = 60; shift >= 0; shift -= 4) text[n++] = "0123456789abcdef"[(layout_hash() >> shift) & 0xF];
  return text;
}
}  // namespace detail

inline constexpr std::array<char, 192> fingerprint_text = detail::make_fingerprint();
inline constexpr std::string_view fingerprint{fingerprint_text.data()};
inline constexpr std::uint64_t fingerprint_hash = fnv1a(fingerprint);

}  // namespace ironlaw
