// `ironlaw web` as its clients meet it, the hostile ones too.
#include "web/served_program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <thread>

namespace ironlaw::web_test {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

const std::string solve = R"({"solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "batch_size": 8}})";
std::string solve_of(int batch) {
  return R"({"solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "batch_size": )" +
         std::to_string(batch) + "}}";
}
const std::string endless =
    R"({"solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "batch_size": ["1..1000000"], "efficiency": [0.1, 0.2, 0.3]}})";

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

TEST(Server, AnswersManyRequestsOfOneClient) {
  const ServedProgram program({"--api-only"});
  Client client(program.port());
  std::string first;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.ask("POST", "/v1/solve", solve));
    const auto reply = client.reply();
    ASSERT_EQ(reply.status, 200) << reply.body;
    if (first.empty()) first = reply.body;
    ASSERT_EQ(reply.body, first);
  }
  // Two that follow one another without waiting are answered in their order.
  client.ask("POST", "/v1/solve", solve_of(1));
  client.ask("GET", "/healthz");
  EXPECT_NE(client.reply().body.find("outputs"), std::string::npos);
  EXPECT_EQ(client.reply().body, R"({"status":"ok"})");
  EXPECT_EQ(once(program.port(), "GET", "/").status, 404) << "--api-only has no page";
}

