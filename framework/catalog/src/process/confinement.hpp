#pragma once
// What a process that runs a plugin's code may do to others: nothing by descriptors, little by resources.
#include <ironlaw/export.hpp>

#include <sys/types.h>

#include <cstdint>

namespace ironlaw::host {

/// What becomes of a confined process that starts others, or reaches for them.
enum class Breach {
  allowed,
  refused,  ///< the call fails
  dies      ///< so that it shows
};

/// What a confined process may take.
struct Confinement {
  std::uint64_t memory = std::uint64_t{2} << 30;     ///< bytes beyond what it has when it is confined
  std::uint64_t file_size = std::uint64_t{1} << 30;  ///< of any file that it writes
  unsigned descriptors = 64;
  Breach breach = Breach::refused;
  bool threads = false;  ///< it may start some
};

/// Confines the calling process, which was just forked off `parent`: it dies with its parent, has standard error in the place of
/// standard output, nothing to read from, no other descriptor but `own` (moved to number 3; none where negative), no signal
/// handler of the parent's, and the limits; it can signal no process but itself.
IRONLAW_API void confine_process(pid_t parent, int own, const Confinement& confinement);

/// The number that `own` has afterwards.
inline constexpr int own_descriptor = 3;

/// Lets the calling process compute for so many seconds from now on.
IRONLAW_API void limit_processor_time(double seconds);

/// Kills a child and all that it started in its process group, and waits for its end: the status that waitpid gave.
IRONLAW_API int end_process(pid_t child);

}  // namespace ironlaw::host
