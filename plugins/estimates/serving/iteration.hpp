#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "device_power.hpp"
#include "iteration_parts.hpp"

namespace ironlaw::estimates {

/// What takes most of an iteration.
enum class IterationWall {
  products,
  experts,
  decode_attention,
  prompt_attention,
  exchange,
  head,
  layers,
  launches,
  host,
  drafts
};

/// One iteration of a serving engine: sequences that decode a token and prompts that pass, together.
struct Iteration {
  static constexpr auto about =
      Solver::About{"iteration", "Time of one iteration of a serving engine, from records of measured kernels",
                    "laws of kernels fitted on the tables of aiconfigurator-core 0.12.0; Pope 2022; Yu 2022; Agrawal 2024"};
  using Given = IterationGiven;
  using Inputs = IterationInputs;
  using Facts = IterationFacts;
  struct Outputs {
    Time iteration_time;
    Maybe<Time> iteration_time_low;
    Maybe<Time> iteration_time_high;
    Time product_time;
    Time expert_time;
    Time decode_attention_time;
    Time prompt_attention_time;
    Time exchange_time;
    Time head_time;
    Time layer_time;
    Time launch_time;
    Time host_time;
    Time draft_time;
    equations::TimeParts parts;
    double arithmetic_share = 0;
    Maybe<Power> device_power;
    Maybe<Energy> energy;
    IterationWall wall;
    Maybe<double> outside_record;
    double record_edge;
  };
  static constexpr auto inputs = iteration_inputs;
  static constexpr auto outputs = ports(
      port<&Outputs::iteration_time>("time of the iteration").with_band().display("ms"),
      port<&Outputs::iteration_time_low>("a tenth of measured iterations take less; absent where there is no band").display("ms"),
      port<&Outputs::iteration_time_high>("a tenth take more").display("ms"),
      port<&Outputs::product_time>("dense products, attention's projections among them").display("ms"),
      port<&Outputs::expert_time>("routed experts").display("ms"),
      port<&Outputs::decode_attention_time>("attention of decoding sequences, and recurrent state").display("ms"),
      port<&Outputs::prompt_attention_time>("attention of prompts, and what passes over their activations").display("ms"),
      port<&Outputs::exchange_time>("all-reduces, passages to experts and back, hops between stages").display("ms"),
      port<&Outputs::head_time>("output head").display("ms"),
      port<&Outputs::layer_time>("layers beside their kernels").display("ms"),
      port<&Outputs::launch_time>("launches of an iteration that holds prompts").display("ms"),
      port<&Outputs::host_time>("host, and time a sequence").display("ms"),
      port<&Outputs::draft_time>("drafting: a layer and the head for each token").display("ms"),
      merge<&Outputs::parts>(equations::time_part_ports),
      port<&Outputs::arithmetic_share>("arithmetic at the peak of each format, over the time of the iteration", fraction),
      port<&Outputs::device_power>("of each device; absent without a design power").display("W"),
      port<&Outputs::energy>("of all devices of the replica, in the iteration").display("J"),
      port<&Outputs::wall>("what takes most of it"),
      port<&Outputs::outside_record>(
          "how many times rows or keys lie beyond what the records were fitted on; absent where they lie within"),
      port<&Outputs::record_edge>("1, the edge of that range"));
  static constexpr auto limits =
      ironlaw::limits(soft<&Outputs::outside_record, &Outputs::record_edge>(
                          "software: record range", "a record was fitted on other sizes; the law goes on, its error is not known",
                          "size <= to, from <= size"),
                      equations::part_limits<&Outputs::parts, &Outputs::iteration_time>());
  static constexpr auto rules =
      ironlaw::rules(rule("an iteration needs decoding_sequences or prompt_tokens",
                          [](const Inputs& in) { return in.decoding_sequences > 0 || in.prompt_tokens > 0; }));

  static Maybe<double> outside(const Facts& f, const RankRow& row) {
    const double decode = row.decoding > 0 ? f.decode_keys.outside(row.context) : 0;
    const double prompt = row.prompt_rows > 0 ? f.prompt_keys.outside(row.prompt_keys) : 0;
    const double most = std::max({f.product_rows.outside(row.rows), decode, prompt});
    return most > 1 ? Maybe<double>(most) : absent;
  }
  static Facts facts(const Given& in) { return iteration_facts(in); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const RankRow row(f, in);
    const IterationTime t = iteration_time(f, row, product_time(f, row.rows), expert_time(f, row.all_rows));
    const ServingBand& band = in.drafted_tokens > 0 ? f.drafts : f.plain;
    const double factor = band.factor(in.band_quantile);
    Outputs out{.iteration_time = t.total * factor,
                .iteration_time_low = band.low_of(t.total),
                .iteration_time_high = band.high_of(t.total),
                .product_time = t.products,
                .expert_time = t.experts,
                .decode_attention_time = t.decode_attention,
                .prompt_attention_time = t.prompt_attention,
                .exchange_time = t.exchange,
                .head_time = t.head,
                .layer_time = t.layers,
                .launch_time = t.launches,
                .host_time = t.host,
                .draft_time = t.drafts,
                .parts = factor * iteration_parts(f, row, t),
                .arithmetic_share = {},
                .device_power = {},
                .energy = {},
                .wall = {},
                .outside_record = outside(f, row),
                .record_edge = 1};
    out.arithmetic_share = static_cast<double>(arithmetic_time(f, row) / out.iteration_time) / f.stages;
    out.device_power = device_power(f.power, out.arithmetic_share);
    if (out.device_power) out.energy = f.tensor * f.data * f.stages * (*out.device_power * out.iteration_time);
    const Time parts[] = {t.products, t.experts, t.decode_attention, t.prompt_attention, t.exchange, t.head, t.layers, t.launches,
                          t.host,     t.drafts};
    out.wall = static_cast<IterationWall>(std::max_element(std::begin(parts), std::end(parts)) - std::begin(parts));
    return out;
  }
  static void explain(const Inputs& in, const Outputs& out, Working& w);
};

}  // namespace ironlaw::estimates

#include "iteration_working.hpp"
