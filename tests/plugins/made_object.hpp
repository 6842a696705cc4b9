#pragma once
// Makes an object of a kind from named cells, as the host does, without a host.
#include <ironlaw/kind.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/quantity.hpp>

#include <algorithm>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace ironlaw::testing {

/// A field's value: a number, a quantity, the name of a choice, or an object.
struct Field {
  template <Quantity Q>
  Field(std::string_view n, Q quantity) : name(n), cell{.number = quantity.value()} {}
  Field(std::string_view n, double number) : name(n), cell{.number = number} {}
  Field(std::string_view n, const void* object) : name(n), cell{.object = object} {}
  Field(std::string_view n, const char* choice_name) : name(n), choice(choice_name) {}

  std::string_view name;
  Cell cell{};
  std::string_view choice;
};
using Fields = std::vector<Field>;

/// `base` with fields replaced or added.
inline Fields with(Fields base, const Fields& changes) {
  for (const Field& change : changes) {
    std::erase_if(base, [&](const Field& f) { return f.name == change.name; });
    base.push_back(change);
  }
  return base;
}
inline Fields without(Fields base, std::string_view name) {
  std::erase_if(base, [&](const Field& f) { return f.name == name; });
  return base;
}

template <class Interface>
class MadeObject {
 public:
  MadeObject(const Kind& kind, const Fields& given, std::string_view name = "object")
      : kind_(&kind), memory_(::operator new (kind.size(), std::align_val_t{kind.alignment()})) {
    try {
      const auto cells = fill(given);
      object_ = static_cast<const Interface*>(kind.construct(memory_, cells, name));
    } catch (...) {
      release();
      throw;
    }
  }
  MadeObject(const MadeObject&) = delete;
  MadeObject& operator=(const MadeObject&) = delete;
  ~MadeObject() {
    kind_->destroy(memory_);
    release();
  }

  const Interface* operator->() const { return object_; }
  const Interface* get() const { return object_; }
  [[nodiscard]] bool contains(const void* address) const {
    const auto* first = static_cast<const std::byte*>(memory_);
    return address >= first && address < first + kind_->size();
  }

 private:
  [[nodiscard]] std::vector<Cell> fill(const Fields& given) const {
    const auto infos = kind_->fields();
    std::vector<Cell> cells(infos.size());
    std::vector<bool> set(infos.size());
    for (const Field& field : given) {
      const auto info = std::find_if(infos.begin(), infos.end(), [&](const PortInfo& p) { return p.name == field.name; });
      if (info == infos.end()) throw std::logic_error("no field " + std::string(field.name));
      const auto i = static_cast<std::size_t>(info - infos.begin());
      cells[i] = field.choice.empty() ? field.cell : choice(*info, field.choice);
      set[i] = true;
      if (info->type != PortType::object && !info->range.contains(cells[i].number))
        throw std::logic_error("out of range: " + std::string(field.name));
    }
    for (std::size_t i = 0; i < infos.size(); ++i) {
      if (set[i]) continue;
      if (infos[i].required) throw std::logic_error("required: " + std::string(infos[i].name));
      if (infos[i].type == PortType::object) {
        cells[i].object = nullptr;
      } else {
        cells[i].number = infos[i].fallback;
      }
    }
    return cells;
  }
  static Cell choice(const PortInfo& info, std::string_view name) {
    const auto at = std::find(info.choices.begin(), info.choices.end(), name);
    if (at == info.choices.end()) throw std::logic_error("no choice " + std::string(name));
    return {.number = static_cast<double>(at - info.choices.begin())};
  }
  void release() { ::operator delete (memory_, std::align_val_t{kind_->alignment()}); }

  const Kind* kind_;
  void* memory_;
  const Interface* object_ = nullptr;
};

/// The message of the refusal of type E that `call` throws; empty where it throws none.
template <class E, class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const E& e) {
    return e.what();
  }
  return {};
}

}  // namespace ironlaw::testing
