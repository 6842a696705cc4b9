// One call of the system fails, each in turn: the program says so in one line and leaves the result whole or not there, and the
// same command gives it afterwards. All of them: IRONLAW_EVERY_FAULT=1, the target every_fault; an allocation that a way to run
// has in common with one before it (the same chain of calls, made as often before) fails once.
#include "program.hpp"

#include <algorithm>
#include <set>
#include <thread>

namespace ironlaw::test {
namespace {

/// A way to run that has calls of its own.
struct Way {
  const char* name;
  const char* report;
  const char* flags;
  const char* out;
};
constexpr std::array ways{
    Way{"rows as they come", "{}", "--threads 1", "out.csv"},
    Way{"Arrow", "{}", "--threads 1", "out.arrow"},
    Way{"threads", "{}", "--threads 3", "out.jsonl"},
    Way{"processes", "{}", "--threads 2 --isolate", "out.csv"},
    Way{"a table laid out at its end", "{}", "--threads 1", "out.json"},
    Way{"the best", R"({"best": {"by": "max s.value", "keep": 30}})", "--threads 1", "out.csv"},
    Way{"a front", R"({"pareto": ["max s.value", "min s.row"]})", "--threads 1", "out.csv"},
    Way{"a shard", "{}", "--threads 1 --shard 1/2", "out.part"},
    Way{"a shard's best", R"({"best": {"by": "max s.value", "keep": 30}})", "--threads 1 --shard 1/2", "out.part"},
    Way{"standard output", "{}", "--threads 1 --output csv", ""},
};

/// Allocations of ways to run: the chain of calls that leads to one, and how often that was gone before.
class Places {
 public:
  /// Of a file of places, which of them no file before it has.
  std::vector<bool> fresh(std::istream&& file) {
    std::vector<bool> fresh;
    std::map<std::string, long> made;
    for (std::string place; file >> place;) fresh.push_back(tried_.emplace(place, made[place]++).second);
    return fresh;
  }

 private:
  std::set<std::pair<std::string, long>> tried_;
};

class Faults : public Program, public testing::WithParamInterface<Way> {
 protected:
  Faults() { configure(GetParam()); }

  void configure(const Way& way) const { write_config("run", "faulty_throws", 5000, way.report); }
  /// Where the name is empty, what it prints goes to "printed".
  [[nodiscard]] static std::string command(const Way& way = GetParam()) {
    const std::string out = way.out;
    return "'" IRONLAW_PROGRAM "' --plugin '" IRONLAW_FAULTY_PLUGIN "' --no-default-plugins run run.json " +
           std::string(way.flags) + (out.empty() ? " >printed" : " -o " + out);
  }
  [[nodiscard]] static std::string out() { return *GetParam().out == '\0' ? "printed" : GetParam().out; }
  [[nodiscard]] static bool printed() { return *GetParam().out == '\0'; }

  /// Calls of each kind in a run without faults: those that the program makes by the C library, and those that the kernel sees.
  [[nodiscard]] std::map<std::string, long> calls() const {
    (void)shell("LD_PRELOAD='" IRONLAW_INJECTOR "' IRONLAW_FAULT_COUNT=count " + command());
    auto calls = counted();
    EXPECT_GT(calls["allocation"], 0);
    if (std::string_view(IRONLAW_TRACER).empty() || shell(IRONLAW_TRACER " count " + command()).status == 125) return calls;
    calls.merge(counted());
    EXPECT_GT(calls["map"], 0);
    return calls;
  }
  [[nodiscard]] std::map<std::string, long> counted() const {
    std::map<std::string, long> calls;
    std::ifstream in(folder() / "count");
    for (std::string kind; in >> kind;) in >> calls[kind];
    clear();
    return calls;
  }
  /// By allocation, whether no way before this one has it, whichever of them are tried beside it.
  [[nodiscard]] std::vector<bool> fresh_allocations() const {
    Places places;
    for (const auto& way : ways) {
      configure(way);
      (void)shell("LD_PRELOAD='" IRONLAW_INJECTOR "' IRONLAW_FAULT_PLACES=places " + command(way));
      auto fresh = places.fresh(std::ifstream(folder() / "places"));
      clear();
      if (std::string_view(way.name) == GetParam().name) return fresh;
    }
    return {};
  }
  [[nodiscard]] std::string failing(const std::string& kind, long call) const {
    const std::string fault = kind + ":" + std::to_string(call) + " ";
    // One that hangs is a failure, and the others are tried.
    return "timeout -s KILL 60 env " +
           (kind == "map" || kind == "fork" ? IRONLAW_TRACER " " + fault
                                            : "LD_PRELOAD='" IRONLAW_INJECTOR "' IRONLAW_FAULT=" + fault) +
           command();
  }
  void clear() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder()))
      if (entry.path().filename() != "run.json") std::filesystem::remove(entry.path());
  }
  /// What the run made.
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder()))
      if (const auto name = entry.path().filename().string(); name != "run.json" && name != "line.sh") names.push_back(name);
    std::sort(names.begin(), names.end());
    return names;
  }

  /// A row that has no memory to say why it failed says that, and the others are what they were.
  [[nodiscard]] static bool is_like(std::string made, const std::string& whole) {
    const std::string no_memory = "std::bad_alloc";
    for (std::size_t at = 0; (at = made.find(no_memory, at)) != made.npos;) made.replace(at, no_memory.size(), "out of patience");
    return made == whole;
  }
  [[nodiscard]] bool is_whole(const std::string& kind, const std::string& whole) const {
    const std::string made = read(out());
    if (kind != "allocation") return made == whole;
    // What has lengths or check sums of its own.
    const bool is_binary = out().ends_with(".arrow") || out().ends_with(".part");
    return is_like(made, whole) || (is_binary && made.find("std::bad_alloc") != made.npos);
  }

  void fail(const std::string& kind, long call, const std::string& whole) const {
    SCOPED_TRACE(kind + " " + std::to_string(call));
    clear();
    const auto outcome = shell(failing(kind, call));
    const auto names = left();
    const bool there = exists(out()) && !printed();
    if (outcome.status == 0) {
      EXPECT_TRUE(is_whole(kind, whole)) << outcome.text;
      EXPECT_EQ(names.size(), 1u) << outcome.text;
      return;
    }
    EXPECT_TRUE(outcome.status == 1 || outcome.status == 4) << outcome.status << outcome.text;
    EXPECT_TRUE(outcome.text.starts_with("ironlaw: ")) << outcome.text;
    // Where the folder cannot be put on the disk the result is there, whole, and may be gone after a power cut.
    EXPECT_TRUE(!there || (kind == "sync" && is_whole(kind, whole))) << outcome.text;
    if (names.empty() || printed()) return;
    const auto again = shell(command());
    EXPECT_EQ(again.status, 0) << again.text;
    EXPECT_TRUE(read(out()) == whole);
    EXPECT_EQ(left(), std::vector<std::string>{out()});
  }
};

