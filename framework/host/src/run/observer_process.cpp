#include "run/observer_process.hpp"

#include "plan/clauses.hpp"
#include "process/confined_task.hpp"
#include "run/dying_words.hpp"
#include "run/origin.hpp"
#include "run/stage_error_bytes.hpp"
#include "value/series_bytes.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <iostream>
#include <new>
#include <optional>

namespace ironlaw::host {
namespace {

constexpr double most_seconds_to_open = 60;
constexpr double least_seconds = 10;  ///< that observers may take over a block

/// Whole bytes over a socket; false where the other side is gone.
bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}
bool receive_all(int socket, char* to, std::size_t count) {
  while (count > 0) {
    const ssize_t got = recv(socket, to, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

void put_cell(std::string& bytes, const PortInfo& port, const Cell& cell) {
  if (port.type == PortType::series) {
    put_series(bytes, cell);
  } else if (port.type == PortType::text) {
    put(bytes, !absent_cell(cell));
    if (!absent_cell(cell)) put(bytes, *static_cast<const std::string_view*>(cell.object));
  } else {
    put(bytes, cell);
  }
}
Cell take_cell(std::string_view& bytes, const PortInfo& port, KeptValues& kept) {
  if (port.type == PortType::series) return take_series(bytes, kept);
  if (port.type == PortType::text) return take<bool>(bytes) ? kept.text(take_text(bytes)) : Cell{absent_value};
  return take<Cell>(bytes);
}

/// How many cells a column has in a message.
enum class Cells : std::uint8_t { none, one, one_a_row };

/// The objects that a pipeline was compiled with: those that its observers' process has too.
std::set<const void*> objects_of(const Pipeline& pipeline) {
  std::set<const void*> objects{nullptr};
  const auto ports = pipeline.solver().inputs();
  const auto base = pipeline.base();
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].type == PortType::object) objects.insert(base[i].object);
  for (const Axis& axis : pipeline.axes())
    for (std::size_t k = 0; k < axis.inputs.size(); ++k)
      if (ports[axis.inputs[k]].type == PortType::object)
        for (const Cell& cell : axis.values[k]) objects.insert(cell.object);
  return objects;
}

/// Tells the observers of this process of what comes over the socket.
class Teller {
 public:
  Teller(const Pipeline& pipeline, std::span<const ResultColumn> columns, CallbackRun& observers)
      : pipeline_(pipeline), columns_(columns), observers_(observers), base_(pipeline.base()) {}

  void tell(std::string_view bytes) {
    kept_.clear();
    cells_.clear();
    const auto first = take<std::uint64_t>(bytes);
    const auto rows = static_cast<std::size_t>(take<std::uint64_t>(bytes));
    std::vector<RowStatus> status;
    take_all(bytes, status, rows);
    const std::vector<Column> in = take<bool>(bytes) ? sent_inputs(bytes, rows) : numbered_inputs(first, rows);
    std::vector<Column> out(pipeline_.solver().outputs().size());
    std::vector<Column> used;
    for (const ResultColumn& column : columns_) {
      const Column told = take_column(bytes, column.port, rows);
      if (column.from == ResultColumn::From::output) {
        out[column.index] = told;
      } else {
        used.push_back(told);
      }
    }
    std::vector<double> seconds;
    take_all(bytes, seconds, pipeline_.plan().stages().size());
    const auto errors = take_stage_errors(bytes);
    observers_.observe({first, in, out, status, seconds, errors, pipeline_.amendable(), used});
  }

 private:
  Column keep(std::vector<Cell> column) {
    cells_.push_back(std::move(column));
    return {cells_.back().data(), 1};
  }
  Column take_column(std::string_view& bytes, const PortInfo& port, std::size_t rows) {
    std::vector<Cell> cells;
    for (std::size_t r = 0; r < rows; ++r) cells.push_back(take_cell(bytes, port, kept_));
    return keep(std::move(cells));
  }
  std::vector<Column> sent_inputs(std::string_view& bytes, std::size_t rows) {
    std::vector<Column> in;
    for (const PortInfo& port : pipeline_.solver().inputs()) {
      const auto cells = take<Cells>(bytes);
      in.push_back(cells == Cells::none  ? Column{}
                   : cells == Cells::one ? Column{take_column(bytes, port, 1).data, 0}
                                         : take_column(bytes, port, rows));
    }
    return in;
  }
  std::vector<Column> numbered_inputs(std::uint64_t first, std::size_t rows) {
    std::vector<Column> in;
    for (const Cell& cell : base_) in.push_back({&cell, 0});
    std::uint64_t inner = 1;
    for (auto axis = pipeline_.axes().rbegin(); axis != pipeline_.axes().rend(); ++axis) {
      for (std::size_t k = 0; k < axis->inputs.size(); ++k) {
        std::vector<Cell> column;
        for (std::size_t r = 0; r < rows; ++r)
          column.push_back(axis->values[k][static_cast<std::size_t>((first + r) / inner % axis->size())]);
        in[axis->inputs[k]] = keep(std::move(column));
      }
      inner *= axis->size();
    }
    return in;
  }

  const Pipeline& pipeline_;
  std::span<const ResultColumn> columns_;
  CallbackRun& observers_;
  std::vector<Cell> base_;
  std::deque<std::vector<Cell>> cells_;  ///< of the block that is told of
  KeptValues kept_;
};

std::vector<ResultColumn> observed_columns(const Pipeline& pipeline, std::span<const std::size_t> wanted) {
  std::vector<ResultColumn> columns;
  for (const std::size_t output : wanted)
    columns.push_back({{}, ResultColumn::From::output, output, pipeline.solver().outputs()[output]});
  for (std::size_t a = 0; a < pipeline.amendable().size(); ++a) columns.push_back({{}, ResultColumn::From::used, a, {}});
  return columns;
}

}  // namespace

/// What the process tells. Whatever an observer writes to the socket is no answer.
struct ObserverProcess::Page {
  enum class Failure : std::uint32_t { none, input, plugin };
  static constexpr std::size_t most_outputs = 4096;
  std::atomic<std::uint32_t> answered{0};
  Failure failure = Failure::none;
  std::uint64_t wanted_count = 0;
  std::array<std::uint64_t, most_outputs> wanted{};
  std::array<char, 8192> text{};  ///< why not
  std::array<char, 1024> work{};  ///< which plugin's code ran when it died
};

ObserverProcess::Page& ObserverProcess::page() const { return *std::launder(reinterpret_cast<Page*>(memory_.data())); }

ObserverProcess::ObserverProcess(const Pipeline& pipeline)
    : pipeline_(pipeline), memory_(sizeof(Page)), objects_(objects_of(pipeline)) {
  new (memory_.data()) Page;
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw Error(std::string("no socket for observers: ") + std::strerror(errno));
  std::cout.flush();
  std::fflush(nullptr);  // else the child would have what is buffered too
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) throw Error(std::string("no process for observers: ") + std::strerror(errno));
  if (process_ == 0) serve(ends[1], parent);
  close(ends[1]);
  socket_ = ends[0];
  try {
    ++asked_;
    wait_for_answer(most_seconds_to_open);
  } catch (...) {
    (void)end_process(process_);
    close(socket_);
    throw;
  }
  const std::size_t outputs = pipeline.solver().outputs().size();
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(page().wanted_count, Page::most_outputs));
  for (std::size_t i = 0; i < count; ++i)
    if (page().wanted[i] < outputs) wanted_.push_back(static_cast<std::size_t>(page().wanted[i]));
  columns_ = observed_columns(pipeline, wanted_);
}

