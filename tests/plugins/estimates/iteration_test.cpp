// Iterations of serving engines: times of the study that fitted the law, cases by hand, limits and refusals.
#include "estimates/serving/iteration.hpp"
#include "estimates/load/modelled_iteration.hpp"
#include "estimates/serving/static_batch.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "given_rates.hpp"
#include "hardware/accelerator.hpp"
#include "serving/serving.hpp"
#include "workloads/sparse_transformer.hpp"
#include "workloads/transformer.hpp"

namespace ironlaw::estimates {
namespace {

using estimates_test::fields_of;
using estimates_test::GivenRates;
using estimates_test::inputs_of;
using estimates_test::Json;

using Model = testing::MadeObject<Workload>;
using Device = testing::MadeObject<Hardware>;

/// Constants that no kernel table has, as the zoo's records of all generations state them.
void add_common(GivenRates& rates) {
  rates.state({{"operation", "state"}, {"memory_share", 0.8}});
  rates.state({{"operation", "elementwise"}, {"memory_share", 0.85 / 1.5}});
  rates.state({{"operation", "latent_expansion"}, {"compute_share", 0.6}});
  rates.state({{"operation", "network_all_reduce"}, {"latency", 53e-6}, {"network_share", 0.6}});
  rates.state({{"operation", "gather_scatter"}, {"link_share", 0.75}});
  rates.state({{"operation", "stage_transfer"}, {"link_share", 0.54}});
}

Device device_of(const Json& d, const KernelRates& rates) {
  testing::Fields fields{{"peak_rate.fp16", d["f16"].get<double>()},
                         {"peak_rate.fp8", d["f8"].get<double>()},
                         {"memory_capacity", 80e9},
                         {"memory_bandwidth", d["bw"].get<double>()},
                         {"device_link", d["nv"].get<double>()},
                         {"network_link", d["net"].get<double>()},
                         {"multiprocessors", d["sm"].get<double>()},
                         {"link_domain", d["dom"].get<double>()},
                         {"generation", static_cast<const KernelRates*>(&rates)}};
  if (d["f4"].get<double>() > 0) fields.push_back({"peak_rate.fp4", d["f4"].get<double>()});
  return {kind_adapter<hardware::Accelerator>, fields, "device"};
}

/// Every part that both sides have in common, row by row: dense and routed models, grouped, latent, windowed and linear
/// attention, tensor, expert and attention-data parallelism. What passes over activations in prompts is counted a little finer
/// here.
TEST(Iteration, TimesOfTheStudy) {
  std::ifstream file(IRONLAW_ESTIMATES_DATA "/iteration_times.jsonl");
  int compared = 0;
  for (std::string line; std::getline(file, line);) {
    const Json one = Json::parse(line);
    SCOPED_TRACE(one["model"].get<std::string>() + " " + one["engine"].get<std::string>() + " " +
                 one["format"].get<std::string>() + one["layout"].dump());
    GivenRates rates;
    add_common(rates);
    for (const Json& r : one["records"]) rates.state(r);
    const Device device = device_of(one["device"], rates);
    std::list<std::string> names;
    const auto fields = fields_of(one["fields"], names);
    const bool routed = one["kind"] == "sparse_transformer";
    const bool latent = one["fields"].contains("latent_kv_rank");
    const bool recurrent = one["fields"].contains("recurrent.layers");  // gates of the delta rule are counted here
    const Model model(routed ? static_cast<const Kind&>(kind_adapter<workloads::SparseTransformer>)
                             : static_cast<const Kind&>(kind_adapter<workloads::Transformer>),
                      fields, "model");
    for (const Json& row : one["rows"]) {
      SCOPED_TRACE(row.dump());
      auto in = inputs_of<Iteration>({{"format", one["format"]},
                                      {"expert_format", one["expert_format"]},
                                      {"cache_format", one["cache"]},
                                      {"tensor_parallel", one["layout"][0]},
                                      {"attention_data_parallel", one["layout"][1]},
                                      {"expert_tensor_parallel", one["layout"][2]},
                                      {"expert_parallel", one["layout"][3]},
                                      {"host_time", one["host"]},
                                      {"barrier", 4.95e-6},
                                      {"layer_latency", 0.0},
                                      {"recurrent_layer_latency", 0.0},
                                      {"prompt_launch", 0.0},
                                      {"decoding_sequences", row["decoding_sequences"]},
                                      {"context", row["context"]},
                                      {"prompt_tokens", row["prompt_tokens"]},
                                      {"prompts", row["prompts"]},
                                      {"drafted_tokens", row["drafted_tokens"]}});
      in.workload = model.get();
      in.hardware = device.get();
      const auto out = Iteration::solve(in);
      // Absorbed products stand with attention in the study, with the dense products here.
      const double dense = (out.product_time + out.decode_attention_time).value();
      EXPECT_NEAR(dense / (row["products"].get<double>() + row["decode"].get<double>()), 1, recurrent ? 2e-3 : 2e-6);
      const auto same = [&](Time ours, const char* part, double tolerance) {
        const double theirs = row[part].get<double>();
        EXPECT_NEAR(theirs > 0 ? ours.value() / theirs : 1 + ours.value(), 1, tolerance) << part;
      };
      same(out.expert_time, "experts", 1e-6);
      same(out.exchange_time, "exchange", 1e-6);
      same(out.prompt_attention_time, "prompt", latent ? 0.15 : 0.07);
      // The study counts every layer alike, here its operators count.
      const double layers = one["fields"]["layers"], drafted = row["drafted_tokens"];
      const double gated = recurrent ? one["fields"]["recurrent.layers"].get<double>() : 0;
      const double beside = (9.36e-6 * layers + 54.8e-6 * gated) * (1 + drafted / layers);
      const double launches = row["prompt_tokens"] > 0 ? 251e-6 * layers : 0;
      EXPECT_NEAR(out.iteration_time.value() / (row["total"].get<double>() - beside - launches), 1, 0.02);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 14 * 12);
}

/// Hopper's records of 16-bit kernels, of any engine, and a device and models of their sizes.
struct Machine {
  Machine() {
    add_common(rates);
    for (const Json& r : Json::parse(R"([
      {"operation": "product", "compute_share": 0.7665, "memory_share": 0.9165, "latency": 2.776e-6, "depth_latency": 0.4063e-6},
      {"operation": "experts", "compute_share": 0.65, "memory_share": 0.85, "latency": 33.6e-6, "touched_rows": 40,
       "quantize_traffic": 13.58, "permute_traffic": 6.79},
      {"operation": "prompt_attention", "compute_share": 0.832, "memory_share": 0.351, "latency": 12.9e-6, "tile_latency": 1.18e-6,
       "depth_latency": 7.68e-6},
      {"operation": "decode_attention", "memory_share": 0.911, "latency": 10.2e-6, "tile_latency": 3.26e-6, "depth_latency": 0.22e-6},
      {"operation": "all_reduce", "kernel": "custom", "phase": "graph", "latency": 2.54e-6, "doubling_latency": 0.599e-6,
       "link_share": 0.859, "protocol_time": 5.29e-6}])"))
      rates.state(r);
  }
  [[nodiscard]] testing::Fields fields(double bandwidth = 3.35e12) const {
    return {{"peak_rate.fp16", 989.4e12},    {"peak_rate.fp32", 67e12},  {"memory_capacity", 80e9},
            {"memory_bandwidth", bandwidth}, {"device_link", 450e9},     {"device_link_latency", 0.0},
            {"network_link", 50e9},          {"multiprocessors", 132.0}, {"generation", static_cast<const KernelRates*>(&rates)}};
  }
  GivenRates rates;
};
const testing::Fields llama_8b{
    {"parameters", 8.03e9}, {"layers", 32.0},     {"hidden_size", 4096.0}, {"heads", 32.0},
    {"kv_heads", 8.0},      {"head_size", 128.0}, {"ffn_size", 14336.0},   {"vocabulary_size", 128256.0}};
const testing::Fields llama_70b{
    {"parameters", 70.55e9}, {"layers", 80.0},     {"hidden_size", 8192.0}, {"heads", 64.0},
    {"kv_heads", 8.0},       {"head_size", 128.0}, {"ffn_size", 28672.0},   {"vocabulary_size", 128256.0}};

IterationInputs asked(const Model& model, const Device& device, const Json& more = Json::object()) {
  auto in = inputs_of<Iteration>(more);
  in.workload = model.get();
  in.hardware = device.get();
  return in;
}
double time_of(const IterationInputs& in) { return Iteration::solve(in).iteration_time.value(); }

/// `serving` with every efficiency at 1 and no overhead cannot be slower.
TEST(Iteration, NeverBelowTheBound) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  for (const auto* fields : {&llama_8b, &llama_70b}) {
    const Model model(kind_adapter<workloads::Transformer>, *fields, "model");
    for (const double ranks : {1, 2, 4, 8})
      for (const double batch : {1, 7, 64, 256})
        for (const double context : {128, 2048, 16384}) {
          auto bound = inputs_of<serving::Serving>({{"sequence_length", context},
                                                    {"batch_size", batch},
                                                    {"efficiency", 1},
                                                    {"memory_efficiency", 1},
                                                    {"framework_overhead", 0},
                                                    {"tensor_parallel", ranks},
                                                    {"check_context", 0}});
          bound.workload = model.get();
          bound.hardware = device.get();
          const double least = serving::Serving::solve(bound).tpot.value();
          const double estimate =
              time_of(asked(model, device, {{"decoding_sequences", batch}, {"context", context}, {"tensor_parallel", ranks}}));
          EXPECT_GE(estimate, least) << ranks << " " << batch << " " << context;
        }
  }
}

TEST(Iteration, MoreWorkTakesLongerAndFasterMemoryLess) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Device faster(kind_adapter<hardware::Accelerator>, machine.fields(4.8e12), "faster");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  double before = 0;
  for (const double batch : {1, 2, 8, 32, 128, 512}) {
    const Json row{{"decoding_sequences", batch}, {"context", 2000}};
    const double now = time_of(asked(model, device, row));
    EXPECT_GT(now, before);
    EXPECT_LT(time_of(asked(model, faster, row)), now);
    before = now;
  }
  const auto with = [&](const char* port, double value) {
    Json row{{"decoding_sequences", 16}, {"context", 2000}, {"prompt_tokens", 512}};
    row[port] = value;
    return time_of(asked(model, device, row));
  };
  for (const auto& [port, less, more] :
       {std::tuple{"context", 1000, 4000}, {"prompt_tokens", 256, 1024}, {"cached_tokens", 0, 4096}, {"drafted_tokens", 0, 3}})
    EXPECT_LT(with(port, less), with(port, more)) << port;
}

/// Prompts launch outside a graph: 32 layers of 0.25 ms, or what of it the device does not hide.
TEST(Iteration, LaunchesOfPrompts) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  const Json row{{"decoding_sequences", 0}, {"prompt_tokens", 128}, {"prompt_launch", 1e-3}};
  EXPECT_NEAR(Iteration::solve(asked(model, device, row)).launch_time.value(), 32e-3, 1e-12);
  struct Hidden final : SoftwareStack {
    Hidden() : SoftwareStack("hidden") { prompt_launches = PromptLaunch::hidden; }
  };
  const Hidden stack;
  auto in = asked(model, device, row);
  in.software_stack = &stack;
  EXPECT_NEAR(time_of(in), 32e-3, 1e-9);  // the device needs less than the launches
}

