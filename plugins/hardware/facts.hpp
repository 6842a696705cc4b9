#pragma once
// Records that state facts and nothing else. Every field may be left out, but not all of them.
#include <ironlaw/error.hpp>
#include <ironlaw/facts.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>

#include <string>
#include <type_traits>

namespace ironlaw::hardware {

/// Whether a field holds a number; a choice and an object are none.
template <class T>
bool states_number(const Maybe<T>& field) {
  return !std::is_enum_v<T> && field.has_value();
}
inline bool states_number(const Object*) { return false; }

/// A record that is the facts it was given. Refuses an empty one, and what K::check finds wrong.
template <class K>
struct Stated final : K::Interface {
  using Fields = typename K::Fields;

  Stated(const Fields& f, std::string_view name) : K::Interface(name) {
    if (numbers(f) == 0) throw DomainError(name, "states no number; allowed: at least one of " + names());
    if constexpr (requires { K::check(f); }) K::check(f);
    static_cast<Fields&>(*this) = f;
  }
  static int numbers(const Fields& f) { return numbers(f, K::fields); }

 private:
  template <class... Path>
  static int numbers(const Fields& f, const Ports<Path...>&) {
    return (static_cast<int>(states_number(Path::of(f))) + ...);
  }
  static std::string names() {
    std::string all;
    for (const PortDeclaration& field : K::fields.declared) all.append(all.empty() ? "" : ", ").append(field.name.view());
    return all;
  }
};

/// A rack of nodes, or a class of racks, and its power.
struct RackKind {
  static constexpr auto about = Kind::About{"rack", "a rack of nodes, or a class of racks, and its power"};
  using Interface = Rack;
  using Fields = RackFacts;
  static constexpr auto fields =
      ports(port<&Fields::node>("what it holds").optional(), port<&Fields::nodes>("nodes in the rack", at_least_one).whole(),
            port<&Fields::power>("of the whole rack, the parts included", positive).display("kW"),
            port<&Fields::host_power>("of the processors and memory of the hosts", non_negative).display("kW"),
            port<&Fields::switch_power>("of the switches between the devices", non_negative).display("kW"),
            port<&Fields::network_power>("of the network between the nodes", non_negative).display("kW"),
            port<&Fields::conversion_loss>("lost in converting power", non_negative).display("kW"),
            port<&Fields::cooling_power>("of fans and pumps, as allotted to the rack", non_negative).display("kW"),
            port<&Fields::cooling>("what carries the heat away"));

  static Stated<RackKind> make(const Fields& f, std::string_view name) { return {f, name}; }

  /// The parts are in the whole.
  static void check(const Fields& f) {
    if (!f.power) return;
    Power parts{};
    for (const auto& part : {f.host_power, f.switch_power, f.network_power, f.conversion_loss, f.cooling_power})
      parts += part.value_or(Power{});
    if (parts > *f.power) throw DomainError("power", "is less than its parts together; allowed: at least their sum");
  }
};

/// Chips that are sold as one machine.
struct PodKind {
  static constexpr auto about = Kind::About{"pod", "chips that are sold as one machine"};
  using Interface = Pod;
  using Fields = PodFacts;
  static constexpr auto fields =
      ports(port<&Fields::chips>("chips in the pod", at_least_one).whole(), port<&Fields::memory>("of all chips", positive),
            port<&Fields::power>("of all chips", positive).display("kW"));

  static Stated<PodKind> make(const Fields& f, std::string_view name) { return {f, name}; }
};

/// How often a component fails, or how long recovery takes.
struct ComponentReliabilityKind {
  static constexpr auto about = Kind::About{"component_reliability", "how often a component fails, or how long recovery takes"};
  using Interface = ComponentReliability;
  using Fields = ReliabilityFacts;
  static constexpr auto fields = ports(
      port<&Fields::mttf>("mean time to failure of one component", positive).display("hour"),
      port<&Fields::soft_error_rate>("bit flips that leave no damage, over time and capacity", non_negative)
          .display("1/hour/Mbit"),
      port<&Fields::silent_corruption_rate>("wrong results that nothing reports, of one device", non_negative).display("1/hour"),
      port<&Fields::heartbeat_timeout>("silence after which a node counts as lost", non_negative).display("s"),
      port<&Fields::detection_time>("from the failure until it is known", non_negative).display("s"),
      port<&Fields::reschedule_time>("until another node is assigned", non_negative).display("s"),
      port<&Fields::restart_time>("until the processes run again", non_negative).display("s"),
      port<&Fields::warmup_time>("until they run at full speed", non_negative).display("s"),
      port<&Fields::recovery_time>("from the failure to useful work", non_negative).display("min"),
      port<&Fields::checkpoint_bandwidth>("of writing checkpoints", positive).display("GB/s"));

