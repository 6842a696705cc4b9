// A program of one's own around the host library: one compiled pipeline, a million questions, its own progress.
#include <ironlaw/error.hpp>
#include <ironlaw/host/session.hpp>

#include <chrono>
#include <cstdio>
#include <exception>

namespace {

namespace host = ironlaw::host;
constexpr std::size_t block_rows = 1000;
constexpr std::size_t blocks = 1000;

struct Best {
  double bandwidth = 0;
  double batch = 0;
  double throughput = 0;
};

/// Asks for every batch from 1 to 1,000 at every bandwidth from 1 to 8 TB/s, and keeps the best throughput under 5 ms.
Best search(const host::Pipeline& pipeline) {
  const ironlaw::Solver& solver = pipeline.solver();
  const std::size_t batch = pipeline.input("batch");
  const std::size_t bandwidth = pipeline.input("device.memory_bandwidth");
  const std::size_t latency = pipeline.output("node.latency");
  const std::size_t throughput = pipeline.output("node.throughput");

  // An input that stays the same is one cell, stride 0; outputs that nobody wants are null.
  std::vector<ironlaw::Cell> base = pipeline.base();
  std::vector<ironlaw::Column> in;
  for (const ironlaw::Cell& cell : base) in.push_back({&cell, 0});
  std::vector<ironlaw::Cell> batches(block_rows), latencies(block_rows), throughputs(block_rows);
  for (std::size_t r = 0; r < block_rows; ++r) batches[r].number = static_cast<double>(r + 1);
  in[batch] = {batches.data(), 1};
  std::vector<ironlaw::Cell*> out(solver.outputs().size(), nullptr);
  out[latency] = latencies.data();
  out[throughput] = throughputs.data();

  Best best;
  for (std::size_t b = 0; b < blocks; ++b) {
    base[bandwidth].number = 1e12 + 7e12 * static_cast<double>(b) / (blocks - 1);  // SI: bytes a second
    std::vector<ironlaw::RowStatus> status(block_rows, ironlaw::RowStatus::ok);
    solver.evaluate({in, out, status, nullptr});
    for (std::size_t r = 0; r < block_rows; ++r) {
      if (!ironlaw::has_outputs(status[r]) || latencies[r].number > 5e-3) continue;
      if (throughputs[r].number > best.throughput) best = {base[bandwidth].number, batches[r].number, throughputs[r].number};
    }
    if ((b + 1) % 250 == 0) std::fprintf(stderr, "%zu of %zu rows\n", (b + 1) * block_rows, blocks * block_rows);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: embed CONFIG\n");
    return 1;
  }
  try {
    host::Session session;
    const host::Pipeline pipeline = session.compile(host::Config::read(argv[1]));
    const auto start = std::chrono::steady_clock::now();
    const Best best = search(pipeline);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("best under 5 ms: batch %.0f at %.3f TB/s, %.0f samples/s\n", best.batch, best.bandwidth / 1e12, best.throughput);
    std::fprintf(stderr, "%.0f ns a row\n", took.count() * 1e9 / (blocks * block_rows));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "embed: %s\n", e.what());
    return 1;
  }
}
