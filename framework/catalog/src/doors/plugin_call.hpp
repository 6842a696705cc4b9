#pragma once
// Which plugin's code a thread runs, so that a process that ends there can say whose it was.
#include <ironlaw/export.hpp>

#include <filesystem>
#include <string>

namespace ironlaw::host {

class StagingRegistrar;

/// While it lives, this thread runs code of the component at `component`. Two stores: it stands around every call into a plugin.
class PluginCall {
 public:
  explicit PluginCall(const void* component) noexcept : before_(current_) { current_ = component; }
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;
  ~PluginCall() { current_ = before_; }
  [[nodiscard]] static const void* current() noexcept { return current_; }

 private:
  const void* before_;
  [[gnu::tls_model("initial-exec")]] static constinit thread_local const void* current_;
};

/// Keeps what a component is called, for plugin_at_work().
void name_component(const void* component, std::string text);

}  // namespace ironlaw::host
