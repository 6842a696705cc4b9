#pragma once
// The compiler's vectors of two and of four numbers. What is done with four is compiled for AVX2 wherever the rest is not, and
// inlined into a row loop that is, too (lane_rows.hpp): one file serves every machine. All is passed by reference, since what
// vectors are passed in depends on the machine, to what may lie where any number does (SomeNumbers), since g++ 12 without AVX
// does not align what it passes on the stack for four.

namespace ironlaw::detail {

#if defined(__x86_64__) && !defined(__AVX2__)
#define IRONLAW_FOR_FOUR_LANES [[gnu::target("avx2")]]
/// Whether four lanes are for machines other than this is compiled for.
inline constexpr bool four_lanes_want_avx2 = true;
#else
#define IRONLAW_FOR_FOUR_LANES
inline constexpr bool four_lanes_want_avx2 = false;
#endif

template <int W>
struct Vectors;

// A macro, since the target of a function cannot depend on a template's parameter.
#define IRONLAW_VECTORS(W, TARGET)                                                                                     \
  template <>                                                                                                          \
  struct Vectors<W> {                                                                                                  \
    typedef double Numbers __attribute__((vector_size(8 * W)));                                                        \
    typedef long long Bits __attribute__((vector_size(8 * W)));                                                        \
    typedef Numbers SomeNumbers __attribute__((aligned(8)));                                                           \
    typedef Bits SomeBits __attribute__((aligned(8)));                                                                 \
    TARGET static inline void add(SomeNumbers& to, const SomeNumbers& a, const SomeNumbers& b) { to = a + b; }         \
    TARGET static inline void subtract(SomeNumbers& to, const SomeNumbers& a, const SomeNumbers& b) { to = a - b; }    \
    TARGET static inline void multiply(SomeNumbers& to, const SomeNumbers& a, const SomeNumbers& b) { to = a * b; }    \
    TARGET static inline void divide(SomeNumbers& to, const SomeNumbers& a, const SomeNumbers& b) { to = a / b; }      \
    TARGET static inline void negate(SomeNumbers& to, const SomeNumbers& a) { to = -a; }                               \
    TARGET static inline void spread(SomeNumbers& to, double x) { to = x - Numbers{}; }                                \
    TARGET static inline void spread(SomeBits& to, bool all) { to = Bits{} - static_cast<long long>(all); }            \
    TARGET static inline void below(SomeBits& to, const SomeNumbers& a, const SomeNumbers& b) {                        \
      to = reinterpret_cast<Bits>(a < b);                                                                              \
    }                                                                                                                  \
    TARGET static inline void most(SomeBits& to, const SomeNumbers& a, const SomeNumbers& b) {                         \
      to = reinterpret_cast<Bits>(a <= b);                                                                             \
    }                                                                                                                  \
    TARGET static inline void same(SomeBits& to, const SomeNumbers& a, const SomeNumbers& b) {                         \
      to = reinterpret_cast<Bits>(a == b);                                                                             \
    }                                                                                                                  \
    TARGET static inline void differ(SomeBits& to, const SomeNumbers& a, const SomeNumbers& b) {                       \
      to = reinterpret_cast<Bits>(a != b);                                                                             \
    }                                                                                                                  \
    TARGET static inline void both(SomeBits& to, const SomeBits& a, const SomeBits& b) { to = a & b; }                 \
    TARGET static inline void either(SomeBits& to, const SomeBits& a, const SomeBits& b) { to = a | b; }               \
    TARGET static inline void opposite(SomeBits& to, const SomeBits& a) { to = ~a; }                                   \
    TARGET static inline void load(SomeNumbers& to, const void* from) { __builtin_memcpy(&to, from, sizeof to); }      \
    TARGET static inline void store(void* to, const SomeNumbers& from) { __builtin_memcpy(to, &from, sizeof from); }   \
    TARGET static inline void select(SomeNumbers& to, const SomeBits& m, const SomeNumbers& a, const SomeNumbers& b) { \
      if constexpr (W == 4) {                                                                                          \
        to = m ? a : b;                                                                                                \
      } else { /* where there is no blend, g++ 12 takes the condition apart */                                         \
        to = reinterpret_cast<Numbers>((m & reinterpret_cast<Bits>(a)) | (~m & reinterpret_cast<Bits>(b)));            \
      }                                                                                                                \
    }                                                                                                                  \
    /** A bit a lane. */                                                                                               \
    TARGET static inline unsigned lanes(const SomeBits& m) {                                                           \
      unsigned set = 0;                                                                                                \
      for (unsigned lane = 0; lane < W; ++lane) set |= static_cast<unsigned>(m[lane] & 1) << lane;                     \
      return set;                                                                                                      \
    }                                                                                                                  \
    TARGET static inline bool any(const SomeBits& m) {                                                                 \
      long long all = 0;                                                                                               \
      for (unsigned lane = 0; lane < W; ++lane) all |= m[lane];                                                        \
      return all != 0;                                                                                                 \
    }                                                                                                                  \
  };
IRONLAW_VECTORS(2, )
IRONLAW_VECTORS(4, IRONLAW_FOR_FOUR_LANES)
#undef IRONLAW_VECTORS

// What compilers have no operator for.
inline void square_root(Vectors<2>::SomeNumbers& to, const Vectors<2>::SomeNumbers& a) {
#if defined(__SSE2__) && defined(__GNUC__) && !defined(__clang__)
  to = __builtin_ia32_sqrtpd(a);
#else
  to = Vectors<2>::Numbers{__builtin_sqrt(a[0]), __builtin_sqrt(a[1])};
#endif
}
IRONLAW_FOR_FOUR_LANES inline void square_root(Vectors<4>::SomeNumbers& to, const Vectors<4>::SomeNumbers& a) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  to = __builtin_ia32_sqrtpd256(a);
#else
  to = Vectors<4>::Numbers{__builtin_sqrt(a[0]), __builtin_sqrt(a[1]), __builtin_sqrt(a[2]), __builtin_sqrt(a[3])};
#endif
}

inline void round_down(Vectors<2>::SomeNumbers& to, const Vectors<2>::SomeNumbers& a) {
  to = Vectors<2>::Numbers{__builtin_floor(a[0]), __builtin_floor(a[1])};
}
inline void round_up(Vectors<2>::SomeNumbers& to, const Vectors<2>::SomeNumbers& a) {
  to = Vectors<2>::Numbers{__builtin_ceil(a[0]), __builtin_ceil(a[1])};
}
IRONLAW_FOR_FOUR_LANES inline void round_down(Vectors<4>::SomeNumbers& to, const Vectors<4>::SomeNumbers& a) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  to = __builtin_ia32_roundpd256(a, 1);
#else
  to = Vectors<4>::Numbers{__builtin_floor(a[0]), __builtin_floor(a[1]), __builtin_floor(a[2]), __builtin_floor(a[3])};
#endif
}
IRONLAW_FOR_FOUR_LANES inline void round_up(Vectors<4>::SomeNumbers& to, const Vectors<4>::SomeNumbers& a) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  to = __builtin_ia32_roundpd256(a, 2);
#else
  to = Vectors<4>::Numbers{__builtin_ceil(a[0]), __builtin_ceil(a[1]), __builtin_ceil(a[2]), __builtin_ceil(a[3])};
#endif
}

}  // namespace ironlaw::detail
