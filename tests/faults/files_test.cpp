// Outputs under names that are taken, that are links, pipes or devices: nothing that a run reads is lost, and a refused one
// leaves nothing behind.
#include "program.hpp"

#include <functional>
#include <set>

namespace ironlaw::test {
namespace {

class Files : public Program {
 protected:
  Files() { write_config("run", "faulty_nan", 3000); }

  /// Every file of the folder with what it holds, or where it leads.
  [[nodiscard]] std::map<std::string, std::string> all() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder())) {
      const std::string name = std::filesystem::relative(entry.path(), folder()).string();
      if (entry.is_symlink()) {
        files[name] = "-> " + std::filesystem::read_symlink(entry.path()).string();
      } else if (entry.is_regular_file() && name != "line.sh") {
        files[name] = read(name);
      } else {
        files[name];
      }
    }
    files.erase("line.sh");
    return files;
  }
  /// The command says this and changes no file.
  void expect_refused(const std::string& command, const std::string& text) const {
    const auto before = all();
    const auto outcome = shell(command);
    EXPECT_EQ(outcome.status, 1) << command;
    EXPECT_NE(outcome.text.find(text), std::string::npos) << command << "\n" << outcome.text;
    EXPECT_EQ(std::count(outcome.text.begin(), outcome.text.end(), '\n'), 1) << outcome.text;
    EXPECT_TRUE(all() == before) << command;
  }
};

constexpr const char* read_by_this_run = "is read by this run, and a result never takes its place";

TEST_F(Files, NoCommandWritesOverWhatItReads) {
  write("one.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan", "row": 4}}})");
  write("inner.json", R"({"version": 1, "inputs": {"row": 3}, "stages": {"s": {"solver": "faulty_nan", "row": "$row"}}})");
  write("outer.json", R"({"version": 1, "stages": {"i": {"config": "inner.json"}}, "axes": [{"i.row": [1, 2, 3]}]})");
  write("model.json", R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "intermediate_size": 128, "vocab_size": 100, "max_position_embeddings": 64})");
  write("page.html", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan", "row": 4}}})");
  write("sweep.svg", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan"}}, "axes": [{"s.row": [1, 2]}]})");
  write("logging.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan"}}, "axes": [{"s.row": [1, 2]}],
    "callbacks": [{"use": "jsonl_log", "file": "logging.json"}]})");
  write("requests.jsonl", R"({"solver": "faulty_nan", "inputs": {"row": 4}})");
  write("trace.csv", "arrival,prompt,output\n0,100,20\n7,200,30\n");
  (void)shell("ironlaw run one.json --output json -o old.json; ironlaw run one.json --set s.row=5 --output json -o new.json");
  std::filesystem::create_directory(folder() / "questions");
  std::filesystem::copy_file(IRONLAW_QUESTIONS "/fit.json", folder() / "questions/fit.json");
  std::filesystem::create_directory(folder() / "facts");
  write("facts/mine.json", R"({"sources": {"ours": {"title": "Ours", "date": "2025"}},
    "entries": {"Mine": {"based_on": "H100", "label": "Mine", "tdp": "450 W", "source": "ours"}}})");
  std::filesystem::create_hard_link(folder() / "run.json", folder() / "hard.csv");
  std::filesystem::create_symlink("run.json", folder() / "soft.csv");
  std::filesystem::create_directory(folder() / "plugins");
  std::filesystem::copy_file(IRONLAW_FAULTY_PLUGIN, folder() / "plugins/copy.so");
  std::filesystem::create_directory(folder() / "plugins/copy.zoo");
  std::filesystem::copy_file(folder() / "facts/mine.json", folder() / "plugins/copy.zoo/mine.json");
  (void)shell("for i in 1 2; do ironlaw run run.json --shard $i/2 -o $i.part; done");
  for (const char* command : {
           "ironlaw run run.json -o run.json",
           "ironlaw run run.json -o ./run.json --threads 2",
           "ironlaw run run.json -o hard.csv",
           "ironlaw run run.json -o soft.csv",
           "ironlaw run run.json --isolate -o run.json",
           "ironlaw run run.json --shard mpi -o run.json",
           "ironlaw run one.json -o one.json",
           "ironlaw run outer.json -o inner.json",
           "ironlaw run run.json --zoo facts -o facts/mine.json",
           "'" IRONLAW_PROGRAM "' run run.json --plugin plugins/copy.so --output csv -o plugins/copy.so",
           "ironlaw run logging.json",
           "ironlaw explain run.json -o run.json --output text",
           "ironlaw report page.html -o page.html",
           "ironlaw study sensitivity one.json --outputs s.value -o one.json",
           "ironlaw zoo list --zoo facts -o facts/mine.json",
           "ironlaw zoo import model.json --name Ours -o model.json",
           "ironlaw merge 1.part 2.part --output csv -o 1.part",
           "ironlaw batch requests.jsonl -o requests.jsonl",
           "ironlaw changes old.json new.json -o old.json",
           "ironlaw changes old.json one.json -o one.json",
           "ironlaw ask fit --questions questions --model Llama3_8B --device H100 -o questions/fit.json",
           "ironlaw ask autoscale --model Llama3_8B --device H100 --trace trace.csv --output text -o trace.csv",
           "ironlaw plot sweep sweep.svg -o sweep.svg",
           "ironlaw plugin lock one.json -o one.json",
           "ironlaw plugin bundle plugins/copy.so plugins/copy.so",
           "ironlaw plugin bundle plugins/copy.so plugins/copy.zoo/mine.json",
           "ironlaw plugin show plugins/copy.so --output json -o plugins/copy.so",
       }) {
    if (std::string(command).find("mpi") != std::string::npos && !std::filesystem::exists(IRONLAW_MPI_LIBRARY)) continue;
    expect_refused(command, read_by_this_run);
  }
}

