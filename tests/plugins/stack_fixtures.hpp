#pragma once
// Stacks as their configurations say them, each with the parameters that its products and matrices hold.
#include "made_object.hpp"

namespace ironlaw::stacks {
using testing::Fields;
using testing::with;

// Parameters in all products and matrices, by hand: norms and biases are left out of them.
inline const Fields llama_70b{
    {"parameters", 70553706496.0}, {"layers", 80}, {"hidden_size", 8192}, {"heads", 64}, {"kv_heads", 8}, {"ffn_size", 28672},
    {"vocabulary_size", 128256}};
// Attention 187,105,280 a layer; dense block 3 * 7168 * 18432; expert 3 * 7168 * 2048 = 44,040,192, of which a token passes 8 and
// the shared one; router 256 * 7168; 58 layers route.
inline constexpr double deepseek_attention = 187105280, deepseek_expert = 44040192, deepseek_router = 1835008;
inline constexpr double deepseek_rest = 61 * deepseek_attention + 3 * 396361728.0 + 2.0 * 129280 * 7168;
inline const Fields deepseek_v3{{"parameters", deepseek_rest + 58 * (257 * deepseek_expert + deepseek_router)},
                                {"active_parameters", deepseek_rest + 58 * (9 * deepseek_expert + deepseek_router)},
                                {"layers", 61},
                                {"hidden_size", 7168},
                                {"heads", 128},
                                {"head_size", 128},
                                {"ffn_size", 2048},
                                {"vocabulary_size", 129280},
                                {"latent_kv_rank", 512},
                                {"rope_head_size", 64},
                                {"query_rank", 1536},
                                {"nope_head_size", 128},
                                {"value_head_size", 128},
                                {"experts", 256},
                                {"active_experts", 8},
                                {"expert_layers", 58},
                                {"dense_ffn_size", 18432},
                                {"shared_ffn_size", 2048}};
// Attention 2880 * 64 * (64 + 16) + 4096 * 2880; expert 3 * 2880 * 2880; router 128 * 2880; every second layer has a window.
inline constexpr double oss_attention = 26542080, oss_expert = 24883200, oss_router = 368640, oss_matrices = 2.0 * 201088 * 2880;
inline const Fields gpt_oss{{"parameters", 36 * (oss_attention + 128 * oss_expert + oss_router) + oss_matrices},
                            {"active_parameters", 36 * (oss_attention + 4 * oss_expert + oss_router) + oss_matrices},
                            {"layers", 36},
                            {"hidden_size", 2880},
                            {"heads", 64},
                            {"kv_heads", 8},
                            {"head_size", 64},
                            {"ffn_size", 2880},
                            {"vocabulary_size", 201088},
                            {"window_layers", 18},
                            {"window_size", 128},
                            {"experts", 128},
                            {"active_experts", 4}};
// A hybrid of 48 layers: 36 gated linear attention (16 key, 32 value heads of 128), 12 gated attention.
inline constexpr double hybrid_recurrent = 2048.0 * (2 * 16 * 128 + 2 * 32 * 128 + 2 * 32) + 32.0 * 128 * 2048;
inline constexpr double hybrid_attention = 2048.0 * 256 * (2 * 16 + 2 * 2) + 16.0 * 256 * 2048;
inline constexpr double hybrid_expert = 3.0 * 2048 * 512;
inline constexpr double hybrid_rest = 36 * hybrid_recurrent + 12 * hybrid_attention + 48 * 512.0 * 2048 + 2.0 * 151936 * 2048;
inline const Fields hybrid{{"parameters", hybrid_rest + 48 * 513 * hybrid_expert},
                           {"active_parameters", hybrid_rest + 48 * 11 * hybrid_expert},
                           {"layers", 48},
                           {"hidden_size", 2048},
                           {"heads", 16},
                           {"kv_heads", 2},
                           {"head_size", 256},
                           {"ffn_size", 512},
                           {"vocabulary_size", 151936},
                           {"gated_attention", 1},
                           {"recurrent.layers", 36},
                           {"recurrent.key_heads", 16},
                           {"recurrent.value_heads", 32},
                           {"recurrent.key_size", 128},
                           {"recurrent.value_size", 128},
                           {"experts", 512},
                           {"active_experts", 10},
                           {"shared_ffn_size", 512}};
// Chunks in three of four layers, every second layer routes to one of 16 experts beside a shared one.
inline constexpr double chunked_attention = 5120.0 * 128 * (40 + 16) + 5120.0 * 5120, chunked_expert = 3.0 * 5120 * 8192;
inline constexpr double chunked_rest =
    48 * chunked_attention + 24 * (3.0 * 5120 * 16384 + chunked_expert + 16 * 5120.0) + 2.0 * 202048 * 5120;
inline const Fields chunked{{"parameters", chunked_rest + 24 * 16 * chunked_expert},
                            {"active_parameters", chunked_rest + 24 * chunked_expert},
                            {"layers", 48},
                            {"hidden_size", 5120},
                            {"heads", 40},
                            {"kv_heads", 8},
                            {"head_size", 128},
                            {"ffn_size", 8192},
                            {"vocabulary_size", 202048},
                            {"chunked_layers", 36},
                            {"chunk_size", 8192},
                            {"experts", 16},
                            {"active_experts", 1},
                            {"expert_layers", 24},
                            {"dense_ffn_size", 16384},
                            {"shared_ffn_size", 8192}};
// 7 full and 28 window layers, of which 3 and 12 share caches: those project queries only.
inline const Fields sharing{
    {"parameters", 35 * (2048.0 * 256 * 8 * 2 + 3.0 * 2048 * 16384) + 20 * 2048.0 * 256 * 4 + 262144.0 * 2048},
    {"layers", 35},
    {"hidden_size", 2048},
    {"heads", 8},
    {"kv_heads", 2},
    {"head_size", 256},
    {"ffn_size", 16384},
    {"vocabulary_size", 262144},
    {"tied_embedding", 1},
    {"window_layers", 28},
    {"window_size", 512},
    {"shared_cache_layers", 15}};
// Sparse index over a latent cache: 64 index heads of 128, 2048 keys picked.
inline const Fields indexed = with(deepseek_v3, {{"parameters", 671e9 + 61 * (1536.0 * 64 * 128 + 7168.0 * 192)},
                                                 {"index.top_k", 2048},
                                                 {"index.heads", 64},
                                                 {"index.head_size", 128}});
// DeepSeek-V4-Flash (configuration, 2026): 43 layers with a window of 128 and one vector of 512 a token; 21 of them keep an entry
// and an index key for every 4 tokens, 20 an entry for every 128. Queries pass 1024, outputs eight groups of 1024.
inline constexpr double v4_attention = 4096.0 * (1024 + 512) + 1024.0 * 32768 + 32768.0 * 1024 + 8192.0 * 4096,
                        v4_expert = 3.0 * 4096 * 2048;
inline constexpr double v4_index = 1024.0 * 64 * 128 + 4096.0 * (2 * 128 + 64), v4_entries = 4096.0 * 2 * 512;
inline constexpr double v4_rest =
    43 * (v4_attention + v4_expert + 256 * 4096.0) + 41 * v4_entries + 21 * v4_index + 2.0 * 129280 * 4096;
inline const Fields compressed{{"parameters", v4_rest + 43 * 256 * v4_expert},
                               {"active_parameters", v4_rest + 43 * 6 * v4_expert},
                               {"layers", 43},
                               {"hidden_size", 4096},
                               {"heads", 64},
                               {"kv_heads", 1},
                               {"head_size", 512},
                               {"joint_key_value", 1},
                               {"query_rank", 1024},
                               {"output_rank", 1024},
                               {"output_groups", 8},
                               {"ffn_size", 2048},
                               {"shared_ffn_size", 2048},
                               {"vocabulary_size", 129280},
                               {"window_layers", 43},
                               {"window_size", 128},
                               {"compressed.layers", 21},
                               {"compressed.ratio", 4},
                               {"compressed.indexed", 1},
                               {"heavily_compressed.layers", 20},
                               {"heavily_compressed.ratio", 128},
                               {"index.top_k", 512},
                               {"index.heads", 64},
                               {"index.head_size", 128},
                               {"experts", 256},
                               {"active_experts", 6}};
// Mamba of 2.8 billion parameters: products of a layer are 2560 * 10240 + 5120 * (160 + 32) + 160 * 5120 + 5120 * 2560.
inline constexpr double mamba_layer = 2560.0 * 10240 + 5120.0 * 192 + 160.0 * 5120 + 5120.0 * 2560;
inline const Fields mamba{{"parameters", 64 * mamba_layer + 50280.0 * 2560},
                          {"layers", 64},
                          {"hidden_size", 2560},
                          {"state_size", 16},
                          {"vocabulary_size", 50280}};

}  // namespace ironlaw::stacks
