#include "plan/object_stage.hpp"

#include "value/check.hpp"
#include "zoo/object_spec.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {

void* ObjectArena::take(std::size_t size, std::size_t alignment) {
  constexpr std::size_t least = std::size_t{64} * 1024;
  for (; chunk_ < chunks_.size(); ++chunk_, used_ = 0) {
    void* at = chunks_[chunk_].memory.get() + used_;
    std::size_t space = chunks_[chunk_].size - used_;
    if (std::align(alignment, size, at, space) != nullptr) {
      used_ = chunks_[chunk_].size - space + size;
      return at;
    }
  }
  const std::size_t bytes = std::max(least, size + alignment);
  chunks_.push_back({std::make_unique<std::byte[]>(bytes), bytes});
  return take(size, alignment);
}

const void* ObjectArena::make(const Kind& kind, std::span<const Cell> fields, std::string_view name) {
  void* where = take(kind.size(), kind.alignment());
  const void* object = kind.construct(where, fields, name);
  alive_.emplace_back(&kind, where);
  return object;
}

void ObjectArena::clear() {
  for (auto it = alive_.rbegin(); it != alive_.rend(); ++it) it->first->destroy(it->second);
  alive_.clear();
  chunk_ = used_ = 0;
}

ObjectStage::ObjectStage(const Kind& kind, std::string name)
    : kind_(&kind), name_(std::move(name)), interface_(kind.interface()), inputs_(kind.fields().begin(), kind.fields().end()) {}

ObjectStage::ObjectStage(const Zoo& zoo, std::string_view interface, std::vector<std::string> fields, std::vector<PortInfo> infos,
                         std::string name)
    : zoo_(&zoo), name_(std::move(name)), interface_(interface), replaced_(std::move(fields)) {
  PortInfo object;
  object.name = "object";
  object.type = PortType::object;
  object.required = true;
  object.interface = interface_;
  inputs_.push_back(object);
  inputs_.insert(inputs_.end(), infos.begin(), infos.end());
}

const Kind& ObjectStage::fields_of_row(const Block& block, std::size_t row, std::vector<Cell>& cells,
                                       std::vector<std::size_t>& slots, const ZooObject*& base, std::string_view& name) const {
  if (kind_ != nullptr) {
    for (std::size_t k = 0; k < inputs_.size(); ++k) cells[k] = block.in[k][row];
    name = name_;
    return *kind_;
  }
  const void* object = block.in[0][row].object;
  if (base == nullptr || base->object != object) {
    base = nullptr;  // until every field is found: the next row may hold the same object
    const ZooObject* owner = zoo_->owner(object);
    if (owner == nullptr) throw Refusal("fields can only be replaced on an object of the zoo");
    slots.clear();
    for (const auto& field : replaced_) {
      slots.push_back(field_index(*owner->kind, field));
      if (slots.back() == owner->kind->fields().size())
        throw Refusal(owner->name + " is of kind " + std::string(owner->kind->about().name) + ", which has no field " + field);
    }
    base = owner;
  }
  cells = base->fields;
  for (std::size_t k = 0; k < slots.size(); ++k) {
    const Cell& cell = block.in[k + 1][row];
    if (!std::isnan(cell.number)) cells[slots[k]] = cell;
  }
  name = base->name;
  return *base->kind;
}

/// Inputs that change from row to row; the others are checked once.
void ObjectStage::check_row(const Block& block, std::size_t row, bool varying) const {
  for (std::size_t k = 0; k < inputs_.size(); ++k) {
    if ((block.in[k].stride != 0) != varying) continue;
    if (!accepts(inputs_[k], block.in[k][row])) throw DomainError(inputs_[k].name, reason_refused(inputs_[k], block.in[k][row]));
  }
}

void ObjectStage::evaluate(const Block& block, ObjectArena& arena) const {
  std::vector<Cell> cells(inputs_.size());
  std::vector<std::size_t> slots;
  const ZooObject* base = nullptr;
  bool constants_checked = false;
  for (std::size_t row = 0; row < block.rows(); ++row) {
    block.out[0][row].object = nullptr;
    if (!has_outputs(block.status[row])) continue;
    try {
      if (!constants_checked) check_row(block, row, false);
      constants_checked = true;
      check_row(block, row, true);
      std::string_view name;
      const Kind& kind = fields_of_row(block, row, cells, slots, base, name);
      block.out[0][row].object = arena.make(kind, cells, name);
    } catch (const Refusal& e) {
      block.status[row] = RowStatus::refused;
      if (block.errors != nullptr) block.errors->row(row, RowStatus::refused, {}, e.what());
    } catch (const std::exception& e) {
      block.status[row] = RowStatus::failed;
      if (block.errors != nullptr) block.errors->row(row, RowStatus::failed, {}, e.what());
    }
  }
}

}  // namespace ironlaw::host
