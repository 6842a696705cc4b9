#include "audit/machine.hpp"

#include "audit/kernels.hpp"

#include <unistd.h>

#include <ironlaw/error.hpp>

#include <algorithm>
#include <barrier>
#include <bit>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <system_error>
#include <thread>

namespace ironlaw::cli {
namespace {

constexpr int tries = 40;
constexpr double least_seconds = 0.004;  // of a try: long against the clock, short against what else the machine does
constexpr std::size_t matrix_size = 1536;

using Buffer = std::vector<float>;
using Work = std::function<void(std::size_t thread)>;

std::size_t core_count() { return std::max(1u, std::thread::hardware_concurrency()); }

/// Seconds that all cores take for a piece of work each: from the first start to the last end, the best of several tries.
double best_seconds(const Work& work) {
  using Clock = std::chrono::steady_clock;
  double best = std::numeric_limits<double>::infinity();
  for (int t = 0; t < tries; ++t) {
    std::barrier start(static_cast<std::ptrdiff_t>(core_count()));
    std::vector<Clock::time_point> begins(core_count());
    std::vector<Clock::time_point> ends(core_count());
    std::vector<std::jthread> threads;
    try {
      for (std::size_t thread = 0; thread < core_count(); ++thread)
        threads.emplace_back([&, thread] {
          start.arrive_and_wait();
          begins[thread] = Clock::now();
          work(thread);
          ends[thread] = Clock::now();
        });
    } catch (const std::system_error& e) {
      for (std::size_t missing = threads.size(); missing < core_count(); ++missing) start.arrive_and_drop();
      throw InputError("audit", "needs a thread a core: " + std::string(e.code().message()));
    }
    for (auto& thread : threads) thread.join();
    const auto all = *std::max_element(ends.begin(), ends.end()) - *std::min_element(begins.begin(), begins.end());
    best = std::min(best, std::chrono::duration<double>(all).count());
  }
  return best;
}

/// Repeats of a piece of work that make a try long enough.
std::size_t repeats_for(const std::function<void()>& once) {
  using Clock = std::chrono::steady_clock;
  once();
  for (std::size_t repeats = 1;; repeats *= 2) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < repeats; ++i) once();
    if (std::chrono::duration<double>(Clock::now() - begin).count() >= least_seconds) return repeats;
  }
}

template <class T>
double measure_rate() {
  constexpr std::size_t rounds = 100'000;
  double operations = 0;
  const std::size_t repeats = repeats_for([&] { operations = multiply_add<T>(rounds); });
  const double seconds = best_seconds([&](std::size_t) {
    for (std::size_t i = 0; i < repeats; ++i) multiply_add<T>(rounds);
  });
  return operations * static_cast<double>(repeats * core_count()) / seconds;
}

/// Bytes a second that all cores read from working sets of `bytes` each.
double measure_reads(std::size_t bytes) {
  std::vector<Buffer> buffers(core_count());
  for (auto& buffer : buffers) buffer.assign(bytes / sizeof(float), 1.0f);
  [[maybe_unused]] volatile float kept = 0;
  const std::size_t repeats = repeats_for([&] { kept = sum(buffers[0]); });
  const double seconds = best_seconds([&](std::size_t thread) {
    float total = 0;
    for (std::size_t i = 0; i < repeats; ++i) total += sum(buffers[thread]);
    kept = total;
  });
  return static_cast<double>(bytes * repeats * core_count()) / seconds;
}

std::string first_line(const std::filesystem::path& file) {
  std::string line;
  std::getline(std::ifstream(file), line);
  return line;
}

/// Bytes of the caches of a level that hold data, a core's share of each; 0 where the system does not say.
double cache_of_core(int level) {
  for (const auto* index : {"index0", "index1", "index2", "index3"}) {
    const auto cache = std::filesystem::path("/sys/devices/system/cpu/cpu0/cache") / index;
    if (first_line(cache / "level") != std::to_string(level) || first_line(cache / "type") == "Instruction") continue;
    const double kibibytes = std::atof(first_line(cache / "size").c_str());  // "32768K"
    std::size_t sharing = 0;
    for (const char digit : first_line(cache / "shared_cpu_map"))
      if (digit != ',') sharing += static_cast<std::size_t>(std::popcount(std::stoul(std::string(1, digit), nullptr, 16)));
    return kibibytes * 1024 / static_cast<double>(std::max<std::size_t>(1, sharing));
  }
  return 0;
}

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

