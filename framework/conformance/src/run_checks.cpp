// Checks of what runs pipelines: studies, observers and guards.
#include "breaches.hpp"
#include "checks.hpp"
#include "child.hpp"
#include "reference_runs.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <thread>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t observed_rows = 3000;  // more than one block

/// Does a task for a while; false where it goes on. The thread is left to itself then: the process is about to end.
bool ends_in(double seconds, const std::function<void()>& task) {
  std::packaged_task<void()> packaged(task);
  std::future<void> done = packaged.get_future();
  std::thread thread(std::move(packaged));
  if (done.wait_for(std::chrono::duration<double>(seconds)) != std::future_status::ready) {
    thread.detach();
    return false;
  }
  thread.join();
  done.get();
  return true;
}

/// What is wrong with a study over one pipeline, or an empty text. Throws InputError where it refuses the pipeline.
std::string fault_of(const Study& study, std::size_t reference, Session& session, double seconds) {
  const Pipeline pipeline = session.compile(with_study(reference, study));
  Ran first;
  if (!ends_in(seconds, [&] { first = ran(pipeline, 1); }))
    return "had not ended after " + format_quantity(seconds, dimension_of<Time>(), "s");
  if (!first.not_finite.empty()) return first.not_finite + " is not finite in a row of its table";
  if (ran(pipeline, 1).bytes != first.bytes) return "answers otherwise when it is run again";
  if (ran(pipeline, 4).bytes != first.bytes) return "answers otherwise on several threads";
  const std::atomic<bool> interrupt{true};
  if (!ends_in(seconds, [&] { (void)ran(pipeline, 1, &interrupt); })) return "goes on where the run is asked to end";
  return {};
}

/// Numbers that an option may not like: a refusal is as good as an answer.
std::string fault_of_options(const Study& study, std::size_t reference, Session& session, double seconds) {
  for (const OptionInfo& option : study.options()) {
    if (option.type != OptionType::quantity) continue;
    for (const double value : {-1.0, 0.0, 0.5}) {
      std::string fault;
      const bool ended = ends_in(seconds, [&] {
        try {
          const Ran one = ran(session.compile(with_study(reference, study, option.name, value)), 1);
          if (!one.not_finite.empty()) fault = one.not_finite + " is not finite";
        } catch (const InputError&) {
          // it is refused, as it may be
        } catch (const std::exception& e) {
          fault = e.what();
        }
      });
      if (!ended) fault = "had not ended after " + format_quantity(seconds, dimension_of<Time>(), "s");
      if (!fault.empty()) return "with " + std::string(option.name) + " = " + format_quantity(value, {}, {}) + ": " + fault;
    }
  }
  return {};
}

/// A folder that is gone again.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "ironlaw_check_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Error("no folder for what a callback writes");
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

std::string fault_of_callback(std::string_view name, std::span<const OptionInfo> options, bool observes, Session& session,
                              double seconds) {
  const Folder folder;
  const Pipeline pipeline = session.compile(with_callback(name, options, folder.path, observed_rows));
  Ran first;
  if (!ends_in(seconds, [&] { first = ran(pipeline, 1); }))
    return "had not ended after " + format_quantity(seconds, dimension_of<Time>(), "s");
  if (first.summary.failed > 0) return first.summary.first_error;
  if (ran(pipeline, 4).bytes != first.bytes) return "answers otherwise on several threads";
  if (observes && ran(session.compile(with_callback({}, {}, {}, observed_rows)), 1).bytes != first.bytes)
    return "changes the rows that it observes";
  return {};
}

class Tally {
 public:
  explicit Tally(std::string noun) : noun_(std::move(noun)) {}
  void refused(const std::string& who, const std::string& why) {
    untried_ = who + " refuses what was guessed for it (" + why + ")";
  }
  void ran() { ++ran_; }
  [[nodiscard]] Finding finding(const Breaches& problems) const {
    if (problems.none() && !untried_.empty()) return {CheckStatus::skipped, untried_ + ": give golden configs"};
    return problems.finding(counted(ran_, noun_) + " run");
  }

 private:
  std::string noun_;
  std::string untried_;
  std::size_t ran_ = 0;
};

}  // namespace

Finding check_studies(Specimen& specimen, double seconds) {
  if (specimen.studies.empty()) return {CheckStatus::skipped, "it brings no study"};
  Breaches problems;
  Tally tally("study");
  const std::string text = standard_output_of([&] {
    for (const Study* study : specimen.studies) {
      const std::string who = "study '" + std::string(study->about().name) + "'";
      std::string refusal;
      bool any = false;
      for (std::size_t reference = 0; reference < reference_pipelines; ++reference) {
        try {
          std::string fault = fault_of(*study, reference, specimen.session, seconds);
          if (fault.empty()) fault = fault_of_options(*study, reference, specimen.session, seconds);
          any = true;
          if (fault.empty()) continue;
          problems.add(who + " " + fault);
          break;  // what had not ended still runs, and would take the time of what follows
        } catch (const InputError& e) {
          refusal = e.what();
        } catch (const std::exception& e) {
          problems.add(who + ": " + e.what());
          any = true;
        }
      }
      any ? tally.ran() : tally.refused(who, refusal);
    }
  });
  if (!text.empty()) problems.add("a study wrote " + counted(text.size(), "byte") + " to standard output");
  return tally.finding(problems);
}

Finding check_callbacks(Specimen& specimen, double seconds) {
  if (specimen.observers.empty() && specimen.guards.empty()) return {CheckStatus::skipped, "it brings no observer and no guard"};
  Breaches problems;
  Tally tally("callback");
  const auto check = [&](const auto& type, bool observes) {
    const std::string who = (observes ? "observer '" : "guard '") + std::string(type.about().name) + "'";
    try {
      const std::string fault = fault_of_callback(type.about().name, type.options(), observes, specimen.session, seconds);
      if (!fault.empty()) problems.add(who + ": " + fault);
      tally.ran();
    } catch (const PluginError& e) {
      problems.add(who + ": " + e.what());
    } catch (const Error& e) {
      tally.refused(who, e.what());
    }
  };
  const std::string text = standard_output_of([&] {
    for (const ObserverType* observer : specimen.observers) check(*observer, true);
    for (const GuardType* guard : specimen.guards) check(*guard, false);
  });
  if (!text.empty()) problems.add("a callback wrote " + counted(text.size(), "byte") + " to standard output");
  return tally.finding(problems);
}

}  // namespace ironlaw::host
