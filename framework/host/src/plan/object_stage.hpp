#pragma once
#include <ironlaw/catalog/zoo.hpp>
#include <ironlaw/kind.hpp>
#include <ironlaw/row.hpp>

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace ironlaw::host {

/// Memory for the objects that one block makes; reused by the next block of the same worker.
class ObjectArena {
 public:
  ObjectArena() = default;
  ObjectArena(const ObjectArena&) = delete;
  ObjectArena& operator=(const ObjectArena&) = delete;
  ~ObjectArena() { clear(); }

  /// Makes an object; throws what Kind::construct throws.
  const void* make(const Kind& kind, std::span<const Cell> fields, std::string_view name);
  /// Ends all objects; the memory stays.
  void clear();

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size;
  };
  void* take(std::size_t size, std::size_t alignment);
  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;
  std::vector<std::pair<const Kind*, void*>> alive_;
};

/// Making an object is a stage: fields in, an object out. Either every field is an input (`kind` is set), or the inputs are an
/// object and fields that replace its own, absent meaning keep.
class ObjectStage {
 public:
  /// All fields of a kind are inputs, in order.
  ObjectStage(const Kind& kind, std::string name);
  /// Input 0 is an object of the zoo; the others replace the fields named.
  ObjectStage(const Zoo& zoo, std::string_view interface, std::vector<std::string> fields, std::vector<PortInfo> infos,
              std::string name);

  [[nodiscard]] std::span<const PortInfo> inputs() const { return inputs_; }
  [[nodiscard]] std::string_view interface() const { return interface_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  /// As Solver::evaluate, with the one output column at block.out[0] and objects that live in the arena.
  void evaluate(const Block& block, ObjectArena& arena) const;

 private:
  void check_row(const Block& block, std::size_t row, bool varying) const;
  const Kind& fields_of_row(const Block& block, std::size_t row, std::vector<Cell>& cells, std::vector<std::size_t>& slots,
                            const ZooObject*& base, std::string_view& name) const;
  const Kind* kind_ = nullptr;
  const Zoo* zoo_ = nullptr;
  std::string name_;
  std::string interface_;
  std::vector<std::string> replaced_;
  std::vector<PortInfo> inputs_;
};

}  // namespace ironlaw::host
