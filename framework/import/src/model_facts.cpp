#include "model_facts.hpp"

#include "config_checks.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ironlaw::host {
namespace {

/// More than any model has of anything, and little enough that sums of products stay exact.
constexpr double most = 1e9;
constexpr double most_layers = 100'000;

bool is_whole(const Json& value) {
  return value.is_number() && value.get<double>() == std::floor(value.get<double>()) && std::abs(value.get<double>()) <= most;
}

/// Names of one network: facts of the table, keys of its config, defaults of its class.
class Facts {
 public:
  Facts(const Architecture& architecture, const Json& config, std::string where)
      : architecture_(architecture), config_(config), where_(std::move(where)) {
    lookup_ = [this](std::string_view name) { return value(name); };
  }

  void add_part(const std::string& role, const CountedNetwork& part) {
    Json facts = Json::object();
    for (const auto& [name, fact] : part.facts) facts[name] = fact;
    parts_[role] = std::move(facts);
  }
  void set_layer(double layer) {
    layer_ = layer;
    layer_known_.clear();
  }
  void set_task(std::string task) { task_ = std::move(task); }

  Json of(const Formula& formula) {
    try {
      return formula.value(lookup_);
    } catch (const FormulaFault& fault) {
      refuse(key_behind(architecture_, fault.name),
             fault.name.empty() ? "the sizes do not go together: a value " + fault.what : fault.what);
    }
  }

  Json fact(const std::string& name, const Formula& formula) {
    auto& known = architecture_.layer_facts.contains(name) && layer_ >= 0 ? layer_known_ : known_;
    if (const auto it = known.find(name); it != known.end()) return it->second;
    if (!open_.insert(name).second) return key(name);  // its own name inside its formula
    Json result = of(formula);
    open_.erase(name);
    return known[name] = result;
  }

  Json key(std::string_view name) {
    const auto it = config_.find(name);
    if (it != config_.end()) return checked(name, *it);  // a null takes the place of the default, as in the class
    if (const auto d = architecture_.defaults.find(name); d != architecture_.defaults.end()) return d->second;
    const auto f = architecture_.formula_defaults.find(name);
    if (f == architecture_.formula_defaults.end())
      refuse(name, "is left out; the parameters of the architecture '" + architecture_.name + "' cannot be counted without it");
    if (!open_.insert("default " + std::string(name)).second) refuse(name, "has a default that depends on itself");
    Json result = of(f->second);
    open_.erase("default " + std::string(name));
    return result;
  }

  [[noreturn]] void refuse(std::string_view key, const std::string& what) const {
    if (key.empty()) throw InputError(where_, what);
    throw InputError(pointer(where_ + (where_.find('#') == where_.npos ? "#" : ""), key), what);
  }

 private:
  Json value(std::string_view name) {
    if (name.starts_with("key.")) return key(name.substr(4));
    if (name == "layer" && layer_ >= 0) return layer_;
    if (name == "task") return task_;
    const std::string text(name);
    if (layer_ >= 0)
      if (const auto it = architecture_.layer_facts.find(name); it != architecture_.layer_facts.end())
        return fact(text, it->second);
    if (const auto it = architecture_.facts.find(name); it != architecture_.facts.end()) {
      // Facts of the whole are asked once, whichever layer asks first.
      const double layer = std::exchange(layer_, -1);
      Json result = fact(text, it->second);
      layer_ = layer;
      return result;
    }
    if (const auto it = parts_.find(text); it != parts_.end()) return it->second;
    return key(name);
  }

  /// Held against the kind of the default: counts are whole, truths are truths.
  const Json& checked(std::string_view name, const Json& given) const {
    if (given.is_null()) return given;
    const auto d = architecture_.defaults.find(name);
    if (d != architecture_.defaults.end() && d->second.is_boolean() && !given.is_boolean())
      refuse(name, "takes true or false, not " + shown_json(given));
    const bool counts = d == architecture_.defaults.end() ? given.is_number() : d->second.is_number_integer();
    // A default below 0 says that such a value is a way to say "none".
    const double least = d != architecture_.defaults.end() && d->second.is_number() ? std::min(0.0, d->second.get<double>()) : 0;
    if (counts && !given.is_array() && (!is_whole(given) || given.get<double>() < least))
      refuse(name, shown_json(given) + " is out of range; allowed: a whole number from 1 to 1e9");
    return given;
  }