/// Nine operators make a dense decoder's layer; a routed one has twelve: router, its choice, two permutations' pass and three of
/// experts in place of the three of a block.
TEST(Iteration, LayersCountByTheirOperators) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model dense(kind_adapter<workloads::Transformer>, llama_8b, "dense");
  testing::Fields fields = llama_8b;
  for (const auto& [name, value] : {std::pair{"active_parameters", 13e9}, {"experts", 8.0}, {"active_experts", 2.0}})
    fields.push_back({name, value});
  fields.front() = {"parameters", 47e9};
  const Model routed(kind_adapter<workloads::SparseTransformer>, fields, "routed");
  const Json row{{"decoding_sequences", 1}, {"context", 100}, {"layer_latency", 9e-6}, {"expert_layer_latency", 0.0}};
  EXPECT_NEAR(Iteration::solve(asked(dense, device, row)).layer_time.value(), 32 * 9e-6, 1e-12);
  EXPECT_NEAR(Iteration::solve(asked(routed, device, row)).layer_time.value(), 32 * 12e-6, 1e-12);
}

/// Norms over the heads of two ranks: two passes and a sum of eight bytes a row, in each of 32 layers.
TEST(Iteration, RanksSumForNormsOverAllHeads) {
  Machine machine;
  machine.rates.state({{"operation", "quantization"}, {"memory_share", 0.9}, {"latency", 2e-6}});
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  testing::Fields fields = llama_8b;
  fields.push_back({"joint_query_key_norm", 1});
  const Model plain(kind_adapter<workloads::Transformer>, llama_8b, "plain");
  const Model joint(kind_adapter<workloads::Transformer>, fields, "joint");
  const auto exchange = [&](const Model& model, double ranks) {
    return Iteration::solve(asked(model, device, {{"decoding_sequences", 1}, {"context", 100}, {"tensor_parallel", ranks}}))
        .exchange_time.value();
  };
  EXPECT_EQ(exchange(joint, 1), 0);
  const double wire = 8 * 1.0 / 450e9;  // of two ranks, 2 (n-1)/n of the message each way
  const double sum = 2.54e-6 + 0.599e-6 + wire / (0.859 * 0.8) + std::sqrt(5.29e-6 * wire);
  EXPECT_NEAR(exchange(joint, 2) - exchange(plain, 2), 32 * (2 * 2e-6 + sum), 1e-9);
}

