#include "batch/shared_pipeline.hpp"

#include "run/plain_row.hpp"
#include "units/decimal.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

void append_value(std::string& text, ValueForm form, const PortInfo& port, const Cell& cell) {
  if (form == ValueForm::number && std::isfinite(cell.number)) {
    append_exact(text, cell.number);
  } else if (form == ValueForm::choice && std::isfinite(cell.number)) {
    text.append("\"").append(port.choices[static_cast<std::size_t>(cell.number)]).append("\"");
  } else {
    text += dump(scalar_json({{}, &port, cell, {}}));
  }
}

}  // namespace

SharedPipeline::SharedPipeline(Pipeline compiled, const Json& inputs)
    : pipeline(std::move(compiled)), base(pipeline.base()), has_plain_rows(host::has_plain_rows(pipeline)) {
  const auto ports = pipeline.solver().inputs();
  for (const auto& [name, value] : inputs.items()) {
    const auto port = std::find_if(ports.begin(), ports.end(),
                                   [&wanted = name](const PortInfo& p) { return p.name.substr(p.name.find('.') + 1) == wanted; });
    named.push_back(static_cast<std::size_t>(port - ports.begin()));
  }
  for (const PortInfo& port : pipeline.solver().outputs()) {
    const ValueForm form = values_of(port.type).form();
    const bool quantity = (form == ValueForm::number || form == ValueForm::list) && !port.dimension.dimensionless();
    const std::string key = (outputs.empty() ? "" : ",") + dump(std::string(port.name.substr(port.name.find('.') + 1))) + ":";
    outputs.push_back(
        {form, key, quantity ? key + "{\"value\":" : "", quantity ? ",\"unit\":" + dump(si_unit(port.dimension)) + "}" : ""});
  }
}

void append_status(std::string& text, RowStatus status) { text.append("\"status\":\"").append(status_name(status)).append("\""); }

void append_outputs(std::string& text, const SharedPipeline& shared, std::span<const Cell> cells) {
  text += ",\"outputs\":{";
  const auto ports = shared.pipeline.solver().outputs();
  for (std::size_t o = 0; o < ports.size(); ++o) {
    const SharedPipeline::Output& output = shared.outputs[o];
    const bool quantity = !output.unit.empty() && std::isfinite(cells[o].number);
    text += quantity ? output.key_of_quantity : output.key;
    append_value(text, output.form, ports[o], cells[o]);
    if (quantity) text += output.unit;
  }
  text += "}";
}

std::string answer_text(const SharedPipeline& shared, const Answer& answer) {
  std::string text;
  append_status(text, answer.status);
  if (!answer.errors.empty()) return text + ",\"error\":" + dump(answer.errors.front());
  append_outputs(text, shared, answer.outputs);
  return text;
}

}  // namespace ironlaw::host
