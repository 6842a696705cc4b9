#pragma once

namespace ironlaw::cli {

/// From here on, a plugin that ends the program says so: one that crashes it, or calls exit, _exit or quick_exit, gives one line
/// that names it, and status 4.
void watch_plugins();

/// After so many seconds a plugin that is still at work is told as one that does not end, with status 4; what the program itself
/// does (a table is written) takes its time. May be called in a signal handler.
void end_plugins_after(unsigned seconds);

/// The program ends by itself now.
void end_watch();

}  // namespace ironlaw::cli
