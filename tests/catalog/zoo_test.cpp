// Zoos of one's own: what an entry may say, whose entry counts, and what zoo check finds.
#include <ironlaw/facets.hpp>
#include <ironlaw/hardware.hpp>

#include <algorithm>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

constexpr const char* sources =
    R"("sources": {"sheet": {"title": "Data sheet", "publisher": "Maker", "date": "2024", "url": "https://example.org"}})";
constexpr const char* small_device =
    R"("kind": "accelerator", "peak_rate": {"fp16": "1 TFLOP/s"}, "memory_capacity": "1 GB", "memory_bandwidth": "1 GB/s", "source": "sheet")";

std::string file_of(const std::string& entries) { return std::string("{") + sources + ", \"entries\": {" + entries + "}}"; }
std::string entry(const std::string& key, const std::string& fields) { return "\"" + key + "\": {" + fields + "}"; }

SessionOptions with_zoo(const std::filesystem::path& folder, bool default_zoo = false) {
  SessionOptions options;
  options.zoo = {folder};
  options.default_zoo = default_zoo;
  return options;
}

/// What reading a zoo of one file says.
std::string refused_zoo(const std::string& text) {
  const OwnFolder folder;
  folder.write("mine.json", text);
  Session own(with_zoo(folder.path()));
  return refused([&] { (void)own.zoo(); });
}
/// What asking for the device "d" of a zoo of one file says.
std::string refused_device(const std::string& entries) {
  const OwnFolder folder;
  folder.write("mine.json", file_of(entries));
  Session own(with_zoo(folder.path()));
  return refused([&] { (void)own.zoo().find("hardware", "d", "here"); });
}
/// What zoo check finds in a zoo of one file.
std::vector<std::string> faults_of(const std::string& entries) {
  const OwnFolder folder;
  folder.write("mine.json", file_of(entries));
  Session own(with_zoo(folder.path()));
  return own.zoo().check();
}

TEST(Zoo, TheProjectsOwnIsInOrder) {
  for (const std::string profile : {"native", "mlsysim-0.3", "tutorials"}) {
    const auto faults = session().zoo(profile).check();
    EXPECT_TRUE(faults.empty()) << profile << ": " << faults.size() << " faults, the first: " << faults.front();
  }
}

TEST(Zoo, RefusesABrokenFile) {
  expect_says(refused_zoo("{\"entries\": {"), {"mine.json:1:14: broken JSON"});
  expect_says(refused_zoo("[]"), {"mine.json#", "an object with \"entries\""});
  expect_says(refused_zoo("{\"entry\": {}}"), {"mine.json#", "\"entries\""});
  expect_says(refused_zoo("{\"entries\": {}, \"source\": {}}"),
              {"mine.json#/source", "unknown key 'source'; did you mean 'sources'?"});
  expect_says(refused_zoo("{\"entries\": {}, \"sources\": {\"a\": {\"titel\": \"x\"}}}"),
              {"mine.json#/sources/a/titel", "did you mean 'title'?"});
  expect_says(refused_zoo("{\"entries\": {}, \"sources\": {\"a\": {\"url\": \"x\"}}}"),
              {"mine.json#/sources/a", "a source needs a title"});
  expect_says(refused_zoo(file_of("\"d\": 3")), {"mine.json#/entries/d", "an entry takes an object"});
  expect_says(refused_zoo(file_of(entry("a:b", small_device))), {"mine.json#/entries/a:b", "a key takes letters"});
  expect_says(refused_zoo(file_of(entry("d", "\"memory_capacity\": \"1 GB\""))),
              {"mine.json#/entries/d", "needs \"kind\" or \"based_on\""});
  expect_says(refused_zoo(file_of(entry("d", small_device) + "," + entry("d", small_device))),
              {"mine.json#/entries", "'d' is given twice"});
}

