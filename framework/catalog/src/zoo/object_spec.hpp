#pragma once
#include "text/json.hpp"
#include "text/problems.hpp"

#include <ironlaw/export.hpp>
#include <ironlaw/kind.hpp>

#include <memory>
#include <vector>

namespace ironlaw::host {

/// A name as a value says it: a text, or a whole number, as which "4090" arrives from a command line. Empty for anything else.
[[nodiscard]] std::string said_name(const Json& value);

/// What one field of an object is to be, before any object exists.
struct FieldSpec {
  enum class From { nothing, value, reference, key, object, json };
  From from = From::nothing;
  bool given = false;                  ///< said by the entry itself, not a default
  Cell cell{};                         ///< of a value
  std::string text;                    ///< of a reference ("$count") or a key of the zoo
  std::shared_ptr<const Json> json{};  ///< of an object, a table, a series or a text
  std::string where;
};

/// An object as text says it: its kind and what each of its fields is to be.
struct ObjectSpec {
  const Kind* kind = nullptr;
  std::string name;
  std::string where;
  std::vector<FieldSpec> fields;  ///< one a field of the kind
};

/// Keys of an entry that are not fields.
[[nodiscard]] bool is_metadata(std::string_view key);

/// Reads `value` (an object of JSON) over `spec`, whose kind is set; an unknown key is a problem with the nearest field.
/// References ("$name") are allowed where `references` is set. A field that cannot be read counts as given.
IRONLAW_API void read_fields(ObjectSpec& spec, const Json& value, const std::string& where, bool references, Problems& problems);

/// Index of a field by its dotted name, or the number of fields.
[[nodiscard]] std::size_t field_index(const Kind& kind, std::string_view name);

/// Refuses a kind whose objects were compiled against another layout of the interface than the port. Throws InputError.
void check_layout(const PortInfo& port, const Kind& kind, const std::string& where);

/// Names of all ports or fields.
[[nodiscard]] std::vector<std::string_view> names_of(std::span<const PortInfo> ports);

}  // namespace ironlaw::host
