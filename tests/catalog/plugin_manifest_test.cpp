// What is known of a file without opening it: every way in which it may not be a plugin for this host.
#include "plugin_files.hpp"

#include <ironlaw/fingerprint.hpp>

#include <elf.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

namespace ironlaw::host {
namespace {

using Damage = std::function<void(std::string& bytes)>;

template <class T>
T read_at(const std::string& bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// Changes a plain struct inside the bytes of a file.
template <class T>
void edit(std::string& bytes, std::size_t at, const std::function<void(T&)>& change) {
  T value = read_at<T>(bytes, at);
  change(value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

Elf64_Shdr section_of(const std::string& bytes, std::string_view wanted) {
  const auto header = read_at<Elf64_Ehdr>(bytes, 0);
  const auto section = [&](std::size_t i) { return read_at<Elf64_Shdr>(bytes, header.e_shoff + i * sizeof(Elf64_Shdr)); };
  const auto names = section(header.e_shstrndx).sh_offset;
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    if (wanted == bytes.data() + names + section(i).sh_name) return section(i);
  }
  std::abort();
}

Damage elf(const std::function<void(Elf64_Ehdr&)>& change) {
  return [change](std::string& bytes) { edit(bytes, 0, change); };
}
Damage head(const std::function<void(ironlaw_manifest_v1&)>& change) {
  return [change](std::string& bytes) { edit(bytes, section_of(bytes, IRONLAW_MANIFEST_SECTION).sh_offset, change); };
}
Damage provides(std::size_t i, const std::function<void(ironlaw_provides_v1&)>& change) {
  return [i, change](std::string& bytes) {
    const auto table = section_of(bytes, IRONLAW_MANIFEST_SECTION).sh_offset + sizeof(ironlaw_manifest_v1);
    edit(bytes, table + i * sizeof(ironlaw_provides_v1), change);
  };
}
template <std::size_t N>
void put(char (&field)[N], std::string_view text) {
  std::memset(field, 0, N);
  std::memcpy(field, text.data(), text.size());
}
void put_fingerprint(ironlaw_manifest_v1& m, const std::string& text) {
  put(m.fingerprint, text);
  m.fingerprint_hash = fnv1a(text);
}

PluginRecord inspect_damaged(const Damage& damage) {
  const TemporaryFolder folder;
  std::string bytes = bytes_of(built("well_behaved"));
  damage(bytes);
  return Plugins::inspect(folder.write("damaged.so", bytes));
}

TEST(PluginManifest, TellsEverythingOfAGoodPlugin) {
  const PluginRecord record = Plugins::inspect(built("well_behaved"));
  EXPECT_EQ(record.status, LoadStatus::ok) << record.detail;
  EXPECT_EQ(record.detail, "");
  EXPECT_EQ(record.name, "well_behaved");
  EXPECT_EQ(record.version, "1.2.3");
  EXPECT_EQ(record.licence, "Apache-2.0");
  EXPECT_EQ(record.fingerprint, fingerprint);
  EXPECT_EQ(record.provides, (std::vector<Provides>{{"solver", "doubler"},
                                                    {"kind", "toy"},
                                                    {"study", "once"},
                                                    {"observer", "counter"},
                                                    {"guard", "patience"},
                                                    {"importer", "one_toy"}}));
  EXPECT_FALSE(record.opened);
}

struct DamageCase {
  const char* name;
  Damage damage;
  LoadStatus status;
  const char* detail;
};
class DamagedFile : public testing::TestWithParam<DamageCase> {};

TEST_P(DamagedFile, IsRefusedInOneLine) {
  const PluginRecord record = inspect_damaged(GetParam().damage);
  EXPECT_EQ(to_string(record.status), to_string(GetParam().status));
  EXPECT_TRUE(contains(record.detail, GetParam().detail)) << record.detail;
  EXPECT_FALSE(contains(record.detail, "\n"));
}

constexpr auto no = LoadStatus::not_a_plugin;
constexpr auto bad = LoadStatus::bad_manifest;

INSTANTIATE_TEST_SUITE_P(
    Elf, DamagedFile,
    testing::Values(DamageCase{"empty", [](std::string& b) { b.clear(); }, no, "no ELF file"},
                    DamageCase{"text", [](std::string& b) { b = "solver: roofline\n"; }, no, "no ELF file"},
                    DamageCase{"identity_only", [](std::string& b) { b.resize(16); }, no, "a truncated ELF header"},
                    DamageCase{"half", [](std::string& b) { b.resize(b.size() / 2); }, no, "a truncated section table"},
                    DamageCase{"narrow", elf([](auto& h) { h.e_ident[EI_CLASS] = ELFCLASS32; }), no, "a 32-bit ELF file"},
                    DamageCase{"classless", elf([](auto& h) { h.e_ident[EI_CLASS] = 9; }), no, "unknown class"},
                    DamageCase{"big_endian", elf([](auto& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; }), no, "a big-endian ELF file"},
                    DamageCase{"no_endian", elf([](auto& h) { h.e_ident[EI_DATA] = 7; }), no, "unknown byte order"},
                    DamageCase{"riscv", elf([](auto& h) { h.e_machine = EM_RISCV; }), no,
                               "an ELF file for riscv where this host is"},
                    DamageCase{"other_machine", elf([](auto& h) { h.e_machine = 60000; }), no, "an ELF file for machine 60000"},
                    DamageCase{"program", elf([](auto& h) { h.e_type = ET_EXEC; }), no, "no shared library"},
                    DamageCase{"no_sections", elf([](auto& h) { h.e_shnum = 0; }), no, "no section table"},
                    DamageCase{"odd_sections", elf([](auto& h) { h.e_shentsize = 8; }), no, "no section table"},
                    DamageCase{"sections_far_off", elf([](auto& h) { h.e_shoff = ~0ull - 8; }), no, "a truncated section table"},
                    DamageCase{"huge_names",
                               [](std::string& b) {
                                 const auto h = read_at<Elf64_Ehdr>(b, 0);
                                 edit<Elf64_Shdr>(b, h.e_shoff + h.e_shstrndx * sizeof(Elf64_Shdr),
                                                  [](auto& s) { s.sh_size = ~0ull; });
                               },
                               no, "an impossible table of section names"}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Manifest, DamagedFile,
    testing::Values(
        DamageCase{"magic", head([](auto& m) { m.magic[0] = 'X'; }), bad, "its magic is wrong"},
        DamageCase{"manifest_version", head([](auto& m) { m.manifest_version = 2; }), bad,
                   "expected manifest version 1, found 2"},
        DamageCase{"size", head([](auto& m) { m.struct_size += 8; }), bad, "its sizes are wrong"},
        DamageCase{"entry_size", head([](auto& m) { m.provides_size = 0; }), bad, "its sizes are wrong"},
        DamageCase{"nothing", head([](auto& m) { m.provides_count = 0; }), bad, "it provides nothing"},
        DamageCase{"too_much", head([](auto& m) { m.provides_count = ~0u; }), bad, "its provides table is cut"},
        DamageCase{"endless", head([](auto& m) { std::memset(m.version, 'v', sizeof m.version); }), bad,
                   "the version does not end"},
        DamageCase{"unprintable", head([](auto& m) { put(m.licence, "\x1b[31mred"); }), bad, "the licence has characters"},
        DamageCase{"name", head([](auto& m) { put(m.name, "Well-Behaved"); }), bad, "'Well-Behaved' is not snake_case"},
        DamageCase{"nameless", head([](auto& m) { put(m.name, ""); }), bad, "'' is not snake_case"},
        DamageCase{"component", provides(1, [](auto& p) { put(p.name, "toy__kind"); }), bad, "'toy__kind' is not snake_case"},
        DamageCase{"sort", provides(1, [](auto& p) { put(p.what, "oracle"); }), bad, "'oracle' is no sort of component"},
        DamageCase{"twice", provides(1, [](auto& p) { put(p.what, "solver"), put(p.name, "doubler"); }), bad,
                   "solver 'doubler' is listed twice"},
        DamageCase{"hash", head([](auto& m) { ++m.fingerprint_hash; }), bad, "the fingerprint does not match its hash"},
        DamageCase{"sdk_minor", head([](auto& m) { m.sdk_minor = 99; }), LoadStatus::sdk_version,
                   "expected SDK 0.1, found SDK 0.99: build"},
        DamageCase{"sdk_major", head([](auto& m) { m.sdk_major = 1; }), LoadStatus::sdk_version, "found SDK 1.1"},
        DamageCase{"layout", head([](auto& m) {
                     std::string text(m.fingerprint);
                     text.back() = text.back() == '0' ? '1' : '0';
                     put_fingerprint(m, text);
                   }),
                   LoadStatus::fingerprint, "expected layout="},
        DamageCase{"earlier_revision", head([](auto& m) {
                     std::string text(m.fingerprint);
                     const auto at = text.find("interface=") + std::string_view("interface=").size();
                     text.replace(at, text.find(';', at) - at, "2");
                     put_fingerprint(m, text);
                   }),
                   LoadStatus::fingerprint,
                   "found interface=2: it was built for another revision of the plugin interface; build it anew against this "
                   "installation's headers (cmake --build FOLDER --clean-first)"},
        DamageCase{"short_fingerprint", head([](auto& m) { put_fingerprint(m, "x86_64"); }), LoadStatus::fingerprint,
                   "found x86_64: "},
        DamageCase{"long_fingerprint", head([](auto& m) { put_fingerprint(m, std::string(fingerprint) + ";more=1"); }),
                   LoadStatus::fingerprint, "found more=1"}),
    [](const auto& one) { return one.param.name; });

TEST(PluginManifest, NamesTheFieldOfTheFingerprintThatDiffers) {
  unsetenv("IRONLAW_WRONG_ABI_RAN");
  const PluginRecord record = Plugins::inspect(built("wrong_abi"));
  EXPECT_EQ(record.status, LoadStatus::fingerprint);
  EXPECT_TRUE(contains(record.detail, "expected libstdc++.cxx11=1, found libstdc++.cxx11=0: build")) << record.detail;
  EXPECT_EQ(record.name, "wrong_abi");
  EXPECT_EQ(record.provides.size(), 1u);
  EXPECT_EQ(getenv("IRONLAW_WRONG_ABI_RAN"), nullptr);
  const PluginRecord debug = Plugins::inspect(built("debug_containers"));
  EXPECT_EQ(debug.status, LoadStatus::fingerprint);
  EXPECT_TRUE(contains(debug.detail, "expected release, found debug: build")) << debug.detail;
}

TEST(PluginManifest, TwoHundredPluginsAreListedAndNoneIsOpened) {
  const TemporaryFolder folder;
  const std::string whole = bytes_of(built("well_behaved"));
  for (int i = 0; i < 200; ++i) {
    std::string bytes = whole;
    const std::string name = "plugin_" + std::to_string(i);
    head([&](auto& m) { put(m.name, name); })(bytes);
    provides(0, [&](auto& p) { put(p.name, "solver_of_" + name); })(bytes);
    (void)folder.write(name + ".so", bytes);
  }
  const auto start = std::chrono::steady_clock::now();
  const Plugins plugins(only_folders({folder.path()}));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(plugins.names("solver").size(), 200u);
  EXPECT_NE(plugins.provider("solver", "solver_of_plugin_17"), nullptr);
  for (const auto& record : plugins.records()) EXPECT_FALSE(record.opened);
  EXPECT_LT(took.count(), 2);  // far more than it takes: opening them all would show
  RecordProperty("microseconds_a_plugin", static_cast<int>(took.count() * 1e6 / 200));
}

TEST(PluginManifest, RefusesAnotherSdkAndALibraryWithoutManifest) {
  EXPECT_EQ(Plugins::inspect(built("wrong_sdk")).status, LoadStatus::sdk_version);
  const PluginRecord plain = Plugins::inspect(built("no_manifest"));
  EXPECT_EQ(plain.status, LoadStatus::not_a_plugin);
  EXPECT_TRUE(contains(plain.detail, "no .ironlaw_manifest section")) << plain.detail;
}

TEST(PluginManifest, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  const PluginRecord missing = Plugins::inspect(folder.path() / "missing.so");
  EXPECT_EQ(missing.status, LoadStatus::not_found);
  EXPECT_EQ(missing.file, folder.path() / "missing.so");
  EXPECT_TRUE(contains(missing.detail, "No such file")) << missing.detail;
  ASSERT_EQ(mkfifo((folder.path() / "pipe.so").c_str(), 0600), 0);
  EXPECT_EQ(Plugins::inspect(folder.path() / "pipe.so").status, LoadStatus::not_a_plugin);
  EXPECT_EQ(Plugins::inspect(folder.path()).status, LoadStatus::not_a_plugin);
}

TEST(PluginManifest, RefusesWhatOthersCouldHaveWritten) {
  const TemporaryFolder folder;
  const auto file = folder.copy("well_behaved", "mine.so");
  chmod(file.c_str(), 0666);
  const PluginRecord open_file = Plugins::inspect(file);
  EXPECT_EQ(open_file.status, LoadStatus::insecure);
  EXPECT_TRUE(contains(open_file.detail, "file writable by others (mode 0666)")) << open_file.detail;
  EXPECT_TRUE(contains(open_file.detail, "chmod go-w " + file.string())) << open_file.detail;
  chmod(file.c_str(), 0644);
  EXPECT_EQ(Plugins::inspect(file).status, LoadStatus::ok);
  chmod(folder.path().c_str(), 01777);
  const PluginRecord open_folder = Plugins::inspect(file);
  EXPECT_EQ(open_folder.status, LoadStatus::insecure);
  EXPECT_TRUE(contains(open_folder.detail, "folder writable by others (mode 1777)")) << open_folder.detail;
}

TEST(PluginManifest, RefusesFilesOfOtherUsersAndGroups) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const TemporaryFolder folder;
  const auto file = folder.copy("well_behaved", "mine.so");
  ASSERT_EQ(chown(file.c_str(), 0, 54321), 0);
  chmod(file.c_str(), 0664);
  const PluginRecord group = Plugins::inspect(file);
  EXPECT_EQ(group.status, LoadStatus::insecure);
  EXPECT_TRUE(contains(group.detail, "file writable by its group (mode 0664)")) << group.detail;
  ASSERT_EQ(chown(file.c_str(), 54321, 0), 0);
  const PluginRecord other = Plugins::inspect(file);
  EXPECT_EQ(other.status, LoadStatus::insecure);
  EXPECT_TRUE(contains(other.detail, "owned by user 54321, expected root or user 0")) << other.detail;
}

}  // namespace
}  // namespace ironlaw::host
