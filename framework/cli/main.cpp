// The `ironlaw` program: flags in, report out, no arithmetic.
#include "command_line.hpp"
#include "commands.hpp"
#include "last_words.hpp"
#include "result_output.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/failure_text.hpp>
#include <ironlaw/files/output_file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string_view>

namespace {

/// Where one of the three is closed, the next file opened would take its number, and what is meant for one would go into the
/// other. Reading the input fails then, and so does writing the result; messages go nowhere.
void open_standard_descriptors() {
  for (const auto& [descriptor, flags] :
       {std::pair(STDIN_FILENO, O_WRONLY), {STDOUT_FILENO, O_RDONLY}, {STDERR_FILENO, O_WRONLY}})
    if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", flags) != descriptor) _exit(1);
}

/// Where an exception cannot be thrown on: the destructor of a JSON tree takes memory, and may find none.
[[noreturn]] void end_at_once() {
  try {
    if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    ironlaw::cli::end_watch();  // no plugin is to blame
    if (const auto status = ironlaw::cli::settled_status()) _exit(*status);
    constexpr std::string_view message = "ironlaw: out of memory\n";
    (void)!write(STDERR_FILENO, message.data(), message.size());
    _exit(1);
  } catch (...) {
    std::abort();
  }
  std::abort();
}

int run(int argc, char** argv, std::ostream& out, int result) {
  using namespace ironlaw;
  try {
    const int status = cli::run_program(cli::normalised(argc, argv), out, result);
    out.flush();
    return status;
  } catch (const PluginError& e) {
    cli::print_message(e.what());
    return 4;
  } catch (const std::bad_alloc&) {
    if (const auto settled = cli::settled_status()) return *settled;
    std::cerr << "ironlaw: out of memory\n";
    return 1;
  } catch (const std::exception& e) {
    cli::print_message(host::failure_text(e));
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_descriptors();
  std::set_terminate(end_at_once);
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);  // a write that fails says why
  // Only the result goes to standard output: what a plugin prints there goes to standard error.
  const int result = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
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
