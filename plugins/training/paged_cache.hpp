#pragma once
#include <ironlaw/equations/transformer.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::training {

/// Key-value cache in whole pages, from dimensions alone.
struct PagedCache {
  static constexpr auto about =
      Solver::About{"paged_cache", "Key-value cache of a batch in whole pages, and what the pages waste",
                    "Kwon 2023, 'Efficient memory management for large language model serving', SOSP"};

  struct Inputs {
    double layers = required;
    double kv_heads = required;
    double head_size = required;
    double sequence_length = required;
    double batch_size = 1;
    double page_size = 16;
    Precision precision = Precision::fp16;
  };

  struct Outputs {
    Information size;
    double fragmentation;
  };

  static constexpr auto inputs = ports(port<&Inputs::layers>("layers of the stack", at_least_one).whole(),
                                       port<&Inputs::kv_heads>("key-value heads a layer", at_least_one).whole(),
                                       port<&Inputs::head_size>("width of a head", at_least_one).whole(),
                                       port<&Inputs::sequence_length>("tokens of each sequence", non_negative).whole(),
                                       port<&Inputs::batch_size>("sequences", at_least_one).whole(),
                                       port<&Inputs::page_size>("tokens of a page", at_least_one).refinement().whole(),
                                       port<&Inputs::precision>("number format of the cache"));

  static constexpr auto outputs = ports(port<&Outputs::size>("bytes of all pages"),
                                        port<&Outputs::fragmentation>("share of them that holds no token", fraction));

  static Outputs solve(const Inputs& in) {
    const double paged = equations::paged_tokens(in.sequence_length, in.page_size);
    const double elements = 2 * in.layers * in.kv_heads * in.head_size * paged * in.batch_size;
    return {elements * bytes_per_element(in.precision) * units::byte, paged > 0 ? (paged - in.sequence_length) / paged : 0};
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const double paged = equations::paged_tokens(in.sequence_length, in.page_size);
    w.step("paged tokens", "ceil(S / page) * page", {{"S", in.sequence_length}, {"page", in.page_size}}, paged, "Kwon 2023");
    w.step("size", "2 * L * a_kv * d * S_p * B * b",
           {{"L", in.layers},
            {"a_kv", in.kv_heads},
            {"d", in.head_size},
            {"S_p", paged},
            {"B", in.batch_size},
            {"b", bytes_per_element(in.precision)}},
           out.size, "Pope 2022");
    w.step("fragmentation", "(S_p - S) / S_p", {{"S_p", paged}, {"S", in.sequence_length}}, out.fragmentation);
  }
};

}  // namespace ironlaw::training
