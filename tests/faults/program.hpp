#pragma once
// The program in a folder of its own, by a shell that can kill it.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace ironlaw::test {

struct Outcome {
  int status = -1;
  std::string text;
};

class Program : public testing::Test {
 protected:
  Program() {
    std::string name = (std::filesystem::temp_directory_path() / "ironlaw_faults_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }
  ~Program() override { std::filesystem::remove_all(folder_); }

  /// Runs a line of bash in the folder; `ironlaw` is the program with the faulty plugin. Both streams are kept. Behind
  /// `ironlaw run ... & when_started`, faulty_slow is at its first row; `signalled NAME` stops it then and waits for it.
  /// Behind `touch wait; ironlaw run ... & interrupted`, a run of faulty_wait ended behind its row 20000.
  [[nodiscard]] Outcome shell(const std::string& line) const {
    write("line.sh", "shopt -s expand_aliases; alias ironlaw=\"'" IRONLAW_PROGRAM "' --plugin '" IRONLAW_FAULTY_PLUGIN
                     "'\"\n"
                     "when_started() { until [ -e started ]; do sleep 0.01; done; rm started; }\n"
                     "signalled() { when_started; kill -s $1 $!; wait $!; }\n"
                     "interrupted() { when_started; kill -s INT $!; rm wait; wait $!; }\n"
                     "rm -f started wait\n" +
                         line + "\n");
    Outcome outcome;
    FILE* pipe = popen(("cd '" + folder_.string() + "' && bash line.sh 2>&1").c_str(), "r");
    std::array<char, 4096> buffer;
    for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) outcome.text.append(buffer.data(), n);
    const int status = pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  /// One bit of a byte.
  void flip(const std::string& name, std::uint64_t at) const {
    std::fstream file(folder_ / name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 4));
  }
  [[nodiscard]] bool exists(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
  [[nodiscard]] std::vector<std::string> lines(const std::string& name) const {
    std::istringstream in(read(name));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  /// "NAME.json": `solver` over row 0 to rows - 1, with this report.
  void write_config(const std::string& name, const std::string& solver, int rows, const std::string& report = "{}") const {
    write(name + ".json", R"({"version": 1, "stages": {"s": {"solver": ")" + solver +
                              R"("}}, "axes": [{"s.row": {"from": 0, "to": )" + std::to_string(rows - 1) + R"(, "steps": )" +
                              std::to_string(rows) + R"(}}], "report": )" + report + "}");
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

/// Reports that keep rows in each way there is.
struct Kept {
  const char* name;
  const char* report;
};
inline constexpr std::array every_way{
    Kept{"rows", "{}"},
    Kept{"best", R"({"best": {"by": "max s.value", "keep": 30}})"},
    Kept{"front", R"({"pareto": ["max s.value", "min s.row"]})"},
    Kept{"sort", R"({"sort": ["max s.value"]})"},
};

}  // namespace ironlaw::test