  const Architecture& architecture_;
  const Json& config_;
  std::string where_;
  NameLookup lookup_;
  std::string task_;
  double layer_ = -1;
  std::map<std::string, Json> known_;
  std::map<std::string, Json> layer_known_;
  std::map<std::string, Json> parts_;
  std::set<std::string, std::less<>> open_;
};

double amount(Facts& facts, const std::string& name, const Formula& formula) {
  const Json value = facts.of(formula);
  const double number = value.is_boolean() ? value.get<bool>() : value.is_number() ? value.get<double>() : std::nan("");
  if (!(number >= 0) || number != std::floor(number))
    facts.refuse("", "the sizes do not go together: " + name + " would hold " + shown_json(value) + " parameters");
  // Beyond this a double no longer counts one by one.
  if (number > 9007199254740992.0) facts.refuse("", "has more than 2^53 parameters");
  return number;
}

/// Whether a class's name ends with a head: "LlamaModel" with "Model", "LlamaForRewardModel" not.
bool ends_with_head(std::string_view name, std::string_view head) {
  if (!name.ends_with(head)) return false;
  if (head != "Model") return true;
  const std::size_t task = name.rfind("For");
  return task == name.npos || task + 3 >= name.size() || name[task + 3] < 'A' || name[task + 3] > 'Z';
}

/// The head that "architectures" names: the longest of the table's that the name ends with.
std::string task_of(const Architecture& a, const Json& config, const Facts& facts) {
  const auto it = config.find("architectures");
  if (a.heads.empty() || it == config.end() || it->is_null() || (it->is_array() && it->empty())) return a.default_head;
  if (!it->is_array() || !it->front().is_string()) facts.refuse("architectures", "takes a list of texts, not " + shown_json(*it));
  const auto& name = it->front().get_ref<const std::string&>();
  std::string best;
  std::string all;
  for (const auto& [head, formula] : a.heads) {
    if (ends_with_head(name, head) && head.size() > best.size()) best = head;
    all.append(all.empty() ? "" : ", ").append(head);
  }
  if (best.empty()) facts.refuse("architectures", "unknown head '" + name + "'. Allowed: a name that ends with one of " + all);
  return best;
}

void check_only(const Architecture& a, Facts& facts) {
  for (const auto& [key, allowed] : a.only)
    if (facts.key(key) != allowed) facts.refuse(key, "is not counted here; allowed: " + shown_json(allowed));
}

/// What an attention block cannot do without.
void check_sizes(const Architecture& a, const CountedNetwork& n, const Facts& facts) {
  const double heads = n.number("heads");
  if (const Json* size = n.fact("head_size"); size != nullptr && size->is_number() && !is_whole(*size))
    facts.refuse("num_attention_heads", "does not divide the hidden size");
  for (const char* name :
       {"layers", "hidden_size", "heads", "kv_heads", "head_size", "ffn_size", "vocabulary_size", "context_length"}) {
    const auto formula = a.facts.find(name);
    // What the row itself says is meant.
    if (formula == a.facts.end() || formula->second.first_name().empty()) continue;
    const Json* size = n.fact(name);
    if (std::string_view(name) == "layers" && !a.layer_weights.empty() && size == nullptr)
      facts.refuse(key_behind(a, name), "is null; a model has layers");
    if (size == nullptr || (size->is_number() && size->get<double>() >= 1)) continue;
    facts.refuse(key_behind(a, name), shown_json(*size) + " is out of range; allowed: 1 and above");
  }
  if (heads > 0 && n.number("kv_heads") > heads) facts.refuse(key_behind(a, "kv_heads"), "exceeds the number of heads");
  if (n.number("experts") > 0 && n.number("active_experts") > n.number("experts"))
    facts.refuse(key_behind(a, "active_experts"), "exceeds the number of experts");
}

void count_layers(const Architecture& a, Facts& facts, CountedNetwork& n) {
  if (a.layer_weights.empty()) return;
  const double layers = n.number("layers");
  if (layers > most_layers) facts.refuse(key_behind(a, "layers"), "is out of range; allowed: 1 to 100000");
  for (double layer = 0; layer < layers; ++layer) {
    facts.set_layer(layer);
    CountedLayers one{1, {}, {}};
    for (const auto& [name, formula] : a.layer_facts) one.facts[name] = facts.fact(name, formula);
    for (const auto& [name, formula] : a.layer_weights)
      if (const double weights = amount(facts, name, formula); weights > 0) one.weights.emplace_back(name, weights);
    const auto same = std::find_if(n.layers.begin(), n.layers.end(),
                                   [&](const auto& other) { return other.facts == one.facts && other.weights == one.weights; });
    if (same == n.layers.end()) {
      n.layers.push_back(std::move(one));
    } else {
      ++same->count;
    }
  }
  facts.set_layer(-1);
}

/// Where the head of a network is named: in its own config, nowhere (then its class's), or by a whole that has no need of it.
enum class HeadBy { own_config, its_class, headless_whole };

std::string head_of(const Architecture& a, const Json& config, const Facts& facts, HeadBy by) {
  if (by == HeadBy::own_config) return task_of(a, config, facts);
  return by == HeadBy::headless_whole && a.heads.contains("Model") ? "Model" : a.default_head;
}

/// Whether a key of the whole's takes the place of a part's: files of transformers 5 say what is tied at the top, and a part's
/// own word is its class's; older files leave the top at its default and say it in the part.
bool a_whole_rules(const Json& config) {
  const auto it = config.find("transformers_version");
  if (it == config.end() || !it->is_string()) return false;
  const auto& version = it->get_ref<const std::string&>();
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  return major >= 5;
}

CountedNetwork count(Architectures& all, const Architecture& a, const Json& config, const std::string& where, std::size_t depth,
                     HeadBy by) {
  Facts facts(a, config, where);
  if (depth > 8) facts.refuse("model_type", "is made of parts that are made of it");
  check_config(a, config, where);
  CountedNetwork n;
  n.architecture = a.name;
  const std::string task = head_of(a, config, facts, by);
  facts.set_task(task);
  const bool headless = task != a.default_head && (task == "Model" || task == "ForRetrieval" || task.ends_with("Classification"));
  const HeadBy of_parts = headless ? HeadBy::headless_whole : HeadBy::its_class;
  const bool whole_rules = a_whole_rules(config);
  for (const NetworkPart& part : a.networks) {
    if (part.when && !facts.of(*part.when).get<bool>()) continue;
    const auto it = config.find(part.config);
    const bool there = !part.config.empty() && it != config.end() && !it->is_null();
    const bool own = part.config.empty() || (part.or_whole && !there);
    Json inner = own ? config : there ? *it : Json::object();
    const std::string here = own ? where : pointer(where + (where.find('#') == where.npos ? "#" : ""), part.config);
    if (!inner.is_object()) throw InputError(here, "takes an object");
    for (const auto& key : part.inherits)
      if (!own && config.contains(key) && (whole_rules || !inner.contains(key))) inner[key] = config[key];
    if (config.contains("transformers_version")) inner["transformers_version"] = config["transformers_version"];
    const Architecture* architecture = nullptr;
    if (!own && inner.contains("model_type") && inner["model_type"].is_string())
      architecture = all.find(inner["model_type"].get<std::string>());
    // A part may be called as the whole is.
    if (architecture == nullptr || !architecture->networks.empty()) architecture = all.find(part.architecture);
    if (architecture == nullptr) throw InputError(here, "unknown architecture '" + part.architecture + "'");
    const bool own_head = !own && inner.contains("architectures") && !inner["architectures"].is_null();
    n.parts.push_back(count(all, *architecture, inner, here, depth + 1, own_head ? HeadBy::own_config : of_parts));
    n.parts.back().role = part.role;
    n.parts.back().runs = part.runs;
    n.parts.back().reads_prompt = part.reads_prompt;
    facts.add_part(part.role, n.parts.back());
  }
  check_only(a, facts);
  for (const auto& [name, formula] : a.facts) n.facts[name] = facts.fact(name, formula);
  check_sizes(a, n, facts);
  count_layers(a, facts, n);
  for (const auto& [name, formula] : a.weights)
    if (const double weights = amount(facts, name, formula); weights > 0) n.weights.emplace_back(name, weights);
  if (const auto head = a.heads.find(task); head != a.heads.end())
    if (const double weights = amount(facts, "head", head->second); weights > 0) n.weights.emplace_back("head", weights);
  if (n.parameters() > 9007199254740992.0) facts.refuse("", "has more than 2^53 parameters");
  return n;
}

}  // namespace

