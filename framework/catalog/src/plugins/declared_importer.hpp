#pragma once
#include <ironlaw/catalog/plugins.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// Stands for an importer whose library is open in other processes only: it reads each file in a confined one, which opens the
/// library there, and hands on what the importer wrote.
class DeclaredImporter final : public Importer {
 public:
  DeclaredImporter(const About& about, std::filesystem::path library, std::string plugin, const PluginOpening& opening)
      : about_(about), library_(std::move(library)), plugin_(std::move(plugin)), opening_(opening) {}

 private:
  const About& do_about() const noexcept override { return about_; }
  bool do_reads(const ForeignFile& file) const override;
  void do_import(const ForeignFile& file, EntryWriter& entries) const override;
  /// The bytes that a task made there. Throws Error with what the importer said of the file, PluginError where it failed.
  [[nodiscard]] std::string there(std::string_view file, const std::function<std::string(const Importer&)>& task) const;

  About about_;
  std::filesystem::path library_;
  std::string plugin_;
  PluginOpening opening_;
};

}  // namespace ironlaw::host
