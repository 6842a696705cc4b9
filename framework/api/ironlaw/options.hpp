#pragma once
// Options of studies, observers and guards: unlike ports they may be text and lists, and never vary by row. Those of studies may
// also name what the pipeline takes and gives.
#include <ironlaw/export.hpp>
#include <ironlaw/working.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ironlaw {

/// What the value of an option is.
enum class OptionType : std::uint8_t {
  quantity,
  boolean,
  text,
  texts,
  inputs,     ///< inputs of the pipeline, fields of its objects among them ("device.memory_bandwidth"); studies only
  outputs,    ///< outputs of the pipeline, or expressions over them; studies only
  goals,      ///< "min cost.tco": outputs to make small or large; studies only
  conditions  ///< "serve.tpot <= 50 ms": outputs that are true or false; studies only
};

/// What is to be known of an option of a study, an observer or a guard.
struct OptionInfo {
  std::string_view name;
  std::string_view doc;
  OptionType type = OptionType::text;
  bool required = false;
  Dimension dimension{};             ///< of a quantity
  bool any_dimension = false;        ///< a quantity whose dimension is the user's to say
  double number_fallback = 0;        ///< of a quantity (SI) or a boolean
  std::string_view text_fallback{};  ///< of a text
};

/// The options given, already checked against their OptionInfo: every declared name has a value, no other name has.
class IRONLAW_API Options {
 public:
  [[nodiscard]] Value quantity(std::string_view name) const { return do_quantity(name); }
  [[nodiscard]] bool boolean(std::string_view name) const { return do_quantity(name).number != 0; }
  [[nodiscard]] std::string_view text(std::string_view name) const { return do_text(name, 0); }
  [[nodiscard]] std::size_t texts(std::string_view name) const { return do_texts(name); }
  [[nodiscard]] std::string_view text(std::string_view name, std::size_t i) const { return do_text(name, i); }
  /// Ports of Bench::pipeline() that the option names: inputs of `inputs`, else outputs.
  [[nodiscard]] std::span<const std::size_t> ports(std::string_view name) const { return do_ports(name); }
  /// Whether the i-th goal is to be made large.
  [[nodiscard]] bool maximise(std::string_view name, std::size_t i) const { return do_maximise(name, i); }

 protected:
  Options() = default;
  Options(const Options&) = default;
  Options& operator=(const Options&) = default;
  virtual ~Options();

 private:
  virtual Value do_quantity(std::string_view name) const = 0;
  virtual std::size_t do_texts(std::string_view name) const = 0;
  virtual std::string_view do_text(std::string_view name, std::size_t i) const = 0;
  virtual std::span<const std::size_t> do_ports(std::string_view name) const = 0;
  virtual bool do_maximise(std::string_view name, std::size_t i) const = 0;
};

}  // namespace ironlaw