double CountedNetwork::parameters() const {
  double sum = 0;
  for (const auto& [name, count] : weights) sum += count;
  for (const auto& l : layers)
    for (const auto& [name, each] : l.weights) sum += l.count * each;
  for (const auto& part : parts) sum += part.parameters();
  return sum;
}

const Json* CountedNetwork::fact(std::string_view name) const {
  const auto it = facts.find(std::string(name));
  return it == facts.end() || it->second.is_null() ? nullptr : &it->second;
}

double CountedNetwork::number(std::string_view name, double otherwise) const {
  const Json* value = fact(name);
  if (value == nullptr) return otherwise;
  return value->is_boolean() ? value->get<bool>() : value->is_number() ? value->get<double>() : otherwise;
}

namespace {

/// Small letters and digits.
std::string plain_word(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      plain += c;
    } else if (c >= 'A' && c <= 'Z') {
      plain += static_cast<char>(c - 'A' + 'a');
    }
  return plain;
}

/// The architecture that the class in "architectures" is of, LlamaForCausalLM of llama, as engines go by it where they do not
/// know the model_type; empty: none.
std::string_view architecture_of_class(const Architectures& all, const Json& config) {
  const auto it = config.find("architectures");
  if (it == config.end() || !it->is_array() || it->empty() || !it->front().is_string()) return {};
  const std::string said = plain_word(it->front().get_ref<const std::string&>());
  std::string_view best;
  std::size_t longest = 0;
  for (const std::string_view name : all.names()) {
    const std::string word = plain_word(name);
    if (word.size() <= longest || !said.starts_with(word)) continue;
    const std::string_view rest = std::string_view(said).substr(word.size());
    if (!rest.starts_with("for") && !rest.starts_with("lmhead") && rest != "model") continue;
    best = name;
    longest = word.size();
  }
  return best;
}

