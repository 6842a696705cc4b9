#include "plan/arithmetic_stage.hpp"

#include "value/kept_by_thread.hpp"

#include <ironlaw/maybe.hpp>

namespace ironlaw::host {
namespace {

struct Room {
  Expression::Workspace workspace;
  std::vector<double> values;
};

}  // namespace

ArithmeticStage::ArithmeticStage(Expression expression, std::vector<PortInfo> read, const PortInfo& to)
    : expression_(std::move(expression)), read_(std::move(read)), value_(to) {
  about_ = {expression_.text(), "arithmetic of an input", {}};
  // What comes in is checked where it was made, what goes out by the stage that takes it.
  for (PortInfo& port : read_) {
    port.optional = true;
    port.range = unbounded;
  }
  value_.doc = expression_.text();
  value_.optional = true;
  value_.required = false;
  value_.fallback = absent_value;
}

void ArithmeticStage::do_evaluate(const Block& block) const {
  Cell* const out = block.out[0];
  if (out == nullptr) return;
  static const KeptByThread<Room> kept;
  auto& [workspace, values] = kept.mine();
  values.resize(block.rows());
  expression_.evaluate(block.in, block.rows(), values, workspace);
  for (std::size_t row = 0; row < block.rows(); ++row)
    if (has_outputs(block.status[row])) out[row].number = values[row];
}

}  // namespace ironlaw::host
