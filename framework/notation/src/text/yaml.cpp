#include "text/yaml.hpp"

#include <ironlaw/utf8.hpp>
#include "text/excerpt.hpp"
#include "text/yaml_scalar.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>
#include <ironlaw/error.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_values = 1000000;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Containers hold their members in a vector, in the order of the file.
Json& child(Json& value, std::size_t i) {
  return value.is_array() ? value[i] : value.get_ref<Json::object_t&>().begin()[static_cast<std::ptrdiff_t>(i)].second;
}

/// yaml-cpp 0.7 writes the escapes \N and \_ as the lone bytes 0x85 and 0xA0. The text came in as UTF-8, so a byte that is none
/// is one of these.
std::string with_escapes_mended(std::string_view text) {
  std::string mended;
  while (!text.empty()) {
    const std::size_t length = utf8_front(text).length;
    if (length == 0) mended += '\xC2';
    mended += text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return mended;
}

/// Builds the tree from what the parser tells, in the order of the file.
class YamlTreeBuilder : public YAML::EventHandler {
 public:
  explicit YamlTreeBuilder(const std::string& file) : file_(file) {}
  LocatedJson result;

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) const {
    const auto [line, column] = place(mark);
    throw InputError(file_ + ":" + std::to_string(line) + ":" + std::to_string(column), what);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_) fail(mark, "a second document begins here; a file takes one");
    started_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) fail(mark, "a key is missing");
    put(mark, nullptr);
    close_anchor(anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& parsed) override {
    const std::string value = with_escapes_mended(parsed);
    if (wants_key()) return set_key(mark, tag, anchor, value);
    try {
      put(mark, read_scalar(value, tag));
    } catch (const ScalarError& e) {
      fail(mark, e.what());
    }
    close_anchor(anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) fail(mark, "a key is written out, not an alias");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail(mark, "an alias stands inside what it repeats");
    const Anchor& named = found->second;
    if (open_.size() + named.height > most_nesting) too_deep(mark);
    count(mark, named.values);
    put_counted(mark, resolve(named.path));
    if (!open_.empty()) open_.back().height = std::max(open_.back().height, named.height + 1);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    if (!is_tag_of(tag, "seq")) fail(mark, "unknown tag '" + excerpt(tag) + "'; a list takes !!seq");
    open(mark, Json::array(), anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    if (!is_tag_of(tag, "map")) fail(mark, "unknown tag '" + excerpt(tag) + "'; an object takes !!map");
    open(mark, Json::object(), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  /// A container that is being filled. Nothing but the innermost grows, so the pointers stay good.
  struct Open {
    Json* json;
    Place* place;
    YAML::anchor_t anchor;
    std::size_t values_before;
    std::size_t height = 1;  ///< levels, its own included
    bool has_key = false;
    std::string key;
    YAML::Mark key_mark;
    std::set<std::string, std::less<>> keys;
  };
  /// A finished value that aliases repeat, by the way to it.
  struct Anchor {
    std::vector<std::size_t> path;
    std::size_t values;
    std::size_t height;
  };

  static std::pair<std::uint32_t, std::uint32_t> place(const YAML::Mark& mark) {
    if (mark.is_null()) return {1, 1};
    return {static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
  }

  [[noreturn]] void too_deep(const YAML::Mark& mark) const {
    fail(mark, "nested deeper than " + std::to_string(most_nesting) + " levels");
  }

  void count(const YAML::Mark& mark, std::size_t values) {
    values_ += values;
    if (values_ > most_values) fail(mark, "more than " + std::to_string(most_values) + " values, with what aliases repeat");
  }

  [[nodiscard]] bool wants_key() const { return !open_.empty() && open_.back().json->is_object() && !open_.back().has_key; }

  void set_key(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& key) {
    Open& object = open_.back();
    if (!is_tag_of(tag, "str")) fail(mark, "unknown tag '" + excerpt(tag) + "'; a key takes !!str");
    if (anchor != YAML::NullAnchor) fail(mark, "a key takes no anchor");
    if (key == "<<" && tag != "!") fail(mark, "merge keys are no part of YAML 1.2; write the members out");
    if (!object.keys.insert(key).second) fail(mark, "the key '" + excerpt(key) + "' is given twice");
    object.key = key;
    object.key_mark = mark;
    object.has_key = true;
  }

  void put(const YAML::Mark& mark, Json&& value) {
    count(mark, 1);
    put_counted(mark, std::move(value));
  }

  void put_counted(const YAML::Mark& mark, Json&& value) {
    const auto [line, column] = place(!open_.empty() && open_.back().has_key ? open_.back().key_mark : mark);
    if (open_.empty()) {
      result.json = std::move(value);
      result.place = {line, column};
      return;
    }
    Open& parent = open_.back();
    parent.place->children.push_back({line, column});
    if (parent.json->is_array()) return parent.json->push_back(std::move(value));
    parent.json->get_ref<Json::object_t&>().emplace_back(std::move(parent.key), std::move(value));
    parent.has_key = false;
  }

  void open(const YAML::Mark& mark, Json&& container, YAML::anchor_t anchor) {
    if (wants_key()) fail(mark, "a key takes text, not a list or an object");
    if (open_.size() >= most_nesting) too_deep(mark);
    const std::size_t before = values_;
    put(mark, std::move(container));
    Json* json = open_.empty() ? &result.json : &child(*open_.back().json, open_.back().json->size() - 1);
    Place* place = open_.empty() ? &result.place : &open_.back().place->children.back();
    open_.push_back({json, place, anchor, before, 1, false, {}, {}, {}});
  }

  void close() {
    const YAML::anchor_t anchor = open_.back().anchor;
    const std::size_t values = values_ - open_.back().values_before;
    const std::size_t height = open_.back().height;
    open_.pop_back();
    if (!open_.empty()) open_.back().height = std::max(open_.back().height, height + 1);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {path_of_last(), values, height};
  }

  void close_anchor(YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {path_of_last(), 1, 0};
  }

  /// The way from the root to the value put last.
  [[nodiscard]] std::vector<std::size_t> path_of_last() const {
    std::vector<std::size_t> path;
    for (const auto& container : open_) path.push_back(container.json->size() - 1);
    return path;
  }

  [[nodiscard]] Json resolve(const std::vector<std::size_t>& path) {
    Json* value = &result.json;
    for (const std::size_t i : path) value = &child(*value, i);
    return *value;
  }

  const std::string& file_;
  bool started_ = false;
  std::size_t values_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchor> anchors_;
};

/// The parser lets through what no reader of the tree could print.
void check_characters(std::string_view text, const std::string& file) {
  std::size_t line = 1;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_front(text.substr(at)).length;
    const auto c = static_cast<unsigned char>(text[at]);
    const bool control = (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
    if (length == 0 || control)
      throw InputError(file + ":" + std::to_string(line) + ":" + std::to_string(at - start + 1),
                       control ? "broken YAML: a control character" : "broken YAML: not UTF-8");
    at += length;
    if (c == '\n') {
      ++line;
      start = at;
    }
  }
}

/// ":LINE:COLUMN" of an error, from its offset: at the end of a text the parser's own column is 0.
std::string position(std::string_view text, const YAML::Mark& mark) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const auto before = text.substr(0, static_cast<std::size_t>(std::max(mark.pos, 0)));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return ":" + std::to_string(line) + ":" + std::to_string(before.size() - (before.rfind('\n') + 1) + 1);
}

}  // namespace

LocatedJson read_yaml(std::string_view text, const std::string& file) {
  check_characters(text, file);
  std::istringstream in{std::string(text)};
  YamlTreeBuilder builder(file);
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    throw InputError(file + position(text, e.mark), "broken YAML: " + e.msg);
  }
  return std::move(builder.result);
}

}  // namespace ironlaw::host
