// Two series of 96 values, and the same question with 192 numbers; a series written, a table looked up, and plain numbers.
#include <ironlaw/sdk/interpolation.hpp>
#include <ironlaw/sdk/plugin.hpp>

namespace ironlaw::counted {

/// Energy over 96 quarters of an hour: cost and peak.
struct TwoSeries {
  static constexpr auto about = Solver::About{"two_series", "cost and peak of a load of 96 values", "test"};
  struct Inputs {
    Series<Power> load;
    Series<EnergyPrice> price;
    double size = 1;
    Time step = 900.0 * units::second;
  };
  struct Outputs {
    Money cost;
    Power peak;
  };
  static constexpr auto inputs = ports(port<&Inputs::load>("power", non_negative).over("quarter").length(1, 96),
                                       port<&Inputs::price>("price", non_negative).over("quarter").length(1, 96),
                                       port<&Inputs::size>("scale", positive), port<&Inputs::step>("of a value", positive));
  static constexpr auto outputs = ports(port<&Outputs::cost>("of all"), port<&Outputs::peak>("highest"));
  static Outputs solve(const Inputs& in) {
    Outputs out{};
    for_each_value(
        [&](Power value, EnergyPrice price) {
          const Power load = value * in.size;
          out.cost += load * in.step * price;
          out.peak = std::max(out.peak, load);
        },
        in.load, in.price);
    return out;
  }
};

/// The same, with what the series say by themselves asked once for the rows that share them.
struct SharedSeries {
  static constexpr auto about = Solver::About{"shared_series", "cost and peak of a load of 96 values that rows scale", "test"};
  struct Given {
    Series<Power> load;
    Series<EnergyPrice> price;
  };
  struct Inputs : Given {
    double size = 1;
    Time step = 900.0 * units::second;
  };
  using Outputs = TwoSeries::Outputs;
  struct Facts {
    decltype(Power{} * EnergyPrice{}) cost;  ///< over time
    Power peak;
  };
  static constexpr auto inputs = ports(port<&Inputs::load>("power", non_negative).over("quarter").length(1, 96),
                                       port<&Inputs::price>("price", non_negative).over("quarter").length(1, 96),
                                       port<&Inputs::size>("scale", positive), port<&Inputs::step>("of a value", positive));
  static constexpr auto outputs = TwoSeries::outputs;
  static Facts facts(const Given& given) {
    Facts f{};
    for (std::size_t i = 0; i < given.load.size(); ++i) {
      f.cost += given.load[i] * given.price[i];
      f.peak = std::max(f.peak, given.load[i]);
    }
    return f;
  }
  static Outputs solve(const Inputs& in, const Facts& f) { return {in.size * in.step * f.cost, in.size * f.peak}; }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
};

template <class Q>
struct Eight {
  Q v0{}, v1{}, v2{}, v3{}, v4{}, v5{}, v6{}, v7{};
};
template <class Q>
constexpr auto eight_ports = ports(port<&Eight<Q>::v0>("value", non_negative), port<&Eight<Q>::v1>("value", non_negative),
                                   port<&Eight<Q>::v2>("value", non_negative), port<&Eight<Q>::v3>("value", non_negative),
                                   port<&Eight<Q>::v4>("value", non_negative), port<&Eight<Q>::v5>("value", non_negative),
                                   port<&Eight<Q>::v6>("value", non_negative), port<&Eight<Q>::v7>("value", non_negative));

template <class Q>
struct NinetySix {
  Eight<Q> e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11;
  [[nodiscard]] const Q* values() const { return &e0.v0; }
};
template <class Q>
constexpr auto ninety_six_ports = [] {
  using N = NinetySix<Q>;
  constexpr auto eight = eight_ports<Q>;
  return ports(group<&N::e0>(eight), group<&N::e1>(eight), group<&N::e2>(eight), group<&N::e3>(eight), group<&N::e4>(eight),
               group<&N::e5>(eight), group<&N::e6>(eight), group<&N::e7>(eight), group<&N::e8>(eight), group<&N::e9>(eight),
               group<&N::e10>(eight), group<&N::e11>(eight));
}();
static_assert(sizeof(NinetySix<Power>) == 96 * sizeof(double), "they stand behind one another");

/// The same without series.
struct ManyNumbers {
  static constexpr auto about = Solver::About{"many_numbers", "the same with a port for each value", "test"};
  struct Inputs {
    NinetySix<Power> load;
    NinetySix<EnergyPrice> price;
    double size = 1;
    Time step = 900.0 * units::second;
  };
  using Outputs = TwoSeries::Outputs;
  static constexpr auto inputs =
      ports(group<&Inputs::load>(ninety_six_ports<Power>), group<&Inputs::price>(ninety_six_ports<EnergyPrice>),
            port<&Inputs::size>("scale", positive), port<&Inputs::step>("of a value", positive));
  static constexpr auto outputs = TwoSeries::outputs;
  static Outputs solve(const Inputs& in) {
    Outputs out{};
    for (std::size_t i = 0; i < 96; ++i) {
      const Power load = in.load.values()[i] * in.size;
      out.cost += load * in.step * in.price.values()[i];
      out.peak = std::max(out.peak, load);
    }
    return out;
  }
};

/// A series that goes on as a running sum, under another name where a text says so.
struct RunningSum {
  static constexpr auto about = Solver::About{"running_sum", "sums of a series up to each value", "test"};
  struct Inputs {
    Series<double> values;
    double scale = 1;
    std::string_view label;
  };
  struct Outputs {
    double last;
    double letters;
    SeriesOut<double, 96> sums;
  };
  static constexpr auto inputs = ports(port<&Inputs::values>("what is added up").over("place").length(0, 96),
                                       port<&Inputs::scale>("of all"), port<&Inputs::label>("a text").optional());
  static constexpr auto outputs = ports(port<&Outputs::last>("sum of all"), port<&Outputs::letters>("of the label"),
                                        port<&Outputs::sums>("so far").over("place"));
  static void solve(const Inputs& in, Outputs& out) {
    if (in.label == "refuse") throw DomainError("label", "asks to be refused");
    out.last = 0;
    out.letters = static_cast<double>(in.label.size());
    for (std::size_t i = 0; i < in.values.size(); ++i) {
      out.last += in.scale * in.values[i];
      out.sums.push_back(out.last);
    }
  }
};

/// A rate in a grid of two keys, and along one.
struct LookUp {
  static constexpr auto about = Solver::About{"look_up", "a rate of a measured grid", "test"};
  struct Row {
    double m = 0;
    double n = 0;
    FlopRate rate{};
  };
  static constexpr auto row_ports = ports(port<&Row::m>("rows", positive).key(), port<&Row::n>("columns", positive).key(),
                                          port<&Row::rate>("what was reached", positive).display("TFLOP/s"));
  static constexpr auto columns = columns_of<Row>(row_ports);
  struct Given {
    const RecordTable* grid = nullptr;
  };
  struct Inputs : Given {
    double m = 1;
    double n = 1;
  };
  struct Outputs {
    FlopRate rate;
  };
  using Facts = Bilinear;
  static constexpr auto inputs = ports(port<&Given::grid>("measured").columns(columns), port<&Inputs::m>("rows", positive),
                                       port<&Inputs::n>("columns", positive));
  static constexpr auto outputs = ports(port<&Outputs::rate>("between the rows of the grid").display("TFLOP/s"));
  static Facts facts(const Given& given) { return {*given.grid, "rate"}; }
  static Outputs solve(const Inputs& in, const Facts& rate) { return {FlopRate::from_value(rate(in.m, in.n))}; }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
};

}  // namespace ironlaw::counted

using namespace ironlaw::counted;
IRONLAW_PLUGIN("series", "0.1.0", "Apache-2.0", TwoSeries, SharedSeries, ManyNumbers, RunningSum, LookUp)