/// Half of the heads a rank, half of every weight: products halve but for their fixed part.
TEST(Iteration, TensorRanksShareTheWeights) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  const auto facts = [&](double ranks) { return Iteration::facts(asked(model, device, {{"tensor_parallel", ranks}})); };
  double whole = 0;
  double half = 0;
  for (const ProductTerm& p : facts(1).products.all()) whole += p.count * p.n * p.k;
  for (const ProductTerm& p : facts(2).products.all()) half += p.count * p.n * p.k;
  EXPECT_NEAR(half, whole / 2, 1);
  EXPECT_NEAR(whole, 8.03e9 - 2 * 128256.0 * 4096, 5e6);  // all parameters but both embeddings and the norms
}

/// 64 sequences over four stages: while sixteen pass all of them, each stage works on sixteen others.
TEST(ModelledIteration, StagesWorkOnGroups) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  const auto stages = [&](double sequences) {
    return asked(model, device, {{"decoding_sequences", sequences}, {"context", 1000}, {"pipeline_parallel", 4}});
  };
  const IterationFacts facts = Iteration::facts(stages(64));
  const double all = ModelledIteration(facts, 0, absent)({.decoding = 64, .context = 64 * 1000}).value();
  EXPECT_NEAR(all / time_of(stages(16)), 1, 3e-3);
  const double one = ModelledIteration(facts, 0, absent)({.decoding = 1, .context = 1000}).value();
  EXPECT_NEAR(one / time_of(stages(1)), 1, 3e-3);
}