/// What holds a file together is checked of all its entries, the rest of an entry where it is asked for.
TEST(Zoo, ReadsWhatIsPlainAndSaysWhatIsNot) {
  expect_says(refused_zoo(file_of(entry("d", small_device) + ",")), {"mine.json:1:", "broken JSON"});
  expect_says(refused_zoo(file_of(entry("d", std::string(small_device) + ","))), {"mine.json:1:", "broken JSON"});
  expect_says(refused_zoo(file_of(entry("d", small_device)) + "}"), {"mine.json:1:", "broken JSON"});
  expect_says(refused_zoo(file_of(R"("d": {"kind": 3})")), {"mine.json#/entries/d/kind", "takes a text, not 3"});
  expect_says(refused_zoo(file_of(R"("d": {"based_on": ["e"]})")), {"mine.json#/entries/d/based_on", "takes a text"});
  expect_says(refused_zoo(R"({"sources": {"a": {"title": ""}}, "entries": {}})"), {"/sources/a", "a source needs a title"});
  expect_says(refused_device(entry("d", std::string(small_device) + R"(, "tdp": 5 0)")), {"mine.json:1:", "broken JSON"});
  const auto aliased = [](const std::string& list) {
    return refused_device(entry("e", std::string(small_device) + R"(, "aliases": )" + list));
  };
  expect_says(aliased(R"("one")"), {"mine.json#/entries/e/aliases", "takes a list of names, not \"one\""});
  expect_says(aliased(R"(["one", 2])"), {"mine.json#/entries/e/aliases", "takes a list of names, not 2"});

  const OwnFolder folder;
  folder.write("mine.json", "{\"entries\" :\n{ \"\\u0064\": {\"kind\": \"accelerat\\u006fr\"," +
                                std::string(small_device).substr(22) + R"(, "aliases": ["card \u0037"], "note": "}{\\"}}, )" +
                                sources + "}");
  Session own(with_zoo(folder.path()));
  EXPECT_EQ(own.zoo().find("hardware", "d", "here").name, "d");
  EXPECT_EQ(own.zoo().find("hardware", "CARD-7", "here").name, "d");
  EXPECT_EQ(own.zoo().entries("card7").front().sources.at("").title, "Data sheet");
}

TEST(Zoo, RefusesAnEntryWhereItIsAskedFor) {
  expect_says(
      refused_device(entry("d", R"("kind": "accelerator", "peak_rate": {"fp16": "1 TFLOP/s"}, "memory_capacity": "1 GB")")),
      {"mine.json#/entries/d", "the accelerator 'd' lacks memory_bandwidth, which is required"});
  expect_says(refused_device(entry("d", std::string(small_device) + R"(, "memory_size": "1 GB")")),
              {"mine.json#/entries/d/memory_size", "accelerator has no field 'memory_size'"});
  expect_says(refused_device(entry("d", std::string(small_device) + R"(, "tdp": "5 GB")")),
              {"mine.json#/entries/d/tdp", "tdp takes the unit W"});
  expect_says(refused_device(entry("d", std::string(small_device) + R"(, "tdp": "$watts")")),
              {"mine.json#/entries/d/tdp", "'$watts'", "only be used in the stages of a config"});
  expect_says(refused_device(entry("d", std::string(small_device) + R"(, "sparse_peak_rate": {"fp16": "1 GFLOP/s"})")),
              {"mine.json#/entries/d", "'d' cannot be made", "sparse_peak_rate.fp16"});
  expect_says(refused_device(entry("e", small_device)), {"here: unknown hardware 'd'"});
  expect_says(refused_device(""), {"here: unknown hardware 'd': the zoo has no hardware at all"});
}

/// A field that is a table: rows of columns that the kind declares.
TEST(Zoo, TablesAreCheckedByRowAndColumn) {
  const auto fault = [](const std::string& rates) {
    const auto faults = faults_of(entry("r", R"("kind": "kernel_rates", "source": "sheet", "rates": )" + rates));
    return faults.empty() ? std::string() : faults.front();
  };
  const std::string row = R"("operation": "product", "law": "kernel", "how": "guess", "source": "me", "latency": "3 us")";
  EXPECT_EQ(fault("[{" + row + "}]"), "");
  expect_says(fault("{" + row + "}"), {"/entries/r/rates", "rates takes a list of rows"});
  expect_says(fault("[3]"), {"/entries/r/rates/0", "a row takes an object of columns"});
  expect_says(fault("[{" + row + R"(, "tile": "1 us"}])"), {"/entries/r/rates/0/tile", "the table has no column 'tile'"});
  expect_says(fault("[{" + row + R"(, "tile_latency": "1 GB"}])"), {"/entries/r/rates/0/tile_latency"});
  expect_says(fault("[{" + row + R"(, "tile_latency": 1}])"), {"/entries/r/rates/0/tile_latency", "needs a unit"});
  expect_says(fault("[{" + row + R"(, "compute_share": -0.5}])"), {"/entries/r/rates/0/compute_share", "is not allowed"});
  expect_says(fault("[{" + row + R"(, "engine": 3}])"), {"/entries/r/rates/0/engine", "takes a text"});
  expect_says(fault(R"([{"operation": "product", "law": "kernels", "how": "guess", "source": "me"}])"),
              {"rates/0", "law is 'kernels'; allowed: kernel, iteration, step"});
  expect_says(fault(R"([{"operation": "product", "law": "kernel", "how": "guess"}])"), {"rates/0", "how its numbers were got"});
}

