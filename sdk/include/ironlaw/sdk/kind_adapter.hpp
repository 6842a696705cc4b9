#pragma once
// Makes a Kind of a struct with Fields, Interface, `about`, `fields` and a static `make(const Fields&, std::string_view name)`.
#include <ironlaw/kind.hpp>
#include <ironlaw/object.hpp>
#include <ironlaw/sdk/never_destroyed.hpp>
#include <ironlaw/sdk/ports.hpp>

#include <memory>
#include <new>

namespace ironlaw {
namespace detail {

template <class K>
class KindAdapter final : public Kind {
  using Fields = typename K::Fields;
  using Made = decltype(K::make(std::declval<const Fields&>(), std::string_view{}));
  static constexpr auto fields_ = port_infos<Fields>(K::fields);

  static_assert(defaults_in_range(fields_), "a field's default lies outside its range: write `= required` or another default");
  static_assert(names_unique(fields_), "two fields have the same name");

  const About& do_about() const noexcept override { return K::about; }
  std::string_view do_interface() const noexcept override { return K::Interface::interface; }
  std::uint64_t do_interface_layout() const noexcept override { return ironlaw::interface_layout<typename K::Interface>(); }
  std::span<const PortInfo> do_fields() const noexcept override { return fields_; }
  std::size_t do_size() const noexcept override { return sizeof(Made); }
  std::size_t do_alignment() const noexcept override { return alignof(Made); }

  const void* do_construct(void* where, std::span<const Cell> cells, std::string_view name) const override {
    Fields f;
    load_ports(f, K::fields, [&](std::size_t k) { return cells[k]; });
    const Made* made = new (where) Made(K::make(f, name));
    return static_cast<const typename K::Interface*>(made);
  }
  void do_destroy(void* where) const noexcept override { std::destroy_at(std::launder(static_cast<Made*>(where))); }
};

}  // namespace detail

template <class K>
inline const detail::KindAdapter<K>& kind_adapter = detail::only_instance<detail::KindAdapter<K>>.value;

}  // namespace ironlaw
