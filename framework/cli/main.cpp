// The `ironlaw` program: flags in, report out, no arithmetic.
#include "command_line.hpp"
#include "commands.hpp"
#include "last_words.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/output_file.hpp>

#include <unistd.h>

#include <csignal>
#include <iostream>

namespace {

int run(int argc, char** argv, std::ostream& out, int result) {
  using namespace ironlaw;
  try {
    const int status = cli::run_program(cli::normalised(argc, argv), out, result);
    out.flush();
    return status;
  } catch (const PluginError& e) {
    cli::print_message(e.what());
    return 4;
  } catch (const std::exception& e) {
    cli::print_message(e.what());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // Only the result goes to standard output: what a plugin prints there goes to standard error.
  const int result = dup(STDOUT_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  ironlaw::host::DescriptorBuffer buffer(result, "standard output", true);
  std::ostream out(&buffer);
  out.exceptions(std::ios::badbit);
  std::cin.tie(&out);
  ironlaw::cli::watch_plugins();
  const int status = run(argc, argv, out, result);
  ironlaw::cli::end_watch();
  return status;
}
