// Files against the schemas that editors get, by Valijson.
#include "config/config_impl.hpp"
#include "reference/schema.hpp"

#include <ironlaw/present/schema.hpp>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

/// Valijson knows the tree that sorts its keys.
nlohmann::json sorted(const Json& json) { return nlohmann::json::parse(json.dump()); }

class Validator {
 public:
  explicit Validator(const Json& schema) {
    const nlohmann::json tree = sorted(schema);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(tree), schema_);
  }
  void check(const Json& json, const std::string& file, std::vector<std::string>& faults) const {
    const nlohmann::json tree = sorted(json);
    valijson::ValidationResults results;
    valijson::Validator validator;
    if (validator.validate(schema_, Adapter(tree), &results)) return;
    std::vector<valijson::ValidationResults::Error> errors;
    for (valijson::ValidationResults::Error error; results.popError(error);) errors.push_back(error);
    for (std::size_t i = 0; i < errors.size(); ++i)
      if (says_most(errors, i)) faults.push_back(line(errors[i], file));
  }

 private:
  /// Valijson also says of everything around a fault that it does not fit; the innermost comes first.
  static bool says_most(const std::vector<valijson::ValidationResults::Error>& errors, std::size_t i) {
    return std::none_of(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(i), [&](const auto& inner) {
      return inner.context.size() >= errors[i].context.size() &&
             std::equal(errors[i].context.begin(), errors[i].context.end(), inner.context.begin());
    });
  }
  /// Valijson's path is <root>, [key], [key].
  static std::string line(const valijson::ValidationResults::Error& error, const std::string& file) {
    std::string where = file + "#";
    for (std::size_t i = 1; i < error.context.size(); ++i)
      where += pointer("", std::string_view(error.context[i]).substr(1, error.context[i].size() - 2));
    return where + ": " + error.description;
  }
  valijson::Schema schema_;
};

}  // namespace

bool validates_schemas() noexcept { return true; }

std::vector<std::string> zoo_schema_faults(Plugins& plugins, const std::set<std::filesystem::path>& files) {
  const Validator validator(zoo_schema(plugins, true));
  std::vector<std::string> faults;
  for (const auto& file : files) validator.check(read_json(file), file.string(), faults);
  return faults;
}

std::vector<std::string> config_schema_faults(Plugins& plugins, const std::filesystem::path& file) {
  std::vector<std::string> faults;
  Validator(config_schema(plugins, true)).check(Config::read(file).impl().root, file.string(), faults);
  return faults;
}

}  // namespace ironlaw::host
