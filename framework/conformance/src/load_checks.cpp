// Checks of loading, running and unloading.
#include "breaches.hpp"
#include "checks.hpp"
#include "child.hpp"
#include "plugins/library.hpp"
#include "process_state.hpp"

#include <ironlaw/error.hpp>

#include <dlfcn.h>
#include <malloc.h>

#include <chrono>
#include <cmath>
#include <limits>

/// Of the leak sanitizer, where this program is built with it.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" [[gnu::weak]] int __lsan_do_recoverable_leak_check();

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;
constexpr double slow_to_load = 0.5;  // seconds; a host with many plugins waits for each that it needs
constexpr std::size_t few_rows = 20;

void run_everything(const Library& library, const PluginRecord& record, ObjectPool& pool) {
  for (const Provides& p : record.provides) {
    std::string why;
    if (p.what == "kind") make_some(*library.components.find<Kind>(p.name), pool, why);
  }
  for (const Provides& p : record.provides)
    if (p.what == "solver") static_cast<void>(try_out(*library.components.find<Solver>(p.name), pool, few_rows));
  pool.forget_made();
}

/// Null where it cannot be opened; `finding` then says why.
std::shared_ptr<const Library> opened(const fs::path& file, Finding& finding) {
  auto library = open_briefly(file);
  if (library->status == LoadStatus::ok) return library;
  finding = {CheckStatus::failed, library->detail};
  return nullptr;
}

std::int64_t allocated_bytes() { return static_cast<std::int64_t>(mallinfo2().uordblks); }

}  // namespace

Finding check_load(const fs::path& file, const ConformanceOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Finding finding;
  const auto library = opened(file, finding);
  if (library == nullptr) return finding;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  static_cast<void>(Specimen(file, options));  // throws where it registers something else than it lists
  const std::string text = std::to_string(static_cast<int>(std::lround(took.count() * 1e6))) + " us";
  if (took.count() > slow_to_load)
    return {CheckStatus::failed, "it took " + text + " to load, which every run that needs it waits for"};
  return {CheckStatus::passed, "opened in " + text};
}

Finding check_standard_output(const fs::path& file, const ConformanceOptions& options) {
  Session session(options.session);
  ObjectPool pool(session, file);
  const PluginRecord record = Plugins::inspect(file);
  const std::string text = standard_output_of([&] { run_everything(*open_briefly(file), record, pool); });
  if (text.empty()) return {};
  std::string start = text.substr(0, text.find('\n')).substr(0, 60);
  return {CheckStatus::failed, "it wrote " + counted(text.size(), "byte") + ", which carry the result: '" + start + "'"};
}

Finding check_process(const fs::path& file, const ConformanceOptions& options) {
  Session session(options.session);
  ObjectPool pool(session, file);
  const PluginRecord record = Plugins::inspect(file);
  Breaches problems;
  const SpareDescriptors spare;
  const ProcessState before;
  Finding finding;
  const auto library = opened(file, finding);
  if (library == nullptr) return finding;
  before.compare("loading it", problems);
  spare.compare("loading it", problems);
  if (!problems.none()) return problems.finding();
  run_everything(*library, record, pool);
  before.compare("running it", problems);
  spare.compare("running it", problems);
  return problems.finding();
}

// Under the leak sanitizer the sanitizer is asked too. Otherwise the bytes that malloc has handed out are compared over several
// windows: caches grow in some of them, a leak in all; three times as many are looked at before one is told, since on a busy machine
// threads come late and grow theirs. The host itself never unloads a plugin.
Finding check_leaks(const fs::path& file, const ConformanceOptions& options) {
  constexpr std::size_t windows = 10;  // the first fills caches
  constexpr std::size_t cycles = 8;
  constexpr std::int64_t smallest_leak = cycles * 24;  // bytes; a block of malloc's each time
  Session session(options.session);
  ObjectPool pool(session, file);
  const PluginRecord record = Plugins::inspect(file);
  std::int64_t growth = std::numeric_limits<std::int64_t>::max();
  for (std::size_t window = 0; window < windows || (window < 3 * windows && growth >= smallest_leak); ++window) {
    const std::int64_t before = allocated_bytes();
    for (std::size_t i = 0; i < cycles; ++i) run_everything(*open_briefly(file), record, pool);
    if (window > 0) growth = std::min(growth, allocated_bytes() - before);
  }
  if (__lsan_do_recoverable_leak_check != nullptr && __lsan_do_recoverable_leak_check() != 0)
    return {CheckStatus::failed, "the leak sanitizer found leaks: see standard error"};
  if (growth >= smallest_leak)
    return {CheckStatus::failed, "each time it is loaded, run and unloaded, " +
                                     counted(static_cast<std::size_t>(growth) / cycles, "byte") + " stay allocated"};
  void* still = dlopen(file.c_str(), RTLD_NOLOAD | RTLD_LAZY);
  return {CheckStatus::passed,
          counted(windows * cycles, "cycle") + (still == nullptr ? "" : "; the zoo needs its kinds, so it stayed loaded")};
}

}  // namespace ironlaw::host