double memory_capacity() { return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE)); }

/// Numbers of each core that no cache holds.
std::size_t far_numbers() {
  const double bytes = std::max(128e6 / static_cast<double>(core_count()), 4 * cache_of_core(3));
  return static_cast<std::size_t>(bytes / sizeof(float));
}

std::vector<MemoryLevel> measure_levels() {
  std::vector<MemoryLevel> levels;
  for (int level = 1; level <= 3; ++level) {
    const double capacity = cache_of_core(level);
    // Half of it: what else a core keeps there takes room too.
    if (capacity > 0)
      levels.push_back({"L" + std::to_string(level), capacity * static_cast<double>(core_count()),
                        measure_reads(static_cast<std::size_t>(capacity / 2))});
  }
  levels.push_back({"memory", memory_capacity(), measure_reads(far_numbers() * sizeof(float))});
  return levels;
}

MeasuredWork measure_matrix_product() {
  constexpr std::size_t n = matrix_size;
  const std::size_t cores = core_count();
  const Buffer a(n * n, 1.5f);
  const Buffer b(n * n, 0.5f);
  Buffer c(n * n);
  std::vector<Buffer> packed(cores, Buffer(n * n));
  const double seconds = best_seconds([&](std::size_t t) {
    multiply_rows(a.data(), b.data(), c.data(), packed[t].data(), n, n * t / cores, n * (t + 1) / cores);
  });
  const auto size = static_cast<double>(n);
  return {"matrix product", 2 * size * size * size, size * size, size * size, seconds};
}

/// Products of a few widths, from a row to more than the cores have registers for.
std::vector<MeasuredProduct> measure_products() {
  const std::size_t cores = core_count();
  std::vector<MeasuredProduct> products;
  for (const std::size_t n : {256u, 512u, 1024u, 1536u})
    for (const std::size_t m : {1u, 8u, 32u, 128u, 512u}) {
      const Buffer a(m * n, 1.5f);
      const Buffer b(n * n, 0.5f);
      Buffer c(m * n);
      std::vector<Buffer> packed(cores, Buffer(n * n));
      const auto part = [&](std::size_t t) {
        const std::size_t first = m * t / cores;
        const std::size_t last = m * (t + 1) / cores;
        if (first < last) multiply_rows(a.data(), b.data(), c.data(), packed[t].data(), n, first, last);
      };
      const std::size_t repeats = repeats_for([&] { part(cores - 1); });
      const double seconds = best_seconds([&](std::size_t t) {
        for (std::size_t i = 0; i < repeats; ++i) part(t);
      });
      products.push_back({m, n, seconds / static_cast<double>(repeats)});
    }
  return products;
}

MeasuredWork measure_copy(std::size_t numbers) {
  const std::size_t cores = core_count();
  const std::vector<Buffer> from(cores, Buffer(numbers, 1.0f));
  std::vector<Buffer> to(cores, Buffer(numbers));
  const double seconds = best_seconds([&](std::size_t t) { std::memcpy(to[t].data(), from[t].data(), numbers * sizeof(float)); });
  return {"copy", 0, 2 * static_cast<double>(numbers * cores), 0, seconds};
}

MeasuredWork measure_reduction(std::size_t numbers) {
  const std::size_t cores = core_count();
  const std::vector<Buffer> from(cores, Buffer(numbers, 1.0f));
  std::vector<float> totals(cores);
  const double seconds = best_seconds([&](std::size_t t) { totals[t] = sum(from[t]); });
  const auto all = static_cast<double>(numbers * cores);
  return {"reduction", all, all, 0, seconds};
}

}  // namespace

Machine measure_machine(bool products) {
  Machine machine;
  machine.processor = processor_name();
  machine.cores = core_count();
  machine.fp32_rate = measure_rate<float>();
  machine.fp64_rate = measure_rate<double>();
  machine.levels = measure_levels();
  const std::size_t far = far_numbers();
  machine.works = {measure_matrix_product(), measure_copy(far), measure_reduction(far)};
  if (products) machine.products = measure_products();
  return machine;
}

}  // namespace ironlaw::cli
