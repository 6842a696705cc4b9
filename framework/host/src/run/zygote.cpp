#include "run/zygote.hpp"

#include "plan/clauses.hpp"
#include "process/confined_task.hpp"
#include "run/dying_words.hpp"
#include "run/origin.hpp"
#include "value/bytes.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/object.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace ironlaw::host {
namespace {

constexpr double most_seconds_to_begin = 60;
constexpr double most_seconds_to_answer = 10;

[[noreturn]] void fail(const char* what) { throw Error(std::string(what) + ": " + std::strerror(errno)); }

std::array<int, 2> socket_pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("no socket for --isolate");
  return ends;
}

/// Sums up what two processes must agree on before one can read the other's columns.
std::uint64_t layout_of(const Pipeline& pipeline) {
  std::string text;
  const auto add = [&](std::string_view part) { text.append(part).push_back('\n'); };
  for (const auto& ports : {pipeline.solver().inputs(), pipeline.solver().outputs()})
    for (const PortInfo& port : ports) {
      add(port.name);
      put(text, port.type);
      put(text, port.dimension);
      for (const auto choice : port.choices) add(choice);
    }
  for (const ResultColumn& column : pipeline.columns()) add(column.name);
  add(std::to_string(pipeline.rows()));
  return fnv1a(text);
}

}  // namespace

/// Over the socket, with a descriptor where one goes along.
struct Zygote::Request {
  enum class What { fork, end };
  What what = What::fork;
  std::uint32_t number = 0;  ///< of the request
  std::size_t report = 0;    ///< for fork
  pid_t worker = 0;          ///< for end
  bool hung_up = false;      ///< the worker did
};

/// What the zygote tells. It is written before a byte goes over the socket, which only says that it is there: whatever a plugin
/// writes to the socket is no answer.
struct Zygote::Page {
  enum class Failure : std::uint32_t { none, input, plugin };
  std::atomic<std::uint32_t> answered{0};
  std::int64_t answer = 0;
  std::uint64_t layout = 0;
  Failure failure = Failure::none;
  std::array<char, 8192> text{};  ///< why it could not compile
  std::array<char, 1024> work{};  ///< which plugin's code ran when it died
};

namespace {

void copy_text(std::string_view text, std::span<char> to) {
  const std::size_t size = std::min(text.size(), to.size() - 1);
  std::memcpy(to.data(), text.data(), size);
  to[size] = '\0';
}

}  // namespace

Zygote::Page& Zygote::page() const { return *std::launder(reinterpret_cast<Page*>(memory_.data())); }

Zygote::Zygote(const Pipeline& pipeline, std::span<const ResultColumn> columns, const std::vector<std::size_t>* observed,
               const std::deque<SharedBlock>& blocks, const std::deque<SharedReport>& reports)
    : memory_(sizeof(Page)) {
  new (memory_.data()) Page;
  const auto ends = socket_pair();
  std::cout.flush();
  std::fflush(nullptr);  // else the child would have what is buffered too
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) fail("no process for --isolate");
  if (process_ == 0) serve(pipeline, columns, observed, blocks, reports, ends[1], parent);
  close(ends[1]);
  socket_ = ends[0];
  wait_for_answer(++asked_, most_seconds_to_begin);
  const std::string text(page().text.data(), strnlen(page().text.data(), page().text.size()));
  const Page::Failure failure = page().failure;
  if (failure != Page::Failure::none || page().layout != layout_of(pipeline)) {
    (void)end_process(process_);
    close(socket_);
    process_ = -1;
    if (failure == Page::Failure::input) throw InputError("", text);
    if (failure == Page::Failure::plugin) throw error_told(text);
    throw PluginError({}, "--isolate", "a plugin declares something else each time that it is opened");
  }
}

Zygote::~Zygote() {
  if (process_ < 0) return;
  (void)end_process(process_);
  close(socket_);
}

void Zygote::lost(const std::string& how) {
  const std::string whose(page().work.data(), strnlen(page().work.data(), page().work.size()));
  close(socket_);
  process_ = -1;
  blame_for_end(whose, how);
}

void Zygote::wait_for_answer(std::uint32_t number, double most_seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(most_seconds);
  while (page().answered.load(std::memory_order_acquire) != number) {
    pollfd watched{socket_, POLLIN, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) {
      (void)end_process(process_);
      lost("took longer than " + format_quantity(most_seconds, dimension_of<Time>(), "s"));
    }
    poll(&watched, 1, static_cast<int>(std::min<long>(left, 1000)));
    if (watched.revents == 0) continue;
    std::array<char, 256> nothing;
    const ssize_t got = recv(socket_, nothing.data(), nothing.size(), MSG_DONTWAIT);
    const bool ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    if (ended && page().answered.load(std::memory_order_acquire) != number) lost(end_of(end_process(process_)));
  }
}

std::int64_t Zygote::ask(const Request& request, int descriptor) {
  iovec part{const_cast<Request*>(&request), sizeof request};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  }
  if (sendmsg(socket_, &message, MSG_NOSIGNAL) < 0) lost(end_of(end_process(process_)));
  wait_for_answer(request.number, most_seconds_to_answer);
  return page().answer;
}