TEST(Zoo, BasedOnInheritsAndReplaces) {
  const OwnFolder folder;
  folder.write("mine.json", file_of(entry("d", small_device) + "," +
                                    entry("bigger", R"("based_on": "d", "memory_capacity": "2 GB", "source": "sheet")")));
  Session own(with_zoo(folder.path()));
  const ZooObject& bigger = own.zoo().find("hardware", "bigger", "here");
  const auto& device = *static_cast<const Hardware*>(bigger.object);
  EXPECT_EQ(device.name(), "bigger");
  EXPECT_EQ(device.memory().capacity, 2e9 * units::byte);
  EXPECT_EQ(device.memory().bandwidth, 1e9 * units::byte_per_second);
  EXPECT_EQ(own.zoo().owner(bigger.object), &bigger);
  EXPECT_EQ(own.zoo().owner(&own), nullptr);
  EXPECT_EQ(&own.zoo().find("hardware", "bigger", "here"), &bigger);
}

TEST(Zoo, BasedOnHasToExistAndToEnd) {
  expect_says(refused_zoo(file_of(entry("d", R"("based_on": "smal")") + "," + entry("small", small_device))),
              {"mine.json#/entries/d/based_on", "no entry 'smal' to build on; did you mean 'small'?"});
  expect_says(refused_zoo(file_of(entry("d", R"("based_on": "e")") + "," + entry("e", R"("based_on": "d")"))),
              {"mine.json#/entries/d", "is based on itself"});
  expect_says(refused_zoo(file_of(entry("d", R"("based_on": "d")"))),
              {"mine.json#/entries/d/based_on", "no earlier folder has an entry 'd' to build on"});
}

TEST(Zoo, TheLaterFolderReplaces) {
  const OwnFolder folder;
  folder.write("mine.json", file_of(entry("A100", small_device)));
  Session own(with_zoo(folder.path(), true));
  EXPECT_EQ(static_cast<const Hardware*>(own.zoo().find("hardware", "A100", "here").object)->memory().capacity,
            1e9 * units::byte);
  EXPECT_GT(static_cast<const Hardware*>(own.zoo().find("hardware", "H100", "here").object)->memory().capacity,
            1e10 * units::byte);
  const auto listed = own.zoo().entries("A100");
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_NE(listed.front().file.find(folder.path().string()), std::string::npos);
  EXPECT_EQ(listed.front().sources.at("").title, "Data sheet");
}

TEST(Zoo, TwoFilesOfAFolderMayNotHoldTheSameEntry) {
  const OwnFolder folder;
  folder.write("a.json", file_of(entry("d", small_device)));
  folder.write("b.json", file_of(entry("d", small_device)));
  Session own(with_zoo(folder.path()));
  expect_says(refused([&] { (void)own.zoo(); }), {"b.json#/entries/d", "the accelerator 'd' is also in", "a.json"});
}

TEST(Zoo, TwoEntriesOfAFolderThatGetTheSameKindFromTheirBasesAreOneTooMany) {
  const OwnFolder folder;
  folder.write("a.json", file_of(entry("small", small_device) + "," + entry("d", R"("based_on": "small")")));
  folder.write("b.json", file_of(entry("d", R"("based_on": "small", "memory_capacity": "2 GB")")));
  Session own(with_zoo(folder.path()));
  expect_says(refused([&] { (void)own.zoo(); }), {"b.json#/entries/d", "the accelerator 'd' is also in", "a.json"});
}

