// The first page and the tutorials: each command runs, prints what its page shows, and draws the figure that the page holds. With
// IRONLAW_WRITE_PAGES set, pages and figures are made anew.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "../generated_page.hpp"

namespace ironlaw::tests {
namespace {

namespace fs = std::filesystem;
const fs::path tutorials = IRONLAW_SOURCE "/docs/tutorials";

bool writes() { return std::getenv("IRONLAW_WRITE_PAGES") != nullptr; }

/// A folder in which commands find what they find in the root of the project, and where their figures go.
class Desk {
 public:
  Desk() : folder_(fs::temp_directory_path() / ("ironlaw_docs_test_" + std::to_string(getpid()))) {
    fs::create_directories(folder_ / "bin");
    fs::create_directories(folder_ / "figures");
    fs::create_symlink(IRONLAW_PROGRAM, folder_ / "bin" / "ironlaw");
    for (const char* name : {"docs", "examples", "zoo"}) fs::create_symlink(fs::path(IRONLAW_SOURCE) / name, folder_ / name);
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  ~Desk() { fs::remove_all(folder_); }

  /// What a command prints, standard error last, and its exit status.
  std::pair<std::string, int> run(const std::string& command) const {
    std::ofstream(folder_ / "command.bash") << command << "\n";
    const std::string line = "cd '" + folder_.string() + "' && COLUMNS=100 PATH='" + folder_.string() +
                             "/bin':\"$PATH\" bash command.bash 2>errors; "
                             "status=$?; cat errors; exit $status";
    std::string text;
    FILE* pipe = popen(line.c_str(), "r");
    std::array<char, 4096> buffer;
    for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), n);
    const int status = WEXITSTATUS(pclose(pipe));
    return {text, status};
  }
  [[nodiscard]] fs::path figures() const { return folder_ / "figures"; }

 private:
  fs::path folder_;
};

std::vector<fs::path> pages() {
  std::vector<fs::path> found{IRONLAW_SOURCE "/README.md"};
  for (const auto& entry : fs::directory_iterator(tutorials))
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// The page with each command of its console blocks followed by what it prints.
std::string rerun(const std::string& page, const Desk& desk) {
  std::istringstream lines(page);
  std::string made;
  bool console = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "```console") {
      console = true;
    } else if (line == "```") {
      console = false;
    } else if (console && line.starts_with("$ ")) {
      const auto [text, status] = desk.run(line.substr(2));
      EXPECT_TRUE(status == 0 || status == 3) << line << "\n" << text;
      made += line + "\n" + text;
      continue;
    } else if (console) {
      continue;  // what it printed when the page was made
    }
    made += line + "\n";
  }
  return made;
}

TEST(Docs, EveryPageShowsWhatItsCommandsPrint) {
  const Desk desk;
  ASSERT_GE(pages().size(), 18u);
  for (const auto& page : pages()) {
    const std::string text = text_of(page);
    const std::string made = rerun(text, desk);
    if (writes()) std::ofstream(page, std::ios::binary) << made;
    if (!writes()) {
      EXPECT_EQ(made, text) << page << ": run this test with IRONLAW_WRITE_PAGES=1 to write it anew";
    }
  }
  std::set<std::string> drawn;
  for (const auto& figure : fs::directory_iterator(desk.figures())) {
    const auto kept = tutorials / "figures" / figure.path().filename();
    drawn.insert(figure.path().filename());
    if (writes()) fs::copy_file(figure.path(), kept, fs::copy_options::overwrite_existing);
    EXPECT_EQ(text_of(figure.path()), text_of(kept)) << kept;
  }
  for (const auto& kept : fs::directory_iterator(tutorials / "figures"))
    EXPECT_TRUE(drawn.contains(kept.path().filename())) << kept.path() << " is drawn by no page";
}

TEST(Docs, EveryConfigOfATutorialIsUsed) {
  std::string all;
  for (const auto& page : pages()) all += text_of(page);
  for (const auto& config : fs::directory_iterator(tutorials / "configs"))
    EXPECT_NE(all.find(config.path().filename().string()), std::string::npos) << config.path();
}

TEST(Docs, EveryCommandOfTheDecisionGuideRuns) {
  const Desk desk;
  std::istringstream lines(text_of(tutorials / "which-solver.md"));
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find("| `ironlaw ");
    if (begin == line.npos) continue;
    const auto end = line.find('`', begin + 3);
    const std::string command = line.substr(begin + 3, end - begin - 3);
    const auto [text, status] = desk.run(command);
    EXPECT_EQ(status, 0) << command << "\n" << text;
    ++count;
  }
  EXPECT_GE(count, 15);
}

}  // namespace
}  // namespace ironlaw::tests
