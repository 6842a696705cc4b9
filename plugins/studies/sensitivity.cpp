#include "sensitivity.hpp"

#include "findings.hpp"
#include "rows.hpp"
#include "slopes.hpp"

#include <ironlaw/unit_name.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::studies {
namespace {

constexpr std::size_t cliff_points = 64;  // rows of each round of the search for a cliff

class Sensitivities {
 public:
  Sensitivities(Bench& bench, const Options& options)
      : bench_(bench),
        rows_(bench),
        step_(options.quantity("step").number),
        outputs_(numeric_outputs(bench.pipeline(), options.ports("outputs"), "sensitivity")),
        given_(options.ports("inputs").begin(), options.ports("inputs").end()) {
    if (!(step_ > 0 && step_ < 1)) throw InputError("sensitivity: step", "takes a share between 0 and 1, such as 0.1");
    for (const std::size_t o : outputs_) rows_.want(o);
    want_limits(rows_);
    for (std::size_t a = 0; a < bench.space().axes(); ++a) {
      const SpaceAxis axis = bench.space().axis(a);
      if (axis.size == 0)
        throw InputError("sensitivity", "takes axes with values; this one is a range without steps, which has no single design");
      for (const std::size_t i : axis.inputs) {
        varied_.push_back(i);
        const PortInfo& port = rows_.solver().inputs()[i];
        varied_columns_.push_back(table_.add_port(port, std::string(rows_.shown(port.name))));
      }
    }
    input_column_ = table_.add_text("input", "what moves");
    output_column_ = table_.add_text("output", "what answers");
    at_column_ = table_.add_text("at", "value of the input in this design");
    elasticity_column_ = table_.add_number("elasticity", "d ln output / d ln input");
    up_column_ = table_.add_number("step_up", "relative change of the output where the input grows by the step, or a count by 1");
    down_column_ = table_.add_number("step_down", "relative change where it shrinks by the step, or by 1");
    kind_column_ = table_.add_text("kind", "smooth, flat, kink, edge, count, or zero where the output is 0");
    left_column_ = table_.add_number("left", "elasticity from below, at a kink or an edge");
    right_column_ = table_.add_number("right", "elasticity from above, at a kink or an edge");
    below_column_ =
        table_.add_number("cliff_below", "where feasibility changes as the input shrinks by the step, over its value");
    above_column_ = table_.add_number("cliff_above", "where feasibility changes as the input grows by the step, over its value");
    value_column_ = table_.add_number("at_value", "the same as a number, in `unit`");
    unit_column_ = table_.add_text("unit", "SI unit of the input; empty where it has none");
  }

  void run() {
    const std::uint64_t designs = bench_.space().rows();
    if (designs > most_designs)
      throw InputError("sensitivity", "looks at " + std::to_string(designs) + " designs; allowed: up to " +
                                          std::to_string(most_designs) + ", so give some axes fewer values");
    for (std::uint64_t d = 0; d < designs && !bench_.cancelled(); ++d) {
      place(d);
      if (check_base(designs == 1)) look_at_design(static_cast<double>(d) / static_cast<double>(designs), designs);
    }
    if (left_out_ == designs) throw InputError("sensitivity", "no design of the axes has an answer");
    if (left_out_ > 0) bench_.note(std::to_string(left_out_) + " of " + std::to_string(designs) + " designs have no answer");
    if (idle_ > 0) bench_.note(std::to_string(idle_) + " pairs left out where the output does not move: name inputs to see them");
    table_.write(bench_);
  }

 private:
  static constexpr std::uint64_t most_designs = 10'000;

  /// The design of one row of the axes.
  void place(std::uint64_t design) {
    const Space& space = bench_.space();
    std::vector<Cell> cells;
    for (std::size_t a = space.axes(); a-- > 0;) {
      const SpaceAxis axis = space.axis(a);
      cells.resize(axis.inputs.size());
      space.value(a, design % axis.size, cells);
      design /= axis.size;
      for (std::size_t k = 0; k < cells.size(); ++k) rows_.set_base(axis.inputs[k], cells[k]);
    }
  }
  void look_at_design(double done, std::uint64_t designs) {
    lines_.clear();
    inputs_ = inputs_of(given_);
    for (std::size_t i = 0; i < inputs_.size() && !bench_.cancelled(); ++i) {
      look_at(inputs_[i]);
      bench_.progress(done + static_cast<double>(i + 1) / static_cast<double>(inputs_.size() * designs));
    }
    add_lines();
  }