TEST(Zoo, ALaterFolderReplacesAnEarlierAndSaysSo) {
  const OwnFolder one;
  const OwnFolder two;
  const OwnFolder three;
  one.write("a.json", file_of(entry("d", small_device) + "," + entry("e", small_device)));
  two.write("b.json", file_of(entry("d", R"("based_on": "d", "memory_capacity": "2 GB", "source": "sheet")")));
  three.write("c.json", file_of(entry("d", R"("based_on": "d", "memory_bandwidth": "3 GB/s", "source": "sheet")") + "," +
                                entry("e", small_device)));
  SessionOptions options;
  options.default_zoo = false;
  options.zoo = {one.path(), two.path(), three.path()};
  Session own(options);
  const auto& d = *static_cast<const Hardware*>(own.zoo().find("hardware", "d", "here").object);
  EXPECT_EQ(d.memory().capacity, 2e9 * units::byte);
  EXPECT_EQ(d.memory().bandwidth, 3e9 * units::byte_per_second);
  EXPECT_TRUE(own.zoo().check().empty());
  const auto lines = own.zoo().replacements();
  ASSERT_EQ(lines.size(), 1u);
  expect_says(lines.front(), {"c.json#/entries/e: takes the place of the accelerator 'e' in", "a.json"});
  EXPECT_EQ(own.zoo().files().size(), 3u);
}

TEST(Zoo, FoldersNamedAfterAProfilesLieOverIt) {
  const OwnFolder folder;
  folder.write("mine.json", file_of(entry("A100", small_device)));
  Session own(with_zoo(folder.path(), true));
  const auto& device = *static_cast<const Hardware*>(own.zoo("tutorials").find("hardware", "A100", "here").object);
  EXPECT_EQ(device.memory().capacity, 1e9 * units::byte);
}

TEST(Zoo, AKeyOfTwoKindsIsAskedForByKind) {
  const OwnFolder folder;
  folder.write("a.json", file_of(entry("d", small_device)));
  folder.write(
      "b.json",
      file_of(entry(
          "d",
          R"("kind": "host_cpu", "peak_rate": {"fp32": "1 TFLOP/s"}, "memory_capacity": "3 GB", "memory_bandwidth": "1 GB/s")")));
  Session own(with_zoo(folder.path()));
  expect_says(refused([&] { (void)own.zoo().find("hardware", "d", "here"); }),
              {"here: 'd' is both an accelerator and a host_cpu", "'accelerator:d' or 'host_cpu:d'"});
  EXPECT_EQ(static_cast<const Hardware*>(own.zoo().find("hardware", "host_cpu:d", "here").object)->memory().capacity,
            3e9 * units::byte);
}

TEST(Zoo, FindsNamesAsPeopleVaryThem) {
  const OwnFolder folder;
  folder.write("mine.json", file_of(entry("Big_GPU", std::string(small_device) + R"(, "aliases": ["Vendor Big GPU 9000"])") +
                                    "," + entry("BigGPU2", small_device)));
  SessionOptions options;
  options.zoo = {folder.path()};
  options.default_zoo = false;
  Session own(options);
  const auto& big = own.zoo().find("hardware", "Big_GPU", "here");
  for (const char* name : {"big gpu", "BIG-GPU", "vendor-big gpu_9000", "biggpu"})
    EXPECT_EQ(&own.zoo().find("hardware", name, "here"), &big) << name;
  EXPECT_EQ(own.zoo().entries("vendor big gpu 9000").front().key, "Big_GPU");
  expect_says(refused([&] { (void)own.zoo().find("hardware", "bigger", "here"); }), {"unknown hardware 'bigger'"});
}

TEST(Zoo, FindsNamesBehindOwnersMakersAndTunedVariants) {
  const OwnFolder folder;
  folder.write("mine.json", file_of(entry("Max4_5_1B", small_device) + "," + entry("Max_45_1B", small_device) + "," +
                                    entry("T9", std::string(small_device) + R"(, "aliases": ["9000"])")));
  folder.write("names/names.json",
               R"({"makers": {"NVIDIA": ["nvidia", "geforce", "tesla"]}, "asides": ["instruct", "chat", "gpu"]})");
  SessionOptions options;
  options.zoo = {folder.path()};
  options.default_zoo = false;
  Session own(options);
  const auto key = [&](const char* name) { return own.zoo().find("hardware", name, "here").name; };
  for (const char* name : {"max 4.5 1B", "Max-4.5-1B", "someone/Max-4.5-1B-Instruct", "max4.5 1b chat", "Max 4.5 (1B)"})
    EXPECT_EQ(key(name), "Max4_5_1B") << name;
  EXPECT_EQ(key("Max 45-1B"), "Max_45_1B");  // a dot between digits counts
  for (const char* name : {"NVIDIA T9", "Tesla T9", "NVIDIA GeForce 9000", "t9 GPU"}) EXPECT_EQ(key(name), "T9") << name;
  for (const char* name : {"Max 451B", "someone/", "Instruct", "NVIDIA"})
    expect_says(refused([&] { (void)own.zoo().find("hardware", name, "here"); }), {"unknown hardware"});
}