  static Stated<ComponentReliabilityKind> make(const Fields& f, std::string_view name) { return {f, name}; }
};

/// A fact of a switch, its ports or its optics.
struct SwitchFabricKind {
  static constexpr auto about = Kind::About{"switch_fabric", "a fact of a switch, its ports or its optics"};
  using Interface = SwitchFabric;
  using Fields = SwitchFabricFacts;
  static constexpr auto fields = ports(port<&Fields::latency>("of one message, hop or stage", non_negative).display("us"),
                                       port<&Fields::bandwidth>("of all ports together, one way", positive).display("GB/s"),
                                       port<&Fields::power>("of one part", non_negative).display("W"),
                                       port<&Fields::ports>("ports of one switch", at_least_one).whole());

  static Stated<SwitchFabricKind> make(const Fields& f, std::string_view name) { return {f, name}; }
};

/// What moving data over a link takes.
struct NetworkEnergyKind {
  static constexpr auto about = Kind::About{"network_energy", "what moving data over a link takes"};
  using Interface = NetworkEnergy;
  using Fields = NetworkEnergyFacts;
  static constexpr auto fields = ports(port<&Fields::energy>("over the data that is moved", non_negative).display("pJ/bit"));

  static Stated<NetworkEnergyKind> make(const Fields& f, std::string_view name) { return {f, name}; }
};

/// What a class of places to run a model offers.
struct DeploymentTierKind {
  static constexpr auto about = Kind::About{"deployment_tier", "what a class of places to run a model offers"};
  using Interface = DeploymentTier;
  using Fields = DeploymentTierFacts;
  static constexpr auto fields =
      ports(port<&Fields::memory>("of a typical device", positive), port<&Fields::memory_high>("of a large device", positive),
            port<&Fields::storage>("of a typical device", positive), port<&Fields::storage_low>("of a small device", positive),
            port<&Fields::storage_high>("of a large device", positive),
            port<&Fields::latency_budget>("time in which an answer is due", positive).display("ms"),
            port<&Fields::latency_low>("of fast answers", positive).display("ms"),
            port<&Fields::latency_high>("of slow answers", positive).display("ms"),
            port<&Fields::compute_threshold>("peak rate that marks the tier", positive),
            port<&Fields::bandwidth_threshold>("memory bandwidth that marks the tier", positive),
            port<&Fields::power_threshold>("power that marks the tier", positive).display("mW"),
            port<&Fields::power_low>("of a frugal device", positive).display("W"),
            port<&Fields::power_high>("of a hungry device", positive).display("W"));

  static Stated<DeploymentTierKind> make(const Fields& f, std::string_view name) { return {f, name}; }

  static void check(const Fields& f) {
    refuse_reversed("memory", f.memory, "memory_high", f.memory_high);
    refuse_reversed("storage_low", f.storage_low, "storage_high", f.storage_high);
    refuse_reversed("latency_low", f.latency_low, "latency_high", f.latency_high);
    refuse_reversed("power_low", f.power_low, "power_high", f.power_high);
  }

 private:
  template <class T>
  static void refuse_reversed(std::string_view low_name, const Maybe<T>& low, std::string_view high_name, const Maybe<T>& high) {
    if (low && high && *low > *high)
      throw DomainError(low_name, "is above " + std::string(high_name) + "; allowed: at most " + std::string(high_name));
  }
};

/// How a class of facilities is cooled.
struct CoolingKind {
  static constexpr auto about = Kind::About{"cooling", "how a class of facilities is cooled"};
  using Interface = Cooling;
  using Fields = CoolingFacts;
  static constexpr auto fields =
      ports(port<&Fields::pue>("power usage effectiveness: facility energy over IT energy", at_least_one),
            port<&Fields::wue>("water on site over IT energy", non_negative).display("L/kWh"));

