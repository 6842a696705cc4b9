// Every command over every config of the examples and of the pages, as it is, with a study and without, in every format.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <ironlaw/web/service.hpp>
#include <nlohmann/json.hpp>

#include "hostile/requirements.hpp"
#include "hostile/trials.hpp"

namespace ironlaw::hostile {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// Copies of the examples and of the configs on the pages, to vary and to write beside; gone at the end.
class EveryConfig : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "ironlaw_every_config_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    fs::copy(IRONLAW_SOURCE "/examples", folder_ / "examples", fs::copy_options::recursive);
    fs::copy(IRONLAW_SOURCE "/docs/tutorials/configs", folder_ / "tutorials", fs::copy_options::recursive);
    for (const auto& page : fs::recursive_directory_iterator(IRONLAW_SOURCE "/docs"))
      if (page.path().extension() == ".md") take_configs_off(page.path());
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      const auto extension = entry.path().extension();
      if ((extension == ".json" || extension == ".yaml") && text_of(entry.path()).find("stages") != std::string::npos)
        configs_.push_back(entry.path());
    }
    std::sort(configs_.begin(), configs_.end());
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// "```json NAME" begins a file on a page.
  void take_configs_off(const fs::path& page) const {
    std::istringstream lines(text_of(page));
    std::ofstream file;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("```json ")) {
        const auto name = folder_ / "pages" / page.stem() / line.substr(8);
        fs::create_directories(name.parent_path());
        file.open(name);
      } else if (line == "```") {
        file.close();
      } else if (file.is_open()) {
        file << line << "\n";
      }
    }
  }

  /// Runs `body` in a process of its own: a crash costs one config, and tells which command it was.
  template <class Body>
  void in_a_process(const fs::path& config, Body body) {
    std::fflush(nullptr);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(300);                     // the machine may be busy
      setenv("PATH", "/nowhere", 1);  // drawing plans takes more time than all else, and is tested with the documents
      fs::current_path(folder_);
      int failed = 0;
      std::size_t commands = 0;
      const auto command = [&](Words words) {
        ++commands;
        // A space that only a search can go through is refused.
        words.insert(words.end(), {"--plugin", IRONLAW_POWER_EFFICIENCY, "--plugin", IRONLAW_WORST_ROW, "--max-rows", "100000"});
        std::ofstream(folder_ / "at") << [&] {
          std::string line;
          for (const auto& word : words) line += word + " ";
          return line;
        }();
        try {
          require_outcome(words, run_command(words));
        } catch (const std::exception& e) {
          ++failed;
          std::fprintf(stderr, "%s\n", e.what());
        }
      };
      try {
        body(command);
      } catch (const std::exception& e) {
        ++failed;
        std::fprintf(stderr, "%s: %s\n", config.c_str(), e.what());
      }
      std::ofstream(folder_ / "commands") << commands;
      _exit(failed > 0 ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << config << ": " << text_of(folder_ / "at");
    commands_ += static_cast<std::size_t>(std::atoi(text_of(folder_ / "commands").c_str()));
  }

  /// A config of JSON with another study, or none.
  [[nodiscard]] fs::path variant(const fs::path& config, const std::string& name, const Json& study) const {
    Json json = Json::parse(text_of(config));
    json.erase("study");
    if (!study.is_null()) {
      json["study"] = study;
      json.erase("report");
      json.erase("callbacks");
    }
    const auto file = fs::path(config).replace_filename(config.stem().string() + "_" + name + ".json");
    std::ofstream(file) << json.dump();
    return file;
  }

  fs::path folder_;
  std::vector<fs::path> configs_;
  std::size_t commands_ = 0;  ///< that were run
};

constexpr std::array formats{"text", "json", "jsonl", "csv", "markdown", "arrow"};

