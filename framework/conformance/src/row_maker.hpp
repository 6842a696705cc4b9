#pragma once
// Rows of generated inputs: in range, of plausible magnitude, and the same on every run.
#include "value/kept_values.hpp"

#include <ironlaw/host/session.hpp>

#include <map>
#include <random>

namespace ironlaw::host {

/// Objects to hand to solvers, by interface: a spread of the zoo's, and those that a plugin's own kinds make.
class ObjectPool {
 public:
  /// Entries whose kind comes from `except` are left out.
  ObjectPool(Session& session, const std::filesystem::path& except);
  ObjectPool(const ObjectPool&) = delete;
  ObjectPool& operator=(const ObjectPool&) = delete;
  ~ObjectPool();

  [[nodiscard]] const std::vector<const void*>& of(std::string_view interface);
  /// Makes an object of generated fields and keeps it; null where the kind refuses the fields. `why` then says so.
  const void* make(const Kind& kind, std::span<const Cell> fields, std::string& why);
  /// Ends what make() made, and what rows of it kept.
  void forget_made();
  /// Owns the series and texts of rows, which outlive whoever made them.
  [[nodiscard]] KeptValues& kept() { return kept_; }

 private:
  struct Made {
    const Kind* kind;
    std::unique_ptr<std::byte[]> memory;
    void* where;
    std::string interface;
    const void* object;
  };
  Session& session_;
  std::filesystem::path except_;
  KeptValues kept_;
  std::map<std::string, std::vector<const void*>, std::less<>> objects_;
  std::vector<Made> made_;
};

/// Makes rows for a list of ports.
class RowMaker {
 public:
  RowMaker(std::span<const PortInfo> ports, ObjectPool& pool) : ports_(ports), pool_(pool) {}

  using Row = std::vector<Cell>;
  /// The defaults, and something plausible where there is none.
  [[nodiscard]] Row base();
  /// The base with other objects and, for `optional`, with some of the optional values that it leaves out.
  [[nodiscard]] Row variation(bool optional);
  /// A base, each port of it at the ends of its range, then random rows.
  [[nodiscard]] std::vector<Row> rows(const Row& base, std::size_t random);
  /// Values of a port that grow, in range, around what is plausible.
  [[nodiscard]] std::vector<double> growing(std::size_t port, std::size_t count) const;
  /// The interface that no object could be found for, or empty.
  [[nodiscard]] std::string missing_interface();

 private:
  Cell plain(const PortInfo& port);
  Cell random(const PortInfo& port);
  /// A series as long as every other of its index, or a text.
  Cell kept(const PortInfo& port, bool varied);
  double random_number(const PortInfo& port);
  std::span<const PortInfo> ports_;
  ObjectPool& pool_;
  std::mt19937_64 random_{20240229};
};

}  // namespace ironlaw::host
