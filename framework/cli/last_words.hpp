#pragma once

namespace ironlaw::cli {

/// From here on, a plugin that ends the program says so: one that crashes it, or calls exit, _exit or quick_exit, gives one line
/// that names it, and status 4. Ctrl-C and SIGTERM end the program by their signal, with one line.
void watch_plugins();

/// The program ends by itself now.
void end_watch();

}  // namespace ironlaw::cli
