#pragma once
#include "config/config_impl.hpp"
#include "config/option_values.hpp"

#include <ironlaw/callback.hpp>
#include <ironlaw/catalog/plugins.hpp>

namespace ironlaw::host {

/// An entry of "callbacks": which observer or guard, with which options.
struct CallbackSpec {
  std::string name;
  const ObserverType* observer = nullptr;
  const GuardType* guard = nullptr;
  std::shared_ptr<const OptionValues> options;
};
using CallbackSpecs = std::vector<CallbackSpec>;

/// Reads "callbacks" of a config. Throws InputError.
[[nodiscard]] CallbackSpecs read_callbacks(const Config::Impl& config, Plugins& plugins);

}  // namespace ironlaw::host
