// plugin new: a project that builds, tests and loads as it is, from the templates of the installation.
#include "command.hpp"

#include <ironlaw/manifest.h>
#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>
#include <ironlaw/files/output_file.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <set>
#include <system_error>

namespace ironlaw::cli {
namespace {

namespace fs = std::filesystem;

/// What stands between two @ in a template, and what takes its place.
using Replacements = std::vector<std::pair<std::string, std::string>>;

struct NewPlugin {
  std::string name;
  std::string kind = "solver";
  std::string licence = "Apache-2.0";
  std::string from;  ///< an example of the installation, in the place of a kind
};

bool is_snake_case(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' && name.back() != '_' &&
         std::all_of(name.begin(), name.end(), allowed) && name.find("__") == std::string_view::npos;
}

/// "power_efficiency" to "PowerEfficiency"
std::string camel_case(std::string_view name) {
  std::string camel;
  bool upper = true;
  for (const char c : name) {
    if (c != '_') camel += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = c == '_';
  }
  return camel;
}

/// A folder that is gone again unless it was given its final name.
struct PartFolder {
  explicit PartFolder(fs::path where) : path(std::move(where)) { fs::create_directory(path); }
  PartFolder(const PartFolder&) = delete;
  PartFolder& operator=(const PartFolder&) = delete;
  ~PartFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

void check_licence(const std::string& licence) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view(".-+ ()").find(char(c)) != std::string_view::npos;
  };
  if (licence.empty() || licence.size() >= sizeof(ironlaw_manifest_v1::licence) ||
      !std::all_of(licence.begin(), licence.end(), allowed))
    throw InputError("--licence", "'" + licence + "' is no SPDX expression of at most 47 characters, such as Apache-2.0");
}

void check_name(const std::string& name, host::Plugins& plugins) {
  // Names that CMake or the package gives to targets of its own.
  static const std::set<std::string> taken{"all",           "clean",
                                           "help",          "install",
                                           "package",       "package_source",
                                           "test",          "edit_cache",
                                           "rebuild_cache", "list_install_components",
                                           "ironlaw",       "plugin",
                                           "experimental",  "nightly",
                                           "continuous"};
  constexpr std::size_t longest = sizeof(ironlaw_provides_v1::name) - 1;
  if (!is_snake_case(name) || name.size() > longest)
    throw InputError("plugin new", "'" + name +
                                       "' is no name for a plugin; allowed: lower case, digits and single '_', a letter " +
                                       "first, at most " + std::to_string(longest) + " characters");
  if (taken.contains(name)) throw InputError("plugin new", "'" + name + "' is a name that the build uses itself; take another");
  for (const auto& record : plugins.records()) {
    const bool brought =
        std::any_of(record.provides.begin(), record.provides.end(), [&](const auto& p) { return p.name == name; });
    if (record.name == name || brought)
      throw InputError("plugin new", "'" + name + "' is already brought by " + record.file.string() + "; take another name");
  }
}

std::string filled_in(std::string text, const Replacements& replacements) {
  for (const auto& [name, value] : replacements) {
    const std::string mark = "@" + name + "@";
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  }
  return text;
}

void copy_templates(const fs::path& from, const fs::path& to, const Replacements& replacements) {
  std::error_code failure;
  for (const host::FolderEntry& entry : host::entries_below(from, failure)) {
    const fs::path target = to / filled_in(fs::relative(entry.path, from).string(), replacements);
    if (entry.is_folder) {
      fs::create_directories(target);
      continue;
    }
    std::ifstream in(entry.path);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) throw InputError(entry.path.string(), "cannot be read");
    host::OutputFile out(target);
    out.stream() << filled_in(text, replacements);
    out.commit();
  }
  if (failure) throw InputError(from.string(), "cannot be read: " + failure.message());
}

/// PREFIX/share/doc/ironlaw/examples.
fs::path examples_folder() { return host::data_folder().parent_path() / "doc" / "ironlaw" / "examples"; }

