#pragma once
// What the body of a request asks, said as a config.
#include "config/budget.hpp"
#include "text/json.hpp"

#include <ironlaw/host/session.hpp>
#include <ironlaw/present/report.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// The members of a request's body.
class Asked {
 public:
  /// Throws InputError for text that is no JSON object or has a member that is none of `allowed`.
  Asked(std::string_view body, const RequestLimits& limits, std::span<const std::string_view> allowed);

  /// The config that "config", or "solver" and "inputs", say, with "set", "study", "options", "walls" and "bands". Lists are
  /// axes, but for what a series or a table takes. Throws InputError.
  [[nodiscard]] Config config(Session& session) const;
  /// Compiles it. Throws InputError.
  [[nodiscard]] Pipeline pipeline(Session& session, const std::string& profile) const;
  /// What one names a solver for.
  [[nodiscard]] bool of_solver() const { return json_.contains("solver"); }
  /// A single solver asked for one row, with nothing that a line of a batch does not say.
  [[nodiscard]] bool plain_solve() const;

  [[nodiscard]] bool flag(const char* key) const;
  [[nodiscard]] std::string text(const char* key) const;                ///< empty where absent
  [[nodiscard]] std::vector<std::string> texts(const char* key) const;  ///< a text or a list of them
  /// An object; empty where absent.
  [[nodiscard]] const Json& object(const char* key) const;
  /// Throws InputError where the request takes too long; a run of its config does.
  void check_time() const { budget_->check_time("request"); }

 private:
  [[nodiscard]] Config of_solver_config(Session& session) const;
  std::shared_ptr<Budget> budget_;
  Json json_;
};

/// Members that say a config.
[[nodiscard]] std::vector<std::string_view> config_members(std::initializer_list<std::string_view> and_these);

/// Gives an input what a member of a request says: a list is an axis, unless the input takes `listed` values.
void give(Config& config, const std::string& name, const Json& value, bool listed, const std::string& where);

}  // namespace ironlaw::host
