// Connections: one thread carries them all, and hands what they ask to threads that work it out. Boost.Beast and Boost.Asio are
// seen here and in connection.hpp alone.
#include "server/connection.hpp"

#include <boost/asio/signal_set.hpp>

#include <sys/resource.h>

#include <csignal>

namespace ironlaw::host {
namespace {

/// Takes connections, and ends in order.
class Server {
 public:
  Server(Service& service, const ServerOptions& options, const tcp::endpoint& at)
      : shared_(service, options, at.address().is_loopback()),
        acceptor_(shared_.io),
        signals_(shared_.io, SIGINT, SIGTERM),
        pause_(shared_.io) {
    acceptor_.open(at.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(at);
    acceptor_.listen(1024);
    shared_.one_closed = [this] {
      if (waits_for_room_) accept();
      if (shared_.stopping && shared_.connections.empty()) pause_.cancel();
    };
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void run() {
    signals_.async_wait([this](error_code failure, int) {
      if (!failure) stop();
    });
    accept();
    shared_.io.run();
    shared_.short_lane.join();
    shared_.long_lane.join();
    shared_.io.restart();
    shared_.io.poll();  // replies that nobody waits for
    shared_.one_closed = [] {};
  }

 private:
  void accept() {
    waits_for_room_ = shared_.connections.size() >= shared_.options.most_connections;
    if (waits_for_room_ || shared_.stopping) return;
    acceptor_.async_accept([this](error_code failure, tcp::socket socket) {
      if (shared_.stopping) return;
      if (failure) {  // no descriptor is free
        pause_.expires_after(std::chrono::milliseconds(100));
        pause_.async_wait([this](error_code) { accept(); });
        return;
      }
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      std::make_shared<Connection>(std::move(socket), shared_)->read_head(shared_.options.header_seconds);
      accept();
    });
  }

  void stop() {
    shared_.stopping = true;
    shared_.options.stopping();
    error_code ignored;
    acceptor_.close(ignored);
    for (auto* connection : std::set(shared_.connections)) connection->stop();
    // A second signal ends the program at once.
    signals_.cancel(ignored);
    signals_.clear(ignored);
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
    pause_.expires_after(duration_of(shared_.options.stop_seconds));
    if (shared_.connections.empty()) return;
    pause_.async_wait([this](error_code failure) {
      if (failure) return;
      for (auto* connection : std::set(shared_.connections)) connection->abandon();
    });
  }

  Shared shared_;
  tcp::acceptor acceptor_;
  asio::signal_set signals_;
  asio::steady_timer pause_;
  bool waits_for_room_ = false;
};

/// As many connections as the server may have, where the machine allows it.
void allow_descriptors(std::size_t connections) {
  rlimit limit{};
  const rlim_t wanted = connections + 64;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, wanted);
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void serve(Service& service, const ServerOptions& options, const std::function<void(std::uint16_t)>& ready) {
  error_code failure;
  const auto address = asio::ip::make_address(options.address, failure);
  if (failure) throw InputError("--address", "takes an IP address, such as 127.0.0.1, not '" + options.address + "'");
  allow_descriptors(options.most_connections);
  try {
    Server server(service, options, {address, options.port});
    ready(server.port());
    server.run();
  } catch (const boost::system::system_error& e) {
    throw InputError("--port",
                     options.address + ":" + std::to_string(options.port) + " cannot be listened at: " + e.code().message());
  }
}

}  // namespace ironlaw::host