TEST(Server, GivesThePageAndWhatItMayLoad) {
  const ServedProgram program({});
  const auto page = once(program.port(), "GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.head.find("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'"), std::string::npos)
      << page.head;
  EXPECT_EQ(page.head.find("unsafe"), std::string::npos);
  // Every file that the page names is there, and it names none from elsewhere.
  EXPECT_EQ(page.body.find("://"), std::string::npos);
  for (std::size_t at = 0; (at = page.body.find("src=\"", at)) != page.body.npos;) {
    at += 5;
    const auto file = page.body.substr(at, page.body.find('"', at) - at);
    EXPECT_EQ(once(program.port(), "GET", file).status, 200) << file;
  }
  const auto head = [&] {
    Client client(program.port());
    client.send_text("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    std::string text;
    return client.reply(1);
  }();
  EXPECT_EQ(head.status, 0) << "the length of a body that does not follow";
}

TEST(Server, RefusesOtherSites) {
  const ServedProgram program({"--api-only"});
  const auto asked_as = [&](const std::string& headers) {
    Client client(program.port());
    client.send_text("GET /healthz HTTP/1.1\r\n" + headers + "\r\n");
    return client.reply().status;
  };
  EXPECT_EQ(asked_as("Host: localhost:1234\r\n"), 200);
  EXPECT_EQ(asked_as("Host: [::1]:80\r\nOrigin: http://[::1]:80\r\n"), 200);
  EXPECT_EQ(asked_as("Host: evil.example\r\n"), 403);
  EXPECT_EQ(asked_as("Host: localhost\r\nOrigin: https://evil.example\r\n"), 403);
  EXPECT_EQ(asked_as("Host: localhost\r\nOrigin: null\r\n"), 403);
}

TEST(Server, RefusesHostileBodiesWhileItServesOthers) {
  const ServedProgram program({"--api-only"});
  std::atomic<bool> over{false};
  std::atomic<int> served{0};
  std::atomic<int> lost{0};
  double slowest = 0;
  std::jthread others([&] {
    Client client(program.port());
    while (!over) {
      const auto begin = Clock::now();
      client.ask("POST", "/v1/solve", solve);
      ++(client.reply().status == 200 ? served : lost);
      slowest = std::max(slowest, seconds_since(begin));
    }
  });
  // 100 MB, announced and not.
  {
    Client client(program.port());
    client.send_text("POST /v1/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n");
    const std::string part(1 << 20, ' ');
    for (int i = 0; i < 95 && client.send_text(part); ++i) {
    }
    EXPECT_EQ(client.reply().status, 413);
  }
  {
    Client client(program.port());
    client.send_text("POST /v1/run HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string part = "100000\r\n" + std::string(1 << 20, ' ') + "\r\n";
    for (int i = 0; i < 95 && client.send_text(part); ++i) {
    }
    EXPECT_EQ(client.reply().status, 413);
  }
  // Deep, broken, no HTTP, an endless head.
  EXPECT_EQ(once(program.port(), "POST", "/v1/run", std::string(1'000'000, '[')).status, 400);
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += R"({"a":)";
  EXPECT_EQ(once(program.port(), "POST", "/v1/run", deep).status, 400);
  EXPECT_EQ(once(program.port(), "POST", "/v1/run", std::string("\xff\xfe\0{", 4)).status, 400);
  {
    Client client(program.port());
    client.send_text("\x16\x03\x01 no HTTP at all\r\n\r\n");
    EXPECT_EQ(client.reply().status, 400);
  }
  {
    Client client(program.port());
    client.send_text("GET / HTTP/1.1\r\nHost: localhost\r\n" + std::string(20'000, 'a') + ": b\r\n\r\n");
    EXPECT_EQ(client.reply().status, 431);
  }
  // More large bodies at once than may be.
  {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 10; ++i) {
      clients.push_back(std::make_unique<Client>(program.port()));
      clients.back()->send_text("POST /v1/run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16777216\r\n\r\n");
    }
    int refused = 0;
    for (auto& client : clients)
      if (client->reply(0.3).status == 503) ++refused;
    EXPECT_EQ(refused, 2);
  }
  over = true;
  others.join();
  EXPECT_EQ(lost, 0);
  EXPECT_GT(served, 20);
  EXPECT_LT(slowest, 2) << "seconds that a client waited meanwhile";
  EXPECT_EQ(metric(program.port(), "ironlaw_body_bytes"), 0);
}

/// A head that never ends is cut off, and costs the others nothing.
TEST(Server, CutsOffSlowClients) {
  const ServedProgram program({"--api-only", "--header-seconds", "1", "--body-seconds", "1"});
  Client slow_head(program.port());
  Client slow_body(program.port());
  slow_body.send_text("POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n");
  const auto begin = Clock::now();
  for (int i = 0; i < 20; ++i) {
    slow_head.send_text("G");
    slow_body.send_text(" ");
    EXPECT_EQ(once(program.port(), "POST", "/v1/solve", solve).status, 200);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(slow_body.reply(5).status, 0);
  EXPECT_EQ(slow_head.reply(5).status, 0);
  EXPECT_LT(seconds_since(begin), 8);
  EXPECT_GE(metric(program.port(), "ironlaw_not_answered_total"), 2);
}

TEST(Server, AnswersTwoHundredConnections) {
  const ServedProgram program({"--api-only"});
  constexpr int connections = 200;
  constexpr int requests = 20;
  std::vector<std::unique_ptr<Client>> clients;
  for (int c = 0; c < connections; ++c) clients.push_back(std::make_unique<Client>(program.port()));
  std::vector<std::string> expected(7);
  int lost = 0;
  const double before = metric(program.port(), "process_cpu_seconds_total");
  for (int r = 0; r < requests; ++r) {
    for (int c = 0; c < connections; ++c)
      clients[static_cast<std::size_t>(c)]->ask("POST", "/v1/solve", solve_of(1 + (r + c) % 7));
    for (int c = 0; c < connections; ++c) {
      const auto reply = clients[static_cast<std::size_t>(c)]->reply();
      auto& same = expected[static_cast<std::size_t>((r + c) % 7)];
      if (same.empty()) same = reply.body;
      if (reply.status != 200 || reply.body != same) ++lost;
    }
  }
  EXPECT_EQ(lost, 0);
  EXPECT_GE(metric(program.port(), "ironlaw_connections"), connections);
  const double each = (metric(program.port(), "process_cpu_seconds_total") - before) / (connections * requests);
  RecordProperty("microseconds_a_solve", std::to_string(each * 1e6));
  std::printf("%.0f us of the service's processor a solve\n", each * 1e6);
}

TEST(Server, EndsARunWhoseClientHasLeft) {
  const ServedProgram program({"--api-only", "--max-rows", "100000000"});
  Client client(program.port());
  client.ask("POST", "/v1/run", endless);
  while (metric(program.port(), "ironlaw_requests_in_flight") < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  client.leave();
  const auto begin = Clock::now();
  while (metric(program.port(), "ironlaw_requests_in_flight") > 1 && seconds_since(begin) < 30)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_LT(seconds_since(begin), 5);
}

/// A plugin that looks at no limit: it is answered for, others are served, and a stop ends it.
TEST(Server, AnswersForAStudyThatDoesNotEnd) {
  ServedProgram program(
      {"--api-only", "--max-seconds", "0.2", "--stop-seconds", "1", "--plugin", IRONLAW_BAD_PLUGIN_DIR "/never_ends_a_study.so"});
  Client client(program.port());
  ASSERT_TRUE(client.ask("POST", "/v1/study",
                         R"({"solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100"},
                             "study": "never_ends_a_study", "options": {"output": "latency"}})"));
  const auto reply = client.reply(20);
  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(reply.body.find("the request takes longer than 0.2 s (--max-seconds), and does not end"), std::string::npos)
      << reply.body;
  Client other(program.port());
  ASSERT_TRUE(
      other.ask("POST", "/v1/solve", R"({"solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100"}})"));
  EXPECT_EQ(other.reply(20).status, 200);
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(), 4);
}

TEST(Server, StopsInOrder) {
  ServedProgram program({"--api-only", "--stop-seconds", "60"});
  Client idle(program.port());
  Client busy(program.port());
  ASSERT_TRUE(busy.ask(
      "POST", "/v1/solve",
      R"({"solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "batch_size": ["1..100000"]}})"));
  while (metric(program.port(), "ironlaw_requests_in_flight") < 2) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  program.signal(SIGTERM);
  const auto reply = busy.reply(60);
  EXPECT_EQ(reply.status, 200) << "what was asked is answered first";
  EXPECT_NE(reply.head.find("Connection: close"), std::string::npos);
  EXPECT_EQ(idle.reply(5).status, 0);
  EXPECT_EQ(program.wait(), 0);
}

/// docs/web.md as its reader follows it: files of its blocks, requests, addresses and flags.
class Page {
 public:
  Page() {
    std::ifstream file(IRONLAW_SOURCE "/docs/web.md");
    std::string block;
    for (std::string line; std::getline(file, line);) {
      text += line + "\n";
      if (line.starts_with("```")) {
        block = line.starts_with("```json ") ? line.substr(8) : "";
      } else if (!block.empty()) {
        files[block] += line + "\n";
      } else if (line.starts_with("$ curl -s localhost:8080")) {
        requests.push_back(line.substr(24));
      }
    }
  }
  std::string text;
  std::map<std::string, std::string> files;
  std::vector<std::string> requests;  ///< "/v1/solve -H 'Accept: text/csv' -d '{...}'"

  /// All that a pattern's group takes.
  [[nodiscard]] std::set<std::string> all(const std::string& pattern) const {
    std::set<std::string> found;
    const std::regex wanted(pattern);
    for (std::sregex_iterator at(text.begin(), text.end(), wanted), end; at != end; ++at) found.insert((*at)[1]);
    return found;
  }
};

std::string match_of(const std::string& text, const char* pattern) {
  std::smatch found;
  return std::regex_search(text, found, std::regex(pattern)) ? found[1].str() : "";
}

TEST(Documentation, ItsRequestsAreAnswered) {
  const Page page;
  const ServedProgram program({});
  ASSERT_GE(page.requests.size(), 2u);
  for (const auto& request : page.requests) {
    const std::string file = match_of(request, "-d @(\\S+)");
    const std::string body = file.empty() ? match_of(request, "-d '(.*)'") : page.files.at(file);
    const std::string header = match_of(request, "-H '([^']*)'");
    const auto reply = once(program.port(), body.empty() ? "GET" : "POST", request.substr(0, request.find(' ')), body,
                            header.empty() ? "" : header + "\r\n");
    EXPECT_EQ(reply.status, 200) << request << "\n" << reply.body;
  }
}

TEST(Documentation, NamesEveryAddressAndNoOther) {
  const Page page;
  const ServedProgram program({"--api-only"});
  std::set<std::string> there;
  const Json api = Json::parse(once(program.port(), "GET", "/v1/openapi.json").body);
  for (const auto& [path, methods] : api["paths"].items()) there.insert(path.substr(0, path.find("/{")));
  std::set<std::string> said = page.all("[` ](/(?:v1/[a-z.]+|healthz|metrics))");
  said.insert("/v1/shown");  // the page's own
  EXPECT_EQ(said, there);
}

TEST(Documentation, NamesFlagsThatThereAre) {
  const Page page;
  std::string help;
  for (const char* command : {" web --help", " --help", " mcp --help", " batch --help"}) {
    FILE* pipe = popen((std::string(IRONLAW_PROGRAM) + command + " 2>&1").c_str(), "r");
    std::array<char, 4096> part;
    for (std::size_t n; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;) help.append(part.data(), n);
    pclose(pipe);
  }
  const auto flags = page.all("`[^`\n]*?(--[a-z-]+)[^`\n]*`");
  EXPECT_GE(flags.size(), 10u);
  for (const auto& flag : flags) EXPECT_NE(help.find(flag), std::string::npos) << flag;
}

/// A minute of everything at once; memory stays where it is.
TEST(Soak, MemoryIsFlat) {
  const ServedProgram program({"--api-only"});
  const double minutes = std::getenv("IRONLAW_SOAK_MINUTES") != nullptr ? std::atof(std::getenv("IRONLAW_SOAK_MINUTES")) : 1;
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> lost{0};
  const auto end = Clock::now() + std::chrono::duration<double>(60 * minutes);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; !over; ++i) {
        Client client(program.port());
        for (int k = 0; k < 20 && !over; ++k) {
          const int batch = 1 + (i * 20 + k + t * 997) % 5000;
          bool as_expected = true;
          switch (k % 6) {
            case 0:
              client.ask(
                  "POST", "/v1/run",
                  R"({"config": {"version": 1, "stages": {"n": {"solver": "single_node", "workload": "ResNet50", "hardware": {"based_on": "H100", "memory_bandwidth": ")" +
                      std::to_string(1000 + batch) + R"( GB/s"}, "batch_size": 8}}}})");
              as_expected = client.reply().status == 200;
              break;
            case 1:
              client.ask("POST", "/v1/solve",
                         R"({"solver": "single_node", "profile": "p)" + std::to_string(batch) + R"(", "inputs": {}})");
              as_expected = client.reply().status == 400;
              break;
            case 2:
              client.ask("POST", "/v1/run", std::string(static_cast<std::size_t>(batch) * 10, '['));
              as_expected = client.reply().status == 400;
              break;
            case 3:
              client.ask("GET", "/v1/zoo/H100");
              as_expected = client.reply().status == 200;
              break;
            default:
              client.ask("POST", "/v1/solve", solve_of(batch));
              as_expected = client.reply().status == 200;
          }
          ++(as_expected ? answered : lost);
        }
      }
    });
  const auto warm = Clock::now() + std::chrono::duration<double>(20 * minutes);
  std::this_thread::sleep_until(warm);
  const double early = metric(program.port(), "process_resident_memory_bytes");
  std::this_thread::sleep_until(end);
  const double late = metric(program.port(), "process_resident_memory_bytes");
  over = true;
  threads.clear();
  EXPECT_EQ(lost, 0u);
  std::printf("%llu requests, %.1f MiB after a third, %.1f MiB at the end\n", static_cast<unsigned long long>(answered),
              early / 0x1p20, late / 0x1p20);
  EXPECT_LT(late, early * 1.1);
}

}  // namespace
}  // namespace ironlaw::web_test
