#pragma once
// For plugins that are bad on purpose, where IRONLAW_PLUGIN would not compile: a manifest that lists the solver "listed", and a
// solver of any name. PLUGIN_NAME comes from the build.
#include <ironlaw/sdk/plugin.hpp>

namespace bad {

struct Listed {
  static constexpr auto about = ironlaw::Solver::About{"listed", "stands in the manifest", "arithmetic"};
  struct Inputs {};
  static void solve(const Inputs&);
};

class NamedSolver final : public ironlaw::Solver {
 public:
  explicit constexpr NamedSolver(std::string_view name, std::span<const ironlaw::PortInfo> inputs = {})
      : about_{name, "takes what it is told to", "arithmetic"}, inputs_(inputs) {}

 private:
  const About& do_about() const noexcept override { return about_; }
  std::span<const ironlaw::PortInfo> do_inputs() const noexcept override { return inputs_; }
  std::span<const ironlaw::PortInfo> do_outputs() const noexcept override { return {}; }
  void do_evaluate(const ironlaw::Block&) const override {}
  About about_;
  std::span<const ironlaw::PortInfo> inputs_;
};

inline ironlaw::Registrar& registrar_of(const ironlaw_entry_args_v1* args) {
  return *static_cast<ironlaw::Registrar*>(args->registrar);
}

/// Registers, and hands a refusal back as the entry function of an honest plugin does.
template <class... S>
std::int32_t register_all(const ironlaw_entry_args_v1* args, const S&... solvers) {
  try {
    (registrar_of(args).add(solvers), ...);
    return 0;
  } catch (const std::exception& e) {
    return ironlaw::detail::fail_entry(*args, e.what());
  }
}

}  // namespace bad

extern "C" {
IRONLAW_PLUGIN_EXPORT extern ironlaw::detail::ManifestOf<bad::Listed> ironlaw_plugin_manifest;
[[gnu::section(IRONLAW_MANIFEST_SECTION), gnu::used]] constinit ironlaw::detail::ManifestOf<bad::Listed> ironlaw_plugin_manifest =
    ironlaw::detail::make_manifest<bad::Listed>(PLUGIN_NAME, "1.0.0", "Apache-2.0");
IRONLAW_PLUGIN_EXPORT std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args);
}
