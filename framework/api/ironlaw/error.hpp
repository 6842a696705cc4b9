#pragma once
// The exceptions that cross the plugin boundary. Their key functions live in libironlaw.so, so a catch clause matches on both
// sides.
#include <ironlaw/export.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace ironlaw {

/// Root of everything the framework throws. The text is one line.
class IRONLAW_API Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message);
  Error(const Error&);
  ~Error() override;
};

/// A solver or an object says no to its inputs: the row is `refused` (exit status 1), never the run.
class IRONLAW_API Refusal : public Error {
 public:
  using Error::Error;
  ~Refusal() override;
};

/// An object lacks a fact that the question needs, e.g. `MissingData(hardware.name(), "tdp")`.
class IRONLAW_API MissingData : public Refusal {
 public:
  MissingData(std::string_view object, std::string_view field, std::string_view hint = {});
  ~MissingData() override;
};

/// A solver cannot handle this kind of workload or device, e.g. `Unsupported(workload.name(), "no transformer shape")`.
class IRONLAW_API Unsupported : public Refusal {
 public:
  Unsupported(std::string_view object, std::string_view reason);
  ~Unsupported() override;
};

/// A value outside what the equation allows, where no port range can say so.
class IRONLAW_API DomainError : public Refusal {
 public:
  DomainError(std::string_view port, std::string_view reason);
  ~DomainError() override;
};

/// Bad input found before anything ran (exit status 1): `where` is a file, a JSON pointer or a flag.
class IRONLAW_API InputError : public Error {
 public:
  InputError(std::string_view where, std::string_view what);
  ~InputError() override;
};

/// Plugin code failed (exit status 4). What it threw is copied, so this outlives the plugin.
class IRONLAW_API PluginError : public Error {
 public:
  PluginError(std::string_view plugin, std::string_view component, std::string_view what);
  ~PluginError() override;
};

}  // namespace ironlaw
