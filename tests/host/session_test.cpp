// The host as a library: what it finds, what it says where it finds nothing, and that it knows no solver itself.
#include "sessions.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace ironlaw::host {
namespace {

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Whether `name` stands in `bytes` as a word of its own, which the "data" of a section ".data" is not.
bool holds_word(std::string_view bytes, std::string_view name) {
  const auto part_of_word = [](char c) { return c == '_' || c == '.' || std::isalnum(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t at = bytes.find(name); at != bytes.npos; at = bytes.find(name, at + 1)) {
    const bool before = at > 0 && part_of_word(bytes[at - 1]);
    const std::size_t end = at + name.size();
    if (!before && (end >= bytes.size() || !part_of_word(bytes[end]))) return true;
  }
  return false;
}

SessionOptions without_plugins() {
  SessionOptions options;
  options.plugins.environment = false;
  options.plugins.defaults = false;
  return options;
}

TEST(Session, FindsPluginsZooAndProfilesBesideTheLibrary) {
  const auto solvers = session().plugins().names("solver");
  for (const std::string name : {"single_node", "network_roofline", "efficiency", "amdahl"})
    EXPECT_TRUE(std::find(solvers.begin(), solvers.end(), name) != solvers.end()) << name;
  EXPECT_TRUE(session().plugins().provider("solver", "amdahl")->name == "roofline");
  const auto profiles = session().profiles();
  EXPECT_EQ(profiles.front(), "native");
  EXPECT_TRUE(std::find(profiles.begin(), profiles.end(), "mlsysim-0.3") != profiles.end());
}

// Assertions write the names of variables into the library.
#ifdef NDEBUG
constexpr std::string_view name_of_a_variable;
#else
constexpr std::string_view name_of_a_variable = "data";
#endif

TEST(Session, TheLibraryNamesNoSolver) {
  const std::string bytes = bytes_of(IRONLAW_LIBRARY);
  ASSERT_GT(bytes.size(), 100'000u);
  const auto solvers = session().plugins().names("solver");
  ASSERT_GE(solvers.size(), 8u);
  for (const auto& name : solvers) EXPECT_TRUE(name == name_of_a_variable || !holds_word(bytes, name)) << name;
  for (const char* kind : {"sparse_transformer", "state_space", "wafer_scale", "host_cpu"})
    EXPECT_FALSE(holds_word(bytes, kind)) << kind;
}

TEST(Session, WithoutPluginsSaysWhy) {
  Session bare(without_plugins());
  EXPECT_TRUE(bare.plugins().names("solver").empty());
  EXPECT_TRUE(bare.plugins().names("kind").empty());
  const std::string why = bare.plugins().why_none();
  EXPECT_NE(why.find("no plugin"), std::string::npos) << why;
  EXPECT_EQ(why.find('\n'), std::string::npos);
  const std::string message = refused([&] { (void)bare.compile(Config::parse(one_stage(two_seconds), "my.json")); });
  EXPECT_NE(message.find("my.json#/stages/s/solver"), std::string::npos) << message;
  EXPECT_NE(message.find("--no-default-plugins leaves out"), std::string::npos) << message;
  EXPECT_FALSE(bare.zoo().list("").empty());  // entries are data; their kinds are nobody's
  EXPECT_NE(refused([&] { (void)bare.zoo().find("hardware", "A100", "here"); }).find("no hardware at all"), std::string::npos);
}

TEST(Session, AProfileIsTheConfigsOwnOrTheCallers) {
  const std::string stage = R"("solver": "single_node", "workload": "ResNet50", "hardware": "A100")";
  const auto latency = [&](const std::string& rest, const std::string& profile) {
    const Pipeline p = compiled(one_stage(stage, rest), profile);
    return output_of(p, answer(p), "s.memory_time");
  };
  EXPECT_NE(latency("", ""), latency("", "mlsysim-0.3"));
  EXPECT_EQ(latency("", ""), latency("", "native"));
  EXPECT_EQ(latency(R"(, "profile": "tutorials")", "mlsysim-0.3"), latency("", "tutorials"));
}

TEST(Session, APipelineOutlivesItsSession) {
  auto own = std::make_unique<Session>();
  const Pipeline p = own->compile(Config::parse(one_stage(resnet_on_a100), "my.json"));
  const double before = output_of(p, answer(p), "s.latency");
  own.reset();
  EXPECT_EQ(output_of(p, answer(p), "s.latency"), before);
}

}  // namespace
}  // namespace ironlaw::host
