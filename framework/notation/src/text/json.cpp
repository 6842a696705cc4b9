#include "json.hpp"

#include "files/input_files.hpp"
#include "text/excerpt.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <vector>

namespace ironlaw::host {
namespace {

/// "FILE:LINE:COLUMN" of a byte offset.
std::string position(std::string_view text, std::size_t offset, const std::string& file) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');
  const auto column = 1 + (start == before.npos ? before.size() : before.size() - start - 1);
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

/// Builds the tree and refuses what nlohmann would let pass: duplicate keys, bottomless nesting.
class JsonTreeBuilder : public nlohmann::json_sax<Json> {
 public:
  JsonTreeBuilder(std::string_view text, const std::string& file, const TreeLimits& limits)
      : text_(text), file_(file), limits_(limits) {}
  Json root;

  bool null() override { return put(nullptr); }
  bool boolean(bool v) override { return put(v); }
  bool number_integer(number_integer_t v) override { return put(v); }
  bool number_unsigned(number_unsigned_t v) override { return put(v); }
  bool number_float(number_float_t v, const string_t&) override { return put(v); }
  bool string(string_t& v) override { return put(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& v) override {
    if (open_.back()->contains(v)) throw InputError(file_ + where(), "the key '" + v + "' is given twice");
    key_ = std::move(v);
    return true;
  }
  bool parse_error(std::size_t offset, const std::string&, const nlohmann::detail::exception& e) override {
    std::string what = e.what();
    if (const auto begin = what.find("syntax error"); begin != what.npos) {
      what = "broken JSON: " + what.substr(begin);
    } else if (const auto id = what.find("] "); id != what.npos) {
      what.erase(0, id + 2);  // "[json.exception.out_of_range.406] "
    }
    const std::size_t at = offset == 0 ? 0 : offset - 1;
    throw InputError(position(text_, at, file_), what);
  }

 private:
  template <class T>
  bool put(T&& value) {
    add(Json(std::forward<T>(value)));
    return true;
  }
  /// A list that grows has twice its size, and a tree is copied once: what counts is told in steps.
  void count(std::size_t bytes) {
    constexpr std::size_t step = 1 << 16;
    constexpr std::size_t copies = 4;
    untold_ += copies * bytes;
    if (untold_ < step || !limits_.takes_memory) return;
    limits_.takes_memory(untold_);
    untold_ = 0;
  }
  Json* add(Json&& value) {
    count(sizeof(Json) + (value.is_string() ? value.get_ref<const std::string&>().size() : 0) +
          (!open_.empty() && open_.back()->is_object() ? sizeof(std::string) + key_.size() : 0));
    if (open_.empty()) return &(root = std::move(value));
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    return &((*open_.back())[key_] = std::move(value));
  }
  bool open(Json&& container) {
    if (open_.size() >= std::min(limits_.depth, most_nesting))
      throw InputError(file_, "nested deeper than " + std::to_string(std::min(limits_.depth, most_nesting)) + " levels");
    path_.push_back(open_.empty() ? std::string() : open_.back()->is_array() ? std::to_string(open_.back()->size()) : key_);
    open_.push_back(add(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    path_.pop_back();
    return true;
  }
  /// JSON pointer of the innermost open container.
  std::string where() const {
    std::string p;
    for (std::size_t i = 1; i < path_.size(); ++i) p = pointer(p, std::string_view(path_[i]));
    return p.empty() ? "" : "#" + p;
  }

  std::string_view text_;
  const std::string& file_;
  const TreeLimits& limits_;
  std::size_t untold_ = 0;
  std::vector<Json*> open_;
  std::vector<std::string> path_;
  std::string key_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& file, const TreeLimits& limits) {
  JsonTreeBuilder builder(text, file, limits);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return std::move(builder.root);
}

Json read_json(const std::filesystem::path& file) { return parse_json(read_file(file), file.string()); }

std::string shown_json(const Json& value) { return excerpt(value.dump(-1, ' ', false, Json::error_handler_t::replace)); }

std::string pointer(const std::string& parent, std::string_view key) {
  std::string p = parent + "/";
  for (const char c : key) {
    if (c == '~') {
      p += "~0";
    } else if (c == '/') {
      p += "~1";
    } else {
      p += c;
    }
  }
  return p;
}
std::string pointer(const std::string& parent, std::size_t index) { return parent + "/" + std::to_string(index); }

}  // namespace ironlaw::host
