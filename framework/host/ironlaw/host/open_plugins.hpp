#pragma once
#include <ironlaw/host/pipeline.hpp>

#include <atomic>
#include <functional>
#include <iosfwd>

namespace ironlaw::host {

/// Does what needs more of plugins than their declarations - a study, a working, what objects say - and writes it to `out`; the
/// status that the task gives. Of an isolated pipeline it is done in a process of its own, which opens the plugins, and rows in
/// further ones: then the task gets that process's pipeline, and what it wrote comes whole. Throws what the task throws, and
/// PluginError where its process ends early, or `interrupt` becomes true.
IRONLAW_API int with_open_plugins(const Pipeline& pipeline, std::ostream& out,
                                  const std::function<int(const Pipeline&, std::ostream&)>& task,
                                  const std::atomic<bool>* interrupt = nullptr);

}  // namespace ironlaw::host
