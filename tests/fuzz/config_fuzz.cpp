// Arbitrary bytes as a config: an answer, or an Error of one printable line.
#include <ironlaw/error.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

using namespace ironlaw;

constexpr std::uint64_t most_rows = 4096;

struct CountRows final : host::RowSink {
  void rows(const host::ResultRows& r) override { count += r.status.size(); }
  std::uint64_t count = 0;
};

bool one_line(std::string_view text) { return !text.empty() && text.find('\n') == text.npos; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static host::Session session;
  try {
    const auto config = host::Config::parse({reinterpret_cast<const char*>(data), size}, "config");
    const auto pipeline = session.compile(config);
    if (pipeline.rows() > most_rows) return 0;
    CountRows sink;
    if (host::run(pipeline, sink).rows != sink.count) std::abort();
  } catch (const Error& e) {
    if (!one_line(e.what())) std::abort();
  }
  return 0;
}
