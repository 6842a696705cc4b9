// Iterations of serving engines: times of the study that fitted the law, cases by hand, limits and refusals.
#include "estimates/serving/iteration.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "given_rates.hpp"
#include "hardware/accelerator.hpp"
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
      EXPECT_NEAR(dense / (row["products"].get<double>() + row["decode"].get<double>()), 1, 2e-6);
      const auto same = [&](Time ours, const char* part, double tolerance) {
        const double theirs = row[part].get<double>();
        EXPECT_NEAR(theirs > 0 ? ours.value() / theirs : 1 + ours.value(), 1, tolerance) << part;
      };
      same(out.expert_time, "experts", 1e-6);
      same(out.exchange_time, "exchange", 1e-6);
      same(out.prompt_attention_time, "prompt", 0.05);
      EXPECT_NEAR(out.iteration_time.value() / row["total"].get<double>(), 1, 0.02);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 14 * 12);
}

}  // namespace
}  // namespace ironlaw::estimates
