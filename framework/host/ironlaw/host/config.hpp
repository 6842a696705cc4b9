#pragma once
#include <ironlaw/export.hpp>
#include <ironlaw/host/limits.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// A pipeline as text says it: named inputs, stages, axes, what to report.
class IRONLAW_API Config {
 public:
  /// Throws InputError with file, line and column, or file and JSON pointer; or where it goes beyond the limits, which hold for
  /// all that becomes of it.
  static Config read(const std::filesystem::path& file, const RequestLimits& limits = {});
  /// YAML where the file's name ends in .yaml or .yml, else JSON.
  static Config parse(std::string_view text, const std::string& file, const RequestLimits& limits = {});
  /// One stage of one solver, named like it; `set` and `add_axis` say the rest.
  static Config of_solver(std::string_view solver, const RequestLimits& limits = {});

  /// Gives a named input ("batch"), a port ("serve.batch_size") or a field of an object ("device.tdp") another value: JSON where
  /// it parses as a number, true, false, a list or an object, else text. `where` names it in errors ("--set").
  void set(std::string_view name, std::string_view value, const std::string& where);
  /// Adds an axis, innermost so far: a list, or one text that is a range ("1 TB/s..10 TB/s") or says it as JSON.
  void add_axis(std::string_view name, const std::vector<std::string>& values, const std::string& where);
  /// Adds an axis of several inputs that vary together, innermost so far: a list of values for each name.
  void add_joint_axis(const std::vector<std::string>& names, const std::vector<std::vector<std::string>>& values,
                      const std::string& where);
  /// Has a report that lists its columns show this one too, where it is written in full ("serve.ttft").
  void show_column(std::string_view name, const std::string& where);
  /// Asks for a report of the walls, as "report": {"walls": true} does.
  void report_walls();
  /// Asks for the ends of every result that follows from an estimate with a band, as "report": {"bands": true} does.
  void report_bands(const std::string& where);

  /// Asks for a study, and keeps the options where the config asks for the same one; else its report, which is of another table,
  /// goes.
  void use_study(std::string_view name);
  /// Gives an option of the study: JSON or text as in set(), several values as a list.
  void set_study_option(std::string_view name, const std::vector<std::string>& values, const std::string& where);
  /// Holds this design against that of another file, seen from the working directory.
  void compare_with_file(const std::filesystem::path& file, const std::string& where);
  /// Holds this design against itself with another value; several values are one other design.
  void compare_with_value(std::string_view name, std::string_view value, const std::string& where);
  /// Takes the study away, with what is said about reports: what is left is the pipeline and its axes.
  void without_study();

  /// Itself and the configs that it names, as text that another machine can read, once a session has compiled it.
  [[nodiscard]] std::string bundle() const;
  /// Throws InputError at `where` for text that is no bundle.
  static Config of_bundle(std::string_view text, const std::string& where);

  [[nodiscard]] const std::string& name() const;
  /// The profile it asks for, or empty.
  [[nodiscard]] std::string profile() const;

  struct Impl;
  static Config copy_of(const Impl& impl);
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  Config();
  std::shared_ptr<Impl> impl_;
};

}  // namespace ironlaw::host
