#include "doors/plugin_call.hpp"

#include <ironlaw/catalog/plugin_at_work.hpp>

#include <atomic>

namespace ironlaw::host {
namespace {

/// A list that only grows, so that a signal handler may walk it at any moment.
struct Named {
  const void* component;
  std::string text;
  const Named* next;
};
std::atomic<const Named*> first_named{nullptr};

}  // namespace

constinit thread_local const void* PluginCall::current_ = nullptr;

void name_component(const void* component, std::string text) {
  auto* named = new Named{component, std::move(text), first_named.load()};  // lives until exit, as the component does
  while (!first_named.compare_exchange_weak(named->next, named)) {
  }
}

const char* plugin_at_work() noexcept {
  const void* component = PluginCall::current();
  if (component == nullptr) return nullptr;
  for (const Named* named = first_named; named != nullptr; named = named->next)
    if (named->component == component) return named->text.c_str();
  return nullptr;
}

}  // namespace ironlaw::host
