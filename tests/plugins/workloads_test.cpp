#include <gtest/gtest.h>

#include "../../plugins/workloads/diffusion.hpp"
#include "../../plugins/workloads/network.hpp"
#include "../../plugins/workloads/recommender.hpp"
#include "../../plugins/workloads/sized.hpp"
#include "../../plugins/workloads/sparse_transformer.hpp"
#include "../../plugins/workloads/state_space.hpp"
#include "made_object.hpp"

namespace {
using namespace ironlaw;
using namespace ironlaw::workloads;
using namespace ironlaw::testing;

constexpr auto flop = [](Operations n) { return n.value(); };
constexpr auto byte = [](Information n) { return n.value(); };
constexpr auto work = [](double n) { return n * units::flop; };
constexpr auto size = [](double n) { return n * units::byte; };

template <class K>
MadeObject<Workload> made(const Fields& fields) {
  return {kind_adapter<K>, fields, "M"};
}
template <class E, class K>
std::string made_refusal(const Fields& fields) {
  return refusal<E>([&] { made<K>(fields); });
}

const Fields llama_8b{{"parameters", 8.03e9}, {"layers", 32}, {"hidden_size", 4096}, {"heads", 32}, {"kv_heads", 8}};
const Fields llama_70b{
    {"parameters", 70553706496.0}, {"layers", 80},      {"hidden_size", 8192},      {"heads", 64}, {"kv_heads", 8},
    {"ffn_size", 28672},           {"ffn_matrices", 3}, {"vocabulary_size", 128256}};
const Fields mixtral =
    with(llama_8b, {{"parameters", 46.7e9}, {"active_parameters", 12.9e9}, {"experts", 8}, {"active_experts", 2}});
const Fields bert = with(llama_8b, {{"parameters", 110e6},
                                    {"layers", 12},
                                    {"hidden_size", 768},
                                    {"heads", 12},
                                    {"kv_heads", 12},
                                    {"work_unit", "sequence"},
                                    {"reference_length", 128},
                                    {"operations", work(22.35e9)}});
const Fields mamba{{"parameters", 2.8e9}, {"layers", 64}, {"hidden_size", 2560}, {"state_size", 16}};
const Fields stable_diffusion{{"parameters", 860e6}, {"operations_per_step", work(20e9)}, {"denoising_steps", 50}};
const Fields dlrm{{"embedding_size", size(100e9)}, {"dense_parameters", 2368897}, {"tables", 26}, {"embedding_dimension", 128}};

Conditions at(Phase phase, double batch, double new_tokens, double cached) {
  return {.phase = phase, .batch = batch, .new_tokens = new_tokens, .cached_tokens = cached};
}
Conditions in_int8() { return {.formats = Formats::of(Precision::int8)}; }

struct Lowering {
  const Kind& kind;
  Fields fields;
  double operations, fp16, int8;
};
TEST(Workloads, OperationsAndWeightBytesOfTheWorkedExamples) {
  const Lowering table[]{
      {kind_adapter<Transformer>, with(llama_8b, {{"operations", work(16.06e9)}}), 1.606e10, 1.606e10, 8.03e9},
      {kind_adapter<Transformer>, llama_8b, 1.606e10, 1.606e10, 8.03e9},
      {kind_adapter<SparseTransformer>, with(mixtral, {{"expert_reads", "all"}}), 2.58e10, 9.34e10, 4.67e10},
      {kind_adapter<Convolutional>, {{"parameters", 25.6e6}, {"operations", work(4.1e9)}}, 4.1e9, 5.12e7, 2.56e7},
      {kind_adapter<StateSpace>, mamba, 5.6e9, 5.6e9, 2.8e9},
      {kind_adapter<Diffusion>, with(stable_diffusion, {{"weight_reads", "once"}}), 1e12, 1.72e9, 8.6e8},
      {kind_adapter<Network>, {{"parameters", 270e3}}, 5.4e5, 5.4e5, 2.7e5},
      {kind_adapter<Sized>, {{"stored_size", size(100e9)}, {"other_precisions", "stored_size"}}, 0, 1e11, 1e11},
  };
  for (const auto& row : table) {
    const MadeObject<Workload> model(row.kind, row.fields);
    const auto demand = model->demand({});
    EXPECT_DOUBLE_EQ(flop(demand.linear + demand.logits), row.operations) << row.kind.about().name;
    EXPECT_DOUBLE_EQ(byte(demand.weights_read), row.fp16) << row.kind.about().name;
    EXPECT_DOUBLE_EQ(byte(demand.weights_resident), row.fp16) << row.kind.about().name;
    EXPECT_DOUBLE_EQ(byte(model->demand(in_int8()).weights_read), row.int8) << row.kind.about().name;
  }
}

TEST(Workloads, EveryDemandGrowsLinearlyWithTheBatchExceptForWeights) {
  const MadeObject<Workload> models[]{
      {kind_adapter<Transformer>, with(llama_8b, {{"ffn_size", 14336}, {"vocabulary_size", 128256}})},
      {kind_adapter<SparseTransformer>, mixtral},
      {kind_adapter<Transformer>, bert},
      {kind_adapter<Convolutional>, {{"parameters", 25.6e6}, {"operations", work(8.2e9)}, {"feature_map_elements", 11.1e6}}},
      {kind_adapter<StateSpace>, mamba},
      {kind_adapter<Diffusion>, with(stable_diffusion, {{"activation_elements", 2e8}})},
      {kind_adapter<Recommender>, dlrm},
      {kind_adapter<Network>, {{"parameters", 270e3}, {"activation_elements", 1672}}}};
  for (const auto& model : models) {
    for (const Phase phase : {Phase::forward, Phase::training}) {
      const auto one = model->demand(at(phase, 1, 3, 500));
      const auto seven = model->demand(at(phase, 7, 3, 500));
      EXPECT_DOUBLE_EQ(flop(seven.linear), 7 * flop(one.linear));
      EXPECT_DOUBLE_EQ(flop(seven.logits), 7 * flop(one.logits));
      EXPECT_DOUBLE_EQ(flop(seven.attention), 7 * flop(one.attention));
      EXPECT_EQ(seven.activations.has_value(), one.activations.has_value());
      EXPECT_TRUE(!one.activations || byte(*seven.activations) == 7 * byte(*one.activations));
      EXPECT_DOUBLE_EQ(byte(seven.cache_read), 7 * byte(one.cache_read));
      EXPECT_DOUBLE_EQ(byte(seven.cache_write), 7 * byte(one.cache_write));
      EXPECT_DOUBLE_EQ(byte(seven.state), 7 * byte(one.state));
      EXPECT_EQ(byte(seven.weights_resident), byte(one.weights_resident));
      EXPECT_EQ(seven.launches, one.launches);
    }
  }
}

TEST(Transformer, CacheOfTheWorkedExamples) {
  const auto model = made<Transformer>(llama_8b);
  const auto demand = model->demand(at(Phase::decode, 4, 1, 2048));
  EXPECT_DOUBLE_EQ(byte(demand.cache_read), 1073741824);
  EXPECT_DOUBLE_EQ(byte(demand.cache_write), 4 * 131072);
  EXPECT_DOUBLE_EQ(byte(demand.cache_resident), 2049 * 4 * 131072.0);
  const auto& shape = *model->facet<TransformerShape>();
  EXPECT_DOUBLE_EQ(byte(equations::cache_size(shape, 4, equations::paged_tokens(2050, 16), 2)), 1082130432);
  EXPECT_EQ(byte(model->demand(at(Phase::training, 4, 2048, 0)).cache_write), 0);
}
TEST(Transformer, LatentCacheAndAbsorbedDecode) {
  const Fields deepseek{{"parameters", 671e9}, {"layers", 61},          {"hidden_size", 7168}, {"heads", 128},
                        {"head_size", 128},    {"latent_kv_rank", 512}, {"rope_head_size", 64}};
  const auto model = made<Transformer>(deepseek);
  EXPECT_DOUBLE_EQ(byte(model->demand(at(Phase::decode, 2, 1, 4096)).cache_read), 575668224);
  EXPECT_DOUBLE_EQ(flop(model->demand(at(Phase::decode, 1, 1, 99)).attention), 100.0 * 61 * 2 * 128 * (2 * 512 + 64));
  EXPECT_DOUBLE_EQ(flop(model->demand(at(Phase::prefill, 1, 10, 0)).attention), 55.0 * 61 * 4 * 128 * 128);
}
TEST(Transformer, AttentionCountsEachVisiblePairOnce) {
  const auto model = made<Transformer>(llama_8b);
  for (const int cached : {0, 7}) {
    int pairs = 0;
    for (int query = 0; query < 5; ++query)
      for (int key = 0; key < cached + 5; ++key) pairs += key <= cached + query ? 1 : 0;
    EXPECT_DOUBLE_EQ(flop(model->demand(at(Phase::prefill, 3, 5, cached)).attention), 3.0 * pairs * 4 * 32 * 32 * 128);
  }
}
TEST(Transformer, AskingMoreContextAsksMore) {
  const auto model = made<Transformer>(llama_8b);
  auto before = model->demand(at(Phase::decode, 2, 1, 0));
  for (const double cached : {1.0, 100.0, 4096.0, 1e6}) {
    const auto demand = model->demand(at(Phase::decode, 2, 1, cached));
    EXPECT_GT(demand.cache_read, before.cache_read);
    EXPECT_GT(demand.attention, before.attention);
    EXPECT_EQ(demand.linear, before.linear);
    before = demand;
  }
}
TEST(Transformer, EmbeddingIsAGatherAndAPromptNeedsOneLogit) {
  const auto model = made<Transformer>(llama_70b);
  const double logits = 2.0 * 128256 * 8192;
  const auto decode = model->demand(at(Phase::decode, 1, 1, 0));
  EXPECT_NEAR(flop(decode.linear), 1.369e11, 5e7);
  EXPECT_DOUBLE_EQ(flop(decode.logits), logits);
  const auto prefill = model->demand(at(Phase::prefill, 2, 1000, 0));
  EXPECT_DOUBLE_EQ(flop(prefill.linear), 2000 * flop(decode.linear));
  EXPECT_DOUBLE_EQ(flop(prefill.logits), 2 * logits);
  EXPECT_DOUBLE_EQ(flop(model->demand(at(Phase::training, 2, 1000, 0)).logits), 2000 * logits);
  const auto tied = made<Transformer>(with(llama_70b, {{"tied_embedding", 1}}))->demand({});
  EXPECT_DOUBLE_EQ(flop(tied.linear + tied.logits), 2 * 70553706496.0);
  const auto stated = made<Transformer>(with(llama_70b, {{"operations", work(141.2e9)}}))->demand(at(Phase::prefill, 2, 1000, 0));
  EXPECT_DOUBLE_EQ(flop(stated.linear + stated.logits), 2000 * 141.2e9);
}
TEST(Transformer, HiddenStateIsWhatPassesFromLayerToLayer) {
  Conditions c = at(Phase::prefill, 2, 1000, 500);
  c.formats = c.formats.stored(TensorClass::activations, 8);
  EXPECT_DOUBLE_EQ(byte(*made<Transformer>(llama_70b)->demand(c).hidden_state), 2000.0 * 8192);
}
TEST(Transformer, ActivationsComeFromTheGeometryOrTheField) {
  EXPECT_FALSE(made<Transformer>(llama_8b)->demand({}).activations);
  const auto gated = made<Transformer>(with(llama_8b, {{"ffn_size", 14336}}))->demand(at(Phase::prefill, 2, 10, 0));
  EXPECT_DOUBLE_EQ(byte(*gated.activations), 20 * 8912896.0);
  const auto plain = made<Transformer>(with(llama_8b, {{"ffn_size", 14336}, {"ffn_matrices", 2}}))->demand({});
  EXPECT_DOUBLE_EQ(byte(*plain.activations), 8912896.0 - 4.0 * 32 * 14336);
  const auto stated = made<Transformer>(with(llama_8b, {{"ffn_size", 14336}, {"activation_elements", 1000}}))->demand({});
  EXPECT_DOUBLE_EQ(byte(*stated.activations), 4000);
}
TEST(Transformer, GeometryAndDefaults) {
  const auto model = made<Transformer>(with(without(llama_8b, "kv_heads"), {{"context_length", 8192}}));
  const auto& shape = *model->facet<TransformerShape>();
  EXPECT_EQ(shape.kv_heads, 32);
  EXPECT_EQ(shape.head_size, 128);
  EXPECT_EQ(*shape.context_length, 8192);
  EXPECT_FALSE(shape.ffn_size || shape.vocabulary_size || shape.latent_kv_rank);
  EXPECT_EQ(model->facet<Experts>(), nullptr);
  EXPECT_EQ(model->unit(), WorkUnit::token);
  EXPECT_EQ(*model->parameters(), 8.03e9);
  EXPECT_EQ(model->demand({}).launches, 32);
}
TEST(Transformer, FieldsThatContradictEachOtherAreRefused) {
  const auto why = [](const Fields& changes) { return made_refusal<DomainError, Transformer>(with(llama_8b, changes)); };
  EXPECT_EQ(why({{"heads", 8192}}), "heads: 8192 is out of range; allowed: 1 to hidden_size 4096");
  EXPECT_EQ(why({{"kv_heads", 64}}), "kv_heads: 64 is out of range; allowed: 1 to heads 32");
  EXPECT_EQ(why({{"kv_heads", 5}}), "kv_heads: 5 is out of range; allowed: a divisor of heads 32");
  EXPECT_EQ(why({{"heads", 24}}), "heads: 24 is out of range; allowed: a divisor of hidden_size 4096, or give head_size");
  EXPECT_EQ(why({{"heads", 24}, {"head_size", 128}}), "");
  EXPECT_EQ(why({{"latent_kv_rank", 512}}),
            "rope_head_size: is left out; a latent cache needs latent_kv_rank and rope_head_size");
  EXPECT_EQ(why({{"rope_head_size", 64}}), "latent_kv_rank: is left out; a latent cache needs latent_kv_rank and rope_head_size");
  EXPECT_EQ(why({{"work_unit", "sample"}}), "work_unit: sample is not a transformer's; allowed: sequence, token");
  EXPECT_EQ(why({{"work_unit", "sequence"}}), "reference_length: is left out; work_unit = sequence needs it");
  EXPECT_NE(why({{"vocabulary_size", 1e6}}).find("vocabulary_size: its embedding holds 8.192e+09 parameters"), std::string::npos);
}
TEST(Transformer, UnevenHeadsMayBeFloored) {
  const auto model = made<Transformer>(with(llama_8b, {{"heads", 24}, {"kv_heads", 5}, {"uneven_heads", "floor"}}));
  EXPECT_EQ(model->facet<TransformerShape>()->head_size, 170);
}

TEST(Encoder, ItsOperationsHoldTheAttentionOfTheReferenceLength) {
  const auto model = made<Transformer>(bert);
  EXPECT_EQ(model->unit(), WorkUnit::sequence);
  const auto whole = model->demand(at(Phase::forward, 2, 1, 0));
  EXPECT_DOUBLE_EQ(flop(whole.linear + whole.attention), 2 * 22.35e9);
  EXPECT_DOUBLE_EQ(flop(whole.attention), 2 * 4.0 * 12 * 768 * 128 * 128);
  const auto longer = model->demand(at(Phase::forward, 2, 512, 0));
  EXPECT_DOUBLE_EQ(flop(longer.linear), 4 * flop(whole.linear));
  EXPECT_DOUBLE_EQ(flop(longer.attention), 16 * flop(whole.attention));
  EXPECT_EQ(byte(longer.cache_write), 0);
}
TEST(Encoder, HasNoDecodeAndNeedsPlausibleOperations) {
  const auto model = made<Transformer>(bert);
  EXPECT_EQ(refusal<Unsupported>([&] { (void)model->demand(at(Phase::decode, 1, 1, 0)); }),
            "M is not supported: its work unit is a sequence, so it has no decode phase; allowed: forward, training");
  EXPECT_EQ((made_refusal<DomainError, Transformer>(with(bert, {{"operations", work(6e8)}}))),
            "operations: must exceed the attention of one sequence of reference_length, 6.0398e+08 FLOP");
}

TEST(SparseTransformer, TouchedExpertsOfTheWorkedExample) {
  EXPECT_DOUBLE_EQ(equations::experts_touched(8, 2, 5), 6.1015625);  // a simulation gives 6.1020
  EXPECT_DOUBLE_EQ(equations::experts_touched(8, 2, 1), 2);
  EXPECT_DOUBLE_EQ(equations::experts_touched(8, 8, 3), 8);
}
TEST(SparseTransformer, ReadsTheExpertsThatItsTokensTouch) {
  const auto model = made<SparseTransformer>(mixtral);
  EXPECT_DOUBLE_EQ(byte(model->demand({}).weights_read), 2 * 12.9e9);
  EXPECT_NEAR(byte(model->demand(at(Phase::prefill, 8, 512, 0)).weights_read), 2 * 46.7e9, 1);
  double before = 0;
  for (const double batch : {1.0, 2.0, 5.0, 16.0}) {
    const auto demand = model->demand(at(Phase::decode, batch, 1, 0));
    EXPECT_GT(byte(demand.weights_read), before);
    EXPECT_LT(demand.weights_read, demand.weights_resident);
    before = byte(demand.weights_read);
  }
  EXPECT_EQ(model->facet<Experts>()->active_per_token, 2);
  EXPECT_FALSE(model->facet<Experts>()->layers);
  EXPECT_EQ(*made<SparseTransformer>(with(mixtral, {{"expert_layers", 29}}))->facet<Experts>()->layers, 29);
  EXPECT_NE(model->facet<TransformerShape>(), nullptr);
  EXPECT_EQ(*model->parameters(), 46.7e9);
}
TEST(SparseTransformer, ActivationsCountEveryActiveExpert) {
  const auto demand = made<SparseTransformer>(with(mixtral, {{"ffn_size", 14336}}))->demand({});
  EXPECT_DOUBLE_EQ(byte(*demand.activations), 4.0 * 32 * (6 * 4096 + 2 * 8 * 128 + 3 * 14336 * 2));
}
TEST(SparseTransformer, FieldsThatContradictEachOtherAreRefused) {
  const auto why = [](const Fields& changes) { return made_refusal<DomainError, SparseTransformer>(with(mixtral, changes)); };
  EXPECT_EQ(why({{"active_experts", 9}}), "active_experts: 9 is out of range; allowed: 1 to experts 8");
  EXPECT_EQ(why({{"expert_layers", 33}}), "expert_layers: 33 is out of range; allowed: 1 to layers 32");
  EXPECT_EQ(why({{"active_parameters", 5e10}}), "active_parameters: 5e+10 is out of range; allowed: up to parameters 4.67e+10");
  EXPECT_EQ(why({{"active_parameters", 1e10}}),
            "active_parameters: 1e+10 is less than the active experts' share; allowed: "
            "1.1675e+10 (parameters * active_experts / experts) and above");
  EXPECT_EQ(why({{"active_parameters", 1e10}, {"expert_reads", "all"}}), "");
}

TEST(StateSpace, StateOfTheWorkedExampleAndAsMambaKeepsIt) {
  const Fields bare = with(mamba, {{"expansion", 1}, {"convolution_width", 1}, {"state_precision", "fp16"}});
  EXPECT_DOUBLE_EQ(byte(made<StateSpace>(bare)->demand(at(Phase::decode, 4, 1, 0)).state), 20971520);
  const auto model = made<StateSpace>(mamba);
  EXPECT_DOUBLE_EQ(byte(model->demand(at(Phase::decode, 4, 1, 0)).state), 64.0 * 4 * 5120 * (16 * 4 + 3 * 4));
  EXPECT_EQ(model->demand(at(Phase::decode, 4, 1, 0)).state, model->demand(at(Phase::decode, 4, 1, 1e6)).state);
  EXPECT_EQ(byte(model->demand(at(Phase::training, 4, 100, 0)).state), 0);
  EXPECT_EQ(model->unit(), WorkUnit::token);
}
TEST(StateSpace, TheScanStandsBesideTheProducts) {
  const auto model = made<StateSpace>(with(mamba, {{"vocabulary_size", 50280}}));
  const auto demand = model->demand(at(Phase::prefill, 1, 10, 0));
  EXPECT_DOUBLE_EQ(flop(demand.linear + demand.logits), 10 * 5.6e9 - 9 * 2.0 * 50280 * 2560);
  EXPECT_DOUBLE_EQ(flop(demand.attention), 10 * 9.0 * 5120 * 16 * 64);
}

TEST(Diffusion, EveryStepReadsTheWeightsAndGuidanceRunsTwice) {
  const auto demand = made<Diffusion>(with(stable_diffusion, {{"guidance_passes", 2}, {"layers", 282}}))->demand({});
  EXPECT_DOUBLE_EQ(flop(demand.linear), 2e12);
  EXPECT_DOUBLE_EQ(byte(demand.weights_read), 50 * 1.72e9);
  EXPECT_DOUBLE_EQ(byte(demand.weights_resident), 1.72e9);
  EXPECT_EQ(demand.launches, 50 * 282);
  const auto unguided = made<Diffusion>(stable_diffusion)->demand({});
  EXPECT_NEAR(unguided.linear / unguided.weights_read / units::flop_per_byte, 11.6, 0.05);
  EXPECT_DOUBLE_EQ(flop(made<Diffusion>(without(stable_diffusion, "operations_per_step"))->demand({}).linear), 50 * 2 * 860e6);
}
TEST(Diffusion, TrainingDenoisesOneLevelUnlessTheLoopIsOnePass) {
  const Conditions training{.phase = Phase::training};
  const auto demand = made<Diffusion>(with(stable_diffusion, {{"guidance_passes", 2}}))->demand(training);
  EXPECT_DOUBLE_EQ(flop(demand.linear), 20e9);
  EXPECT_DOUBLE_EQ(byte(demand.weights_read), 50 * 1.72e9 / 50);
  EXPECT_DOUBLE_EQ(flop(made<Diffusion>(with(stable_diffusion, {{"weight_reads", "once"}}))->demand(training).linear), 1e12);
}

TEST(Recommender, MovesOnlyTheRowsItGathers) {
  const auto model = made<Recommender>(dlrm);
  const auto demand = model->demand({.batch = 10});
  EXPECT_DOUBLE_EQ(byte(demand.weights_resident), 100e9 + 2 * 2368897);
  EXPECT_DOUBLE_EQ(byte(demand.weights_read), 10 * 26 * 128 * 4 + 2 * 2368897);
  EXPECT_DOUBLE_EQ(flop(demand.linear), 10 * (2 * 2368897.0 + 27 * 26 / 2 * 2 * 128));
  EXPECT_DOUBLE_EQ(*model->parameters(), 25e9 + 2368897);
  const auto everything = model->demand({.batch = 1e12});
  EXPECT_EQ(everything.weights_read, everything.weights_resident);
  EXPECT_EQ((made_refusal<DomainError, Recommender>(with(dlrm, {{"embedding_size", size(1000)}}))),
            "embedding_size: is less than one row of every table; allowed: 13312 byte and above");
}

TEST(Sized, OtherWidthsAreRefused) {
  const auto model = made<Sized>({{"stored_size", size(100e9)}});
  EXPECT_EQ(byte(model->demand({.formats = Formats::of(Precision::bf16)}).weights_read), 100e9);
  EXPECT_FALSE(model->parameters());
  EXPECT_FALSE(model->demand({}).activations);
  EXPECT_EQ(
      refusal<Unsupported>([&] { (void)model->demand(in_int8()); }),
      "M is not supported: its size is known for fp16 only, not for int8; allowed: fp16, or other_precisions = stored_size");
}

TEST(SampleNetworks, LayersAndActivationsOnlyWhereTheyAreKnown) {
  const Fields lenet{{"parameters", 9760}};
  EXPECT_EQ(made<Network>(lenet)->demand({}).launches, 1);
  EXPECT_FALSE(made<Network>(lenet)->demand({}).activations);
  const auto resnet = made<Convolutional>(
      {{"parameters", 25.6e6}, {"operations", work(8.2e9)}, {"layers", 50}, {"feature_map_elements", 11114984}});
  EXPECT_EQ(resnet->demand({}).launches, 50);
  EXPECT_DOUBLE_EQ(byte(*resnet->demand({.batch = 3}).activations), 3 * 2.0 * 11114984 * 2);
}
TEST(SampleNetworks, HaveNeitherPrefillNorDecode) {
  const MadeObject<Workload> models[]{{kind_adapter<Network>, {{"parameters", 1e6}}},
                                      {kind_adapter<Convolutional>, {{"parameters", 1e6}, {"operations", work(1e9)}}},
                                      {kind_adapter<Diffusion>, stable_diffusion},
                                      {kind_adapter<Recommender>, dlrm},
                                      {kind_adapter<Sized>, {{"stored_size", size(1e9)}}}};
  for (const auto& model : models) {
    EXPECT_EQ(model->unit(), WorkUnit::sample);
    EXPECT_EQ(refusal<Unsupported>([&] { (void)model->demand(at(Phase::prefill, 1, 1, 0)); }),
              "object is not supported: its work unit is a sample, so it has no prefill phase; allowed: forward, training");
    EXPECT_NE(refusal<Unsupported>([&] { (void)model->demand(at(Phase::decode, 1, 1, 0)); }), "");
    EXPECT_EQ(model->demand(at(Phase::forward, 1, 99, 99)).linear, model->demand({}).linear);
  }
}

}  // namespace