/// What is installed takes the place of what was installed, and of nothing else.
TEST_F(Files, InstallingTakesThePlaceOfNobodysOwn) {
  const std::string data = "export XDG_DATA_HOME=$PWD/data; ";
  const std::string entries = R"({"sources": {"ours": {"title": "Ours"}}, "entries": {}})";
  std::filesystem::create_directories(folder() / "mine/more");
  write("mine/a.json", entries);
  write("mine/more/b.json", entries);
  const auto installed = shell(data + "ironlaw plugin install mine");
  ASSERT_EQ(installed.status, 0) << installed.text;
  ASSERT_EQ(read("data/ironlaw/zoo.d/mine/more/b.json"), entries);

  expect_refused(data + "ironlaw plugin install data/ironlaw/zoo.d/mine", "is installed: it lies where it would be copied to");
  write("data/ironlaw/zoo.d/mine/notes.md", "mine");
  expect_refused(data + "ironlaw plugin install mine", "notes.md: was not put there by plugin install");
  expect_refused(data + "ironlaw plugin remove mine", "notes.md: was not put there by plugin install");
  std::filesystem::remove(folder() / "data/ironlaw/zoo.d/mine/notes.md");
  std::filesystem::remove(folder() / "mine/more/b.json");
  EXPECT_EQ(shell(data + "ironlaw plugin install mine").status, 0);
  EXPECT_TRUE(exists("data/ironlaw/zoo.d/mine/a.json"));
  EXPECT_FALSE(exists("data/ironlaw/zoo.d/mine/more/b.json")) << "of the version before";

  (void)shell("mv data/ironlaw/zoo.d/mine elsewhere; ln -s \"$PWD/elsewhere\" data/ironlaw/zoo.d/mine");
  expect_refused(data + "ironlaw plugin install mine", "zoo.d/mine: was not put there by plugin install");
  EXPECT_EQ(read("elsewhere/a.json"), entries);

  (void)shell("cp '" IRONLAW_FAULTY_PLUGIN "' copy.so");
  const std::string program = "'" IRONLAW_PROGRAM "' ";  // without that plugin
  const auto first = shell(data + program + "plugin install ./copy.so");
  EXPECT_EQ(first.status, 0) << first.text;
  const auto second = shell(data + program + "plugin install ./copy.so");
  EXPECT_EQ(second.status, 0) << second.text;
  EXPECT_EQ(read("data/ironlaw/plugins/faulty_solvers.so"), read("copy.so"));
  expect_refused(data + program + "plugin install data/ironlaw/plugins/faulty_solvers.so", "is installed: it lies where");
  std::filesystem::create_directory(folder() / "data/ironlaw/plugins/faulty_solvers.zoo");
  write("data/ironlaw/plugins/faulty_solvers.zoo/own.txt", "mine");
  expect_refused(data + program + "plugin install ./copy.so", "own.txt: was not put there");
  expect_refused(data + program + "plugin remove faulty_solvers", "own.txt: was not put there");
  EXPECT_EQ(shell("ls -A data/ironlaw/plugins data/ironlaw/zoo.d | grep part").text, "") << "half of an installation";
}

