#include "batch/request_process.hpp"

#include "process/confined_task.hpp"
#include "run/dying_words.hpp"
#include "text/json.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_exchanged = std::size_t{1}
                                       << 30;  ///< bytes of a request or an answer; pages that nobody touches cost nothing
constexpr double no_time_limit = 1e6;          ///< seconds: a limit that is none

}  // namespace

/// Before the text. What the process tells is written there before a byte goes over the socket, which only says that it is there:
/// whatever a plugin writes to the socket is no answer. It is out of reach while a plugin runs.
struct RequestProcess::Page {
  std::atomic<std::uint64_t> answered{0};  ///< number of the request
  std::uint64_t size = 0;                  ///< of the text
};

namespace {

constexpr std::size_t room_for_dying_words = 1024;

}  // namespace

RequestProcess::Page& RequestProcess::page() const { return *std::launder(reinterpret_cast<Page*>(memory_.data())); }
char* RequestProcess::text() const { return reinterpret_cast<char*>(memory_.data() + sizeof(Page)); }

RequestProcess::RequestProcess(std::function<Answer()> begin, const IsolationOptions& options, double most_seconds)
    : begin_(std::move(begin)),
      options_(options),
      most_seconds_(std::min(no_time_limit, most_seconds)),
      memory_(sizeof(Page) + most_exchanged),
      words_(room_for_dying_words) {}

RequestProcess::~RequestProcess() {
  if (process_ > 0) (void)end_process(process_);
  if (socket_ >= 0) close(socket_);
}

void RequestProcess::start() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Error(std::string("no socket for --isolate: ") + std::strerror(errno));
  new (memory_.data()) Page;
  std::memset(words_.data(), 0, words_.size());
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ == 0) serve(ends[1], parent);
  close(ends[1]);
  socket_ = ends[0];
  if (process_ < 0) throw Error(std::string("no process for --isolate: ") + std::strerror(errno));
}

void RequestProcess::serve(int socket, pid_t parent) {
  confine_process(parent, socket, {.memory = options_.row_memory});
  keep_dying_words({reinterpret_cast<char*>(words_.data()), words_.size()});
  const pid_t own = getpid();
  try {
    const Answer answer = begin_();
    for (char asked = 0; recv(own_descriptor, &asked, 1, 0) == 1;) {
      const std::string request(text(), page().size);
      limit_processor_time(most_seconds_);
      mprotect(memory_.data(), memory_.size(), PROT_NONE);
      const std::string answered = answer(request);
      if (getpid() != own) _exit(0);  // a plugin forked, and this is not the process that was asked
      mprotect(memory_.data(), memory_.size(), PROT_READ | PROT_WRITE);
      if (answered.size() > most_exchanged) throw Error("the answer is larger than fits");
      std::memcpy(text(), answered.data(), answered.size());
      page().size = answered.size();
      page().answered.fetch_add(1, std::memory_order_release);
      if (send(own_descriptor, &asked, 1, MSG_NOSIGNAL) != 1) break;
    }
  } catch (const std::exception& e) {
    std::cerr << "ironlaw: worker: " + std::string(e.what()) + "\n";  // one write
    _exit(1);
  }
  _exit(0);
}

std::string RequestProcess::end() {
  const int status = end_process(process_);
  close(socket_);
  process_ = socket_ = -1;
  const std::string whose(reinterpret_cast<const char*>(words_.data()),
                          strnlen(reinterpret_cast<const char*>(words_.data()), words_.size()));
  const bool closed = WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : whose.empty();
  if (closed) return "closed the descriptor that it answers over, or ended the process";
  return whose.empty() ? end_of(status) : whose + " " + end_of(status);
}

std::optional<std::string> RequestProcess::answer(std::string_view request, std::string& failure) {
  std::array<char, 256> told{};
  if (process_ >= 0 && recv(socket_, told.data(), told.size(), MSG_DONTWAIT) >= 0) (void)end();  // of an earlier request's plugin
  if (process_ < 0) start();
  if (request.size() > most_exchanged) throw InputError("request", "is larger than fits");
  std::memcpy(text(), request.data(), request.size());
  page().size = request.size();
  const std::uint64_t number = page().answered + 1;
  const char asked = 1;
  (void)send(socket_, &asked, 1, MSG_NOSIGNAL);  // one that is gone is noticed below
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration<double>(most_seconds_ + options_.row_timeout);
  pollfd watched{socket_, POLLIN, 0};
  while (watched.revents == 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      (void)end();
      failure = "took longer than " + format_quantity(most_seconds_, dimension_of<Time>(), "s") + " (--max-seconds)";
      return {};
    }
    poll(&watched, 1, static_cast<int>(std::min<long>(left, 1000)));
  }
  const ssize_t got = recv(socket_, told.data(), told.size(), MSG_DONTWAIT);
  if (got == 1 && page().answered.load(std::memory_order_acquire) == number && page().size <= most_exchanged) {
    std::string line(text(), page().size);
    if (line.find('\n') == line.npos && Json::accept(line)) return line;
  }
  const std::string how = end();
  failure = got > 0 ? "wrote to a descriptor that is not its own" : how;
  return {};
}

}  // namespace ironlaw::host
