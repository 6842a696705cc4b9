#pragma once
#include <ironlaw/web/service.hpp>

#include <iosfwd>

namespace ironlaw::host {

/// The Model Context Protocol over a stream: a JSON-RPC message a line, until `in` ends. Its tools are the service's answers.
void serve_mcp(Service& service, const std::string& version, std::istream& in, std::ostream& out);

}  // namespace ironlaw::host
