#pragma once
// Finding a record: the device's, its generation's, or that of all; of the engine, or of any.
#include <ironlaw/error.hpp>
#include <ironlaw/kernel_rates.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::estimates {

/// Whose record answered, from the narrowest: "a generation's for the engine" is as good as the device's own.
enum class RateLevel { device_and_engine, device, generation_and_engine, generation, all_and_engine, all };

/// What is asked for. An empty text takes any.
struct RateQuery {
  std::string_view operation;
  std::string_view format{};
  std::string_view kernel{};
  std::string_view phase{};
};

struct RateFound {
  const KernelRate* rate = nullptr;
  const KernelRates* records = nullptr;  ///< whose row it is
  RateLevel level = RateLevel::all;
  [[nodiscard]] const KernelRate& operator*() const { return *rate; }
  [[nodiscard]] const KernelRate* operator->() const { return rate; }
};

/// The constant of a row that sets a wall, for people: "memory_share 0.85"; empty where the row has none for it.
inline std::string binding_constant(const RateFound& found, std::string_view wall) {
  if (found.rate == nullptr) return {};
  const auto said = [](std::string_view name, double value, const char* unit) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*s %.4g%s", static_cast<int>(name.size()), name.data(), value, unit);
    return std::string(text);
  };
  const auto share = [&](std::string_view name, const Maybe<double>& value) {
    return value ? said(name, *value, "") : std::string();
  };
  if (wall == "compute") return share("compute_share", found->compute_share);
  if (wall == "memory") return share("memory_share", found->memory_share);
  if (wall == "link") return share("link_share", found->link_share);
  if (wall == "network") return share("network_share", found->network_share);
  if (wall == "latency" && found->latency) return said("latency", 1e6 * found->latency.cell(), " us");
  return {};
}

/// What a record is wanted for: rows of an earlier law come before those of a later one.
inline constexpr std::array<std::string_view, 1> kernel_laws{"kernel"};
inline constexpr std::array<std::string_view, 2> iteration_laws{"iteration", "kernel"};
inline constexpr std::array<std::string_view, 1> step_laws{"step"};

/// The format whose kernels are the nearest to those of another that no record has; empty where none is.
constexpr std::string_view stand_in(std::string_view format) {
  constexpr std::array<std::array<std::string_view, 2>, 4> pairs{
      {{"int8", "fp8"}, {"fp8", "fp8_block"}, {"w8a16", "w4a16"}, {"w4afp8", "fp8_block"}}};
  for (const auto& [asked, nearest] : pairs)
    if (asked == format) return nearest;
  return {};
}

/// Looks records up for one device, engine and law.
class RateSearch {
 public:
  /// `given`: what a port says, or null; then the device's own chain. Throws MissingData where the device names no generation.
  RateSearch(const Hardware& device, const KernelRates* given, const Engine* engine, std::span<const std::string_view> laws)
      : chain_(given), engine_(engine == nullptr ? std::string_view() : engine->name()), laws_(laws) {
    const auto* platform = device.facet<KernelPlatform>();
    if (chain_ == nullptr && platform != nullptr) chain_ = platform->generation;
    if (chain_ == nullptr)
      throw MissingData(device.name(), "generation",
                        "its kernels have no records; give generation (all_generations where none is near), or kernel_rates");
    for (const KernelRates* records = chain_; records != nullptr; records = records->otherwise)
      for (const KernelRate& rate : records->rates)
        if (const std::size_t rank = rank_of(rate); rank < 2 * laws_.size()) candidates_.push_back({&rate, records, rank});
  }

  /// The first row that fits, null where none does: of the narrowest record, of the engine before any, of an earlier law.
  [[nodiscard]] RateFound find(const RateQuery& query) const {
    const Candidate* best = nullptr;
    for (const Candidate& c : candidates_) {
      if (best != nullptr && best->records != c.records) break;
      if (!fits(*c.rate, query)) continue;
      if (best == nullptr || c.rank < best->rank) best = &c;
    }
    if (best == nullptr) return {};
    return {best->rate, best->records, level_of(*best->records, best->rank < laws_.size())};
  }

