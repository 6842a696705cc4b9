#pragma once
#include <ironlaw/web/service.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace ironlaw::host {

/// Where the service listens, and what it bears from clients.
struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: one that is free
  std::size_t threads = 0;    ///< that answer single questions, and as many again for runs; 0: as many as the machine has
  std::size_t most_connections = 1000;
  double header_seconds = 10;              ///< until the head of a request is there
  double body_seconds = 30;                ///< until its body is
  double idle_seconds = 60;                ///< between two requests of a connection
  double stop_seconds = 10;                ///< for requests that are being answered when the server is asked to stop
  std::function<void()> stopping = [] {};  ///< called when it is
};

/// Serves until SIGINT or SIGTERM, then lets what is being answered end. `ready` is told the port once connections are taken.
/// Throws InputError where the address cannot be listened at. On a loopback address, requests that name another host are refused:
/// a page of another site must not reach it by a name of its own.
void serve(Service& service, const ServerOptions& options, const std::function<void(std::uint16_t)>& ready);

}  // namespace ironlaw::host
