// The program in this process.
#include "command_line.hpp"
#include "commands.hpp"
#include "requirements.hpp"
#include "trials.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/failure_text.hpp>
#include <ironlaw/visible_text.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <sstream>

namespace ironlaw::hostile {
namespace {

/// A standard stream with another buffer, for as long as this lives.
class Redirected {
 public:
  Redirected(std::ios& stream, std::streambuf* to) : stream_(stream), before_(stream.rdbuf(to)) { stream.clear(); }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;
  ~Redirected() { stream_.rdbuf(before_); }

 private:
  std::ios& stream_;
  std::streambuf* before_;
};

/// Descriptor 0 reads a text, for as long as this lives: a batch reads it without a stream.
class InputDescriptor {
 public:
  explicit InputDescriptor(const std::string& text) : before_(dup(STDIN_FILENO)) {
    const int file = memfd_create("input", MFD_CLOEXEC);
    std::size_t done = 0;
    while (done < text.size()) {
      const auto n = write(file, text.data() + done, text.size() - done);
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    lseek(file, 0, SEEK_SET);
    dup2(file, STDIN_FILENO);
    close(file);
  }
  InputDescriptor(const InputDescriptor&) = delete;
  InputDescriptor& operator=(const InputDescriptor&) = delete;
  ~InputDescriptor() {
    dup2(before_, STDIN_FILENO);
    close(before_);
  }

 private:
  int before_;
};

std::string value_of(const std::vector<std::string>& words, const std::string& flag) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == flag && i + 1 < words.size()) return words[i + 1];
    if (words[i].starts_with(flag + "=")) return words[i].substr(flag.size() + 1);
  }
  return {};
}

std::string shown(const std::vector<std::string>& words) {
  std::string line = "ironlaw";
  for (const auto& word : words) line += " '" + visible_text(word.substr(0, 200)) + "'";
  return line;
}

}  // namespace

Outcome run_command(const std::vector<std::string>& words, const std::string& input) {
  static const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Outcome outcome;
  {
    const Redirected cin(std::cin, in.rdbuf());
    const InputDescriptor descriptor(input);
    const Redirected cerr(std::cerr, err.rdbuf());
    std::vector<std::string> all{"ironlaw"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> argv;
    for (auto& word : all) argv.push_back(word.data());
    try {
      outcome.status = cli::run_program(cli::normalised(static_cast<int>(argv.size()), argv.data()), out, nowhere);
    } catch (const PluginError& e) {
      cli::print_message(e.what());
      outcome.status = 4;
    } catch (const std::exception& e) {
      cli::print_message(host::failure_text(e));
      outcome.status = 1;
    }
  }
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

void require_outcome(const std::vector<std::string>& words, const Outcome& outcome) {
  const auto is = [&](std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  try {
    require(outcome.status >= 0 && outcome.status <= 4, "the status " + std::to_string(outcome.status));
    const bool verdict = is("plugin") && is("check") && outcome.out.find("does not conform") != std::string::npos;
    require(outcome.status == 0 || outcome.status == 2 || outcome.status == 3 || verdict || !outcome.err.empty(),
            "no word of what is wrong");
    if (verdict) require_outsides(outcome.out);
    std::istringstream lines(outcome.err);
    for (std::string line; std::getline(lines, line);) require_message(line);
    if (is("mcp") && !is("--help") && !is("-h")) {
      std::istringstream messages(outcome.out);
      for (std::string line; std::getline(messages, line);) require_json(line);
      return;
    }
    if (is("plot") || is("report") || is("man") || is("completion") || is("schema") || is("complete")) return;
    const std::string format = value_of(words, "--output");
    if (format == "arrow") return;
    require_visible(outcome.out);
    const bool help = is("--help") || is("-h") || is("--version") || is("explain") || is("import") || is("audit") ||
                      is("batch") || is("--write");
    if (help || outcome.out.empty() || is("check")) return;
    if (format == "json") require_json(outcome.out);
    if (format == "csv") require_csv(outcome.out);
    if (format == "markdown") require_markdown(outcome.out);
  } catch (const Fault& fault) {
    throw Fault(shown(words) + ": " + fault.what());
  }
}

}  // namespace ironlaw::hostile
