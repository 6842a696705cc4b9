#include "chart/script.hpp"

#include "text/json.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>

#include <duktape.h>

#include <memory>

namespace ironlaw::host {
namespace {

/// The library schedules what it would repaint; a picture needs none of that.
constexpr const char* no_timers = "function setTimeout() { return 0; } function clearTimeout() {}";

class Engine {
 public:
  Engine() : context_(duk_create_heap_default(), duk_destroy_heap) {
    if (context_ == nullptr) throw Error("charts: no memory for the script engine");
  }
  void run(const std::string& script) { check(duk_peval_lstring_noresult(context_.get(), script.data(), script.size())); }
  std::string call(const char* object, const char* function, const std::string& first, const std::string& second) {
    duk_get_global_string(context_.get(), object);
    duk_get_prop_string(context_.get(), -1, function);
    duk_push_lstring(context_.get(), first.data(), first.size());
    duk_push_lstring(context_.get(), second.data(), second.size());
    const bool failed = duk_pcall(context_.get(), 2) != DUK_EXEC_SUCCESS;
    std::string result = duk_safe_to_string(context_.get(), -1);
    if (failed) throw Error("charts: " + result);
    return result;
  }

 private:
  static void check(duk_int_t failed) {
    if (failed != 0) throw Error("charts: the script of share/ironlaw/charts does not run");
  }
  std::unique_ptr<duk_context, void (*)(duk_context*)> context_;
};

}  // namespace

std::string chart_asset(const std::string& name) {
  const auto folder = data_folder() / "charts";
  if (!std::filesystem::is_directory(folder)) throw Error("charts: share/ironlaw/charts is not installed beside the library");
  return read_file(folder / name);
}

std::string run_chart_script(const std::string& model, const std::string& look) {
  Engine engine;
  engine.run(no_timers);
  engine.run(chart_asset("echarts.min.js"));
  engine.run(chart_asset("chart.js"));
  return engine.call("ironlaw", "svg", model, look);
}

}  // namespace ironlaw::host
