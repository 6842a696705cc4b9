#pragma once
// What a language model may call.
#include "text/json.hpp"

#include <ironlaw/web/service.hpp>

#include <atomic>
#include <string>

namespace ironlaw::host {

/// The tools with what each takes. Solvers are described by the tool `solvers`, one at a time: all of them are too much to read.
[[nodiscard]] const Json& tool_list();

/// What a tool says.
struct ToolReply {
  std::string text;
  Json structured;  ///< the same as an object, or null
  bool failed = false;
};
/// Throws InputError for a name that is none.
[[nodiscard]] ToolReply call_tool(Service& service, const std::string& name, const Json& arguments,
                                  const std::atomic<bool>& left);

}  // namespace ironlaw::host
