#pragma once
// Devices and models made of plain fields, and the two ways into a solver: one row through its adapter, and its working.
#include <gtest/gtest.h>

#include <ironlaw/facets.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ironlaw::roofline_test {

struct DeviceFacts {
  double peak = 312e12;
  double capacity = 85899345920;
  double bandwidth = 2039e9;
  double dispatch = 15e-6;
  Maybe<Bandwidth> link = 32e9 * units::byte_per_second;
  Maybe<Power> tdp = 400.0 * units::watt;
  std::optional<OnChipMemory> on_chip{};
  std::optional<FlashMemory> flash{};
};

class Device final : public Hardware {
 public:
  explicit Device(const DeviceFacts& facts = {}) : Hardware("device"), facts_(facts) {}
  mutable int questions = 0;  ///< peak rate and memory

 private:
  FlopRate do_peak_rate(Precision) const override { return ++questions, facts_.peak * units::flop_per_second; }
  Memory do_memory() const override {
    return ++questions, Memory{facts_.capacity * units::byte, facts_.bandwidth * units::byte_per_second};
  }
  Time do_dispatch_overhead() const override { return facts_.dispatch * units::second; }
  Maybe<Bandwidth> do_host_link() const override { return facts_.link; }
  Maybe<Power> do_tdp() const override { return facts_.tdp; }
  const void* do_facet(const FacetKey& key) const override {
    if (asks_for<OnChipMemory>(key)) return facts_.on_chip ? &*facts_.on_chip : nullptr;
    if (asks_for<FlashMemory>(key)) return facts_.flash ? &*facts_.flash : nullptr;
    return nullptr;
  }
  DeviceFacts facts_;
};

struct ModelFacts {
  Maybe<double> parameters = 8.03e9;
  double operations = 16.06e9;  ///< forward, of one work unit
  double layers = 32;
  WorkUnit unit = WorkUnit::token;
  std::optional<TransformerShape> shape{};
  double attention = 0;                            ///< operations of a token for each cached one
  double cache = 0;                                ///< bytes of a token's keys and values
  double state = 0;                                ///< bytes of a member's recurrent state
  Maybe<Information> activations = Information{};  ///< of a work unit
  std::optional<double> stored_bytes{};            ///< instead of parameters at the precision asked for
};

class Model final : public Workload {
 public:
  explicit Model(const ModelFacts& facts = {}) : Workload("model"), facts_(facts) {}
  mutable int questions = 0;
  mutable Conditions asked;

 private:
  Demand do_demand(const Conditions& c) const override {
    ++questions;
    asked = c;
    const double units_of_work = facts_.unit == WorkUnit::token ? c.batch * c.new_tokens : c.batch;
    const double stored = facts_.stored_bytes ? *facts_.stored_bytes : *facts_.parameters * c.formats.bytes(TensorClass::linear);
    Demand d;
    d.linear = facts_.operations * units_of_work * units::flop;
    d.attention = facts_.attention * units_of_work * c.cached_tokens * units::flop;
    d.weights_resident = d.weights_read = stored * units::byte;
    if (facts_.activations) d.activations = units_of_work * *facts_.activations;
    d.cache_read = facts_.cache * c.batch * c.cached_tokens * units::byte;
    d.cache_write = facts_.cache * units_of_work * units::byte;
    d.cache_resident = d.cache_read + d.cache_write;
    d.state = facts_.state * c.batch * units::byte;
    d.launches = facts_.layers;
    return d;
  }
  WorkUnit do_unit() const noexcept override { return facts_.unit; }
  Maybe<double> do_parameters() const noexcept override { return facts_.parameters; }
  const void* do_facet(const FacetKey& key) const override {
    return asks_for<TransformerShape>(key) && facts_.shape ? &*facts_.shape : nullptr;
  }
  ModelFacts facts_;
};

/// Llama-3: heads of 128, grouped keys and values.
inline TransformerShape llama_shape(double layers, double hidden_size) {
  return {.layers = layers,
          .hidden_size = hidden_size,
          .heads = hidden_size / 128,
          .kv_heads = 8,
          .head_size = 128,
          .ffn_size = absent,
          .vocabulary_size = absent,
          .latent_kv_rank = absent,
          .rope_head_size = absent,
          .context_length = absent};
}

/// What one row came to through the solver's adapter.
struct Row {
  RowStatus status = RowStatus::ok;
  std::map<std::string, double> out;
  std::string message;
};

class Messages final : public ErrorSink {
 public:
  void row(std::size_t, RowStatus, std::string_view port, std::string_view what) noexcept override {
    text = std::string(port) + (port.empty() ? "" : " ") + std::string(what);
  }
  std::string text;
};

template <class T>
Cell cell_of(const T& value) {
  Cell cell;
  if constexpr (std::is_pointer_v<T>) {
    cell.object = value;
  } else {
    cell.number = detail::to_number(value);
  }
  return cell;
}
template <class Struct, class... Path>
std::vector<Cell> cells_of(const Struct& values, const Ports<Path...>&) {
  return {cell_of(Path::of(values))...};
}

template <class S>
Row evaluate(const typename S::Inputs& in) {
  const Solver& solver = solver_adapter<S>;
  const auto cells = cells_of(in, S::inputs);
  std::vector<Column> columns;
  for (const Cell& c : cells) columns.push_back({&c, 0});
  std::vector<Cell> values(solver.outputs().size());
  std::vector<Cell*> out;
  for (Cell& c : values) out.push_back(&c);
  Messages messages;
  Row row;
  solver.evaluate({columns, out, std::span(&row.status, 1), &messages});
  for (std::size_t i = 0; i < values.size(); ++i) row.out[std::string(solver.outputs()[i].name)] = values[i].number;
  row.message = messages.text;
  return row;
}

class Steps final : public Working {
 public:
  std::map<std::string, Value> last;

 private:
  void do_step(std::string_view what, std::string_view, std::span<const Term>, const Value& result, std::string_view) override {
    last[std::string(what)] = result;
  }
  void do_note(std::string_view) override {}
};

/// Every step named for an output ends in its value and dimension, and every present output but labels and stated facts has one.
template <class S>
void expect_working(const typename S::Inputs& in, const std::vector<std::string>& without_step = {}) {
  const Solver& solver = solver_adapter<S>;
  const Row row = evaluate<S>(in);
  ASSERT_TRUE(has_outputs(row.status)) << row.message;
  Steps steps;
  ASSERT_TRUE(solver.explain(cells_of(in, S::inputs), {}, steps));
  for (const PortInfo& port : solver.outputs()) {
    const std::string name(port.name);
    const double value = row.out.at(name);
    const bool told = port.type != PortType::number || value != value ||
                      std::find(without_step.begin(), without_step.end(), name) != without_step.end();
    const auto step = steps.last.find(name);
    ASSERT_TRUE(told || step != steps.last.end()) << solver.about().name << " does not show " << name;
    if (step == steps.last.end()) continue;
    EXPECT_EQ(step->second.number, value) << name;
    EXPECT_EQ(step->second.dimension, port.dimension) << name;
  }
}

/// Relative difference of at most 1e-12.
inline void expect_close(double actual, double expected, std::string_view what = {}) {
  EXPECT_LE(std::abs(actual - expected), 1e-12 * std::abs(expected)) << what << ": " << actual << " against " << expected;
}

}  // namespace ironlaw::roofline_test
