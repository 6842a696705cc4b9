// Iterations of serving engines: times of the study that fitted the law, cases by hand, limits and refusals.
#include "estimates/serving/iteration.hpp"
#include "estimates/load/modelled_iteration.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "iteration_fixtures.hpp"
#include "serving/serving.hpp"
#include "workloads/sparse_transformer.hpp"
#include "workloads/transformer.hpp"

namespace ironlaw::estimates {
namespace {

using namespace estimates_test;

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
          const double estimate = iteration_seconds(
              asked(model, device, {{"decoding_sequences", batch}, {"context", context}, {"tensor_parallel", ranks}}));
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
    const double now = iteration_seconds(asked(model, device, row));
    EXPECT_GT(now, before);
    EXPECT_LT(iteration_seconds(asked(model, faster, row)), now);
    before = now;
  }
  const auto with = [&](const char* port, double value) {
    Json row{{"decoding_sequences", 16}, {"context", 2000}, {"prompt_tokens", 512}};
    row[port] = value;
    return iteration_seconds(asked(model, device, row));
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
  EXPECT_NEAR(iteration_seconds(in), 32e-3, 1e-9);  // the device needs less than the launches
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
  EXPECT_NEAR(all / iteration_seconds(stages(16)), 1, 3e-3);
  const double one = ModelledIteration(facts, 0, absent)({.decoding = 1, .context = 1000}).value();
  EXPECT_NEAR(one / iteration_seconds(stages(1)), 1, 3e-3);
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
  EXPECT_THROW(iteration_seconds(asked(model, device, {{"format", "fp8"}})), MissingData);  // the device states no 8-bit rate
  EXPECT_FALSE(Iteration::solve(asked(model, device)).iteration_time_low);                  // dense: no band
  EXPECT_FALSE(std::get<0>(Iteration::rules).holds(asked(model, device, {{"decoding_sequences", 0}})));
}

}  // namespace
}  // namespace ironlaw::estimates