/// A share above 1 is of a table that was measured from a warm cache: an iteration reads its cache from memory.
TEST(Iteration, ReadsItsCacheFromMemory) {
  const auto attention = [](double share) {
    Machine machine;
    machine.rates.state({{"operation", "decode_attention"}, {"kernel", "triton"}, {"memory_share", share}});
    const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
    const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
    return Iteration::solve(
               asked(model, device, {{"decoding_sequences", 256}, {"context", 8192}, {"decode_attention_kernel", "triton"}}))
        .decode_attention_time.value();
  };
  EXPECT_EQ(attention(1.3), attention(1));
  EXPECT_NEAR(attention(0.5), 2 * attention(1), 1e-9);
}

/// A model without experts has the band of dense loops.
TEST(Iteration, DenseBand) {
  Machine machine;
  machine.rates.state({{"operation", "iteration"}, {"kernel", "dense"}, {"low", -0.16}, {"high", 0.12}});
  machine.rates.state({{"operation", "iteration"}, {"kernel", "experts"}, {"low", -0.9}, {"high", 0.9}});
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  const auto out = Iteration::solve(asked(model, device));
  EXPECT_NEAR((*out.iteration_time_low).value() / out.iteration_time.value(), std::exp(-0.16), 1e-12);
  EXPECT_NEAR((*out.iteration_time_high).value() / out.iteration_time.value(), std::exp(0.12), 1e-12);
}

TEST(Iteration, RefusesWhatItCannotSay) {
  Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  EXPECT_THROW(time_of(asked(model, device, {{"format", "fp8"}})), MissingData);  // the device states no 8-bit rate
  EXPECT_FALSE(Iteration::solve(asked(model, device)).iteration_time_low);        // dense: no band
  EXPECT_FALSE(std::get<0>(Iteration::rules).holds(asked(model, device, {{"decoding_sequences", 0}})));
}

/// A single stream without a prompt: a step at the mean context, O - 1 times.
TEST(StaticBatch, OfOneStreamIsIterations) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  auto in = inputs_of<StaticBatch>({{"output_tokens", 200}});
  in.workload = model.get();
  in.hardware = device.get();
  const auto out = StaticBatch::solve(in);
  const double step = time_of(asked(model, device, {{"decoding_sequences", 1}, {"context", 100}}));
  EXPECT_NEAR(out.tpot.value(), step, 1e-12);
  EXPECT_EQ(out.prompt_time.value(), 0);
  EXPECT_NEAR(out.request_latency.value(), 199 * step, 1e-9);
  EXPECT_FALSE(out.prompt_throughput);
}

