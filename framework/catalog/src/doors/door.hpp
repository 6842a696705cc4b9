#pragma once
#include "doors/plugin_call.hpp"
#include "process/floating_point.hpp"

namespace ironlaw::host {

/// Stands around every call into a plugin: who is called, and that what it does to the floating-point environment ends with it.
class Door {
 public:
  explicit Door(const void* component) noexcept : call_(component) {}
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  ~Door() { reset_floating_point(); }

 private:
  PluginCall call_;
};

}  // namespace ironlaw::host
