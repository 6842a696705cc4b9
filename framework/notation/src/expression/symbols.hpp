#pragma once
// The names that an expression may use.
#include <ironlaw/port_info.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// What a name stands for.
struct Symbol {
  PortInfo port;         ///< its type, dimension, choices and interface
  std::size_t slot = 0;  ///< of the caller's columns, or of its texts
  bool text = false;     ///< a text such as the vendor of a zoo entry; `port` says nothing then
};

struct Symbols {
  std::map<std::string, Symbol, std::less<>> by_name;  ///< "serve.tpot", "batch": without '$'
  bool bare = false;                                   ///< a name without a dot may stand without '$'
  /// The object of a port's interface by its name, to compare pointers with; throws InputError at `where`. Empty where no
  /// object can be compared.
  std::function<const void*(const PortInfo& port, std::string_view name, const std::string& where)> object_named;
};

}  // namespace ironlaw::host
