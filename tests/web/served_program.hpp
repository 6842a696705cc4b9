#pragma once
// `ironlaw web` as a process, and clients of it that send what they like.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

extern char** environ;

namespace ironlaw::web_test {

class ServedProgram {
 public:
  explicit ServedProgram(std::vector<std::string> flags) {
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
    std::vector<std::string> words{IRONLAW_PROGRAM, "web", "--port", "0"};
    words.insert(words.end(), flags.begin(), flags.end());
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (posix_spawn(&process_, IRONLAW_PROGRAM, &actions, nullptr, arguments.data(), environ) != 0)
      throw std::runtime_error("not started");
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    std::string line;
    for (char c = 0; read(pipe_ends[0], &c, 1) == 1 && c != '\n';) line += c;
    close(pipe_ends[0]);
    const auto colon = line.rfind(':');
    if (!line.starts_with("http://127.0.0.1:")) throw std::runtime_error("said '" + line + "'");
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
  }
  ServedProgram(const ServedProgram&) = delete;
  ServedProgram& operator=(const ServedProgram&) = delete;
  ~ServedProgram() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t process() const { return process_; }
  void signal(int number) const { kill(process_, number); }
  /// Its exit status; -1 where a signal ended it.
  int wait() {
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

struct HttpReply {
  int status = 0;  ///< 0: the connection ended without one
  std::string head;
  std::string body;
};

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) throw std::runtime_error("not connected");
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { leave(); }
  void leave() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

  /// False where the other end no longer takes it.
  bool send_text(std::string_view text) const {
    while (!text.empty()) {
      const auto sent = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool ask(std::string_view method, std::string_view target, std::string_view body = {}, std::string_view headers = {}) const {
    std::string text(method);
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
    if (!body.empty()) text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    return send_text(text.append("\r\n").append(body));
  }
  /// The next reply.
  HttpReply reply(double seconds = 30) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (true) {
      if (const auto end = buffer_.find("\r\n\r\n"); end != buffer_.npos) {
        const auto at = buffer_.find("Content-Length: ");
        const std::size_t size = at < end ? std::stoul(buffer_.substr(at + 16)) : 0;
        if (buffer_.starts_with("HTTP/1.1 100")) {
          buffer_.erase(0, end + 4);
          continue;
        }
        if (buffer_.size() >= end + 4 + size) {
          HttpReply reply{std::stoi(buffer_.substr(9)), buffer_.substr(0, end), buffer_.substr(end + 4, size)};
          buffer_.erase(0, end + 4 + size);
          return reply;
        }
      }
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      pollfd watched{socket_, POLLIN, 0};
      if (left <= 0 || poll(&watched, 1, static_cast<int>(left)) <= 0) return {};
      std::array<char, 65536> part;
      const auto got = recv(socket_, part.data(), part.size(), 0);
      if (got <= 0) return {};
      buffer_.append(part.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int socket_;
  std::string buffer_;
};

inline HttpReply once(std::uint16_t port, std::string_view method, std::string_view target, std::string_view body = {},
                      std::string_view headers = {}) {
  Client client(port);
  client.ask(method, target, body, headers);
  return client.reply();
}

/// The number behind a name in /metrics.
inline double metric(std::uint16_t port, const std::string& name) {
  const std::string text = once(port, "GET", "/metrics").body;
  const auto at = text.find("\n" + name + " ");
  if (at == text.npos) throw std::runtime_error("no metric " + name);
  return std::stod(text.substr(at + name.size() + 2));
}

}  // namespace ironlaw::web_test
