#pragma once
// Typed quantities (Boost.Units): SI and base dimensions of our own for what is counted. sizeof(quantity) == sizeof(double),
// the value is always in SI base units.
#include <ironlaw/dimension.hpp>
#include <ironlaw/dimension_names.hpp>

#include <boost/units/base_dimension.hpp>
#include <boost/units/base_unit.hpp>
#include <boost/units/derived_dimension.hpp>
#include <boost/units/get_dimension.hpp>
#include <boost/units/homogeneous_system.hpp>
#include <boost/units/quantity.hpp>
#include <boost/units/systems/si/base.hpp>
#include <boost/units/unit.hpp>
#include <concepts>
#include <type_traits>

namespace ironlaw {
namespace bu = boost::units;

// Ordinals 7000 to 7099 are this project's; a plugin with a dimension of its own uses one of the three spares.
struct information_base : bu::base_dimension<information_base, 7000> {};
struct operations_base : bu::base_dimension<operations_base, 7001> {};
struct money_base : bu::base_dimension<money_base, 7002> {};
struct carbon_base : bu::base_dimension<carbon_base, 7003> {};
struct tokens_base : bu::base_dimension<tokens_base, 7004> {};
struct requests_base : bu::base_dimension<requests_base, 7005> {};
struct spare0_base : bu::base_dimension<spare0_base, 7006> {};
struct spare1_base : bu::base_dimension<spare1_base, 7007> {};
struct spare2_base : bu::base_dimension<spare2_base, 7008> {};

struct byte_base_unit : bu::base_unit<byte_base_unit, information_base::dimension_type, 7000> {};
struct flop_base_unit : bu::base_unit<flop_base_unit, operations_base::dimension_type, 7001> {};
struct usd_base_unit : bu::base_unit<usd_base_unit, money_base::dimension_type, 7002> {};
struct kgco2e_base_unit : bu::base_unit<kgco2e_base_unit, carbon_base::dimension_type, 7003> {};
struct token_base_unit : bu::base_unit<token_base_unit, tokens_base::dimension_type, 7004> {};
struct request_base_unit : bu::base_unit<request_base_unit, requests_base::dimension_type, 7005> {};
struct spare0_base_unit : bu::base_unit<spare0_base_unit, spare0_base::dimension_type, 7006> {};
struct spare1_base_unit : bu::base_unit<spare1_base_unit, spare1_base::dimension_type, 7007> {};
struct spare2_base_unit : bu::base_unit<spare2_base_unit, spare2_base::dimension_type, 7008> {};

namespace detail {
template <class... U>
struct base_units;
template <>
struct base_units<> {
  using type = bu::dimensionless_type;
};
template <class U, class... R>
struct base_units<U, R...> {
  using type = bu::list<U, typename base_units<R...>::type>;
};
}  // namespace detail

// make_system takes ten base units at most, so the sorted list is built here.
using system = bu::homogeneous_system<bu::detail::insertion_sort<detail::base_units<
    bu::si::meter_base_unit, bu::si::kilogram_base_unit, bu::si::second_base_unit, bu::si::ampere_base_unit,
    bu::si::kelvin_base_unit, bu::si::mole_base_unit, bu::si::candela_base_unit, byte_base_unit, flop_base_unit, usd_base_unit,
    kgco2e_base_unit, token_base_unit, request_base_unit, spare0_base_unit, spare1_base_unit, spare2_base_unit>::type>::type>;

template <class Dim>
using quantity_of = bu::quantity<bu::unit<Dim, system>, double>;

namespace detail {
using length = bu::length_base_dimension;
using mass = bu::mass_base_dimension;
using time = bu::time_base_dimension;
}  // namespace detail

// The vocabulary. A bare double is dimensionless.
using Length = quantity_of<detail::length::dimension_type>;
using Mass = quantity_of<detail::mass::dimension_type>;
using Time = quantity_of<detail::time::dimension_type>;
using Temperature = quantity_of<bu::temperature_base_dimension::dimension_type>;
using Information = quantity_of<information_base::dimension_type>;
using Operations = quantity_of<operations_base::dimension_type>;
using Money = quantity_of<money_base::dimension_type>;
using Carbon = quantity_of<carbon_base::dimension_type>;
using Tokens = quantity_of<tokens_base::dimension_type>;
using Requests = quantity_of<requests_base::dimension_type>;

using Area = quantity_of<bu::derived_dimension<detail::length, 2>::type>;
using Volume = quantity_of<bu::derived_dimension<detail::length, 3>::type>;
using Rate = quantity_of<bu::derived_dimension<detail::time, -1>::type>;
using Speed = quantity_of<bu::derived_dimension<detail::length, 1, detail::time, -1>::type>;
using Power = quantity_of<bu::derived_dimension<detail::length, 2, detail::mass, 1, detail::time, -3>::type>;
using Energy = quantity_of<bu::derived_dimension<detail::length, 2, detail::mass, 1, detail::time, -2>::type>;
using Bandwidth = quantity_of<bu::derived_dimension<information_base, 1, detail::time, -1>::type>;
using FlopRate = quantity_of<bu::derived_dimension<operations_base, 1, detail::time, -1>::type>;
using TokenRate = quantity_of<bu::derived_dimension<tokens_base, 1, detail::time, -1>::type>;
using RequestRate = quantity_of<bu::derived_dimension<requests_base, 1, detail::time, -1>::type>;
using MoneyRate = quantity_of<bu::derived_dimension<money_base, 1, detail::time, -1>::type>;
using Intensity = quantity_of<bu::derived_dimension<operations_base, 1, information_base, -1>::type>;
using FlopRatePerPower =
    quantity_of<bu::derived_dimension<operations_base, 1, detail::length, -2, detail::mass, -1, detail::time, 2>::type>;
using EnergyPrice =
    quantity_of<bu::derived_dimension<money_base, 1, detail::length, -2, detail::mass, -1, detail::time, 2>::type>;
using CarbonIntensity =
    quantity_of<bu::derived_dimension<carbon_base, 1, detail::length, -2, detail::mass, -1, detail::time, 2>::type>;
using WaterIntensity = quantity_of<bu::derived_dimension<detail::length, 1, detail::mass, -1, detail::time, 2>::type>;
using CarbonPrice = quantity_of<bu::derived_dimension<money_base, 1, carbon_base, -1>::type>;

template <class T>
concept Quantity = requires {
  typename bu::get_dimension<T>::type;
  typename T::unit_type;
};

/// The one door out of a typed quantity: the caller names the unit the number is in, `in(latency, units::millisecond)`.
template <Quantity Q>
[[nodiscard]] constexpr double in(Q value, Q unit) {
  return value.value() / unit.value();
}

/// Counts beside quantities: Boost.Units itself takes only a double.
template <Quantity Q, std::integral N>
constexpr Q operator*(const Q& q, N n) {
  return Q::from_value(q.value() * static_cast<double>(n));
}
template <Quantity Q, std::integral N>
constexpr Q operator*(N n, const Q& q) {
  return q * n;
}
template <Quantity Q, std::integral N>
constexpr Q operator/(const Q& q, N n) {
  return Q::from_value(q.value() / static_cast<double>(n));
}

// Sums, differences and comparisons of two dimensions: Boost.Units has none, and says so in dozens of lines.
namespace detail {
template <class Left, class Right>
constexpr bool refuse_mixture() {
  return sizeof(dimension_names::two_dimensions_do_not_mix<typename dimension_names::Named<Left>::type,
                                                           typename dimension_names::Named<Right>::type>) != 0;
}
}  // namespace detail
template <class A, class B>
requires(!std::is_same_v<A, B>) constexpr quantity_of<A> operator+(const quantity_of<A>& left, const quantity_of<B>&) {
  detail::refuse_mixture<A, B>();
  return left;
}
template <class A, class B>
requires(!std::is_same_v<A, B>) constexpr quantity_of<A> operator-(const quantity_of<A>& left, const quantity_of<B>&) {
  detail::refuse_mixture<A, B>();
  return left;
}
template <class A, class B>
requires(!std::is_same_v<A, B>) constexpr bool operator<(const quantity_of<A>&, const quantity_of<B>&) {
  return detail::refuse_mixture<A, B>();
}
template <class A, class B>
requires(!std::is_same_v<A, B>) constexpr bool operator>(const quantity_of<A>&, const quantity_of<B>&) {
  return detail::refuse_mixture<A, B>();
}
template <class A, class B>
requires(!std::is_same_v<A, B>) constexpr bool operator<=(const quantity_of<A>&, const quantity_of<B>&) {
  return detail::refuse_mixture<A, B>();
}
template <class A, class B>
requires(!std::is_same_v<A, B>) constexpr bool operator>=(const quantity_of<A>&, const quantity_of<B>&) {
  return detail::refuse_mixture<A, B>();
}
template <class A, class B>
requires(!std::is_same_v<A, B>) constexpr bool operator==(const quantity_of<A>&, const quantity_of<B>&) {
  return detail::refuse_mixture<A, B>();
}

namespace detail {
template <class List, class BaseDimension>
constexpr int exponent_of() {
  if constexpr (std::is_same_v<List, bu::dimensionless_type>) {
    return 0;
  } else {
    using item = typename List::item;
    if constexpr (std::is_same_v<typename item::tag_type, BaseDimension>) {
      static_assert(item::value_type::Denominator == 1, "fractional powers of a base dimension are not supported");
      return static_cast<int>(item::value_type::Numerator);
    } else {
      return exponent_of<typename List::next, BaseDimension>();
    }
  }
}
template <class List, class... BaseDimension>
constexpr Dimension exponents_of() {
  return Dimension{{static_cast<std::int8_t>(exponent_of<List, BaseDimension>())...}};
}
}  // namespace detail

/// The run-time dimension of a C++ type; arithmetic types are dimensionless.
template <class T>
constexpr Dimension dimension_of() {
  if constexpr (Quantity<T>) {
    return detail::exponents_of<typename bu::get_dimension<T>::type, bu::length_base_dimension, bu::mass_base_dimension,
                                bu::time_base_dimension, bu::current_base_dimension, bu::temperature_base_dimension,
                                bu::amount_base_dimension, bu::luminous_intensity_base_dimension, information_base,
                                operations_base, money_base, carbon_base, tokens_base, requests_base, spare0_base, spare1_base,
                                spare2_base>();
  } else {
    return {};
  }
}

static_assert(sizeof(Time) == sizeof(double));

/// Units to build quantities from in code: `3.35e12 * units::byte / units::second`.
namespace units {
inline constexpr Length meter = Length::from_value(1);
inline constexpr Time second = Time::from_value(1);
inline constexpr Time millisecond = Time::from_value(1e-3);
inline constexpr Time microsecond = Time::from_value(1e-6);
inline constexpr Time hour = Time::from_value(3600);
inline constexpr Time day = Time::from_value(86400);
inline constexpr Time year = Time::from_value(365 * 86400.0);
inline constexpr Information byte = Information::from_value(1);
inline constexpr Information gigabyte = Information::from_value(1e9);
inline constexpr Information gibibyte = Information::from_value(1073741824.0);
inline constexpr Bandwidth byte_per_second = Bandwidth::from_value(1);
inline constexpr Operations flop = Operations::from_value(1);
inline constexpr FlopRate flop_per_second = FlopRate::from_value(1);
inline constexpr Intensity flop_per_byte = Intensity::from_value(1);
inline constexpr Power watt = Power::from_value(1);
inline constexpr Energy joule = Energy::from_value(1);
inline constexpr Energy kilowatt_hour = Energy::from_value(3.6e6);
inline constexpr Money dollar = Money::from_value(1);
inline constexpr Carbon kilogram_co2e = Carbon::from_value(1);
inline constexpr Tokens token = Tokens::from_value(1);
inline constexpr Requests request = Requests::from_value(1);
inline constexpr Rate per_second = Rate::from_value(1);
}  // namespace units

}  // namespace ironlaw
