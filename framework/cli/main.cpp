// The `ironlaw` program: flags in, report out, no arithmetic.
#include "command_line.hpp"
#include "commands.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/output_file.hpp>

#include <unistd.h>

#include <csignal>
#include <iostream>

int main(int argc, char** argv) {
  using namespace ironlaw;
  std::signal(SIGPIPE, SIG_IGN);
  // Only the result goes to standard output: what a plugin prints there goes to standard error.
  const int result = dup(STDOUT_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  host::DescriptorBuffer buffer(result, "standard output", true);
  std::ostream out(&buffer);
  out.exceptions(std::ios::badbit);
  std::cin.tie(&out);
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
