#pragma once
// Long calls that Ctrl-C can end.
#include <nanobind/nanobind.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>

namespace ironlaw::python {

namespace nb = nanobind;

/// Runs `work` on a thread of its own and without the interpreter's lock, while this thread lets Python see its signals. What a
/// signal's handler raises sets `interrupt` and is raised here when the work has come to its end.
template <class Work>
auto interruptible(std::atomic<bool>& interrupt, const Work& work) {
  using namespace std::chrono_literals;
  std::optional<nb::python_error> raised;
  std::optional<decltype(work())> result;
  {
    const nb::gil_scoped_release waiting;
    auto future = std::async(std::launch::async, [&work] {
      // The thread keeps its state, so that a solver in Python is called sooner.
      const nb::gil_scoped_acquire known;
      const nb::gil_scoped_release working;
      return work();
    });
    while (future.wait_for(20ms) != std::future_status::ready) {
      const nb::gil_scoped_acquire asking;
      if (PyErr_CheckSignals() == 0) continue;
      interrupt = true;
      if (raised) {
        PyErr_Clear();
      } else {
        raised.emplace();
      }
    }
    result.emplace(future.get());
  }
  if (raised) throw nb::python_error(*raised);
  return std::move(*result);
}

}  // namespace ironlaw::python
