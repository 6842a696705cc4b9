#include "answer/operator_table.hpp"

#include <ironlaw/notation/units.hpp>

#include <cmath>

namespace ironlaw::host {
namespace {

template <class Q>
std::string shown(const Q& q) {
  return q.value() == 0 ? std::string() : format_quantity(q.value(), dimension_of<Q>(), {}, 4);
}
/// Where iterations alternate, some operators run in a share of them.
std::string shown_count(double count) { return format_quantity(count, {}, {}, count == std::floor(count) ? 0 : 3); }

}  // namespace

Grid operator_grid(const std::vector<OperatorLine>& operators) {
  Grid grid{{"operator", "times", "time", "share", "bytes", "FLOP", "wall", "constant", "record", "source"},
            {false, true, true, true, true, true, false, false, false, false},
            {}};
  Time total{};
  for (const OperatorLine& o : operators) total += o.time;
  for (const OperatorLine& o : operators)
    grid.rows.push_back({{o.name, shown_count(o.count), shown(o.time),
                          total > Time{} ? format_quantity(100 * static_cast<double>(o.time / total), {}, {}, 3) + " %" : "",
                          shown(o.bytes), shown(o.operations), o.wall, o.constant, o.record, o.source},
                         false});
  return grid;
}

Json operators_json(const std::vector<OperatorLine>& operators) {
  Json list = Json::array();
  for (const OperatorLine& o : operators)
    list.push_back({{"operator", o.name},
                    {"times", o.count},
                    {"time", in(o.time, units::second)},
                    {"bytes", in(o.bytes, units::byte)},
                    {"operations", in(o.operations, units::flop)},
                    {"wall", o.wall},
                    {"constant", o.constant},
                    {"record", o.record},
                    {"source", o.source}});
  return list;
}

}  // namespace ironlaw::host
