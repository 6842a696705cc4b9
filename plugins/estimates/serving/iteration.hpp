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
  template <class N>
  using InputsOf = IterationInputsOf<N>;
  using Inputs = IterationInputs;
  using Facts = IterationFacts;
  template <class N>
  struct OutputsOf {
    Of<N, Time> iteration_time;
    Of<N, Maybe<Time>> iteration_time_low;
    Of<N, Maybe<Time>> iteration_time_high;
    Of<N, Time> product_time;
    Of<N, Time> expert_time;
    Of<N, Time> decode_attention_time;
    Of<N, Time> prompt_attention_time;
    Of<N, Time> exchange_time;
    Of<N, Time> head_time;
    Of<N, Time> layer_time;
    Of<N, Time> launch_time;
    Of<N, Time> host_time;
    Of<N, Time> draft_time;
    equations::TimePartsOf<N> parts;
    N arithmetic_share = 0;
    Of<N, Maybe<Power>> device_power;
    Of<N, Maybe<Energy>> energy;
    Of<N, IterationWall> wall;
    Of<N, Maybe<double>> outside_record;
    N record_edge;
  };
  using Outputs = OutputsOf<double>;
  template <class N>
  static constexpr auto inputs_of = iteration_inputs_of<N>;
  static constexpr auto inputs = inputs_of<double>;
  template <class N>
  static constexpr auto outputs_of = ports(
      port<&OutputsOf<N>::iteration_time>("time of the iteration").with_band().display("ms"),
      port<&OutputsOf<N>::iteration_time_low>("a tenth of measured iterations take less; absent where there is no band")
          .display("ms"),
      port<&OutputsOf<N>::iteration_time_high>("a tenth take more").display("ms"),
      port<&OutputsOf<N>::product_time>("dense products, attention's projections among them").display("ms"),
      port<&OutputsOf<N>::expert_time>("routed experts").display("ms"),
      port<&OutputsOf<N>::decode_attention_time>("attention of decoding sequences, and recurrent state").display("ms"),
      port<&OutputsOf<N>::prompt_attention_time>("attention of prompts, and what passes over their activations").display("ms"),
      port<&OutputsOf<N>::exchange_time>("all-reduces, passages to experts and back, hops between stages").display("ms"),
      port<&OutputsOf<N>::head_time>("output head").display("ms"),
      port<&OutputsOf<N>::layer_time>("layers beside their kernels").display("ms"),
      port<&OutputsOf<N>::launch_time>("launches of an iteration that holds prompts").display("ms"),
      port<&OutputsOf<N>::host_time>("host, and time a sequence").display("ms"),
      port<&OutputsOf<N>::draft_time>("drafting: a layer and the head for each token").display("ms"),
      merge<&OutputsOf<N>::parts>(equations::time_part_ports_of<N>),
      port<&OutputsOf<N>::arithmetic_share>("arithmetic at the peak of each format, over the time of the iteration", fraction),
      port<&OutputsOf<N>::device_power>("of each device; absent without a design power").display("W"),
      port<&OutputsOf<N>::energy>("of all devices of the replica, in the iteration").display("J"),
      port<&OutputsOf<N>::wall>("what takes most of it"),
      port<&OutputsOf<N>::outside_record>(
          "how many times rows or keys lie beyond what the records were fitted on; absent where they lie "
          "within"),
      port<&OutputsOf<N>::record_edge>("1, the edge of that range"));
  static constexpr auto outputs = outputs_of<double>;
  static constexpr auto limits =
      ironlaw::limits(soft<&Outputs::outside_record, &Outputs::record_edge>(
                          "software: record range", "a record was fitted on other sizes; the law goes on, its error is not known",
                          "size <= to, from <= size"),
                      equations::part_limits<&Outputs::parts, &Outputs::iteration_time>());
  static constexpr auto rules = ironlaw::rules(rule("an iteration needs decoding_sequences or prompt_tokens", [](const auto& in) {
    return either(in.decoding_sequences > 0.0, in.prompt_tokens > 0.0);
  }));

  template <class N>
  static Of<N, Maybe<double>> outside(const Facts& f, const RankRowOf<N>& row) {
    const N decode = select(row.decoding > 0.0, f.decode_keys.outside(row.context), N(0.0));
    const N prompt = select(row.prompt_rows > 0.0, f.prompt_keys.outside(row.prompt_keys), N(0.0));
    const N most = larger(larger(f.product_rows.outside(row.rows), decode), prompt);
    using Beyond = Of<N, Maybe<double>>;
    return select(most > 1.0, Beyond(most), Beyond(absent));
  }
  /// The first of the parts that none exceeds.
  template <class N>
  static Of<N, IterationWall> wall_of(const IterationTimeOf<N>& t) {
    const Of<N, Time>* const parts[] = {&t.products, &t.experts, &t.decode_attention, &t.prompt_attention,
                                        &t.exchange, &t.head,    &t.layers,           &t.launches,
                                        &t.host,     &t.drafts};
    Of<N, IterationWall> wall = IterationWall::products;
    Of<N, Time> most = t.products;
    for (std::size_t k = 1; k < std::size(parts); ++k) {
      const auto more = most < *parts[k];
      wall = select(more, Of<N, IterationWall>(static_cast<IterationWall>(k)), wall);
      most = select(more, *parts[k], most);
    }
    return wall;
  }
  static Facts facts(const Given& in) { return iteration_facts(in); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    Rare<double> none;
    return rows(in, f, none);
  }
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts& f, Rare<N>&) {
    const RankRowOf<N> row(f, in);
    const IterationTimeOf<N> t = estimates::iteration_time(
        f, row, estimates::product_time(f, row.rows), estimates::expert_time(f, row.all_rows), estimates::exchange_time(f, row));
    const equations::TimePartsOf<N> parts = iteration_parts(f, row, t);
    OutputsOf<N> out{.iteration_time = t.total * f.plain.factor(in.band_quantile),
                     .iteration_time_low = f.plain.low_of(t.total),
                     .iteration_time_high = f.plain.high_of(t.total),
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
                     .parts = parts,
                     .arithmetic_share = {},
                     .device_power = {},
                     .energy = {},
                     .wall = wall_of(t),
                     .outside_record = outside(f, row),
                     .record_edge = N(1.0)};
    if (const auto drafted = in.drafted_tokens > 0.0; any(drafted)) {
      using Ends = Of<N, Maybe<Time>>;
      out.iteration_time = select(drafted, Of<N, Time>(t.total * f.drafts.factor(in.band_quantile)), out.iteration_time);
      out.iteration_time_low = select(drafted, Ends(f.drafts.low_of(t.total)), out.iteration_time_low);
      out.iteration_time_high = select(drafted, Ends(f.drafts.high_of(t.total)), out.iteration_time_high);
    }
    out.parts = N((out.iteration_time / t.total).value()) * parts;
    out.arithmetic_share = N((arithmetic_time(f, row) / out.iteration_time).value()) / f.stages;
    out.device_power = estimates::device_power(f.power, out.arithmetic_share);
    if (f.power.design) out.energy = f.tensor * f.data * f.stages * (*out.device_power * out.iteration_time);
    return out;
  }
  static void explain(const Inputs& in, const Outputs& out, Working& w);
};

}  // namespace ironlaw::estimates

#include "iteration_working.hpp"
