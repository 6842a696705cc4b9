#pragma once
#include "text/json.hpp"

#include <ironlaw/options.hpp>

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ironlaw::host {

/// Finds what a study's option names among the ports of a pipeline. Throws InputError.
class PortReader {
 public:
  struct Found {
    std::size_t port;
    bool maximise;
  };
  virtual ~PortReader() = default;
  virtual Found read(OptionType type, const std::string& text, const std::string& where) = 0;
};

/// Where a part of the options stands, by its JSON pointer among them: a file's pointer, or a flag.
using OptionPlace = std::function<std::string(const std::string&)>;

/// Options as a config gives them, with defaults filled in.
class OptionValues final : public Options {
 public:
  /// Reads the keys of `given` but for "use". Throws InputError for unknown and missing ones, and for wrong types and dimensions.
  /// `ports` is needed for the options of studies.
  OptionValues(std::span<const OptionInfo> declared, const Json& given, const OptionPlace& place, PortReader* ports = nullptr);

 private:
  void read(const OptionInfo& option, const Json& value, const OptionPlace& place, PortReader* ports);
  void read_ports(const OptionInfo& option, const Json& value, const OptionPlace& place, PortReader& ports);
  Value do_quantity(std::string_view name) const override;
  std::size_t do_texts(std::string_view name) const override;
  std::string_view do_text(std::string_view name, std::size_t i) const override;
  std::span<const std::size_t> do_ports(std::string_view name) const override;
  bool do_maximise(std::string_view name, std::size_t i) const override;

  std::map<std::string, Value, std::less<>> numbers_;
  std::map<std::string, std::vector<std::string>, std::less<>> texts_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> ports_;
  std::map<std::string, std::vector<bool>, std::less<>> maximise_;
};

}  // namespace ironlaw::host
