#include <ironlaw/error.hpp>
#include <ironlaw/row.hpp>
#include <ironlaw/visible_text.hpp>

namespace ironlaw {
namespace {
std::string join(std::string_view a, std::string_view between, std::string_view b) {
  std::string s;
  s.reserve(a.size() + between.size() + b.size());
  s.append(a).append(between).append(b);
  return s;
}

}  // namespace

/// Whatever a file or a plugin put into the text, it stays one line that a screen may show.
Error::Error(const std::string& message) : std::runtime_error(message_line(message)) {}
Error::Error(const Error&) = default;
Error::~Error() = default;
Refusal::~Refusal() = default;

MissingData::MissingData(std::string_view object, std::string_view field, std::string_view hint)
    : Refusal(join(object, " states no ", field) + (hint.empty() ? std::string() : join("", "; ", hint))) {}
MissingData::~MissingData() = default;

Unsupported::Unsupported(std::string_view object, std::string_view reason)
    : Refusal(join(object, " is not supported: ", reason)) {}
Unsupported::~Unsupported() = default;

DomainError::DomainError(std::string_view port, std::string_view reason) : Refusal(join(port, ": ", reason)) {}
DomainError::~DomainError() = default;

InputError::InputError(std::string_view where, std::string_view what)
    : Error(where.empty() ? std::string(what) : join(where, ": ", what)) {}
InputError::~InputError() = default;

PluginError::PluginError(std::string_view plugin, std::string_view component, std::string_view what)
    : Error(join(plugin.empty() ? "plugin" : join("plugin ", "", plugin), ", ", component) + ": " + std::string(what)) {}
PluginError::~PluginError() = default;

ErrorSink::~ErrorSink() = default;

}  // namespace ironlaw
