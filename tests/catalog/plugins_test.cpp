// Searching, opening and asking for plugins.
#include "plugin_files.hpp"

#include <ironlaw/manifest.h>
#include <ironlaw/maybe.hpp>

#include <dlfcn.h>

#include <array>
#include <cmath>
#include <thread>

namespace ironlaw::host {
namespace {

bool is_mapped(const std::string& file) { return contains(bytes_of("/proc/self/maps"), file); }

/// The options of the tests' callbacks: one text.
class OneText final : public Options {
 private:
  Value do_quantity(std::string_view) const override { return {}; }
  std::size_t do_texts(std::string_view) const override { return 1; }
  std::string_view do_text(std::string_view, std::size_t) const override { return "enough"; }
  std::span<const std::size_t> do_ports(std::string_view) const override { return {}; }
  bool do_maximise(std::string_view, std::size_t) const override { return false; }
};

struct Rejected : ErrorSink {
  void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override {
    all.push_back({row, status, std::string(port), std::string(what)});
  }
  struct Row {
    std::size_t row;
    RowStatus status;
    std::string port;
    std::string what;
  };
  std::vector<Row> all;
};

TEST(Plugins, ListsWithoutOpening) {
  const TemporaryFolder folder;
  (void)folder.copy("well_behaved", "listed_only.so");
  const Plugins plugins(only_folders({folder.path()}));
  EXPECT_EQ(plugins.names("solver"), std::vector<std::string>{"doubler"});
  EXPECT_EQ(plugins.names("guard"), std::vector<std::string>{"patience"});
  EXPECT_TRUE(plugins.names("oracle").empty());
  ASSERT_NE(plugins.provider("kind", "toy"), nullptr);
  EXPECT_EQ(plugins.provider("kind", "well_behaved/toy")->file, folder.path() / "listed_only.so");
  EXPECT_EQ(plugins.provider("solver", "toy"), nullptr);
  EXPECT_FALSE(is_mapped("listed_only.so"));
}

TEST(Plugins, OpensOneWhenItIsAskedForAndOnlyOnce) {
  Plugins plugins(only({built("well_behaved"), built("entry_throws")}));
  const Solver& doubler = plugins.solver("doubler");
  EXPECT_TRUE(plugins.provider("solver", "doubler")->opened);
  EXPECT_FALSE(is_mapped("entry_throws.so"));
  EXPECT_EQ(&doubler, &plugins.solver("well_behaved/doubler"));
  Plugins others(only({built("well_behaved")}));
  EXPECT_EQ(&doubler, &others.solver("doubler"));

  const Cell in{.number = 3};
  Cell out{.number = 0};
  const Column column{&in, 0};
  Cell* const result = &out;
  RowStatus status = RowStatus::ok;
  doubler.evaluate({{&column, 1}, {&result, 1}, {&status, 1}, nullptr});
  EXPECT_EQ(out.number, 6);
}

TEST(Plugins, BringsEverySort) {
  Plugins plugins(only({built("well_behaved")}));
  EXPECT_EQ(plugins.kind("toy").interface(), "hardware");
  EXPECT_EQ(plugins.study("once").about().name, "once");
  ASSERT_EQ(plugins.study("once").options().size(), 1u);
  EXPECT_EQ(plugins.study("once").options()[0].name, "label");
  const ObserverType& observers = plugins.observer("counter");
  EXPECT_TRUE(observers.options().empty());
  observers.destroy(observers.create(OneText{}));
  const GuardType& guards = plugins.guard("patience");
  ASSERT_EQ(guards.options().size(), 1u);
  EXPECT_TRUE(guards.options()[0].required);
  guards.destroy(guards.create(OneText{}));
}

TEST(Plugins, NamesTheNearestOfAnUnknownName) {
  Plugins plugins(only({built("well_behaved")}));
  EXPECT_EQ(refusal([&] { (void)plugins.solver("dubler"); }), "solver 'dubler': unknown; did you mean 'doubler'?");
  EXPECT_EQ(refusal([&] { (void)plugins.kind("roofline"); }), "kind 'roofline': unknown; known: toy");
  EXPECT_TRUE(contains(refusal([&] { (void)plugins.solver("other/doubler"); }), "solver 'other/doubler': unknown"));
  Plugins none(only_folders({}));
  EXPECT_EQ(refusal([&] { (void)none.solver("roofline"); }),
            "solver 'roofline': unknown: no plugin was found; --no-default-plugins leaves out the folders of the user and of the "
            "installation; name plugins by file or folder, or in $IRONLAW_PLUGIN_PATH");
}

struct OpenCase {
  const char* plugin;
  LoadStatus status;
  const char* detail;
};
class BadToOpen : public testing::TestWithParam<OpenCase> {};

TEST_P(BadToOpen, LeavesNothingRegistered) {
  Plugins plugins(only({built(GetParam().plugin), built("well_behaved")}));
  const PluginRecord& record = plugins.records().front();
  ASSERT_EQ(record.status, LoadStatus::ok) << record.detail;
  for (int again = 0; again < 2; ++again) {
    const std::string message = refusal([&] { (void)plugins.solver("listed"); });
    EXPECT_TRUE(contains(message, "solver 'listed': " + record.file.string() + " is refused")) << message;
    EXPECT_TRUE(contains(message, GetParam().detail)) << message;
  }
  EXPECT_EQ(to_string(record.status), to_string(GetParam().status));
  EXPECT_FALSE(record.opened);
  EXPECT_NO_THROW((void)plugins.solver("doubler"));
}

constexpr auto entry_failed = LoadStatus::entry_failed;

INSTANTIATE_TEST_SUITE_P(
    All, BadToOpen,
    testing::Values(OpenCase{"undefined_symbol", LoadStatus::open_failed, "undefined symbol"},
                    OpenCase{"no_entry", LoadStatus::no_entry, "expected the function ironlaw_plugin_entry_v1, found none"},
                    OpenCase{"entry_throws", entry_failed, "threw: the licence server does not answer"},
                    OpenCase{"entry_fails", entry_failed, "gave no reason"},
                    OpenCase{"registers_twice", entry_failed, "solver 'listed' is registered twice"},
                    OpenCase{"registers_unlisted", entry_failed, "found also solver 'hidden'"},
                    OpenCase{"registers_nothing", entry_failed, "found it not registered"},
                    OpenCase{"bad_solver_name", entry_failed, "solver 'Listed-Solver': its name is not snake_case"},
                    OpenCase{"empty_solver_name", entry_failed, "solver '': its name is not snake_case"},
                    OpenCase{"duplicate_port", entry_failed, "input port 'batch_size' is declared twice"},
                    OpenCase{"bad_port_name", entry_failed, "input port 'BatchSize' is not snake_case"}),
    [](const auto& one) { return one.param.plugin; });

TEST(Plugins, RunsNoCodeOfAPluginWithAnotherFingerprint) {
  unsetenv("IRONLAW_WRONG_ABI_RAN");
  const TemporaryFolder folder;
  (void)folder.copy("wrong_abi", "wrong_abi.so");
  Plugins plugins(only_folders({folder.path()}));
  ASSERT_EQ(plugins.records().size(), 1u);
  EXPECT_EQ(plugins.records()[0].status, LoadStatus::fingerprint);
  EXPECT_TRUE(plugins.names("solver").empty());
  const std::string message = refusal([&] { (void)plugins.solver("only_in_wrong_abi"); });
  EXPECT_TRUE(contains(message, "is refused (other fingerprint): expected libstdc++.cxx11=1")) << message;
  EXPECT_EQ(getenv("IRONLAW_WRONG_ABI_RAN"), nullptr);
  EXPECT_FALSE(is_mapped("wrong_abi.so"));
}

TEST(Plugins, KeepsTheFloatingPointEnvironment) {
  Plugins plugins(only({built("fast_math")}));
  (void)plugins.solver("listed");
  volatile double small = 1e-310;
  EXPECT_NE(small / 2, 0.0);
}

TEST(Plugins, OneBuiltWithFastMathChangesNoAnswerOfAnother) {
  const Cell once{.number = 1e-310};
  const std::array in{Column{&once, 0}};
  const auto answer = [&](Plugins& plugins) {
    Cell twice{};
    const std::array<Cell*, 1> out{&twice};
    RowStatus status = RowStatus::ok;
    plugins.solver("doubler").evaluate({in, out, {&status, 1}});
    return status == RowStatus::ok ? twice.number : 0;
  };
  Plugins alone(only({built("well_behaved")}));
  const double expected = answer(alone);
  Plugins both(only({built("well_behaved"), built("fast_math")}));
  (void)both.solver("listed");
  EXPECT_EQ(answer(both), expected);
  double on_a_thread = 0;
  std::thread([&] { on_a_thread = answer(both); }).join();
  EXPECT_EQ(on_a_thread, expected);
  EXPECT_GT(expected, 0);
}

TEST(Plugins, RefusesABadFileThatIsNamedAndGoesOnPastOneInAFolder) {
  const TemporaryFolder folder;
  const auto text = folder.write("text.so", "not a library");
  (void)folder.copy("well_behaved", "good.so");
  (void)folder.write("notes.txt", "not even looked at");
  const std::string message = refusal([&] { const Plugins plugins(only({text})); });
  EXPECT_TRUE(contains(message, text.string() + ": expected a shared library")) << message;
  const Plugins plugins(only_folders({folder.path()}));
  ASSERT_EQ(plugins.records().size(), 2u);
  EXPECT_EQ(plugins.records()[0].file, folder.path() / "good.so");
  EXPECT_EQ(plugins.records()[1].status, LoadStatus::not_a_plugin);
  EXPECT_TRUE(contains(plugins.why_none(), "in " + folder.path().string() + "; " + text.string() + " is refused (not a plugin)"));
}

TEST(Plugins, RefusesBareNamesAndFoldersThatAreNotThere) {
  EXPECT_TRUE(
      contains(refusal([] { const Plugins plugins(only({"mine.so"})); }), "mine.so: expected a path with a folder in it"));
  EXPECT_TRUE(
      contains(refusal([] { const Plugins plugins(only_folders({"/nowhere/at/all"})); }), "/nowhere/at/all: expected a folder"));
  const TemporaryFolder folder;
  chmod(folder.path().c_str(), 0777);
  EXPECT_TRUE(contains(refusal([&] { const Plugins plugins(only_folders({folder.path()})); }), "writable by others"));
}

TEST(Plugins, TakesTheFirstOfTwoPluginsOfOneName) {
  const TemporaryFolder first;
  const TemporaryFolder second;
  (void)first.copy("well_behaved", "b.so");
  (void)second.copy("well_behaved", "a.so");
  std::filesystem::create_symlink(first.path() / "b.so", first.path() / "same_file.so");
  Plugins plugins(only_folders({first.path(), second.path()}));
  ASSERT_EQ(plugins.records().size(), 2u);
  EXPECT_EQ(plugins.records()[1].status, LoadStatus::duplicate);
  EXPECT_TRUE(contains(plugins.records()[1].detail, (first.path() / "b.so").string())) << plugins.records()[1].detail;
  EXPECT_EQ(plugins.provider("solver", "doubler")->file, first.path() / "b.so");
  EXPECT_TRUE(contains(refusal([&] {
                         const Plugins named(only({first.path() / "b.so", second.path() / "a.so"}));
                       }),
                       "comes first"));
  EXPECT_EQ(Plugins(only({first.path() / "b.so", first.path() / "same_file.so"})).records().size(), 1u);
}

TEST(Plugins, AsksWhichOfTwoSolversOfOneName) {
  Plugins plugins(only({built("same_solver_left"), built("same_solver_right")}));
  EXPECT_EQ(plugins.names("solver"), (std::vector<std::string>{"same_solver_left/listed", "same_solver_right/listed"}));
  EXPECT_EQ(plugins.provider("solver", "listed"), nullptr);
  const std::string message = refusal([&] { (void)plugins.solver("listed"); });
  for (const char* side : {"same_solver_left", "same_solver_right"}) {
    EXPECT_TRUE(contains(message, "'" + std::string(side) + "/listed' (" + built(side).string() + ")")) << message;
  }
  EXPECT_NE(&plugins.solver("same_solver_left/listed"), &plugins.solver("same_solver_right/listed"));
}

TEST(Plugins, SearchesAbsoluteFoldersOfTheEnvironment) {
  const TemporaryFolder folder;
  (void)folder.copy("well_behaved", "good.so");
  setenv("IRONLAW_PLUGIN_PATH", (":relative/folder:/nowhere/at/all:" + folder.path().string()).c_str(), 1);
  const Plugins plugins({.files = {}, .folders = {}, .environment = true, .defaults = false});
  const Plugins without(only_folders({}));
  unsetenv("IRONLAW_PLUGIN_PATH");
  ASSERT_EQ(plugins.records().size(), 3u);
  EXPECT_EQ(plugins.records()[0].file, "relative/folder");
  EXPECT_EQ(plugins.records()[0].status, LoadStatus::insecure);
  EXPECT_TRUE(contains(plugins.records()[0].detail, "$IRONLAW_PLUGIN_PATH: expected an absolute folder"));
  EXPECT_EQ(plugins.records()[1].status, LoadStatus::not_found);
  EXPECT_EQ(plugins.names("solver"), std::vector<std::string>{"doubler"});
  EXPECT_TRUE(without.records().empty());
}

TEST(Plugins, SearchesTheDataFolderOfTheUserAndTheOneBesideTheHost) {
  const TemporaryFolder data;
  std::filesystem::create_directories(data.path() / "ironlaw" / "plugins");
  std::filesystem::copy_file(built("well_behaved"), data.path() / "ironlaw" / "plugins" / "good.so");
  setenv("XDG_DATA_HOME", data.path().c_str(), 1);
  const Plugins plugins({.files = {}, .folders = {}, .environment = false, .defaults = true});
  setenv("XDG_DATA_HOME", "relative", 1);
  const Plugins at_home({.files = {}, .folders = {}, .environment = false, .defaults = true});
  unsetenv("XDG_DATA_HOME");
  ASSERT_NE(plugins.provider("solver", "doubler"), nullptr);
  EXPECT_TRUE(contains(plugins.why_none(), "in " + (data.path() / "ironlaw" / "plugins").string() + ", /")) << plugins.why_none();
  EXPECT_TRUE(contains(at_home.why_none(), "/.local/share/ironlaw/plugins")) << at_home.why_none();
}

TEST(Plugins, RefusesAFileThatChangedSinceItWasListed) {
  const TemporaryFolder folder;
  const auto file = folder.copy("same_solver_left", "mine.so");
  Plugins plugins(only({file}));
  std::filesystem::rename(folder.copy("same_solver_right", "new.so"), file);
  EXPECT_TRUE(contains(refusal([&] { (void)plugins.solver("listed"); }), "found it changed since: run again"));
}

TEST(Plugins, ADigestOfAFileThatIsGoneIsNoEmptyText) {
  const TemporaryFolder folder;
  const auto file = folder.copy("same_solver_left", "mine.so");
  const Plugins plugins(only({file}));
  EXPECT_EQ(plugins.records().size(), 1u);
  std::filesystem::remove(file);
  EXPECT_TRUE(contains(refusal([&] { (void)plugins.sha256(plugins.records()[0]); }), "mine.so: cannot be read: No such file"));
  (void)folder.copy("same_solver_left", "mine.so");
  EXPECT_EQ(plugins.sha256(plugins.records()[0]).size(), 64u) << "and what could not be read is not remembered";
}

TEST(Plugins, OpensFromManyThreads) {
  const TemporaryFolder folder;
  Plugins plugins(only({folder.copy("well_behaved", "threads.so"), folder.copy("misbehaving_solvers", "more_threads.so")}));
  std::array<const Solver*, 8> doublers{};
  std::vector<std::thread> threads;
  for (const Solver*& doubler : doublers) {
    threads.emplace_back([&plugins, &doubler] {
      (void)plugins.solver("throws_number");
      doubler = &plugins.solver("doubler");
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Solver* doubler : doublers) EXPECT_EQ(doubler, doublers[0]);
}

TEST(PluginEntry, SaysNoToAStrangeHost) {
  void* const library = dlopen(built("well_behaved").c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr);
  const auto entry = reinterpret_cast<ironlaw_plugin_entry_v1_fn>(dlsym(library, IRONLAW_ENTRY_SYMBOL));
  ASSERT_NE(entry, nullptr);
  std::array<char, 16> error{};
  ironlaw_entry_args_v1 arguments{sizeof arguments, error.size(), 1, nullptr, error.data()};
  EXPECT_NE(entry(&arguments), 0);
  EXPECT_STREQ(error.data(), "the host has an");  // cut to the space there is
  arguments.error = nullptr;
  EXPECT_NE(entry(&arguments), 0);
  arguments.struct_size = 4;
  EXPECT_NE(entry(&arguments), 0);
  EXPECT_NE(entry(nullptr), 0);
  dlclose(library);
}

/// Answers its first row, and has no memory then: as often as it is told.
class ShortOfMemory final : public Solver {
 public:
  explicit ShortOfMemory(int times) : times_(times) {}

 private:
  const About& do_about() const noexcept override { return about_; }
  std::span<const PortInfo> do_inputs() const noexcept override { return {}; }
  std::span<const PortInfo> do_outputs() const noexcept override { return {}; }
  void do_evaluate(const Block& block) const override {
    if (has_outputs(block.status[0])) reject_row(block, 0, RowStatus::refused, {}, "refused");
    if (times_-- > 0) throw std::bad_alloc();
  }
  About about_{"short_of_memory", "has no memory at first", "a test"};
  mutable int times_;
};

TEST(Solvers, OneAllocationThatFailsCostsNoBlock) {
  const auto answered = [](int times) {
    const ShortOfMemory solver(times);
    std::array<RowStatus, 3> status{};
    Rejected rejected;
    static_cast<const Solver&>(solver).evaluate({{}, {}, status, &rejected});
    EXPECT_EQ(rejected.all[0].what, "refused");
    EXPECT_EQ(rejected.all.size(), times < 2 ? 1u : 3u);  // told once
    return status;
  };
  EXPECT_EQ(answered(1), (std::array{RowStatus::refused, RowStatus::ok, RowStatus::ok}));
  EXPECT_EQ(answered(2), (std::array{RowStatus::refused, RowStatus::failed, RowStatus::failed}));
}

struct MisbehaviourCase {
  const char* solver;
  const char* port;
  const char* what;
};
class Misbehaving : public testing::TestWithParam<MisbehaviourCase> {};

TEST_P(Misbehaving, CostsItsOwnRows) {
  Plugins plugins(only({built("misbehaving_solvers")}));
  const Solver& solver = plugins.solver(GetParam().solver);
  const std::array<Cell, 4> rows{Cell{0}, Cell{1}, Cell{2}, Cell{3}};
  std::array<Cell, 4> values{};
  std::array<RowStatus, 4> status{};
  const Column column{rows.data(), 1};
  Cell* const value = values.data();
  Rejected rejected;
  solver.evaluate({{&column, 1}, {&value, 1}, status, &rejected});
  EXPECT_EQ(status, (std::array{RowStatus::ok, RowStatus::failed, RowStatus::ok, RowStatus::failed}));
  EXPECT_EQ(values[2].number, 2);
  EXPECT_TRUE(std::isnan(values[1].number));
  ASSERT_EQ(rejected.all.size(), 2u);
  EXPECT_EQ(rejected.all[1].row, 3u);
  EXPECT_EQ(rejected.all[1].port, GetParam().port);
  EXPECT_EQ(rejected.all[1].what, GetParam().what);
}

INSTANTIATE_TEST_SUITE_P(All, Misbehaving,
                         testing::Values(MisbehaviourCase{"throws_standard", "", "out of patience"},
                                         MisbehaviourCase{"throws_number", "", "threw something that is not a std::exception"},
                                         MisbehaviourCase{"returns_nan", "value", "is not finite"},
                                         MisbehaviourCase{"returns_infinity", "value", "is not finite"},
                                         MisbehaviourCase{"leaves_absent", "time", "is not finite"}),
                         [](const auto& one) { return one.param.solver; });

}  // namespace
}  // namespace ironlaw::host