pid_t Zygote::fork_worker(std::size_t report, int socket) {
  const auto worker = static_cast<pid_t>(ask({Request::What::fork, ++asked_, report, 0, false}, socket));
  if (worker <= 0) throw Error("no process for --isolate: the system lets this run have no more (ulimit -u)");
  return worker;
}

int Zygote::end_worker(pid_t worker, bool hung_up) {
  if (process_ < 0) return 0;
  return static_cast<int>(ask({Request::What::end, ++asked_, 0, worker, hung_up}, -1));
}

void Zygote::serve(const Pipeline& declared, std::span<const ResultColumn> columns, const std::vector<std::size_t>* observed,
                   const std::deque<SharedBlock>& blocks, const std::deque<SharedReport>& reports, int socket, pid_t parent) {
  const PipelineOrigin& origin = *declared.origin();
  Page& page = this->page();
  confine_process(
      parent, socket,
      {.memory = origin.session.isolate->row_memory + (std::uint64_t{1} << 30), .descriptors = 256, .breach = Breach::allowed});
  const pid_t own = getpid();
  const auto answer = [&](std::uint32_t number, std::int64_t with) {
    if (getpid() != own) _exit(0);  // a plugin forked, and this is not the process that was asked
    page.answer = with;
    page.answered.store(number, std::memory_order_release);
    (void)send(own_descriptor, "", 1, MSG_NOSIGNAL);
  };
  std::optional<CompiledHere> compiled;
  std::optional<CallbackRun> callbacks;
  try {
    keep_dying_words(page.work);
    compiled.emplace(origin);
    callbacks.emplace(compiled->pipeline.plan(), compiled->pipeline.rows(), compiled->pipeline.clauses().callbacks,
                      CallbackRun::Which::guards);
    if (observed != nullptr) callbacks->observed_elsewhere(*observed);
    page.layout = layout_of(compiled->pipeline);
  } catch (const InputError& e) {
    page.failure = Page::Failure::input;
    copy_text(e.what(), page.text);
  } catch (const std::exception& e) {
    page.failure = Page::Failure::plugin;
    copy_text(e.what(), page.text);
  }
  answer(1, 0);
  if (page.failure != Page::Failure::none) _exit(0);
  for (Request request;;) {
    iovec part{&request, sizeof request};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = recvmsg(own_descriptor, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof request) _exit(0);
    if (request.what == Request::What::end) {
      // One that hung up is about to end by itself, and how it ends is what is asked for.
      int status = 0;
      constexpr double grace = 0.1;
      const bool ended = request.hung_up && wait_for_end(request.worker, grace, status);
      answer(request.number, ended ? status : end_process(request.worker));
      continue;
    }
    int handed = -1;
    if (const cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr) std::memcpy(&handed, CMSG_DATA(head), sizeof handed);
    const pid_t worker = fork();
    if (worker == 0)
      work(compiled->pipeline, *callbacks, columns, blocks, reports[request.report], *origin.session.isolate, handed, own);
    close(handed);
    answer(request.number, worker);
  }
}

WorkerProcess::WorkerProcess(Zygote& zygote, const Pipeline& pipeline, const SharedReport& report, std::size_t number)
    : zygote_(zygote), pipeline_(pipeline), report_(report) {
  report_.stage() = ~std::uint32_t{0};
  const auto ends = socket_pair();
  socket_ = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]);
  process_ = zygote_.fork_worker(number, theirs.number());
}

WorkerProcess::~WorkerProcess() {
  try {
    if (process_ > 0) (void)end();
  } catch (const std::exception&) {
    // the zygote is gone, and its workers with it, or there is no memory to say how it ended
  }
}

void WorkerProcess::start(const Piece& piece) {
  first_ = piece.first;
  // A worker that is gone is noticed when its report is read.
  (void)send(socket_.number(), &piece, sizeof piece, MSG_NOSIGNAL);
}

std::optional<PieceReport> WorkerProcess::report() {
  PieceDone done;
  const ssize_t got = recv(socket_.number(), &done, sizeof done, MSG_DONTWAIT | MSG_TRUNC);
  hung_up_ = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
  if (hung_up_) return {};
  babbled_ =
      got != sizeof done || done.is_done != PieceDone::mark || done.first != first_ || done.bytes > SharedReport::most_bytes;
  if (babbled_) return {};
  try {
    return read_piece_report({report_.text(), static_cast<std::size_t>(done.bytes)}, pipeline_.plan().stages().size());
  } catch (const Error&) {
    babbled_ = true;
    return {};
  }
}

std::string WorkerProcess::end() {
  const int status = zygote_.end_worker(process_, hung_up_);
  process_ = -1;
  if (babbled_) return "wrote to a descriptor that is not its own";
  const bool closed = hung_up_ && (WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == hung_up_status);
  return closed ? "closed the descriptor that it answers over" : end_of(status);
}

std::string WorkerProcess::stage() const {
  const std::uint32_t stage = report_.stage();
  const auto& stages = pipeline_.plan().stages();
  return stage < stages.size() ? stages[stage].name : std::string();
}

}  // namespace ironlaw::host
