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
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
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

/// Before the text, on a page of its own: the text's pages are out of reach while a plugin runs.
struct RequestProcess::Page {
  std::uint64_t size = 0;
  std::array<char, 1024> work{};  ///< whose code ran when it died
};

namespace {

constexpr std::size_t head_size = 4096;

}  // namespace

RequestProcess::Page& RequestProcess::page() const { return *std::launder(reinterpret_cast<Page*>(memory_.data())); }

RequestProcess::RequestProcess(std::function<Answer()> begin, const IsolationOptions& options, double most_seconds)
    : begin_(std::move(begin)),
      options_(options),
      most_seconds_(std::min(no_time_limit, most_seconds)),
      memory_(head_size + most_exchanged) {}

RequestProcess::~RequestProcess() {
  if (process_ > 0) (void)end_process(process_);
  if (socket_ >= 0) close(socket_);
}

void RequestProcess::start() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Error(std::string("no socket for --isolate: ") + std::strerror(errno));
  new (memory_.data()) Page;
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
  keep_dying_words(page().work);
  const pid_t own = getpid();
  auto* const text = reinterpret_cast<char*>(memory_.data() + head_size);
  try {
    const Answer answer = begin_();
    for (char asked = 0; recv(own_descriptor, &asked, 1, 0) == 1;) {
      const std::string request(text, page().size);
      limit_processor_time(most_seconds_);
      mprotect(text, most_exchanged, PROT_NONE);
      std::string answered = answer(request);
      if (getpid() != own) _exit(0);  // a plugin forked, and this is not the process that was asked
      mprotect(text, most_exchanged, PROT_READ | PROT_WRITE);
      if (answered.size() > most_exchanged) throw Error("the answer is larger than fits");
      std::memcpy(text, answered.data(), answered.size());
      page().size = answered.size();
      if (send(own_descriptor, &asked, 1, MSG_NOSIGNAL) != 1) break;
    }
  } catch (const std::exception& e) {
    std::cerr << "ironlaw: worker: " << e.what() << "\n";
    _exit(1);
  }
  _exit(0);
}

std::string RequestProcess::end(bool late) {
  const int status = end_process(process_);
  const std::string whose(page().work.data(), strnlen(page().work.data(), page().work.size()));
  close(socket_);
  process_ = socket_ = -1;
  if (late) return "took longer than " + format_quantity(most_seconds_, dimension_of<Time>(), "s") + " (--max-seconds)";
  return whose.empty() ? end_of(status) : whose + " " + end_of(status);
}

std::optional<std::string> RequestProcess::answer(std::string_view request, std::string& failure) {
  if (process_ < 0) start();
  auto* const text = reinterpret_cast<char*>(memory_.data() + head_size);
  if (request.size() > most_exchanged) throw InputError("request", "is larger than fits");
  std::memcpy(text, request.data(), request.size());
  page().size = request.size();
  const char asked = 1;
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration<double>(most_seconds_ + options_.row_timeout);
  (void)send(socket_, &asked, 1, MSG_NOSIGNAL);  // one that is gone is noticed below
  pollfd watched{socket_, POLLIN, 0};
  while (watched.revents == 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      failure = end(true);
      return {};
    }
    poll(&watched, 1, static_cast<int>(std::min<long>(left, 1000)));
  }
  char answered = 0;
  if (recv(socket_, &answered, 1, MSG_DONTWAIT) != 1) {
    failure = end(false);
    return {};
  }
  std::string line(text, std::min<std::size_t>(page().size, most_exchanged));
  if (line.find('\n') == line.npos && Json::accept(line)) return line;
  (void)end(false);
  failure = "a plugin wrote where it should not";
  return {};
}

}  // namespace ironlaw::host