TEST_F(Files, WhatIsBesideTheOutputIsTheUsers) {
  for (const char* format : {"csv", "json", "arrow"}) {
    const std::string out = std::string("out.") + format;
    for (const std::string& name : {out + ".journal", out + ".partial"}) {
      if (name == "out.json.partial") continue;  // such a table is laid out at its end
      const std::string command = "ironlaw run run.json -o " + out;
      write(name, "mine\n");
      expect_refused(command, name + ": was not begun by ironlaw; move it away, or give another --out");
      std::filesystem::remove(folder() / name);
      std::filesystem::create_symlink("run.json", folder() / name);
      expect_refused(command, name + ": is a link, which is not followed");
      std::filesystem::remove(folder() / name);
      ASSERT_EQ(shell("mkfifo " + name).status, 0);
      expect_refused(command, name + ": is not a regular file");
      std::filesystem::remove(folder() / name);
    }
  }
  write("x.part.partial", "mine\n");
  expect_refused("ironlaw run run.json --shard 1/2 -o x.part", "x.part.partial: was not begun by ironlaw");
}

TEST_F(Files, ARefusedOutputLeavesNothingBehind) {
  std::filesystem::create_directory(folder() / "there");
  std::filesystem::create_symlink("there", folder() / "link");
  std::filesystem::create_symlink("none/at/all", folder() / "lost.csv");
  const std::array<std::array<const char*, 2>, 12> cases{{
      {"ironlaw run run.json -o ''", "--out: needs the name of a file"},
      {"ironlaw run run.json --out=", "--out"},
      {"ironlaw run run.json -o there", "there: is a folder"},
      {"ironlaw run run.json -o link", "link: is a folder"},
      {"ironlaw run run.json -o none/out.csv", "there is no folder 'none'"},
      {"ironlaw run run.json -o run.json/out.csv", "there is no folder 'run.json'"},
      {"ironlaw run run.json -o lost.csv", "there is no folder 'none/at'"},
      {"ironlaw run run.json -o out.foo", "does not end in"},
      {"ironlaw run run.json -o /dev/fd/77 --output csv", "/dev/fd/77: is not open"},
      {"ironlaw run run.json -o /dev/stdin --output csv </dev/null", "is open for reading only"},
      {"ironlaw run none.json -o out.csv", "none.json: cannot be read"},
      {"ironlaw solve single_node --workload ResNet50 --hardware A100,None -o out.csv", "None"},
  }};
  for (const auto& [command, text] : cases) expect_refused(command, text);
  write("walls.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan"}}, "axes": [{"s.row": [1, 2]}],
    "report": {"walls": true}})");
  expect_refused("ironlaw run walls.json --isolate -o out.csv", "walls of rows of other processes are not counted");
}

TEST_F(Files, PipesAndDevicesArePrintedTo) {
  (void)shell("ironlaw run run.json -o whole.csv; ironlaw run run.json --output text >whole.txt 2>/dev/null");
  const auto before = all();
  const std::array<std::array<const char*, 2>, 9> cases{{
      {"ironlaw run run.json --output csv -o /dev/stdout 2>/dev/null | cmp - whole.csv", ""},
      {"ironlaw run run.json --output csv -o /proc/self/fd/1 2>/dev/null | cmp - whole.csv", ""},
      {"ln -s /dev/stdout out.csv; ironlaw run run.json -o out.csv 2>/dev/null | cmp - whole.csv; rm out.csv", ""},
      {"ironlaw run run.json --output csv -o /dev/fd/5 5>&1 >/dev/null 2>&1 | cmp - whole.csv", ""},
      {"mkfifo p.csv; (ironlaw run run.json -o p.csv 2>/dev/null &) ; cmp p.csv whole.csv; rm p.csv", ""},
      {"ironlaw run run.json --output csv -o >(cmp - whole.csv) 2>/dev/null; wait $!", ""},
      {"ironlaw run run.json -o /dev/null 2>/dev/null", ""},
      {"ironlaw run run.json --output csv -o /dev/stderr 2>&1 >/dev/null | cmp - whole.csv", ""},
      {"ironlaw run run.json --shard 1/2 -o /dev/null", "--out: a shard is written as a part"},
  }};
  for (const auto& [command, text] : cases) {
    const auto outcome = shell(command);
    EXPECT_TRUE(*text == '\0' ? outcome.text.empty() : outcome.text.find(text) != std::string::npos) << command << "\n"
                                                                                                     << outcome.text;
    EXPECT_TRUE(all() == before) << command;
  }
}

/// Files may be no longer than this (ulimit -f).
TEST_F(Files, WhatIsTooLongForTheLimitOfFilesIsSaid) {
  write("one.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan", "row": 4}}})");
  for (const char* command : {"run run.json -o out.csv", "run run.json --isolate -o out.csv", "run run.json -o out.json",
                              "run run.json --shard 1/1 -o out.part", "report one.json -o out.html"}) {
    const auto outcome = shell("ulimit -f 1; ironlaw " + std::string(command));
    EXPECT_EQ(outcome.status, 1) << command << outcome.text;
    EXPECT_TRUE(outcome.text.starts_with("ironlaw: ") && outcome.text.ends_with(": File too large\n")) << outcome.text;
    EXPECT_FALSE(exists("out.csv") || exists("out.json") || exists("out.part") || exists("out.html")) << command;
    (void)shell("rm -f out.*");
  }
}

