#pragma once
// Plain records of facts that an estimate looks up. What an entry leaves out is absent.
#include <ironlaw/records.hpp>

namespace ironlaw {

using EnergyPerInformation = decltype(Energy{} / Information{});
using MoneyPerInformation = decltype(Money{} / Information{});
using MoneyPerInformationTime = decltype(Money{} / Information{} / Time{});
using CarbonRate = decltype(Carbon{} / Time{});
using SoftErrorRate = decltype(Rate{} / Information{});

/// What takes the heat out of a rack.
enum class RackCooling { air, liquid };

/// What is known of a rack; what is absent nobody has stated.
struct RackFacts {
  const Node* node = nullptr;  ///< what it holds; null: not said
  Maybe<double> nodes;
  Maybe<Power> power;  ///< of the whole rack; the parts below are in it
  Maybe<Power> host_power;
  Maybe<Power> switch_power;
  Maybe<Power> network_power;
  Maybe<Power> conversion_loss;
  Maybe<Power> cooling_power;
  Maybe<RackCooling> cooling;
};
/// A rack of nodes, or a class of racks, and the power that it takes.
class IRONLAW_API Rack : public Object, public RackFacts {
 public:
  static constexpr std::string_view interface = "rack";
  using Object::Object;
  ~Rack() override;
};

/// What is known of a pod; what is absent nobody has stated.
struct PodFacts {
  Maybe<double> chips;
  Maybe<Information> memory;  ///< of all chips
  Maybe<Power> power;         ///< of all chips
};
/// Chips that are sold as one machine.
class IRONLAW_API Pod : public Object, public PodFacts {
 public:
  static constexpr std::string_view interface = "pod";
  using Object::Object;
  ~Pod() override;
};

/// What is known of failures and of coming back; what is absent nobody has stated.
struct ReliabilityFacts {
  Maybe<Time> mttf;  ///< mean time to failure of one component
  Maybe<SoftErrorRate> soft_error_rate;
  Maybe<Rate> silent_corruption_rate;  ///< of one device
  Maybe<Time> heartbeat_timeout;
  Maybe<Time> detection_time;
  Maybe<Time> reschedule_time;
  Maybe<Time> restart_time;
  Maybe<Time> warmup_time;
  Maybe<Time> recovery_time;  ///< from the failure to useful work
  Maybe<Bandwidth> checkpoint_bandwidth;
};
/// How often a component fails, or how long a system takes to come back.
class IRONLAW_API ComponentReliability : public Object, public ReliabilityFacts {
 public:
  static constexpr std::string_view interface = "component_reliability";
  using Object::Object;
  ~ComponentReliability() override;
};

/// What is known of a switch; what is absent nobody has stated.
struct SwitchFabricFacts {
  Maybe<Time> latency;
  Maybe<Bandwidth> bandwidth;  ///< one way
  Maybe<Power> power;
  Maybe<double> ports;
};
/// A fact of a switch, its ports or its optics.
class IRONLAW_API SwitchFabric : public Object, public SwitchFabricFacts {
 public:
  static constexpr std::string_view interface = "switch_fabric";
  using Object::Object;
  ~SwitchFabric() override;
};

/// What is known of the energy of a link.
struct NetworkEnergyFacts {
  Maybe<EnergyPerInformation> energy;
};
/// What moving data over a link takes.
class IRONLAW_API NetworkEnergy : public Object, public NetworkEnergyFacts {
 public:
  static constexpr std::string_view interface = "network_energy";
  using Object::Object;
  ~NetworkEnergy() override;
};

/// What is known of a class of places; what is absent nobody has stated.
struct DeploymentTierFacts {
  Maybe<Information> memory;
  Maybe<Information> memory_high;  ///< `memory` is then the low end
  Maybe<Information> storage;
  Maybe<Information> storage_low;
  Maybe<Information> storage_high;
  Maybe<Time> latency_budget;
  Maybe<Time> latency_low;
  Maybe<Time> latency_high;
  Maybe<FlopRate> compute_threshold;
  Maybe<Bandwidth> bandwidth_threshold;
  Maybe<Power> power_threshold;
  Maybe<Power> power_low;
  Maybe<Power> power_high;
};
/// What a class of places to run a model offers.
class IRONLAW_API DeploymentTier : public Object, public DeploymentTierFacts {
 public:
  static constexpr std::string_view interface = "deployment_tier";
  using Object::Object;
  ~DeploymentTier() override;
};

/// What is known of a class of facilities; what is absent nobody has stated.
struct CoolingFacts {
  Maybe<double> pue;          ///< power usage effectiveness
  Maybe<WaterIntensity> wue;  ///< water usage effectiveness: water on site over IT energy
};
/// How a class of facilities is cooled.
class IRONLAW_API Cooling : public Object, public CoolingFacts {
 public:
  static constexpr std::string_view interface = "cooling";
  using Object::Object;
  ~Cooling() override;
};

/// What is known of building more; what is absent nobody has stated.
struct CapacityFacts {
  Maybe<Time> lead_time;
  Maybe<Power> power;
};
/// What building more takes.
class IRONLAW_API Capacity : public Object, public CapacityFacts {
 public:
  static constexpr std::string_view interface = "capacity";
  using Object::Object;
  ~Capacity() override;
};

/// What is known of a price: usually one of these alone.
struct PriceFacts {
  Maybe<Money> money;
  Maybe<double> items;  ///< that `money` pays for; absent: one
  Maybe<MoneyRate> rental;
  Maybe<EnergyPrice> electricity;
  Maybe<MoneyPerInformation> data;
  Maybe<MoneyPerInformationTime> keeping;  ///< data, over time
  Maybe<CarbonRate> carbon;
  Maybe<double> ratio;
  Maybe<Time> service_life;  ///< over which a purchase is written off
};
/// One price, or one rate that prices are reckoned with.
class IRONLAW_API Price : public Object, public PriceFacts {
 public:
  static constexpr std::string_view interface = "price";
  using Object::Object;
  ~Price() override;
};

/// What is known of a data set; what is absent nobody has stated.
struct DatasetFacts {
  Maybe<double> training_examples;
  Maybe<double> validation_examples;
  Maybe<double> test_examples;
  Maybe<double> full_examples;  ///< of the collection that the training examples are drawn from
  Maybe<Information> size;      ///< of the training archive
  Maybe<Tokens> tokens;
  Maybe<double> classes;
  Maybe<double> image_width;
  Maybe<double> image_height;
  Maybe<double> image_channels;
  Maybe<double> episodes;
  Maybe<Time> duration;  ///< of all episodes
  Maybe<Time> sample_duration;
  Maybe<Rate> sample_rate;
  Maybe<Information> sample_width;
  Maybe<double> languages;
  Maybe<double> keywords;
  Maybe<double> embodiments;
  Maybe<double> tasks;
  Maybe<double> dense_features;
  Maybe<double> categorical_features;
};
/// What a model is trained on.
class IRONLAW_API Dataset : public Object, public DatasetFacts {
 public:
  static constexpr std::string_view interface = "dataset";
  using Object::Object;
  ~Dataset() override;
};

}  // namespace ironlaw