  static Stated<CoolingKind> make(const Fields& f, std::string_view name) { return {f, name}; }
};

/// What building more takes.
struct CapacityKind {
  static constexpr auto about = Kind::About{"capacity", "what building more takes"};
  using Interface = Capacity;
  using Fields = CapacityFacts;
  static constexpr auto fields = ports(port<&Fields::lead_time>("from the order to use", positive).display("day"),
                                       port<&Fields::power>("that waits to be connected", positive).display("GW"));

  static Stated<CapacityKind> make(const Fields& f, std::string_view name) { return {f, name}; }
};

/// One price, or one rate that prices are reckoned with.
struct PriceKind {
  static constexpr auto about = Kind::About{"price", "one price, or one rate that prices are reckoned with"};
  using Interface = Price;
  using Fields = PriceFacts;
  static constexpr auto fields =
      ports(port<&Fields::money>("of one thing, or of as many as items says", non_negative).display("USD"),
            port<&Fields::items>("things that money pays for; one if left out", at_least_one).whole(),
            port<&Fields::rental>("over time", non_negative).display("USD/hour"),
            port<&Fields::electricity>("over energy", non_negative).display("USD/kWh"),
            port<&Fields::data>("over the data that is bought, moved or read", non_negative).display("USD/GB"),
            port<&Fields::keeping>("over data and the time that it is kept", non_negative).display("USD/TB/year"),
            port<&Fields::carbon>("emissions over time", non_negative).display("kgCO2e/hour"),
            port<&Fields::ratio>("share of another price", fraction),
            port<&Fields::service_life>("over which a purchase is written off", positive).display("year"));

  static Stated<PriceKind> make(const Fields& f, std::string_view name) { return {f, name}; }

  static void check(const Fields& f) {
    if (f.items && !f.money) throw DomainError("items", "counts what money pays for; allowed: beside money only");
    if (Stated<PriceKind>::numbers(f) > (f.items ? 2 : 1))
      throw DomainError("price", "states more than one number; allowed: one, and items beside money");
  }
};

/// What a model is trained on.
struct DatasetKind {
  static constexpr auto about = Kind::About{"dataset", "what a model is trained on"};
  using Interface = Dataset;
  using Fields = DatasetFacts;
  static constexpr auto fields = ports(
      port<&Fields::training_examples>("examples to train on", non_negative).whole(),
      port<&Fields::validation_examples>("examples to choose a model by", non_negative).whole(),
      port<&Fields::test_examples>("examples to judge a model by", non_negative).whole(),
      port<&Fields::full_examples>("examples of the collection that these are drawn from", non_negative).whole(),
      port<&Fields::size>("of the training archive", positive), port<&Fields::tokens>("tokens of text", positive),
      port<&Fields::classes>("classes that examples fall into", at_least_one).whole(),
      port<&Fields::image_width>("pixels", at_least_one).whole(), port<&Fields::image_height>("pixels", at_least_one).whole(),
      port<&Fields::image_channels>("values of a pixel", at_least_one).whole(),
      port<&Fields::episodes>("demonstrations", at_least_one).whole(),
      port<&Fields::duration>("of all demonstrations", positive).display("hour"),
      port<&Fields::sample_duration>("of one recording", positive).display("s"),
      port<&Fields::sample_rate>("samples of sound over time", positive).display("kHz"),
      port<&Fields::sample_width>("of one sample of sound", positive),
      port<&Fields::languages>("languages spoken", at_least_one).whole(),
      port<&Fields::keywords>("different words spoken", at_least_one).whole(),
      port<&Fields::embodiments>("kinds of robots", at_least_one).whole(),
      port<&Fields::tasks>("different tasks", at_least_one).whole(),
      port<&Fields::dense_features>("numbers that an example holds", non_negative).whole(),
      port<&Fields::categorical_features>("categories that an example holds", non_negative).whole());

  static Stated<DatasetKind> make(const Fields& f, std::string_view name) { return {f, name}; }
};

}  // namespace ironlaw::hardware