TEST(Zoo, RefusesWordsAroundNamesThatAreNone) {
  const auto refused_words = [](const std::string& words) {
    const OwnFolder folder;
    folder.write("mine.json", file_of(entry("T9", small_device)));
    folder.write("names/words.json", words);
    Session own(with_zoo(folder.path()));
    return refused([&] { (void)own.zoo().find("hardware", "T9 GPU", "here"); });
  };
  expect_says(refused_words("[]"), {"words.json#: takes an object"});
  expect_says(refused_words(R"({"aside": []})"), {"words.json#/aside: unknown key 'aside'", "did you mean 'asides'?"});
  expect_says(refused_words(R"({"asides": "gpu"})"), {"words.json#/asides: takes a list of words"});
  expect_says(refused_words(R"({"formats": [{"words": ["fp8"]}]})"), {"words.json#/formats/0: takes an object with words"});
}

TEST(Zoo, OneNameOfTwoEntriesIsAskedForByKey) {
  const OwnFolder folder;
  folder.write("mine.json", file_of(entry("a", std::string(small_device) + R"(, "aliases": ["both"])") + "," +
                                    entry("b", std::string(small_device) + R"(, "aliases": ["Both"])")));
  SessionOptions options;
  options.zoo = {folder.path()};
  options.default_zoo = false;
  Session own(options);
  expect_says(refused([&] { (void)own.zoo().find("hardware", "both", "here"); }),
              {"'both' is both the accelerator 'a' and the accelerator 'b'; write 'accelerator:a' or 'accelerator:b'"});
  EXPECT_EQ(own.zoo().check().size(), 2u);
}

TEST(Zoo, ABeginningOfSeveralNamesShowsNoneOfThem) {
  const OwnFolder folder;
  folder.write("mine.json", file_of(entry("Max3_8B", small_device) + "," + entry("Max3_70B", small_device) + "," +
                                    entry("max3_network", R"("kind": "network_energy", "energy": "1 pJ/bit", "source": "sheet")") + "," +
                                    entry("Lone_card", small_device)));
  Session own(with_zoo(folder.path()));
  expect_says(refused([&] { (void)own.zoo().entries("max3"); }),
              {"zoo show: several names begin with 'max3': Max3_70B, Max3_8B, max3_network"});
  EXPECT_EQ(own.zoo().entries("network_energy:max3").front().key, "max3_network");
  EXPECT_EQ(own.zoo().entries("lone").front().key, "Lone_card");
}

TEST(Zoo, CheckNamesEveryFault) {
  EXPECT_TRUE(faults_of(entry("d", small_device)).empty());
  const auto unsourced = faults_of(entry(
      "d",
      R"("kind": "accelerator", "peak_rate": {"fp16": "1 TFLOP/s"}, "memory_capacity": "1 GB", "memory_bandwidth": "1 GB/s")"));
  ASSERT_EQ(unsourced.size(), 3u);
  expect_says(unsourced.front(), {"mine.json#/entries/d: peak_rate.fp16 has no source"});
  const auto misnamed = faults_of(entry("d", std::string(small_device) + R"(, "sources": {"tpd": "sheet"})"));
  ASSERT_EQ(misnamed.size(), 1u);
  expect_says(misnamed.front(), {"mine.json#/entries/d/sources: tpd is no field of the entry"});
  const auto several =
      faults_of(entry("d", std::string(small_device) + R"(, "tdp": "5 B")") + "," + entry("e", R"("kind": "acelerator")"));
  ASSERT_EQ(several.size(), 2u);
  expect_says(several.front(), {"mine.json#/entries/d/tdp", "takes the unit W"});
  expect_says(several.back(), {"mine.json#/entries/e", "kind 'acelerator'", "did you mean 'accelerator'?"});
}