TEST_P(Faults, TheResultIsWholeOrNotThere) {
  ASSERT_EQ(shell(command()).status, 0);
  const std::string whole = read(out());
  ASSERT_GT(whole.size(), 400u);
  const bool every = std::getenv("IRONLAW_EVERY_FAULT") != nullptr;
  const auto fresh = every ? fresh_allocations() : std::vector<bool>();
  const auto known = [&](const std::string& kind, long call) {
    return kind == "allocation" && static_cast<std::size_t>(call) <= fresh.size() && !fresh[static_cast<std::size_t>(call - 1)];
  };
  long tried = 0;
  for (const auto& [kind, count] : calls()) {
    const long most = every ? count : kind == "allocation" ? 25 : kind == "read" || kind == "open" ? 6 : 12;
    const long step = count > most ? count / most : 1;
    for (long call = count > most ? 1 + step / 2 : 1; call <= count && (every || !HasFailure()); call += step) {
      if (known(kind, call)) continue;
      fail(kind, call, whole);
      ++tried;
    }
  }
  RecordProperty("faults", std::to_string(tried));
  std::cout << GetParam().name << ": " << tried << " faults\n";
  EXPECT_GT(tried, 30);
}

INSTANTIATE_TEST_SUITE_P(Ways, Faults, testing::ValuesIn(ways), [](const auto& way) {
  std::string name = way.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

/// No more threads may be made than a few, or none.
TEST(Threads, FewerAreEnough) {
  class Few : public Program {
    void TestBody() override {}

   public:
    void test() const {
      write_config("run", "faulty_throws", 40000);
      ASSERT_EQ(shell("ironlaw run run.json -o whole.csv").status, 0);
      const auto run = [this](const std::string& call, const std::string& then) {
        return shell("export LD_PRELOAD='" IRONLAW_INJECTOR "' IRONLAW_FAULT=thread:" + call +
                     "; exec 2>/dev/null; ironlaw run run.json --threads 8 -o out.csv" + then)
            .text;
      };
      for (const char* call : {"1", "2", "3", "7"})
        EXPECT_EQ(run(call, "; cmp out.csv whole.csv || echo other; rm out.csv"), "") << call;
      // Behind the seven threads that it tries beforehand the library of threads may give up: the result is whole or not there.
      // A service has fewer, or says that it can have none.
      const auto served = [this](const std::string& call, const std::string& command) {
        return shell("export LD_PRELOAD='" IRONLAW_INJECTOR "' IRONLAW_FAULT=thread:" + call + "; " + command);
      };
      for (const char* call : {"1", "2"}) {
        const auto none = served(call, "timeout 20 '" IRONLAW_PROGRAM "' web --port 0 --threads 4");
        EXPECT_EQ(none.status, 1) << none.text;
        EXPECT_TRUE(none.text.starts_with("ironlaw: --threads: the system lets this service have no threads")) << none.text;
      }
      const auto one_each = served("4", "'" IRONLAW_PROGRAM
                                        "' web --port 0 --threads 4 >url & for i in $(seq 400); do [ -s url ] && "
                                        "break; sleep 0.05; done; kill $!; wait $!; cat url");
      EXPECT_TRUE(one_each.text.starts_with("http://127.0.0.1:")) << one_each.text;
      const auto tools = served("1", R"(echo '{"jsonrpc":"2.0","id":1,"method":"ping"}' | ironlaw mcp)");
      EXPECT_EQ(tools.status, 1);
      EXPECT_TRUE(tools.text.starts_with("ironlaw: mcp: the system lets it have no second thread")) << tools.text;
      for (const char* call : {"8", "9"})
        EXPECT_EQ(run(call, " && { cmp out.csv whole.csv || echo other; } && rm out.csv; ls out.csv"), "") << call;
    }
  };
  Few().test();
}

}  // namespace
}  // namespace ironlaw::test
