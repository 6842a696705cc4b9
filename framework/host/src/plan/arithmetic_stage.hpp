#pragma once
#include "expression/expression.hpp"

#include <ironlaw/solver.hpp>

#include <string>
#include <vector>

namespace ironlaw::host {

/// The arithmetic of one input of a stage ("$tp * $replicas") as a stage of its own: what it reads comes in, the value goes out.
class ArithmeticStage final : public Solver {
 public:
  /// `read`: the ports that `expression` reads, by slot; `to`: the input that takes the value.
  ArithmeticStage(Expression expression, std::vector<PortInfo> read, const PortInfo& to);

  /// As the config has it.
  [[nodiscard]] const std::string& text() const { return expression_.text(); }
  /// Of the value, from the trends of what is read.
  [[nodiscard]] Trended trend(const std::function<Trended(std::size_t)>& of_port) const { return expression_.trend(of_port); }

 private:
  const About& do_about() const noexcept override { return about_; }
  std::span<const PortInfo> do_inputs() const noexcept override { return read_; }
  std::span<const PortInfo> do_outputs() const noexcept override { return {&value_, 1}; }
  void do_evaluate(const Block& block) const override;

  Expression expression_;
  std::vector<PortInfo> read_;
  PortInfo value_;
  About about_;
};

}  // namespace ironlaw::host
