#pragma once
#include <ironlaw/port_info.hpp>
#include <ironlaw/row.hpp>

namespace ironlaw {

/// A kind of device, workload or record, declared by ports as a solver is: the host makes objects of it from a row of cells.
class IRONLAW_API Kind {
 public:
  struct About {
    std::string_view name;  ///< "accelerator"
    std::string_view doc;
  };

  Kind() = default;
  Kind(const Kind&) = delete;
  Kind& operator=(const Kind&) = delete;
  virtual ~Kind();

  [[nodiscard]] const About& about() const noexcept { return do_about(); }
  /// What its objects are to a solver: "hardware", "workload", "fleet" ...
  [[nodiscard]] std::string_view interface() const noexcept { return do_interface(); }
  [[nodiscard]] std::uint64_t interface_layout() const noexcept { return do_interface_layout(); }
  [[nodiscard]] std::span<const PortInfo> fields() const noexcept { return do_fields(); }
  [[nodiscard]] std::size_t size() const noexcept { return do_size(); }
  [[nodiscard]] std::size_t alignment() const noexcept { return do_alignment(); }

  /// Makes an object at `where` (size() bytes, aligned) and returns the pointer that solvers take: to its interface. The cells
  /// are in range. `name` must outlive the object. Throws Refusal where the fields contradict each other, PluginError otherwise.
  const void* construct(void* where, std::span<const Cell> fields, std::string_view name) const;
  /// Ends an object at the address it was made at.
  void destroy(void* where) const noexcept { do_destroy(where); }

 private:
  virtual const About& do_about() const noexcept = 0;
  virtual std::string_view do_interface() const noexcept = 0;
  virtual std::uint64_t do_interface_layout() const noexcept = 0;
  virtual std::span<const PortInfo> do_fields() const noexcept = 0;
  virtual std::size_t do_size() const noexcept = 0;
  virtual std::size_t do_alignment() const noexcept = 0;
  virtual const void* do_construct(void* where, std::span<const Cell> fields, std::string_view name) const = 0;
  virtual void do_destroy(void* where) const noexcept = 0;
};

}  // namespace ironlaw
