#pragma once
// Llama-3 on an H100 made of the real kinds, and a solver's row by port name.
#include <memory>
#include <variant>

#include "hardware/accelerator.hpp"
#include "made_object.hpp"
#include "roofline_fixtures.hpp"
#include "workloads/sparse_transformer.hpp"

namespace ironlaw::serving_test {

using roofline_test::evaluate;
using roofline_test::expect_close;
using roofline_test::expect_working;
using roofline_test::Row;

using Model = testing::MadeObject<Workload>;
using Device = testing::MadeObject<Hardware>;

inline constexpr Bandwidth gigabyte_per_second = 1e9 * units::byte_per_second;
inline constexpr double gibibyte = 1073741824.0;

inline const testing::Fields h100_fields{{"peak_rate.fp16", 989e12},
                                         {"peak_rate.fp8", 1979e12},
                                         {"memory_capacity", 80 * gibibyte},
                                         {"memory_bandwidth", 3350e9},
                                         {"tdp", 700.0},
                                         {"host_link", 64e9},
                                         {"device_link", 450e9}};
inline const testing::Fields h200_fields = testing::with(h100_fields, {{"memory_capacity", 141e9}, {"memory_bandwidth", 4800e9}});
inline const testing::Fields llama_8b_fields{{"parameters", 8.03e9},  {"operations", 16.06e9}, {"layers", 32.0},
                                             {"hidden_size", 4096.0}, {"heads", 32.0},         {"kv_heads", 8.0}};
inline const testing::Fields llama_70b_fields{{"parameters", 70.6e9},  {"operations", 141.2e9}, {"layers", 80.0},
                                              {"hidden_size", 8192.0}, {"heads", 64.0},         {"kv_heads", 8.0}};
inline const testing::Fields mixtral_fields{{"parameters", 46.7e9}, {"active_parameters", 12.9e9},
                                            {"layers", 32.0},       {"hidden_size", 4096.0},
                                            {"heads", 32.0},        {"kv_heads", 8.0},
                                            {"experts", 8.0},       {"active_experts", 2.0}};

inline Device accelerator(const testing::Fields& fields) { return {kind_adapter<hardware::Accelerator>, fields, "device"}; }
inline Model transformer(const testing::Fields& fields) { return {kind_adapter<workloads::Transformer>, fields, "model"}; }

inline const Device h100 = accelerator(h100_fields);
inline const Model llama_8b = transformer(llama_8b_fields);
inline const Model llama_70b = transformer(llama_70b_fields);
inline Model mixture(const testing::Fields& fields) { return {kind_adapter<workloads::SparseTransformer>, fields, "mixture"}; }

/// The solvers by name, each instantiated in the file that tests it: serving_test.cpp and serving_queue_test.cpp.
using Solvers = std::map<std::string, const Solver*>;
const Solvers& pass_solvers();
const Solvers& queue_solvers();

using NamedCells = std::map<std::string, Cell>;

/// One row of a solver; what is not named takes its default.
inline Row evaluate_cells(const Solver& solver, const NamedCells& named) {
  std::vector<Cell> cells;
  for (const PortInfo& p : solver.inputs()) {
    const auto given = named.find(std::string(p.name));
    Cell cell{.object = nullptr};
    if (given != named.end()) {
      cell = given->second;
    } else if (p.type != PortType::object) {
      cell.number = p.fallback;
    }
    cells.push_back(cell);
  }
  std::vector<Column> columns;
  for (const Cell& c : cells) columns.push_back({&c, 0});
  std::vector<Cell> values(solver.outputs().size());
  std::vector<Cell*> out;
  for (Cell& c : values) out.push_back(&c);
  roofline_test::Messages messages;
  Row row;
  solver.evaluate({columns, out, std::span(&row.status, 1), &messages});
  for (std::size_t i = 0; i < values.size(); ++i) row.out[std::string(solver.outputs()[i].name)] = values[i].number;
  row.message = messages.text;
  return row;
}

}  // namespace ironlaw::serving_test
