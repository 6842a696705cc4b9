#pragma once
// What a pipeline is compiled from, for the processes that evaluate its rows.
#include <ironlaw/host/session.hpp>

namespace ironlaw::host {

inline constexpr double most_seconds_to_compile = 60;  ///< that a process with the plugins may take

struct PipelineOrigin {
  SessionOptions session;  ///< with `isolate`
  Config config;
  std::string profile;
};

/// The pipeline again, with its plugins open in this process, and all that it needs.
struct CompiledHere {
  /// `rows`: it evaluates rows itself, too.
  explicit CompiledHere(const PipelineOrigin& origin, bool rows = true)
      : session(here(origin.session, rows)), pipeline(session.compile(origin.config, origin.profile)) {}
  Session session;
  Pipeline pipeline;

 private:
  static SessionOptions here(SessionOptions options, bool rows) {
    options.isolate->opens_here = true;
    if (rows) options.isolate.reset();
    return options;
  }
};

}  // namespace ironlaw::host