  struct Line {
    std::size_t input, output;
    Slope slope{};
    double below = absent_value, above = absent_value;
  };

  [[nodiscard]] std::vector<std::size_t> inputs_of(std::span<const std::size_t> named) const {
    const auto ports = rows_.solver().inputs();
    std::vector<std::size_t> all;
    for (const std::size_t i : named) {
      const PortInfo& port = ports[i];
      const std::string name(port.name);
      if (port.type != PortType::number && port.type != PortType::integer)
        throw InputError("sensitivity: " + name, "is no number, so nothing can be differentiated by it; vary it on an axis");
      const double at = rows_.base(i).number;
      if (!std::isfinite(at) || at == 0)
        throw InputError("sensitivity: " + name,
                         std::isfinite(at) ? "is 0, where no elasticity is" : "has no value in this design");
      all.push_back(i);
    }
    if (!named.empty()) return all;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const bool number = ports[i].type == PortType::number || ports[i].type == PortType::integer;
      if (number && std::isfinite(rows_.base(i).number) && rows_.base(i).number != 0) all.push_back(i);
    }
    return all;
  }

  /// Whether the design has an answer; the only one must.
  bool check_base(bool only) {
    rows_.begin(1);
    rows_.evaluate();
    base_status_ = rows_.status(0);
    if (!has_outputs(base_status_)) {
      if (only) throw InputError("sensitivity", "the design itself has no answer: " + rows_.reason(0));
      ++left_out_;
      return false;
    }
    if (!only) return true;
    if (base_status_ == RowStatus::infeasible) bench_.note("the design itself is infeasible");
    note_margins(bench_, rows_, 0);
    return true;
  }

  void look_at(std::size_t input) {
    if (rows_.solver().inputs()[input].type == PortType::integer) {
      count(input);
    } else {
      differentiate(input);
    }
  }

  /// A count moves by one; the elasticity is that of the arc.
  void count(std::size_t input) {
    const double at = rows_.base(input).number;
    rows_.begin(3);
    auto& x = rows_.vary(input);
    x[1].number = at + 1;
    x[2].number = at - 1;
    rows_.evaluate();
    for (const std::size_t o : outputs_) {
      Line line{input, o};
      line.slope.kind = "count";
      const double y = rows_.value(o, 0);
      line.slope.up = rows_.value(o, 1) / y - 1;
      line.slope.down = rows_.value(o, 2) / y - 1;
      line.slope.right = std::log1p(line.slope.up) / std::log1p(1 / at);
      if (at > 1) line.slope.left = std::log1p(line.slope.down) / std::log1p(-1 / at) + 0.0;  // no negative zero
      if (differs(input, 1)) line.above = (at + 1) / at;
      if (differs(input, 2)) line.below = (at - 1) / at;
      lines_.push_back(line);
    }
    for (const std::size_t row : {1u, 2u})
      if (differs(input, row)) note_cliff(input, row);
  }

  /// Whether a row ends otherwise than the design, and not because it left the port's range.
  [[nodiscard]] bool differs(std::size_t input, std::size_t row) const {
    return rows_.status(row) != base_status_ && rows_.solver().inputs()[input].range.contains(rows_.input(input, row).number);
  }

  void note_cliff(std::size_t input, std::size_t row) {
    if (!varied_.empty()) return;  // of many designs the table tells
    const PortInfo& port = rows_.solver().inputs()[input];
    std::string text = std::string(rows_.shown(port.name)) + " at " + std::string(bench_.describe(port, rows_.input(input, row)));
    if (!has_outputs(rows_.status(row))) {
      text += ": " + rows_.reason(row);
    } else if (rows_.status(row) == RowStatus::ok) {
      text += ": feasible";
    } else {
      text += ": infeasible";
      for (const auto& limit : rows_.solver().limits())
        if (limit.hard && rows_.side(limit.used, row) > rows_.side(limit.bound, row)) text += ", " + std::string(limit.name);
    }
    bench_.note("cliff: " + text);
  }

  void differentiate(std::size_t input) {
    const SlopeProbe probe(rows_, input, step_);
    const std::size_t first = lines_.size();
    for (const std::size_t o : outputs_) lines_.push_back({input, o, probe.slope_of(o)});
    const bool cliff_up = differs(input, probe.row_above());
    const bool cliff_down = differs(input, probe.row_below());
    const double above = cliff_up ? find_cliff(input, 1 + step_) : absent_value;
    const double below = cliff_down ? find_cliff(input, 1 - step_) : absent_value;
    for (std::size_t l = first; l < lines_.size(); ++l) {
      lines_[l].above = above;
      lines_[l].below = below;
    }
  }

