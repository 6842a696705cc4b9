#pragma once
// What compilers call a dimension where quantities of two are mixed: in_units<byte<1>, second<-1>>.
#include <boost/units/dimensionless_type.hpp>
#include <boost/units/systems/si/base.hpp>

namespace ironlaw {

struct information_base;
struct operations_base;
struct money_base;
struct carbon_base;
struct tokens_base;
struct requests_base;
struct spare0_base;
struct spare1_base;
struct spare2_base;

namespace dimension_names {

template <int power>
struct meter;
template <int power>
struct kilogram;
template <int power>
struct second;
template <int power>
struct ampere;
template <int power>
struct kelvin;
template <int power>
struct mole;
template <int power>
struct candela;
template <int power>
struct byte;
template <int power>
struct flop;
template <int power>
struct dollar;
template <int power>
struct kilogram_co2e;
template <int power>
struct token;
template <int power>
struct request;
template <int power>
struct spare_0;
template <int power>
struct spare_1;
template <int power>
struct spare_2;
template <class... Unit>
struct in_units;

template <class Base, int power>
struct NameOf;
template <int power>
struct NameOf<boost::units::length_base_dimension, power> {
  using type = meter<power>;
};
template <int power>
struct NameOf<boost::units::mass_base_dimension, power> {
  using type = kilogram<power>;
};
template <int power>
struct NameOf<boost::units::time_base_dimension, power> {
  using type = second<power>;
};
template <int power>
struct NameOf<boost::units::current_base_dimension, power> {
  using type = ampere<power>;
};
template <int power>
struct NameOf<boost::units::temperature_base_dimension, power> {
  using type = kelvin<power>;
};
template <int power>
struct NameOf<boost::units::amount_base_dimension, power> {
  using type = mole<power>;
};
template <int power>
struct NameOf<boost::units::luminous_intensity_base_dimension, power> {
  using type = candela<power>;
};
template <int power>
struct NameOf<information_base, power> {
  using type = byte<power>;
};
template <int power>
struct NameOf<operations_base, power> {
  using type = flop<power>;
};
template <int power>
struct NameOf<money_base, power> {
  using type = dollar<power>;
};
template <int power>
struct NameOf<carbon_base, power> {
  using type = kilogram_co2e<power>;
};
template <int power>
struct NameOf<tokens_base, power> {
  using type = token<power>;
};
template <int power>
struct NameOf<requests_base, power> {
  using type = request<power>;
};
template <int power>
struct NameOf<spare0_base, power> {
  using type = spare_0<power>;
};
template <int power>
struct NameOf<spare1_base, power> {
  using type = spare_1<power>;
};
template <int power>
struct NameOf<spare2_base, power> {
  using type = spare_2<power>;
};

/// The factors of a dimension, each by its name and power.
template <class List, class... Unit>
struct Named {
  using item = typename List::item;
  using type =
      typename Named<typename List::next, Unit...,
                     typename NameOf<typename item::tag_type, static_cast<int>(item::value_type::Numerator)>::type>::type;
};
template <class... Unit>
struct Named<boost::units::dimensionless_type, Unit...> {
  using type = in_units<Unit...>;
};

/// Never defined, so that one line names both: "incomplete type two_dimensions_do_not_mix<in_units<second<1>>,
/// in_units<byte<1>>>".
template <class Left, class Right>
struct two_dimensions_do_not_mix;

}  // namespace dimension_names
}  // namespace ironlaw