ObserverProcess::~ObserverProcess() {
  (void)end_process(process_);
  close(socket_);
}

void ObserverProcess::wait_for_answer(double most_seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(most_seconds);
  const auto blame = [this](const std::string& how) {
    blame_for_end({page().work.data(), strnlen(page().work.data(), page().work.size())}, how);
  };
  while (page().answered.load(std::memory_order_acquire) != asked_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) {
      (void)end_process(process_);
      blame("took longer than " + format_quantity(most_seconds, dimension_of<Time>(), "s"));
    }
    pollfd watched{socket_, POLLIN, 0};
    poll(&watched, 1, static_cast<int>(std::min<long>(left, 1000)));
    if (watched.revents == 0) continue;
    std::array<char, 256> nothing;
    const ssize_t got = recv(socket_, nothing.data(), nothing.size(), MSG_DONTWAIT);
    const bool ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    if (ended && page().answered.load(std::memory_order_acquire) != asked_) blame(end_of(end_process(process_)));
  }
  if (page().failure == Page::Failure::none) return;
  const std::string text(page().text.data(), strnlen(page().text.data(), page().text.size()));
  if (page().failure == Page::Failure::input) throw InputError("", text);
  throw error_told(text);
}

void ObserverProcess::ask(std::string_view bytes, double most_seconds) {
  ++asked_;
  const auto size = static_cast<std::uint64_t>(bytes.size());
  std::string head;
  put(head, size);
  if (send_all(socket_, head)) (void)send_all(socket_, bytes);  // one that is gone is noticed below
  wait_for_answer(most_seconds);
}

