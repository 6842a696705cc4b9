#pragma once
#include <ironlaw/export.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// A pipeline as text says it: named inputs, stages, axes, what to report.
class IRONLAW_API Config {
 public:
  /// Throws InputError with file, line and column, or file and JSON pointer.
  static Config read(const std::filesystem::path& file);
  /// YAML where the file's name ends in .yaml or .yml, else JSON.
  static Config parse(std::string_view text, const std::string& file);
  /// One stage of one solver, named like it; `set` and `add_axis` say the rest.
  static Config of_solver(std::string_view solver);

  /// Gives a named input ("batch"), a port ("serve.batch_size") or a field of an object ("device.tdp") another value: JSON where
  /// it parses as a number, true, false, a list or an object, else text. `where` names it in errors ("--set").
  void set(std::string_view name, std::string_view value, const std::string& where);
  /// Adds an axis, innermost so far.
  void add_axis(std::string_view name, const std::vector<std::string>& values, const std::string& where);
  /// Asks for a report of the walls, as "report": {"walls": true} does.
  void report_walls();

  [[nodiscard]] const std::string& name() const;
  /// The profile it asks for, or empty.
  [[nodiscard]] std::string profile() const;

  struct Impl;
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  Config();
  std::shared_ptr<Impl> impl_;
};

}  // namespace ironlaw::host
