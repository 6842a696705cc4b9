#pragma once
// The process that answers the requests of an isolated batch.
#include "process/shared_memory.hpp"

#include <ironlaw/host/session.hpp>

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// A confined process that answers one request after the other. One that died is replaced before the next.
class RequestProcess {
 public:
  using Answer = std::function<std::string(std::string_view)>;
  /// `begin` is called there, and gives what answers. A request may take `most_seconds`.
  RequestProcess(std::function<Answer()> begin, const IsolationOptions& options, double most_seconds);
  RequestProcess(const RequestProcess&) = delete;
  RequestProcess& operator=(const RequestProcess&) = delete;
  ~RequestProcess();

  /// The answer; nothing where the process ended instead, and why is in `failure`.
  [[nodiscard]] std::optional<std::string> answer(std::string_view request, std::string& failure);

 private:
  struct Page;
  [[nodiscard]] Page& page() const;
  void start();
  [[noreturn]] void serve(int socket, pid_t parent);
  [[nodiscard]] std::string end(bool late);

  const std::function<Answer()> begin_;
  const IsolationOptions options_;
  const double most_seconds_;
  SharedMemory memory_;
  int socket_ = -1;
  pid_t process_ = -1;
};

}  // namespace ironlaw::host