TEST_F(EveryConfig, IsReadByEveryCommandInEveryFormat) {
  ASSERT_GE(configs_.size(), 50u);
  for (const auto& config : configs_) {
    in_a_process(config, [&](auto command) {
      const std::string file = config.string();
      for (const char* format : formats) command({"run", file, "--output", format, "--threads", "1"});
      command({"run", file, "--walls"});
      for (const char* form : {"text", "mermaid", "dot"}) command({"explain", file, "--as", form});
      command({"report", file, "-o", "report.md"});
      for (const char* study : {"sensitivity", "uncertainty", "optimize", "synthesis", "compare"})
        command({"study", study, file, "--output", "json"});
      for (const char* wrong : {"merge", "batch", "ask"}) command({wrong, file});
      command({"changes", file, file});
      command({"plugin", "lock", file});
      command({"web", file, "--address", "203.0.113.7"});  // of a network for documents: it is listened at nowhere
      command({"zoo", "import", file});
      command({"plugin", "show", file});
    });
  }
  EXPECT_GE(commands_, 1000u);
}

TEST_F(EveryConfig, IsAnsweredByTheServiceOrTheReasonSaid) {
  std::size_t asked = 0;
  for (const auto& config : configs_) {
    if (config.extension() != ".json") continue;
    in_a_process(config, [&](auto) {
      host::SessionOptions options;
      options.plugins.files = {IRONLAW_POWER_EFFICIENCY, IRONLAW_WORST_ROW};
      host::Session session(options);
      host::ServiceOptions of_service;
      of_service.limits.rows = 20'000;
      host::Service service(session, of_service);
      const std::string body = Json{{"config", Json::parse(text_of(config))}}.dump();
      for (const char* path : {"/v1/run", "/v1/study", "/v1/plan", "/v1/ports", "/v1/solve"}) {
        const auto reply = service.answer({"POST", path, "application/json", body, nullptr});
        require(reply.status == 200 || reply.status == 400, path + (": " + reply.body.substr(0, 300)));
        if (const Json said = Json::parse(reply.body, nullptr, false);
            said.is_object() && said.contains("error") && said["error"].is_string())
          require_message(said["error"].get<std::string>());
        if (reply.type == "application/json") require_json(reply.body);
      }
    });
    ++asked;
  }
  EXPECT_GE(asked, 40u);
}

TEST_F(EveryConfig, IsDrawnOrTheReasonSaid) {
  std::size_t n = 0;
  for (const auto& config : configs_) {
    // Drawing takes most of the time: of each chart every fifth.
    const std::array<Words, 5> plots{
        Words{"plot", "sweep", config.string(), "-o", "sweep.svg"},
        Words{"plot", "pareto", config.string(), "--goal", "min latency", "--goal", "max throughput", "-o", "pareto.svg"},
        Words{"plot", "breakdown", config.string(), "-o", "parts.html"},
        Words{"plot", "tornado", config.string(), "--y", "node.latency", "-o", "levers.svg"},
        Words{"plot", "timeline", config.string(), "-o", "step.svg"}};
    in_a_process(config, [&](auto command) { command(plots[n % plots.size()]); });
    ++n;
  }
}

TEST_F(EveryConfig, WithAnotherStudyAndWithoutIt) {
  for (const auto& config : configs_) {
    if (config.extension() != ".json") continue;
    const bool has_study = Json::parse(text_of(config)).contains("study");
    std::vector<fs::path> variants{variant(config, "without", {})};
    if (!has_study) {
      variants.push_back(variant(config, "sensitivity", {{"use", "sensitivity"}}));
      variants.push_back(variant(config, "uncertainty", {{"use", "uncertainty"}, {"samples", 64}, {"outputs", Json::array()}}));
    }
    in_a_process(config, [&](auto command) {
      for (const auto& file : variants) {
        command({"run", file.string(), "--output", "json", "--threads", "1"});
        command({"run", file.string()});
        command({"explain", file.string()});
        command({"report", file.string(), "-o", "report.md"});
      }
    });
  }
}

}  // namespace
}  // namespace ironlaw::hostile