/// Whether the class in "architectures" ends with a head that the row has, or nothing says which.
bool knows_head(const Architecture& a, const Json& config) {
  const auto it = config.find("architectures");
  if (a.heads.empty() || it == config.end() || !it->is_array() || it->empty() || !it->front().is_string()) return true;
  const auto& name = it->front().get_ref<const std::string&>();
  return std::any_of(a.heads.begin(), a.heads.end(), [&](const auto& head) { return ends_with_head(name, head.first); });
}

}  // namespace

CountedNetwork count_network(Architectures& architectures, const Json& config, const std::string& where) {
  if (!config.is_object()) throw InputError(where + "#", "a config.json holds an object");
  const std::string here = where + "#/model_type";
  if (config.contains("model_type") && !config["model_type"].is_string() && !config["model_type"].is_null())
    throw InputError(here, "takes a text, not " + shown_json(config["model_type"]));
  // Models of the diffusers format say the class instead.
  std::string type;
  for (const char* key : {"model_type", "_class_name"})
    if (type.empty() && config.contains(key) && config[key].is_string()) type = config[key].get<std::string>();
  const Architecture* const known = architectures.find(type);
  // Forks keep the type of what they grew from: the class tells them apart where the type knows no such head.
  if (known != nullptr && knows_head(*known, config)) return count(architectures, *known, config, where, 0, HeadBy::own_config);
  if (const auto of_class = architecture_of_class(architectures, config); !of_class.empty())
    return count(architectures, *architectures.find(of_class), config, where, 0, HeadBy::own_config);
  if (known != nullptr) return count(architectures, *known, config, where, 0, HeadBy::own_config);
  if (config.contains("peft_type"))
    throw InputError(where + "#/peft_type", "is an adapter's, which is laid over a model; import the config.json of its base");
  const auto names = architectures.names();
  throw InputError(here, "unknown architecture '" + type + "'" + did_you_mean(type, names) +
                             " Its safetensors or GGUF file gives an exact count; a row in a zoo folder's architectures/ "
                             "makes it known (docs/import.md)");
}

}  // namespace ironlaw::host
