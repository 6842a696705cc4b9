// Files of other tools: who reads them, and every refusal.
#include <ironlaw/import/foreign_file.hpp>

#include <nlohmann/json.hpp>

#include "../catalog/plugin_files.hpp"

namespace ironlaw::host {
namespace {

using nlohmann::json;

class ForeignFileTest : public testing::TestWithParam<bool> {
 protected:
  /// The plugins that are built in, and these; opened in processes of their own where the parameter says so.
  std::string import(const std::vector<std::string>& plugins, const std::string& bytes, const std::string& key = {},
                     const std::string& importer = {}) {
    PluginSearch search;
    search.environment = false;
    for (const auto& name : plugins) search.files.push_back(built(name));
    search.folders = {IRONLAW_FAMILY_DIR};
    search.defaults = false;
    Plugins found(search, {.elsewhere = GetParam()});
    file_ = folder_.write("chips.txt", bytes);
    return import_file({{}, found, importer}, file_, key);
  }
  /// What is said of the file, without its name.
  std::string refused(const std::vector<std::string>& plugins, const std::string& bytes, const std::string& key = {},
                      const std::string& importer = {}) {
    const std::string message = refusal([&] { (void)import(plugins, bytes, key, importer); });
    const std::string name = file_.string();
    return message.starts_with(name) ? message.substr(name.size()) : message;
  }

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  TemporaryFolder folder_;
  std::filesystem::path file_;
};
INSTANTIATE_TEST_SUITE_P(Here, ForeignFileTest, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Isolated, ForeignFileTest, testing::Values(true));

TEST_P(ForeignFileTest, AnImporterThatReadsItWritesAZooFile) {
  const json root = json::parse(import({"well_behaved"}, "toy Bear 2.5e12"));
  EXPECT_EQ(root["entries"], json::parse(R"({"Bear": {"kind": "toy", "rate": "2500000000000 FLOP/s", "source": "file"}})"));
  EXPECT_EQ(root["sources"]["file"], json::parse(R"({"title": "chips.txt", "publisher": "toy file"})"));
  EXPECT_TRUE(json::parse(import({"well_behaved"}, "toy Bear 1", "Ours"))["entries"].contains("Ours"));
}

TEST_P(ForeignFileTest, WhatNobodyReadsIsRefusedWithWhoWasAsked) {
  EXPECT_EQ(
      refused({"well_behaved"}, "chess"),
      ": is not a config.json, a .safetensors file (or its .index.json) or a .gguf file, and no importer reads it: one_toy");
  EXPECT_EQ(refused({}, "chess"),
            ": is not a config.json, a .safetensors file (or its .index.json) or a .gguf file; a plugin may bring an importer "
            "(docs/extending/importer.md)");
  EXPECT_EQ(refused({"well_behaved", "reads_everything"}, "toy Bear 1"),
            ": read by several importers: say --importer 'one_toy' or 'reads_everything'");
  EXPECT_NO_THROW((void)import({"well_behaved", "reads_everything"}, "toy Bear 1", {}, "one_toy"));
  EXPECT_EQ(refused({"well_behaved"}, "toy Bear 1", {}, "one_toi"), "importer 'one_toi': unknown; did you mean 'one_toy'?");
  EXPECT_EQ(refused({"well_behaved"}, "chess", {}, "one_toy"), ": line 1: takes 'toy', a name and a rate in FLOP/s");
}

TEST(ForeignFile, OneThatIsNotThereIsToldFromWhatIsNoFile) {
  const TemporaryFolder folder;
  Plugins none(only({}));
  const auto missing = folder.path() / "config.json";
  EXPECT_EQ(refusal([&] { (void)import_file({{}, none, {}}, missing, {}); }), missing.string() + ": no such file");
  EXPECT_EQ(refusal([&] {
              (void)import_file({{}, none, {}}, folder.path(), {});
            }),
            folder.path().string() + ": is no file of its own: a folder, a device or a pipe");
}

TEST_P(ForeignFileTest, WhatMakesNoEntryIsRefused) {
  const auto wrong = [this](const std::string& what) { return refused({"writes_no_entry"}, "no entry: " + what); };
  EXPECT_EQ(wrong("field first"), ": its importer wrote 'rate' before any entry");
  EXPECT_EQ(wrong("twice"), ": its importer wrote entry 'One' twice");
  EXPECT_EQ(wrong("open"), ": its importer left an object or a list of entry 'One' without an end");
  EXPECT_EQ(wrong("end"), ": its importer ended an object that it did not begin");
  EXPECT_EQ(wrong("not a number"), ": its importer wrote no number for 'tdp'");
  EXPECT_NE(wrong("unknown kind").find(": entry 'One': kind 'sundial': unknown"), std::string::npos) << wrong("unknown kind");
  EXPECT_NE(wrong("unknown field").find("no field 'memory_capacitee'; did you mean 'memory_capacity'?"), std::string::npos);
  EXPECT_NE(wrong("wrong unit").find("memory_capacity"), std::string::npos) << wrong("wrong unit");
  EXPECT_EQ(refused({"writes_no_entry"}, "no entry: two", "Ours").substr(0, 26), "--name: names one entry, a");
}

TEST_P(ForeignFileTest, AnImporterThatFailsIsThePluginsFailure) {
  try {
    (void)import({"throws_on_afile"}, "bad file");
    ADD_FAILURE() << "it was read";
  } catch (const PluginError& e) {
    EXPECT_NE(std::string(e.what()).find(", throws_on_afile: " + file().string() + ": "), std::string::npos) << e.what();
  }
}

TEST(ForeignFile, OneThatCrashesApartCostsItsFile) {
  const TemporaryFolder folder;
  Plugins plugins(only({built("crashes_on_afile")}), {.elsewhere = true});
  const auto file = folder.write("chips.txt", "bad file");
  try {
    (void)import_file({{}, plugins, {}}, file);
    ADD_FAILURE() << "it was read";
  } catch (const PluginError& e) {
    EXPECT_NE(std::string(e.what()).find("crashes_on_afile: " + file.string() + ": crashed (Segmentation fault)"),
              std::string::npos)
        << e.what();
  }
}

}  // namespace
}  // namespace ironlaw::host
