#pragma once
// Records of the test's own, and inputs by port name.
#include <algorithm>
#include <ironlaw/kernel_rates.hpp>
#include <ironlaw/sdk/ports.hpp>
#include <list>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "../made_object.hpp"

namespace ironlaw::estimates_test {

using Json = nlohmann::json;

/// A record's constants, in SI units.
inline KernelRate constants(const Json& given) {
  KernelRate r{};
  r.law = "kernel";
  r.how = "fitted";
  r.source = "test";
  const auto number = [&](const char* name, Maybe<double>& to) {
    if (given.contains(name)) to = given[name].get<double>();
  };
  const auto time = [&](const char* name, Maybe<Time>& to) {
    if (given.contains(name)) to = given[name].get<double>() * units::second;
  };
  const auto bytes = [&](const char* name, Maybe<Information>& to) {
    if (given.contains(name)) to = given[name].get<double>() * units::byte;
  };
  number("compute_share", r.compute_share);
  number("memory_share", r.memory_share);
  number("link_share", r.link_share);
  number("network_share", r.network_share);
  number("distant_share", r.distant_share);
  number("lent_multiprocessors", r.lent_multiprocessors);
  number("low", r.low);
  number("high", r.high);
  number("touched_rows", r.touched_rows);
  time("latency", r.latency);
  time("depth_latency", r.depth_latency);
  time("tile_latency", r.tile_latency);
  time("doubling_latency", r.doubling_latency);
  time("protocol_time", r.protocol_time);
  bytes("quantize_traffic", r.quantize_traffic);
  bytes("permute_traffic", r.permute_traffic);
  return r;
}

/// Records that live with their texts.
struct GivenRates final : KernelRates {
  explicit GivenRates(const KernelRates* wider = nullptr) : KernelRates("test") { otherwise = wider; }
  KernelRate& add(KernelRate rate) {
    own_.push_back(rate);
    rates = own_;
    return own_.back();
  }
  /// With operation, format, kernel and phase.
  void state(const Json& given) {
    KernelRate r = constants(given);
    const auto text = [&](const char* name) { return std::string_view(texts_.emplace_back(given.value(name, std::string()))); };
    r.operation = text("operation");
    r.format = text("format");
    r.kernel = text("kernel");
    r.phase = text("phase");
    add(r);
  }

 private:
  std::list<std::string> texts_;
  std::vector<KernelRate> own_;
};

/// Inputs by port name, as a row of cells would bring them.
template <class S>
typename S::Inputs inputs_of(const Json& named) {
  static constexpr auto infos = detail::port_infos<typename S::Inputs>(S::inputs);
  typename S::Inputs in;
  detail::load_ports(in, S::inputs, [&](std::size_t k) {
    const PortInfo& port = infos[k];
    Cell cell{.number = port.fallback};
    if (port.type == PortType::object) cell.object = nullptr;
    const std::string name(port.name);
    if (!named.contains(name)) return cell;
    if (named[name].is_string()) {
      const auto choice = named[name].get<std::string>();
      const auto at = std::find(port.choices.begin(), port.choices.end(), choice);
      if (at == port.choices.end()) throw std::runtime_error("no choice " + choice);
      cell.number = static_cast<double>(at - port.choices.begin());
    } else {
      cell.number = named[name].get<double>();
    }
    return cell;
  });
  return in;
}

/// Fields whose names outlive the object that is made of them.
inline testing::Fields fields_of(const Json& given, std::list<std::string>& names) {
  testing::Fields fields;
  for (const auto& [name, value] : given.items()) fields.push_back({names.emplace_back(name), value.get<double>()});
  return fields;
}

}  // namespace ironlaw::estimates_test