/// Examples that are a project of a plugin.
std::vector<std::string> example_names() {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator entry(examples_folder(), failure), end; !failure && entry != end; entry.increment(failure)) {
    std::ifstream in(entry->path() / "CMakeLists.txt");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (text.find("ironlaw_add_plugin(") != text.npos) names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void say_how_to_build(const std::string& name, std::ostream& out) {
  out << "wrote " << name << ": cd " << name
      << " && cmake -S . -B build -DCMAKE_PREFIX_PATH=" << host::data_folder().parent_path().parent_path().string()
      << " && cmake --build build && ctest --test-dir build\n";
}

/// Every word of a text that is `from`, as another; also where it is a part of a name, as in "hbm_pim.hpp".
std::string renamed(std::string text, const Replacements& names) {
  for (const auto& [from, to] : names)
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

/// An example under another name. Its components keep theirs.
int copy_example(const NewPlugin& wanted, Context& context) {
  check_name(wanted.name, context.session.plugins());
  const auto names = example_names();
  if (std::find(names.begin(), names.end(), wanted.from) == names.end()) {
    std::string known;
    for (const auto& name : names) known += (known.empty() ? "" : ", ") + name;
    throw InputError("--from", "no example '" + wanted.from + "' in " + examples_folder().string() +
                                   (known.empty() ? ": install the development package of Ironlaw" : "; known: " + known));
  }
  const fs::path folder = wanted.name;
  if (fs::exists(folder)) throw InputError(folder.string(), "exists already; take another name, or remove it");
  const Replacements replacements{{"project(" + wanted.from, "project(" + wanted.name},
                                  {"ironlaw_add_plugin(" + wanted.from, "ironlaw_add_plugin(" + wanted.name},
                                  {"ironlaw_install_plugin(" + wanted.from, "ironlaw_install_plugin(" + wanted.name},
                                  {"IRONLAW_PLUGIN(\"" + wanted.from, "IRONLAW_PLUGIN(\"" + wanted.name},
                                  {"TARGETS " + wanted.from + " ", "TARGETS " + wanted.name + " "},
                                  {"build/" + wanted.from + ".so", "build/" + wanted.name + ".so"}};
  try {
    const PartFolder part("." + wanted.name + ".part" + std::to_string(getpid()));
    for (const auto& entry : fs::recursive_directory_iterator(examples_folder() / wanted.from)) {
      const fs::path target = part.path / fs::relative(entry.path(), examples_folder() / wanted.from);
      if (entry.is_directory()) {
        fs::create_directories(target);
        continue;
      }
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      host::OutputFile out(target);
      out.stream() << renamed(text, replacements);
      out.commit();
    }
    fs::rename(part.path, folder);
  } catch (const fs::filesystem_error& e) {
    throw InputError(folder.string(), "cannot be written: " + e.code().message());
  }
  say_how_to_build(wanted.name, context.out);
  return 0;
}

int write_project(const NewPlugin& wanted, Context& context) {
  if (!wanted.from.empty()) return copy_example(wanted, context);
  check_name(wanted.name, context.session.plugins());
  check_licence(wanted.licence);
  const fs::path templates = host::data_folder() / "templates";
  const fs::path of_kind = templates / wanted.kind;
  if (!fs::is_directory(of_kind))
    throw InputError("plugin new", "no templates in " + templates.string() + ": install the development package of Ironlaw");
  const fs::path folder = wanted.name;
  if (fs::exists(folder)) throw InputError(folder.string(), "exists already; take another name, or remove it");

  const Replacements replacements{{"name", wanted.name},
                                  {"Name", camel_case(wanted.name)},
                                  {"kind", wanted.kind},
                                  {"licence", wanted.licence},
                                  {"pack", fs::is_directory(of_kind / "zoo") ? " ZOO zoo" : ""},
                                  {"sdk", std::to_string(IRONLAW_SDK_MAJOR) + "." + std::to_string(IRONLAW_SDK_MINOR)}};
  try {
    const PartFolder part("." + wanted.name + ".part" + std::to_string(getpid()));
    copy_templates(templates / "any", part.path, replacements);
    copy_templates(of_kind, part.path, replacements);
    fs::rename(part.path, folder);
  } catch (const fs::filesystem_error& e) {
    throw InputError(folder.string(), "cannot be written: " + e.code().message());
  }
  say_how_to_build(wanted.name, context.out);
  return 0;
}

}  // namespace

void add_plugin_new(CLI::App& plugin, Context& context) {
  const auto wanted = std::make_shared<NewPlugin>();
  auto* command = plugin.add_subcommand("new", "write the project of a plugin of one's own into the folder NAME");
  command->add_option("name", wanted->name, "snake_case, as configs will say it")->required();
  command->add_option("--kind", wanted->kind, "what it brings")
      ->check(CLI::IsMember({"solver", "hardware", "workload", "study", "callback", "guard", "importer"}))
      ->option_text("solver|hardware|workload|study|callback|guard|importer");
  auto* from = command->add_option("--from", wanted->from, "copy an example of the installation in the place of a template")
                   ->option_text("EXAMPLE");
  context.values[from] = [] { return example_names(); };
  command->add_option("--licence", wanted->licence, "what its manifest says: an SPDX identifier")->option_text("SPDX");
  add_examples(*command, {"ironlaw plugin new my_solver", "ironlaw plugin new my_chip --kind hardware --licence MIT",
                          "ironlaw plugin new my_efficiency --from power_efficiency"});
  command->callback([=, &context] { context.action = [=, &context] { return write_project(*wanted, context); }; });
}

}  // namespace ironlaw::cli