/// An object of the study's own making is where observers are not: its column is one that nobody asked for.
void ObserverProcess::put_inputs(std::string& bytes, const ObservedBlock& block) const {
  put(bytes, !block.in.empty());
  const auto ports = pipeline_.solver().inputs();
  for (std::size_t i = 0; i < block.in.size(); ++i) {
    const std::size_t cells = block.in[i].stride == 0 ? 1 : block.status.size();
    bool known = true;
    for (std::size_t r = 0; r < cells && ports[i].type == PortType::object; ++r)
      known = known && objects_.contains(block.in[i][r].object);
    put(bytes, !known ? Cells::none : cells == 1 && block.in[i].stride == 0 ? Cells::one : Cells::one_a_row);
    for (std::size_t r = 0; r < cells && known; ++r) put_cell(bytes, ports[i], block.in[i][r]);
  }
}

void ObserverProcess::observe(const ObservedBlock& block) {
  const std::size_t rows = block.status.size();
  std::string bytes;
  put(bytes, block.first);
  put(bytes, static_cast<std::uint64_t>(rows));
  for (const RowStatus status : block.status) put(bytes, status);
  put_inputs(bytes, block);
  for (std::size_t c = 0; c < columns_.size(); ++c)
    for (std::size_t r = 0; r < rows; ++r) put_cell(bytes, columns_[c].port, block.told[c][r]);
  put(bytes, block.seconds);
  put_stage_errors(bytes, block.errors);
  const double row_timeout = pipeline_.origin()->session.isolate->row_timeout;
  ask(bytes, std::max(least_seconds, row_timeout * static_cast<double>(rows)));
}

void ObserverProcess::end() { ask({}, least_seconds); }

void ObserverProcess::serve(int socket, pid_t parent) {
  const PipelineOrigin& origin = *pipeline_.origin();
  Page& page = this->page();
  confine_process(parent, socket, {.memory = origin.session.isolate->row_memory});
  const pid_t own = getpid();
  std::uint32_t number = 0;
  const auto answer = [&] {
    if (getpid() != own) _exit(0);  // a plugin forked, and this is not the process that was asked
    page.answered.store(++number, std::memory_order_release);
    (void)send(own_descriptor, "", 1, MSG_NOSIGNAL);
  };
  const auto attempt = [&](const auto& task) {
    try {
      task();
      return true;
    } catch (const InputError& e) {
      page.failure = Page::Failure::input;
      std::strncpy(page.text.data(), e.what(), page.text.size() - 1);
    } catch (const std::exception& e) {
      page.failure = Page::Failure::plugin;
      std::strncpy(page.text.data(), e.what(), page.text.size() - 1);
    }
    return false;
  };
  std::optional<CompiledHere> compiled;
  std::optional<CallbackRun> observers;
  const Pipeline* open = &pipeline_;
  const bool opened = attempt([&] {
    keep_dying_words(page.work);
    if (!origin.session.isolate->opens_here) open = &compiled.emplace(origin).pipeline;
    const Pipeline& pipeline = *open;
    observers.emplace(pipeline.plan(), pipeline.rows(), pipeline.clauses().callbacks, CallbackRun::Which::observers);
    if (observers->wanted().size() > Page::most_outputs) throw Error("observers want more than 4096 outputs");
    page.wanted_count = observers->wanted().size();
    std::copy(observers->wanted().begin(), observers->wanted().end(), page.wanted.begin());
  });
  answer();
  if (!opened) _exit(0);
  const std::vector<std::size_t> wanted(observers->wanted().begin(), observers->wanted().end());
  const auto columns = observed_columns(*open, wanted);
  Teller teller(*open, columns, *observers);
  std::string bytes;
  for (std::uint64_t size = 0; receive_all(own_descriptor, reinterpret_cast<char*>(&size), sizeof size);) {
    bytes.resize(static_cast<std::size_t>(size));
    if (!receive_all(own_descriptor, bytes.data(), bytes.size())) break;
    const bool goes_on = attempt([&] { size == 0 ? observers->end() : teller.tell(bytes); });
    answer();
    if (!goes_on || size == 0) break;
  }
  _exit(0);
}

}  // namespace ironlaw::host
