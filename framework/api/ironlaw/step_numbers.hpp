#pragma once
#include <ironlaw/working.hpp>

#include <map>
#include <string>

namespace ironlaw {

/// A working that keeps the number of each step by its name, of several steps of one name the first.
class StepNumbers final : public Working {
 public:
  std::map<std::string, double, std::less<>> numbers;

 private:
  void do_step(std::string_view what, std::string_view, std::span<const Term>, const Value& result, std::string_view) override {
    numbers.try_emplace(std::string(what), result.number);
  }
  void do_note(std::string_view) override {}
};

}  // namespace ironlaw
