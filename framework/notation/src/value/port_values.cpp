#include "value/port_values.hpp"

namespace ironlaw::host {

PortValues::~PortValues() = default;

const PortValues& values_of(PortType type) {
  switch (type) {
    case PortType::number:
      return number_values();
    case PortType::integer:
      return integer_values();
    case PortType::boolean:
      return boolean_values();
    case PortType::choice:
      return choice_values();
    case PortType::object:
      return object_values();
    case PortType::series:
      return series_values();
    case PortType::text:
      break;
  }
  return text_values();
}

}  // namespace ironlaw::host