/// A link stays one; what is in the place keeps who may read it.
TEST_F(Files, LinksAndModesStay) {
  EXPECT_EQ(shell("ironlaw run run.json -o whole.csv 2>/dev/null; ln -s target.csv link.csv; ironlaw run run.json -o link.csv "
                  "2>/dev/null; [ -L link.csv ] && cmp target.csv whole.csv")
                .text,
            "");
  for (const std::string format : {"csv", "json"})
    EXPECT_EQ(shell("touch private." + format + "; chmod 600 private." + format + "; ironlaw run run.json -o private." + format +
                    " 2>/dev/null; stat -c %a private." + format)
                  .text,
              "600\n");
}

TEST_F(Files, ClosedDescriptorsTakeNothingIn) {
  (void)shell("ironlaw run run.json -o whole.csv");
  const std::array<std::array<const char*, 2>, 7> cases{{
      {"ironlaw batch <&-", "ironlaw: standard input: cannot be read\n"},
      {"ironlaw run run.json -o out.csv 2>&-; cmp out.csv whole.csv; rm out.csv", ""},
      {"ironlaw run run.json -o out.csv >&- 2>/dev/null; cmp out.csv whole.csv; rm out.csv", ""},
      {"ironlaw run run.json -o out.csv <&- >&- 2>&-; cmp out.csv whole.csv; rm out.csv", ""},
      {"ironlaw run run.json -o out.csv --isolate <&- >&- 2>&-; cmp out.csv whole.csv; rm out.csv", ""},
      {"ironlaw run run.json --output csv 2>&- | cmp - whole.csv", ""},
      {"ironlaw run run.json --output csv >&-", "ironlaw: standard output: cannot be written: Bad file descriptor\n"},
  }};
  for (const auto& [command, text] : cases) EXPECT_EQ(shell(command).text, text) << command;
}

/// A device or a pipe that never ends, wherever a file is read.
TEST_F(Files, NothingIsReadWithoutEnd) {
  const std::array<const char*, 13> commands{
      "run /dev/zero",
      "run - </dev/zero",
      "study /dev/zero",
      "plot pareto /dev/zero -o p.html",
      "report /dev/zero -o r.html",
      "batch /dev/zero",
      "batch </dev/zero",
      "merge /dev/zero -o out.csv",
      "changes /dev/zero run.json",
      "zoo import /dev/zero --name Mine",
      "solve memory_fit --workload /dev/zero --hardware H100",
      "solve --plugin /dev/zero single_node",
      "study calibrate run.json --measured /dev/zero --constants s.row",
  };
  const auto before = all();
  for (const char* command : commands) {
    const auto outcome = shell("ulimit -v 4000000; timeout -s KILL 30 '" IRONLAW_PROGRAM "' " + std::string(command));
    EXPECT_EQ(outcome.status, 1) << command << outcome.text;
    EXPECT_TRUE(outcome.text.starts_with("ironlaw: ") && outcome.text.size() < 400) << command << outcome.text.substr(0, 400);
    EXPECT_TRUE(all() == before) << command;
  }
}

TEST_F(Files, NoFolderForTemporaryFilesIsNeeded) {
  write("one.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan", "row": 4}}})");
  for (const char* tmp : {"/none", "/dev/null", ""}) {
    EXPECT_EQ(shell(std::string("export TMPDIR='") + tmp + "'; ironlaw report one.json -o r.html").text, "") << tmp;
    EXPECT_NE(read("r.html").find("<html"), std::string::npos);
  }
}

/// Where the file system keeps no files without a name, an unfinished one is hidden, and gone when it is done.
TEST_F(Files, NoProcNoNamelessFiles) {
  if (shell("unshare -m true").status != 0) GTEST_SKIP() << "no namespace of its own is allowed here";
  (void)shell("ironlaw run run.json -o whole.json");
  const auto before = all();
  EXPECT_EQ(
      shell("unshare -m bash -c \"shopt -s expand_aliases; $(alias ironlaw)\n mount -t tmpfs none /proc; ironlaw run run.json -o "
            "out.json\" 2>/dev/null; cmp out.json whole.json; rm out.json")
          .text,
      "");
  EXPECT_TRUE(all() == before);
}

}  // namespace
}  // namespace ironlaw::test
