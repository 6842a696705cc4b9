#pragma once
// Questions as HTTP says them, without a socket: a request in, a reply out.
#include <ironlaw/host/session.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// A request, whatever carried it here.
struct WebRequest {
  std::string method;  ///< "GET"
  std::string target;  ///< "/v1/zoo?kind=hardware"
  std::string accept;  ///< media types that the client takes; empty: any
  std::string body;
  const std::atomic<bool>* left = nullptr;  ///< becomes true where nobody waits for the reply any more; runs end then
};

/// What a request is answered with.
struct WebReply {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body;
  std::uint64_t rows = 0;  ///< that were evaluated for it
};

/// How much there is to do; whoever carries requests keeps it, and the metrics tell it.
struct ServiceLoad {
  std::atomic<std::uint64_t> connections{0};   ///< that are open
  std::atomic<std::uint64_t> in_flight{0};     ///< requests that wait for their reply
  std::atomic<std::uint64_t> body_bytes{0};    ///< of requests that are being read or answered
  std::atomic<std::uint64_t> not_answered{0};  ///< connections whose request was refused before it was read, or came too slowly
};

/// What the service answers with, and how much it does for one request.
struct ServiceOptions {
  std::string profile;  ///< where a request names none
  RequestLimits limits = RequestLimits::of_service();
  std::string program;  ///< name and version
  bool page = true;     ///< the page to explore is at /
};

/// Answers what an HTTP client asks: solve, run, study and batch; what there is; an OpenAPI description made from the ports. On
/// many threads at once. A request reads and writes no file unless the limits allow it, and opens no plugin that the session did
/// not find.
class Service {
 public:
  /// The session must outlive the service. Throws InputError for a session that isolates: its host may have one thread only.
  Service(Session& session, ServiceOptions options);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Never throws: what goes wrong is a reply with {"error": one line}.
  [[nodiscard]] WebReply answer(const WebRequest& request);
  /// Whether answering may take longer than a single solve does.
  [[nodiscard]] static bool may_take_long(const WebRequest& request);
  [[nodiscard]] const RequestLimits& limits() const;
  [[nodiscard]] ServiceLoad& load();
  /// The page opens with this config, which the file `name` holds.
  void show(const Config& config, const std::string& name);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

/// {"error": text} with a status.
[[nodiscard]] WebReply error_reply(unsigned status, std::string_view text);

}  // namespace ironlaw::host
