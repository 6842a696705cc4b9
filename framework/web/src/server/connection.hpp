#pragma once
// One client of the service, request after request, and what all of them share.
#include "run/startable_threads.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/web/server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <thread>

namespace ironlaw::host {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

inline constexpr std::uint32_t most_head_bytes = 16 * 1024;
inline constexpr std::uint64_t bodies_at_once = 8;      ///< of the largest size, that are read or answered
inline constexpr std::uint64_t small_body = 64 * 1024;  ///< bytes; those of all connections together are little
inline constexpr auto write_time = std::chrono::minutes(5);
inline constexpr auto linger_time = std::chrono::seconds(2);
inline constexpr double overdue_seconds = 2;  ///< behind the limit of time, for work that looks at it
inline constexpr std::uint64_t linger_bytes = std::uint64_t{256} << 20;

inline std::chrono::steady_clock::duration duration_of(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

/// The name in a Host header or an origin, without its port.
inline std::string_view host_name(std::string_view host) {
  if (const auto scheme = host.find("://"); scheme != host.npos) host.remove_prefix(scheme + 3);
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

inline bool is_loopback_name(std::string_view name) { return name == "localhost" || name == "127.0.0.1" || name == "[::1]"; }

/// What a browser is told of every reply: the page loads its own files and asks its own service, and nothing else.
inline constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Threads of each of two pools, as many as are wanted and can be made.
inline std::size_t lane_threads(std::size_t wanted) {
  if (wanted == 0) wanted = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t both = startable_threads(2 * wanted + 1) - 1;
  if (both < 2) throw InputError("--threads", "the system lets this service have no threads: raise the limit (ulimit -u)");
  return std::min(wanted, both / 2);
}

class Connection;

/// What all connections share; used by the thread that carries them.
struct Shared {
  Shared(Service& s, const ServerOptions& o, bool local)
      : service(s), options(o), loopback(local), threads(lane_threads(o.threads)), short_lane(threads), long_lane(threads) {}
  Service& service;
  const ServerOptions& options;
  const bool loopback;
  const std::size_t threads;  ///< of a lane
  asio::io_context io{1};
  std::set<Connection*> connections;
  bool stopping = false;
  std::function<void()> one_closed;
  asio::thread_pool short_lane;  ///< a solve never waits behind a table
  asio::thread_pool long_lane;
};

/// One client, request after request.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared), overdue_(shared.io) {
    shared_.connections.insert(this);
    ++shared_.service.load().connections;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    release_body();
    shared_.connections.erase(this);
    --shared_.service.load().connections;
    shared_.one_closed();
  }

  void read_head(double seconds) {
    parser_.emplace();
    parser_->header_limit(most_head_bytes);
    parser_->body_limit(shared_.service.limits().bytes);
    asked_ = false;
    stream_.expires_after(duration_of(seconds));
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code failure, std::size_t) { self->on_head(failure); });
  }

  /// The server stops: whoever asks for nothing goes.
  void stop() {
    if (!asked_) close();
  }
  /// Its time is up.
  void abandon() {
    left_ = true;
    overdue_.cancel();
    close();
  }

 private:
  void on_head(error_code failure) {
    if (failure == http::error::body_limit) {
      return refuse(413,
                    "the request has more text than " + std::to_string(shared_.service.limits().bytes) + " bytes (--max-bytes)");
    }
    if (failure == http::error::header_limit) return refuse(431, "the head of the request is longer than 16 KiB");
    if (failure.category() == http::make_error_code(http::error::bad_version).category() &&
        failure != http::error::end_of_stream && failure != http::error::partial_message)
      return refuse(400, "no HTTP request: " + failure.message());
    if (failure) {
      if (failure == beast::error::timeout && buffer_.size() > 0) ++shared_.service.load().not_answered;
      return close();
    }
    asked_ = true;
    const auto& head = parser_->get();
    if (const auto why = refused_head(head); !why.empty()) return refuse(403, why);
    const std::uint64_t most = shared_.service.limits().bytes;
    const auto length = parser_->content_length();
    const std::uint64_t announced = length ? *length : parser_->chunked() ? most : 0;
    body_bytes_ = announced > small_body ? announced : 0;
    auto& total = shared_.service.load().body_bytes;
    if (total += body_bytes_; body_bytes_ > 0 && total > bodies_at_once * most)
      return refuse(503, "too many large requests at once; try again");
    stream_.expires_after(duration_of(shared_.options.body_seconds));
    if (beast::iequals(head[http::field::expect], "100-continue")) return go_on();
    read_body();
  }

  /// A page of another site asks under its own name, or says where it is from.
  [[nodiscard]] std::string refused_head(const http::request<http::string_body>& head) const {
    const auto origin = head[http::field::origin];
    const auto host = head[http::field::host];
    const std::string_view name = host_name({host.data(), host.size()});
    if (shared_.loopback && !is_loopback_name(name))
      return "this service answers for localhost, not for '" + std::string(name) + "'";
    if (!origin.empty() && host_name({origin.data(), origin.size()}) != name)
      return "a page of another site may not ask this service";
    return {};
  }

  void go_on() {
    static constexpr std::string_view answer = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(answer), [self = shared_from_this()](error_code failure, std::size_t) {
      if (failure) return self->close();
      self->read_body();
    });
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code failure, std::size_t) {
      if (failure == http::error::body_limit) return self->refuse(413, "the request has more text than --max-bytes allows");
      if (failure == beast::error::timeout) ++self->shared_.service.load().not_answered;
      if (failure) return self->close();
      self->ask();
    });
  }

  void ask() {
    auto message = parser_->release();
    keep_alive_ = message.keep_alive();
    head_only_ = message.method() == http::verb::head;
    const auto accept = message[http::field::accept];
    request_ = {std::string(message.method_string()), std::string(message.target()), std::string(accept),
                std::move(message.body()), &left_};
    stream_.expires_never();
    ++shared_.service.load().in_flight;
    watch();
    await_overdue();
    auto& lane = Service::may_take_long(request_) ? shared_.long_lane : shared_.short_lane;
    asio::post(lane, [self = shared_from_this()]() mutable {
      WebReply reply = self->left_ ? error_reply(499, "the client has left") : self->shared_.service.answer(self->request_);
      auto& io = self->shared_.io;
      asio::post(io, [self = std::move(self), reply = std::move(reply)]() mutable { self->on_reply(std::move(reply)); });
    });
  }

  /// Notices where the client leaves while its request is worked on.
  void watch() {
    stream_.socket().async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code failure) {
      if (failure || !self->working_) return;
      char byte = 0;
      const auto got = recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN)) self->left_ = true;
    });
    working_ = true;
  }

  /// Work that looks at no limit (a plugin's) is answered for; where it ends, nobody waits for it.
  void await_overdue() {
    const double most = shared_.service.limits().seconds;
    if (most > std::numeric_limits<float>::max()) return;
    overdue_.expires_after(duration_of(most + overdue_seconds));
    overdue_.async_wait([self = shared_from_this()](error_code stopped) {
      if (stopped || !self->working_) return;
      self->working_ = false;
      self->left_ = true;
      ++self->shared_.service.load().not_answered;
      const auto most_text = format_quantity(self->shared_.service.limits().seconds, dimension_of<Time>(), "s");
      self->write(error_reply(503, "the request takes longer than " + most_text + " (--max-seconds), and does not end"), false,
                  false);
    });
  }

  void on_reply(WebReply reply) {
    overdue_.cancel();
    --shared_.service.load().in_flight;
    request_.body = {};
    release_body();
    if (!working_) return;  // it was answered for
    working_ = false;
    error_code ignored;
    stream_.socket().cancel(ignored);
    if (left_) return close();
    write(std::move(reply), keep_alive_ && !shared_.stopping, false);
  }

  void refuse(unsigned status, const std::string& why) {
    ++shared_.service.load().not_answered;
    asked_ = true;
    write(error_reply(status, why), false, true);
  }

  void write(WebReply reply, bool keep_alive, bool linger) {
    response_ = {};
    response_.version(11);
    response_.result(reply.status);
    response_.set(http::field::content_type, reply.type);
    response_.set("Content-Security-Policy", content_policy);
    response_.set("X-Content-Type-Options", "nosniff");
    response_.set("Referrer-Policy", "no-referrer");
    response_.set(http::field::cache_control, "no-store");
    if (reply.status == 503) response_.set(http::field::retry_after, "1");
    response_.keep_alive(keep_alive);
    response_.body() = std::move(reply.body);
    response_.prepare_payload();
    if (head_only_) response_.body().clear();
    stream_.expires_after(write_time);
    http::async_write(stream_, response_, [self = shared_from_this(), keep_alive, linger](error_code failure, std::size_t) {
      self->response_ = {};
      if (failure) return self->close();
      if (keep_alive) return self->read_head(self->shared_.options.idle_seconds);
      if (linger) return self->begin_linger();
      self->close();
    });
  }

  /// A client that still sends would lose the reply with the connection.
  void begin_linger() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(linger_time);
    discard(0);
  }
  void discard(std::uint64_t done) {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(64 * 1024), [self = shared_from_this(), done](error_code failure, std::size_t got) {
      if (failure || done + got > linger_bytes) return self->close();
      self->discard(done + got);
    });
  }

  void release_body() {
    shared_.service.load().body_bytes -= body_bytes_;
    body_bytes_ = 0;
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

  beast::tcp_stream stream_;
  Shared& shared_;
  asio::steady_timer overdue_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  WebRequest request_;
  std::atomic<bool> left_{false};
  std::uint64_t body_bytes_ = 0;
  bool asked_ = false;    ///< a request has begun
  bool working_ = false;  ///< it is being answered
  bool keep_alive_ = false;
  bool head_only_ = false;
};
}  // namespace ironlaw::host
