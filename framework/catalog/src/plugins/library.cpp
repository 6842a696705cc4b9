#include "plugins/library.hpp"

#include "doors/plugin_call.hpp"
#include "process/floating_point.hpp"

#include <ironlaw/fingerprint.hpp>

#include <boost/dll/shared_library.hpp>

#include <algorithm>
#include <array>
#include <mutex>

namespace ironlaw::host {
namespace {

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

/// The message of an entry function that failed; empty where it succeeded.
std::string run_entry(ironlaw_plugin_entry_v1_fn entry, Registrar& registrar) {
  std::array<char, 512> message{};
  const ironlaw_entry_args_v1 arguments{sizeof arguments, static_cast<std::uint32_t>(message.size()), fingerprint_hash,
                                        &registrar, message.data()};
  try {
    if (entry(&arguments) == 0) return {};
  } catch (const std::exception& e) {
    return std::string("threw: ") + e.what();
  } catch (...) {
    return "threw something that is not a std::exception";
  }
  message.back() = '\0';
  return message.front() == '\0' ? "gave no reason" : message.data();
}

struct OpenLibrary : Library {
  boost::dll::shared_library handle;

  void refuse(LoadStatus why, std::string text) {
    status = why;
    detail = one_line(std::move(text)) + ": build the plugin again";
  }

  void open(const std::filesystem::path& file) {
    try {
      handle.load(file, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    } catch (const std::exception& e) {
      return refuse(LoadStatus::open_failed, std::string("expected a library that opens, found: ") + e.what());
    }
    if (!handle.has(IRONLAW_ENTRY_SYMBOL)) {
      return refuse(LoadStatus::no_entry, "expected the function " IRONLAW_ENTRY_SYMBOL ", found none");
    }
    const auto entry = &handle.get<std::remove_pointer_t<ironlaw_plugin_entry_v1_fn>>(IRONLAW_ENTRY_SYMBOL);
    if (const std::string message = run_entry(entry, components); !message.empty()) {
      components = {};
      refuse(LoadStatus::entry_failed, "expected its components to register, found: " + message);
    }
  }
};

}  // namespace

const Library& open_library(const std::filesystem::path& canonical, const std::string& plugin) {
  static std::mutex mutex;
  // Never destroyed: that would close the libraries before the last static object of the program is gone.
  static auto& libraries = *new std::map<std::filesystem::path, OpenLibrary>;
  const std::lock_guard lock(mutex);
  const auto [position, is_new] = libraries.try_emplace(canonical);
  if (!is_new) return position->second;
  OpenLibrary& library = position->second;
  const std::string whose = "plugin '" + plugin + "' (" + canonical.string() + ")";
  name_component(&library, whose);
  {
    const PluginCall call(&library);
    library.open(canonical);
  }
  reset_floating_point();  // static constructors of a library built with -ffast-math change it
  library.components.for_each_sort([&](const auto& named) {
    for (const auto& [name, component] : named) name_component(component, whose + ", '" + name + "'");
  });
  return library;
}

std::shared_ptr<const Library> open_briefly(const std::filesystem::path& canonical) {
  auto library = std::make_shared<OpenLibrary>();
  library->open(canonical);
  return library;
}

}  // namespace ironlaw::host
