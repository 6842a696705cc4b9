#include "model_config.hpp"

#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

/// More than any model has of anything, and little enough that sums of products stay exact.
constexpr double most = 1e9;

}  // namespace

ModelConfig::ModelConfig(const std::filesystem::path& file) : file_(file), root_(read_json(file)) {
  if (!root_.is_object()) throw InputError(file.string() + "#", "a config.json holds an object");
}

const Json* ModelConfig::find(std::string_view key) const {
  const auto it = root_.find(key);
  return it == root_.end() || it->is_null() ? nullptr : &*it;
}

void ModelConfig::refuse(std::string_view key, const std::string& what) const {
  throw InputError(pointer(file_.string() + "#", key), what);
}

double ModelConfig::whole(const Json& value, std::string_view key, double least) const {
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  if (!(number >= least && number <= most && number == std::floor(number)))
    refuse(key, shown_json(value) + " is out of range; allowed: a whole number from " + std::to_string(static_cast<int>(least)) +
                    " to 1e9");
  return number;
}

double ModelConfig::count(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) refuse(key, "is left out; the parameters cannot be counted without it");
  return whole(*value, key, 1);
}

double ModelConfig::count_or(std::string_view key, double otherwise) const {
  const Json* value = find(key);
  return value == nullptr ? otherwise : whole(*value, key, 1);
}

double ModelConfig::number_or(std::string_view key, double otherwise) const {
  const Json* value = find(key);
  return value == nullptr ? otherwise : whole(*value, key, 0);
}

bool ModelConfig::flag_or(std::string_view key, bool otherwise) const {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) refuse(key, "takes true or false, not " + value->dump());
  return value->get<bool>();
}

std::string ModelConfig::text_or(std::string_view key, const std::string& otherwise) const {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_string()) refuse(key, "takes a text, not " + value->dump());
  return value->get<std::string>();
}

std::string ModelConfig::first_text(std::string_view key, const std::string& otherwise) const {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_array() || value->empty() || !value->front().is_string())
    refuse(key, "takes a list of texts, not " + value->dump());
  return value->front().get<std::string>();
}

std::vector<double> ModelConfig::numbers(std::string_view key) const {
  std::vector<double> all;
  const Json* value = find(key);
  if (value == nullptr) return all;
  if (!value->is_array()) refuse(key, "takes a list, not " + value->dump());
  for (const Json& number : *value) all.push_back(whole(number, key, 0));
  return all;
}

std::string ModelConfig::one_of(std::string_view key, const std::string& text, std::span<const std::string_view> known,
                                std::string_view what) const {
  if (std::find(known.begin(), known.end(), text) != known.end()) return text;
  std::string all;
  for (const auto name : known) all.append(all.empty() ? "" : ", ").append(name);
  refuse(key, "unknown " + std::string(what) + " '" + text + "'" + did_you_mean(text, known) + " Allowed: " + all);
}

}  // namespace ironlaw::host
