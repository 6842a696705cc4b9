#include "plugins/recorded_entries.hpp"

#include "value/bytes.hpp"

namespace ironlaw::host {
namespace {

enum class EntryCall : std::uint8_t { entry, number, text, boolean, object, list, end };

}  // namespace

void RecordedEntries::do_entry(std::string_view key, std::string_view kind) {
  put(bytes_, EntryCall::entry);
  put(bytes_, key);
  put(bytes_, kind);
}
void RecordedEntries::do_number(std::string_view field, double value, std::string_view unit) {
  put(bytes_, EntryCall::number);
  put(bytes_, field);
  put(bytes_, value);
  put(bytes_, unit);
}
void RecordedEntries::do_text(std::string_view field, std::string_view value) {
  put(bytes_, EntryCall::text);
  put(bytes_, field);
  put(bytes_, value);
}
void RecordedEntries::do_boolean(std::string_view field, bool value) {
  put(bytes_, EntryCall::boolean);
  put(bytes_, field);
  put(bytes_, static_cast<std::uint8_t>(value));
}
void RecordedEntries::do_object(std::string_view field) {
  put(bytes_, EntryCall::object);
  put(bytes_, field);
}
void RecordedEntries::do_list(std::string_view field) {
  put(bytes_, EntryCall::list);
  put(bytes_, field);
}
void RecordedEntries::do_end() { put(bytes_, EntryCall::end); }

void replay_entries(std::string_view bytes, EntryWriter& entries) {
  while (!bytes.empty()) {
    const auto call = take<EntryCall>(bytes);
    if (call == EntryCall::end) {
      entries.end();
      continue;
    }
    const std::string name = take_text(bytes);
    switch (call) {
      case EntryCall::entry:
        entries.entry(name, take_text(bytes));
        break;
      case EntryCall::number: {
        const auto value = take<double>(bytes);
        entries.number(name, value, take_text(bytes));
        break;
      }
      case EntryCall::text:
        entries.text(name, take_text(bytes));
        break;
      case EntryCall::boolean:
        entries.boolean(name, take<std::uint8_t>(bytes) != 0);
        break;
      case EntryCall::object:
        entries.object(name);
        break;
      case EntryCall::list:
        entries.list(name);
        break;
      default:
        throw Error("wrote what no host knows");
    }
  }
}

}  // namespace ironlaw::host