  /// As find, then for the format that stands in for the one asked for; throws MissingData that names what the records do have.
  [[nodiscard]] RateFound need(const RateQuery& query) const {
    RateFound found = find(query);
    if (found.rate == nullptr) {
      RateQuery nearest = query;
      nearest.format = stand_in(query.format);
      if (!nearest.format.empty()) found = find(nearest);
    }
    if (found.rate == nullptr) refuse(query);
    return found;
  }

  [[nodiscard]] std::string_view engine() const { return engine_; }

 private:
  /// Names that begin or end otherwise are told apart without a call: a search compares hundreds.
  static bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && (a.empty() || (a.front() == b.front() && a.back() == b.back() && a == b));
  }
  static bool fits(const KernelRate& rate, const RateQuery& q) {
    return same(rate.operation, q.operation) && (rate.format.empty() || q.format.empty() || same(rate.format, q.format)) &&
           (q.kernel.empty() || same(rate.kernel, q.kernel)) && fits_phase(rate.phase, q.phase);
  }
  /// A row that says no phase holds for all but calls one by one, where the host's launches set the time.
  static bool fits_phase(std::string_view row, std::string_view asked) {
    return row == asked || (row.empty() ? asked != "eager" : asked.empty() && row != "eager");
  }
  /// The less, the sooner a row is taken; none is at twice the number of laws.
  [[nodiscard]] std::size_t rank_of(const KernelRate& rate) const {
    const bool any = rate.engine.empty();
    if (!any && !same(rate.engine, engine_)) return 2 * laws_.size();
    const auto wanted = [&](std::string_view law) { return same(law, rate.law); };
    const auto law = static_cast<std::size_t>(std::find_if(laws_.begin(), laws_.end(), wanted) - laws_.begin());
    if (law == laws_.size()) return 2 * laws_.size();
    return law + (any ? laws_.size() : 0);
  }
  static RateLevel level_of(const KernelRates& records, bool of_engine) {
    const bool all = records.otherwise == nullptr;
    const bool generation = !all && records.otherwise->otherwise == nullptr;
    if (all) return of_engine ? RateLevel::all_and_engine : RateLevel::all;
    if (generation) return of_engine ? RateLevel::generation_and_engine : RateLevel::generation;
    return of_engine ? RateLevel::device_and_engine : RateLevel::device;
  }
  [[noreturn]] void refuse(const RateQuery& q) const {
    const auto named = [](std::string_view what, std::string_view name) {
      return name.empty() ? std::string() : " " + std::string(what) + " " + std::string(name);
    };
    std::string has;
    for (const KernelRates* records = chain_; records != nullptr; records = records->otherwise)
      for (const KernelRate& r : records->rates) {
        if (r.operation != q.operation) continue;
        std::string one(r.format);
        if (!r.kernel.empty()) one += (one.empty() ? "" : " ") + std::string(r.kernel);
        if (one.empty() || (", " + has + ", ").find(", " + one + ", ") != std::string::npos) continue;
        has += (has.empty() ? "" : ", ") + one;
      }
    throw MissingData(
        chain_->name(),
        "record of " + std::string(q.operation) + named("in", q.format) + named("by", q.kernel) + named("at", q.phase),
        has.empty() ? "it has none of that operation" : "it has " + has);
  }

  /// A row of the engine, or of any, and of a law that is wanted.
  struct Candidate {
    const KernelRate* rate;
    const KernelRates* records;
    std::size_t rank;
  };

  const KernelRates* chain_;
  std::string_view engine_;
  std::span<const std::string_view> laws_;
  std::vector<Candidate> candidates_;  ///< from the narrowest record on
};

}  // namespace ironlaw::estimates
