#pragma once
// What requests of one shape share, and their answers as JSON.
#include "value/port_values.hpp"

#include <ironlaw/host/run.hpp>

namespace ironlaw::host {

/// A pipeline of one solver that requests of one shape share - the same names of inputs in the same order - with the text of its
/// outputs prepared.
struct SharedPipeline {
  SharedPipeline(Pipeline compiled, const Json& inputs);
  struct Output {
    ValueForm form;
    std::string key;
    std::string key_of_quantity;  ///< empty where it is none
    std::string unit;
  };
  Pipeline pipeline;
  std::vector<Cell> base;
  bool has_plain_rows;
  std::vector<std::size_t> named;  ///< by input of a request; behind the last where no port has the name
  std::vector<Output> outputs;
};

/// "\"status\":\"ok\"".
void append_status(std::string& text, RowStatus status);
/// ",\"outputs\":{...}" of the cells of a row.
void append_outputs(std::string& text, const SharedPipeline& shared, std::span<const Cell> cells);
/// The members of an answer: its status, and its outputs or why it has none.
[[nodiscard]] std::string answer_text(const SharedPipeline& shared, const Answer& answer);

}  // namespace ironlaw::host