TEST(Zoo, ListsByKindAndInterface) {
  Zoo& zoo = session().zoo();
  const auto all = zoo.list("");
  const auto hardware = zoo.list("hardware");
  const auto accelerators = zoo.list("accelerator");
  EXPECT_GT(all.size(), hardware.size());
  EXPECT_GT(hardware.size(), accelerators.size());
  EXPECT_TRUE(
      std::all_of(accelerators.begin(), accelerators.end(), [](const ZooEntryInfo& e) { return e.kind == "accelerator"; }));
  EXPECT_TRUE(
      std::is_sorted(accelerators.begin(), accelerators.end(), [](const auto& a, const auto& b) { return a.key < b.key; }));
  expect_says(refused([&] { (void)zoo.list("hardwear"); }), {"unknown kind 'hardwear'; did you mean 'hardware'?"});
  expect_says(refused([&] { (void)zoo.entries("H1000"); }), {"no entry 'H1000'; did you mean 'H100'?"});
}

TEST(Zoo, AProfileOverlaysFactsAndSetsFields) {
  const auto capacity = [](const std::string& profile) {
    return static_cast<const Hardware*>(session().zoo(profile).find("hardware", "A100", "here").object)->host_link();
  };
  EXPECT_EQ(*capacity("mlsysim-0.3"), 32e9 * units::byte_per_second);
  const auto& lenient = *static_cast<const Hardware*>(session().zoo("mlsysim-0.3").find("hardware", "Gaudi2", "here").object);
  EXPECT_EQ(lenient.peak_rate(Precision::int4), lenient.peak_rate(Precision::fp16));
  const auto& native = *static_cast<const Hardware*>(session().zoo().find("hardware", "Gaudi2", "here").object);
  EXPECT_EQ(native.peak_rate(Precision::int4), native.peak_rate(Precision::bf16));  // widened, and it says so
  EXPECT_EQ(native.facet<ArithmeticFormats>()->of[static_cast<std::size_t>(Precision::int4)], Precision::bf16);
  EXPECT_THROW((void)native.peak_rate(Precision::fp64), MissingData);
}

TEST(Zoo, AProfileOfOnesOwn) {
  const OwnFolder folder;
  folder.write("profiles/mine.json",
               R"({"zoo": ["facts"], "defaults": {"iron_law.overhead_time": "3 s", "accelerator.tdp": "7 W"}})");
  folder.write("profiles/facts/devices.json", file_of(entry("d", small_device)));
  folder.write("profiles/lost.json", R"({"zoo": ["nowhere"]})");
  folder.write("profiles/typo.json", R"({"default": {}})");
  folder.write("profiles/port.json", R"({"defaults": {"iron_law.overhead_tim": "3 s"}})");
  folder.write("profiles/field.json", R"({"defaults": {"accelerator.tpd": "3 W"}})");
  Session own(with_zoo(folder.path()));
  EXPECT_EQ(own.profiles(), (std::vector<std::string>{"native", "field", "lost", "mine", "port", "typo"}));
  EXPECT_EQ(*static_cast<const Hardware*>(own.zoo("mine").find("hardware", "d", "here").object)->tdp(), 7.0 * units::watt);
  const Config config = Config::parse(one_stage(two_seconds), "my.json");
  const Pipeline p = own.compile(config, "mine");
  EXPECT_EQ(output_of(p, answer(p), "s.sequential"), 5);
  expect_says(refused([&] { (void)own.zoo("lost"); }), {"lost.json#/zoo/0", "nowhere"});
  expect_says(refused([&] { (void)own.zoo("typo"); }), {"typo.json#/default", "did you mean 'defaults'?"});
  expect_says(refused([&] { (void)own.zoo("mien"); }), {"unknown profile 'mien'; did you mean 'mine'?"});
  expect_says(refused([&] { (void)own.zoo(std::string(5000, 'x')); }), {"unknown profile 'xxx"});
  expect_says(refused([&] { (void)own.compile(config, "port"); }),
              {"port.json", "iron_law has no input 'overhead_tim'; did you mean 'overhead_time'?"});
  const auto faults = own.zoo("field").check();
  ASSERT_EQ(faults.size(), 1u);
  expect_says(faults.front(), {"profile default accelerator.tpd", "did you mean 'tdp'?"});
}

}  // namespace
}  // namespace ironlaw::host