/// Bands of prompts and of tokens come from records; a request takes the ends of both. A first call comes before prompts.
TEST(StaticBatch, BandsAndFirstCalls) {
  Machine machine;
  machine.rates.state({{"operation", "static_batch"}, {"kernel", "decode"}, {"low", -0.1}, {"high", 0.2}});
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  auto in = inputs_of<StaticBatch>({{"prompt_tokens", 500}, {"output_tokens", 11}});
  in.workload = model.get();
  in.hardware = device.get();
  const auto plain = StaticBatch::solve(in);
  EXPECT_NEAR((*plain.tpot_high).value(), plain.tpot.value() * std::exp(0.2), 1e-12);
  EXPECT_FALSE(plain.prompt_time_low);
  EXPECT_NEAR((*plain.request_latency_low).value(), plain.request_latency.value() * std::exp(-0.1), 1e-12);
  machine.rates.state({{"operation", "static_batch"}, {"kernel", "prompt"}, {"low", -0.3}, {"high", 0.5}});
  struct Stack final : SoftwareStack {
    Stack() : SoftwareStack("stack") { first_call = 60.0 * units::millisecond; }
  };
  const Stack stack;
  in.software_stack = &stack;
  const auto called = StaticBatch::solve(in);
  EXPECT_NEAR(called.prompt_time.value(), plain.prompt_time.value() + 60e-3, 1e-12);
  EXPECT_NEAR((*called.request_latency_high).value(),
              called.prompt_time.value() * std::exp(0.5) + 10 * called.tpot.value() * std::exp(0.2), 1e-12);
}

/// Where the stack's sums are 16 bits wide the arithmetic of 16-bit products takes half the time on a device that says so.
TEST(StaticBatch, SumsInSixteenBits) {
  const Machine machine;
  auto fields = machine.fields();
  fields.push_back({"fp16_accumulate_rate.fp16", 2 * 989.4e12});
  const Device device(kind_adapter<hardware::Accelerator>, fields, "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  struct Stack final : SoftwareStack {
    Stack() : SoftwareStack("stack") { accumulation = Accumulation::fp16; }
  };
  const Stack stack;
  const auto products = [&](const SoftwareStack* of) {
    auto in = asked(model, device, {{"decoding_sequences", 0}, {"prompt_tokens", 100000}});
    in.software_stack = of;
    return Iteration::solve(in).product_time.value();
  };
  EXPECT_NEAR(products(&stack) / products(nullptr), 0.5, 0.02);
}

/// FasterTransformer's rule: 24 requests of 128 tokens over 3 stages pass in groups of 8; of 512 tokens in groups of 2.
TEST(StaticBatch, GroupsOverPipelineStages) {
  EXPECT_EQ(StaticBatch::group_of(24, 128, 3, 1024), 8);
  EXPECT_EQ(StaticBatch::group_of(24, 512, 3, 1024), 2);
  EXPECT_EQ(StaticBatch::group_of(25, 1, 3, 1024), 25);
  EXPECT_EQ(StaticBatch::group_of(24, 512, 1, 1024), 24);
}

/// 4.5 stored bits, widened after they are read: 3.3 operations a weight at 67 TFLOP/s.
TEST(StaticBatch, NarrowWeightsAreWidened) {
  const Machine machine;
  const Device device(kind_adapter<hardware::Accelerator>, machine.fields(), "device");
  const Model model(kind_adapter<workloads::Transformer>, llama_8b, "model");
  struct Stack final : SoftwareStack {
    explicit Stack(Dequantize how) : SoftwareStack("stack") {
      dequantize = how;
      dequantize_operations = 3.3;
    }
  };
  const auto products = [&](const SoftwareStack* stack) {
    auto in = asked(model, device, {{"format", "w4a16"}, {"weight_bits", 4.5}, {"context", 100}});
    in.software_stack = stack;
    return Iteration::solve(in).product_time.value();
  };
  const Stack added(Dequantize::added);
  const Stack longer(Dequantize::longer);
  const double widening = (8.03e9 - 2 * 128256.0 * 4096) * 3.3 / 67e12;
  EXPECT_NEAR(products(&added) - products(nullptr), widening, 1e-6);
  EXPECT_NEAR(products(&longer), products(nullptr), 1e-9);  // reading 4.5 bits takes longer than that
}

}  // namespace
}  // namespace ironlaw::estimates
