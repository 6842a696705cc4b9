#pragma once

namespace ironlaw::cli {

/// From here on, a plugin that ends the program says so: one that crashes it, or calls exit, _exit or quick_exit, gives one line
/// that names it, and status 4. Ctrl-C and SIGTERM end the program by their signal, with one line.
void watch_plugins();

/// After so many seconds a plugin that is still at work is told as one that does not end, with status 4; what the program itself
/// does (a table is written) takes its time. May be called in a signal handler.
void end_plugins_after(unsigned seconds);

/// Names the plugin that is at work on this thread and what it did, and ends the program with status 4; nothing where none is.
void blame_plugin_at_work(const char* what);
/// Without what is done at an exit.
[[noreturn]] void end_process(int status);

/// The program ends by itself now.
void end_watch();

}  // namespace ironlaw::cli