  /// Where between the design and `ratio` times its value the status changes, to the last digit but a few.
  double find_cliff(std::size_t input, double ratio) {
    const double at = rows_.base(input).number;
    const RowStatus here = base_status_;
    double inside = 1;
    double outside = ratio;
    for (int round = 0; round < 12 && std::abs(outside - inside) > 1e-15; ++round) {
      rows_.begin(cliff_points);
      auto& x = rows_.vary(input);
      const auto point = [&](std::size_t k) {
        return inside + (outside - inside) * static_cast<double>(k + 1) / static_cast<double>(cliff_points + 1);
      };
      for (std::size_t k = 0; k < cliff_points; ++k) x[k].number = at * point(k);
      rows_.evaluate();
      std::size_t first = 0;
      while (first < cliff_points && rows_.status(first) == here) ++first;
      const double next_inside = first == 0 ? inside : point(first - 1);
      if (first < cliff_points) outside = point(first);
      inside = next_inside;
    }
    rows_.begin(1);
    rows_.vary(input)[0].number = at * outside;
    rows_.evaluate();
    note_cliff(input, 0);
    return outside;
  }

  /// Where the inputs are not named, those that an output does not answer to are of no interest; nor are absent outputs.
  void leave_out_idle() {
    const std::size_t all = lines_.size();
    std::erase_if(lines_, [](const Line& line) {
      const auto still = [](double change) { return change == 0 || !std::isfinite(change); };
      return line.slope.weight() == 0 && still(line.slope.up) && still(line.slope.down);
    });
    idle_ += all - lines_.size();
  }

  void add_lines() {
    if (given_.empty()) leave_out_idle();
    // A tornado: for each output, the strongest first.
    std::stable_sort(lines_.begin(), lines_.end(), [&](const Line& a, const Line& b) {
      const auto place = [&](std::size_t o) { return std::find(outputs_.begin(), outputs_.end(), o) - outputs_.begin(); };
      if (a.output != b.output) return place(a.output) < place(b.output);
      return a.slope.weight() > b.slope.weight();
    });
    const Solver& solver = rows_.solver();
    for (const Line& line : lines_) {
      const PortInfo& input = solver.inputs()[line.input];
      table_.add_row(base_status_);
      for (std::size_t v = 0; v < varied_.size(); ++v) table_.set(varied_columns_[v], rows_.base(varied_[v]));
      table_.set(input_column_, rows_.shown(input.name));
      table_.set(output_column_, rows_.shown(solver.outputs()[line.output].name));
      table_.set(at_column_, bench_.describe(input, rows_.base(line.input)));
      table_.set(value_column_, rows_.base(line.input).number);
      if (!input.dimension.dimensionless()) table_.set(unit_column_, unit_name(input.dimension));
      table_.set(kind_column_, std::string_view(line.slope.kind));
      const auto number = [&](std::size_t column, double v) {
        if (std::isfinite(v)) table_.set(column, v);
      };
      number(elasticity_column_, line.slope.elasticity);
      number(up_column_, line.slope.up);
      number(down_column_, line.slope.down);
      number(left_column_, line.slope.left);
      number(right_column_, line.slope.right);
      number(below_column_, line.below);
      number(above_column_, line.above);
    }
  }

  Bench& bench_;
  Rows rows_;
  double step_;
  std::vector<std::size_t> outputs_;
  std::vector<std::size_t> given_;   ///< inputs that the user names
  std::vector<std::size_t> inputs_;  ///< of the design that is looked at
  std::vector<std::size_t> varied_;  ///< by the axes
  std::vector<std::size_t> varied_columns_;
  std::uint64_t left_out_ = 0;  ///< designs without an answer
  std::size_t idle_ = 0;        ///< pairs that do not move
  std::vector<Line> lines_;
  Findings table_;
  std::size_t input_column_, output_column_, at_column_, value_column_, unit_column_, elasticity_column_, up_column_,
      down_column_, left_column_, right_column_, kind_column_, below_column_, above_column_;
  RowStatus base_status_ = RowStatus::ok;
};

}  // namespace

void Sensitivity::do_run(Bench& bench, const Options& given) const { Sensitivities(bench, given).run(); }

}  // namespace ironlaw::studies
