// Libraries of the families, cut off or with bytes changed: what opens one may die, and the program says so in a line. A few of
// them; COUNT of them, each checked too: IRONLAW_DAMAGED=COUNT, or COUNT:FIRST, the target damaged_769.
#include "program.hpp"

#include <algorithm>
#include <random>

namespace ironlaw::test {
namespace {

/// How many are tried, from which on, and of how many one is checked, which takes a second.
struct Tries {
  unsigned long count = 102;
  unsigned long first = 0;
  unsigned long checked_of = 15;
};
Tries tries() {
  const char* asked = std::getenv("IRONLAW_DAMAGED");
  if (asked == nullptr) return {};
  char* end = nullptr;
  const unsigned long count = std::strtoul(asked, &end, 10);
  return {count, *end == ':' ? std::strtoul(end + 1, nullptr, 10) : 0, 1};
}

class Damaged : public Program {
 protected:
  struct Library {
    std::string name;
    std::string bytes;
    std::string solver;  ///< that it brings; of another where it brings none
  };
  [[nodiscard]] std::vector<Library> libraries() const {
    std::vector<Library> all;
    for (const auto& entry : std::filesystem::directory_iterator(IRONLAW_FAMILY_DIR)) {
      if (entry.path().extension() != ".so") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream bytes;
      bytes << in.rdbuf();
      const auto names = shell("ironlaw plugin show '" + entry.path().string() +
                               R"(' --output json | grep -B1 '"what": "solver"' | grep -o -m1 '"name": ".*"' | cut -d'"' -f4)");
      std::string solver = names.text.substr(0, names.text.find('\n'));
      all.push_back({entry.path().filename().string(), bytes.str(), solver.empty() ? "amdahl" : solver});
    }
    std::sort(all.begin(), all.end(), [](const Library& a, const Library& b) { return a.name < b.name; });
    return all;
  }

  /// The same bytes for the same number: cut off, a few or many changed anywhere, or some where a library says what it is made
  /// of.
  [[nodiscard]] static std::string damaged(std::string bytes, unsigned long number) {
    constexpr std::size_t headers = 1024;
    std::mt19937_64 random(number);
    const std::size_t end = number % 4 == 3 ? std::min(headers, bytes.size()) : bytes.size();
    if (number % 4 == 0) {
      bytes.resize(random() % bytes.size());
    } else {
      for (std::size_t k = number % 4 == 2 ? 200 : 1 + random() % 8; k > 0; --k)
        bytes[random() % end] = static_cast<char>(random());
    }
    return bytes;
  }

  /// The loader may have something to say, too.
  [[nodiscard]] static long lines_of_the_program(const std::string& text) {
    std::istringstream lines(text);
    long own = 0;
    for (std::string line; std::getline(lines, line);) own += line.starts_with("ironlaw: ") ? 1 : 0;
    return own;
  }

  void expect_a_word(const std::string& command, bool is_check) const {
    const auto outcome = shell("ulimit -v 16000000; ulimit -t 120; timeout 120 '" IRONLAW_PROGRAM "' " + command);
    const bool answered = outcome.status == 0 || outcome.status == 2;
    EXPECT_TRUE(answered || outcome.status == 1 || outcome.status == 4)
        << command << ": " << outcome.status << " " << outcome.text;
    EXPECT_FALSE(outcome.text.empty()) << command;
    // What a plugin throws is told as it is. In the process of a check a plugin ends itself, in the words of its own runtime.
    EXPECT_EQ(outcome.text.find("basic_ios"), outcome.text.npos) << command << ": " << outcome.text;
    EXPECT_TRUE(is_check || outcome.text.find("terminate called") == outcome.text.npos) << command << ": " << outcome.text;
    if (is_check && outcome.text.find("  verdict  ") != outcome.text.npos) {
      EXPECT_NE(outcome.text.find(outcome.status == 0 ? "  verdict  conforms" : "  verdict  does not conform"), outcome.text.npos)
          << outcome.text;
    } else if (!answered) {
      EXPECT_EQ(lines_of_the_program(outcome.text), 1) << command << ": " << outcome.text;
    }
  }
};

TEST_F(Damaged, LibrariesEndNobodyElse) {
  const auto all = libraries();
  ASSERT_GT(all.size(), 10u);
  const Tries tried = tries();
  for (unsigned long i = tried.first; i < tried.first + tried.count; ++i) {
    const Library& library = all[i % all.size()];
    SCOPED_TRACE(std::to_string(i) + ": " + library.name);
    write("damaged.so", damaged(library.bytes, i));
    expect_a_word("plugin show ./damaged.so --ports --output json", false);
    expect_a_word("solve " + library.solver + " --plugin ./damaged.so --no-default-plugins --isolate", false);
    if (i % tried.checked_of == 0) expect_a_word("plugin check ./damaged.so --rows 5 --timeout 5", true);
  }
}

}  // namespace
}  // namespace ironlaw::test
