#pragma once
// In what widths the tensors of a model are stored, and in what formats it is computed: two questions, since weights of 4.25 bits
// may well be multiplied in 16.
#include <ironlaw/maybe.hpp>
#include <ironlaw/precision.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace ironlaw {

/// Tensors that checkpoints and engines keep in a format of their own.
enum class TensorClass : std::uint8_t {
  linear,     ///< weights of feed-forward blocks, of recurrent layers, and whatever has no class of its own
  attention,  ///< weights of attention's projections; where nothing is said of them, as `linear`
  experts,    ///< weights of routed experts
  embedding,
  head,
  norms,
  cache,       ///< keys and values, or the latent
  activations  ///< what passes between operators
};
inline constexpr std::size_t tensor_class_count = 8;

/// What sums of products are held in. GeForce cards multiply 16-bit numbers twice as fast where sums are 16-bit too.
enum class Accumulation : std::uint8_t { fp32, fp16 };

/// Formats by tensor class. `precision` is the short form: the width and the arithmetic of whatever is not said apart.
struct Formats {
  Precision precision = Precision::fp16;
  Accumulation accumulation = Accumulation::fp32;
  std::array<Maybe<double>, tensor_class_count> bits =
      nothing_said<double>();  ///< stored bits an element, scales included: 4.25, 4.5
  std::array<Maybe<Precision>, tensor_class_count> arithmetic =
      nothing_said<Precision>();  ///< that products with the class's weights are computed in

  static constexpr Formats of(Precision p) {
    Formats f;
    f.precision = p;
    return f;
  }
  /// Every number format that a name stands for, with another width of the cache.
  static constexpr Formats of(Precision p, Precision cache) {
    return of(p).stored(TensorClass::cache, 8 * bytes_per_element(cache));
  }
  /// The same with every class said, so that no checkpoint's own width holds.
  static constexpr Formats uniform(Precision p) {
    Formats f = of(p);
    f.bits.fill(8 * bytes_per_element(p));
    return f;
  }
  [[nodiscard]] constexpr Formats stored(TensorClass c, Maybe<double> width) const {
    Formats f = *this;
    f.bits[static_cast<std::size_t>(c)] = width;
    return f;
  }
  [[nodiscard]] constexpr Formats computed(TensorClass c, Maybe<Precision> format) const {
    Formats f = *this;
    f.arithmetic[static_cast<std::size_t>(c)] = format;
    return f;
  }
  /// What is not said here is taken from `own`, the widths that a checkpoint is stored in.
  [[nodiscard]] constexpr Formats or_else(const Formats& own) const {
    Formats f = *this;
    for (std::size_t c = 0; c < tensor_class_count; ++c) {
      if (!bits[c]) f.bits[c] = own.bits[c];
      if (!arithmetic[c]) f.arithmetic[c] = own.arithmetic[c];
    }
    return f;
  }

  /// Bytes that one stored element of a class takes.
  [[nodiscard]] constexpr double bytes(TensorClass c) const {
    const Maybe<double> width = said(bits, c);
    return width ? *width / 8 : bytes_per_element(precision);
  }
  /// The format that products with the weights of a class are computed in.
  [[nodiscard]] constexpr Precision computes(TensorClass c) const { return said(arithmetic, c).value_or(precision); }

 private:
  /// Written out, since g++ 12 zeroes the end of an array of Maybe that `{}` makes.
  template <class T>
  static constexpr std::array<Maybe<T>, tensor_class_count> nothing_said() {
    return {absent, absent, absent, absent, absent, absent, absent, absent};
  }
  template <class T>
  static constexpr Maybe<T> said(const std::array<Maybe<T>, tensor_class_count>& of, TensorClass c) {
    const Maybe<T> own = of[static_cast<std::size_t>(c)];
    return own || c != TensorClass::attention ? own : of[static_cast<std::size_t>(TensorClass::linear)];
  }
};

}  // namespace ironlaw
