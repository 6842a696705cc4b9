#include "batch/plain_request.hpp"

#include <algorithm>
#include <utility>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_inputs = 64;  // names are compared with each other
constexpr std::size_t most_digits = 15;  // of an id: what any reader of JSON keeps

bool is_decimal_digit(char c) { return c >= '0' && c <= '9'; }

class PlainReader {
 public:
  explicit PlainReader(std::string_view line) : at_(line.data()), end_(line.data() + line.size()) {}

  bool request(PlainRequest& r) {
    bool id = false;
    bool solver = false;
    bool inputs = false;
    const bool read = object([&](std::string_view key) {
      if (key == "id") return once(id) && id_of(r.id);
      if (key == "solver") return once(solver) && text(r.solver);
      if (key == "inputs") return once(inputs) && inputs_of(r);
      if (key == "profile") return !r.profile && text(r.profile.emplace());
      return false;
    });
    blanks();
    return read && solver && at_ == end_;
  }

 private:
  static bool once(bool& seen) { return !std::exchange(seen, true); }

  void blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  template <class Member>
  bool object(const Member& member) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      std::string_view key;
      if (!text(key) || !take(':') || !member(key)) return false;
    } while (take(','));
    return take('}');
  }
  /// Of printable ASCII without an escape.
  bool text(std::string_view& found) {
    if (!take('"')) return false;
    const char* const begin = at_;
    while (at_ != end_ && *at_ != '"') {
      if (*at_ < ' ' || *at_ > '~' || *at_ == '\\') return false;
      ++at_;
    }
    if (at_ == end_) return false;
    found = {begin, static_cast<std::size_t>(at_++ - begin)};
    return true;
  }
  std::size_t digits() {
    const char* const begin = at_;
    while (at_ != end_ && is_decimal_digit(*at_)) ++at_;
    return static_cast<std::size_t>(at_ - begin);
  }
  /// As JSON has it, without a sign.
  bool number(std::string_view& found) {
    const char* const begin = at_;
    const bool nought = at_ != end_ && *at_ == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (nought && whole > 1)) return false;
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      if (digits() == 0) return false;
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (digits() == 0) return false;
    }
    found = {begin, static_cast<std::size_t>(at_ - begin)};
    return true;
  }
  bool word(std::string_view expected, std::string_view& found) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(expected)) return false;
    found = {at_, expected.size()};
    at_ += expected.size();
    return true;
  }
  bool id_of(std::string_view& id) {
    blanks();
    if (at_ != end_ && *at_ == '"') {
      std::string_view quoted;
      if (!text(quoted)) return false;
      id = {quoted.data() - 1, quoted.size() + 2};
      return true;
    }
    return number(id) && id.size() <= most_digits && std::all_of(id.begin(), id.end(), is_decimal_digit);
  }
  bool inputs_of(PlainRequest& r) {
    return object([&](std::string_view name) {
      if (r.inputs.size() == most_inputs || name.find('.') != name.npos) return false;
      for (const PlainInput& other : r.inputs)
        if (other.name == name) return false;
      PlainInput& input = r.inputs.emplace_back();
      input.name = name;
      return value_of(input);
    });
  }
  bool value_of(PlainInput& input) {
    blanks();
    if (at_ == end_) return false;
    if (*at_ == '"') {
      input.kind = PlainInput::Kind::text;
      return text(input.value) && !input.value.starts_with('$');
    }
    if (*at_ == 't' || *at_ == 'f') {
      input.kind = PlainInput::Kind::truth;
      return word("true", input.value) || word("false", input.value);
    }
    input.kind = PlainInput::Kind::number;
    return number(input.value);
  }

  const char* at_;
  const char* end_;
};

}  // namespace

bool read_plain(std::string_view line, PlainRequest& request) {
  request.id = "null";
  request.solver = {};
  request.profile.reset();
  request.inputs.clear();
  return PlainReader(line).request(request);
}

}  // namespace ironlaw::host
