// The `ironlaw` program: flags in, report out, no arithmetic.
#include "command_line.hpp"
#include "commands.hpp"

#include <ironlaw/error.hpp>

#include <csignal>
#include <iostream>

int main(int argc, char** argv) {
  using namespace ironlaw;
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const int status = cli::run_program(cli::normalised(argc, argv), std::cout);
    std::cout.flush();
    if (!std::cout) {
      std::cerr << "ironlaw: the result could not be written to standard output\n";
      return 1;
    }
    return status;
  } catch (const PluginError& e) {
    std::cerr << "ironlaw: " << e.what() << "\n";
    return 4;
  } catch (const std::exception& e) {
    std::cerr << "ironlaw: " << e.what() << "\n";
    return 1;
  }
}
