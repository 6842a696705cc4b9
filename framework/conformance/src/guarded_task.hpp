#pragma once
// The check of a plugin's use of memory: in a program of its own, whose malloc puts a page that nobody may touch behind each
// larger allocation.
#include "checks.hpp"

namespace ironlaw::host {

/// Starts that program, and says what it found.
[[nodiscard]] Finding check_memory(const std::filesystem::path& file, const ConformanceOptions& options);

/// The program's part: its exit status. `guard_heap` has the pages begin.
int run_guarded_task(int argc, char** argv, void (*guard_heap)());

}  // namespace ironlaw::host
