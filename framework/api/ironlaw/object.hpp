#pragma once
#include <ironlaw/export.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ironlaw {

constexpr std::uint64_t fnv1a(std::string_view s) {
  std::uint64_t h = 14695981039346656037ull;
  for (const char c : s) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return h;
}

/// Identity of a facet: hash of its id with revision ("transformer_shape/1") and the layout that this side was compiled with.
/// The size of an abstract facet is its vtable pointer only, so a changed virtual needs a new revision.
struct FacetKey {
  std::string_view id;
  std::uint64_t hash = 0;
  std::uint32_t size = 0;
  std::uint32_t alignment = 0;
  template <class F>
  static constexpr FacetKey of() {
    return {F::facet_id, fnv1a(F::facet_id), sizeof(F), alignof(F)};
  }
};

/// What an interface was compiled with: an object port and a kind meet only where it is equal on both sides.
template <class I>
constexpr std::uint64_t interface_layout() {
  return ((fnv1a(I::interface) ^ sizeof(I)) * 1099511628211ull ^ alignof(I)) * 1099511628211ull;
}

/// Base of every zoo object that answers questions. Immutable; may be asked on many threads at once.
class IRONLAW_API Object {
 public:
  explicit Object(std::string_view name) noexcept : name_(name) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object();

  /// The name it was asked for by; owned by the host, outlives the object.
  [[nodiscard]] std::string_view name() const noexcept { return name_; }

  /// What only some objects have, by type: null where absent. F has `static constexpr std::string_view facet_id`.
  template <class F>
  [[nodiscard]] const F* facet() const {
    return static_cast<const F*>(do_facet(FacetKey::of<F>()));
  }
  /// For objects that wrap another: what the one inside answers to a key, known to the wrapping one or not. Throws Error where
  /// objects ask each other without end.
  [[nodiscard]] const void* facet_of(const FacetKey& key) const;

 protected:
  /// For do_facet: whether `key` asks for F. Throws Error naming both sizes where the id is the same and the layout is not.
  template <class F>
  [[nodiscard]] static bool asks_for(const FacetKey& key) {
    constexpr FacetKey own = FacetKey::of<F>();
    if (key.hash != own.hash) return false;
    if (key.size != own.size || key.alignment != own.alignment) facet_mismatch(key, own);
    return true;
  }

  /// For do_facet: the first of `facets` that `key` asks for; null ones are absent. `return answer(key, &shape_, count_ ?
  /// &experts_ : nullptr);`
  template <class... F>
  [[nodiscard]] static const void* answer(const FacetKey& key, const F*... facets) {
    const void* found = nullptr;
    ((asks_for<F>(key) ? void(found = facets) : void()), ...);
    return found;
  }

 private:
  virtual const void* do_facet(const FacetKey&) const { return nullptr; }
  [[noreturn]] static void facet_mismatch(const FacetKey& asked, const FacetKey& own);
  std::string_view name_;
};

}  // namespace ironlaw
