#include <ironlaw/host/open_plugins.hpp>

#include "config/budget.hpp"
#include "process/confined_task.hpp"
#include "process/shared_memory.hpp"
#include "run/dying_words.hpp"
#include "run/origin.hpp"
#include "run/outcome.hpp"

#include <algorithm>
#include <cstring>
#include <sstream>

namespace ironlaw::host {
namespace {

constexpr double no_limit = 1e9;                              ///< seconds: a limit that is none
constexpr std::size_t most_written = std::size_t{1} << 30;    ///< bytes that a task may write
constexpr std::uint64_t own_memory = std::uint64_t{2} << 30;  ///< bytes beside those of its rows
constexpr std::size_t room_for_words = 1024;

}  // namespace

int with_open_plugins(const Pipeline& pipeline, std::ostream& out, const std::function<int(const Pipeline&, std::ostream&)>& task,
                      const std::atomic<bool>* interrupt) {
  const PipelineOrigin* origin = pipeline.origin();
  if (origin == nullptr || origin->session.isolate->opens_here) return task(pipeline, out);
  const SharedMemory words(room_for_words);
  auto* const whose = reinterpret_cast<char*>(words.data());
  const auto there = [&] {
    keep_dying_words({whose, room_for_words});
    return outcome_of([&](std::string& bytes) {
      const CompiledHere here(*origin, false);
      std::ostringstream text;
      put(bytes, task(here.pipeline, text));
      bytes += text.view();
    });
  };
  // It starts the processes that evaluate rows, so it may start some.
  const auto end = run_confined(
      there, {std::min(no_limit, pipeline.budget().limits().seconds), most_written, interrupt},
      {.memory = 2 * origin->session.isolate->row_memory + own_memory, .descriptors = 256, .breach = Breach::allowed});
  if (!end.done) blame_for_end({whose, strnlen(whose, room_for_words)}, end.failure);
  std::string_view bytes = end.bytes;
  check_outcome(bytes);
  const int status = take<int>(bytes);
  out << bytes;
  return status;
}

}  // namespace ironlaw::host
