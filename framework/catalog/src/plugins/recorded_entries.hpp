#pragma once
// What an importer wrote, as bytes that another process hands over.
#include <ironlaw/export.hpp>
#include <ironlaw/importer.hpp>

#include <string>

namespace ironlaw::host {

/// Writes down each call.
class IRONLAW_API RecordedEntries final : public EntryWriter {
 public:
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void do_entry(std::string_view key, std::string_view kind) override;
  void do_number(std::string_view field, double value, std::string_view unit) override;
  void do_text(std::string_view field, std::string_view value) override;
  void do_boolean(std::string_view field, bool value) override;
  void do_object(std::string_view field) override;
  void do_list(std::string_view field) override;
  void do_end() override;
  std::string bytes_;
};

/// Makes the calls again. Throws Error where the bytes are no calls.
void replay_entries(std::string_view bytes, EntryWriter& entries);

}  // namespace ironlaw::host
