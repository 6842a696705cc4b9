#pragma once
#include <ironlaw/sdk.hpp>

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

/// An importer makes entries of the zoo of files of one format: here of a list of devices, a line a device. What it writes is checked
/// as any entry is: fields and units of the kind, ranges.
class @Name@ : public ironlaw::Importer {
 public:
  static constexpr auto about = ironlaw::Importer::About{"@name@", "Devices of a list with a line a device", "@name@ list"};

 private:
  static constexpr std::string_view head = "name,fp16_tflops,bandwidth_gb_s,memory_gb,power_w";

  // Whether a file looks like one: asked of every file that is of no built-in format.
  bool do_reads(const ironlaw::ForeignFile& file) const override { return file.bytes.starts_with(head); }

  // What is wrong with the file is an Error that says where; its name stands before it already.
  void do_import(const ironlaw::ForeignFile& file, ironlaw::EntryWriter& entries) const override {
    if (!do_reads(file)) throw ironlaw::Error("line 1: takes '" + std::string(head) + "'");
    const auto lines = parts_of(file.bytes, '\n');
    for (std::size_t line = 1; line < lines.size(); ++line) {
      if (lines[line].empty()) continue;
      const auto cells = parts_of(lines[line], ',');
      const std::string where = "line " + std::to_string(line + 1) + ": ";
      if (cells.size() != 5) throw ironlaw::Error(where + "takes 5 cells, found " + std::to_string(cells.size()));
      entries.entry(cells[0], "accelerator");
      entries.object("peak_rate");
      entries.number("fp16", number(cells[1], where), "TFLOP/s");
      entries.end();
      entries.number("memory_bandwidth", number(cells[2], where), "GB/s");
      entries.number("memory_capacity", number(cells[3], where), "GB");
      entries.number("tdp", number(cells[4], where), "W");
    }
  }

  static std::vector<std::string_view> parts_of(std::string_view text, char between) {
    std::vector<std::string_view> parts;
    for (std::size_t at = text.find(between); at != text.npos; at = text.find(between)) {
      parts.push_back(text.substr(0, at));
      text.remove_prefix(at + 1);
    }
    parts.push_back(text);
    return parts;
  }

  static double number(std::string_view text, const std::string& where) {
    double value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc() || end.ptr != text.data() + text.size())
      throw ironlaw::Error(where + "'" + std::string(text) + "' is no number");
    return value;
  }
};
