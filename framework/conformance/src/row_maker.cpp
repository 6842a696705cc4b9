#include "row_maker.hpp"

#include "value/check.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/record_table.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::size_t objects_an_interface = 16;
/// Ends of a range farther out than this are no values that an equation is meant for.
constexpr double plausible_number = 1e15;
constexpr double plausible_count = 1e4;

/// What one unit of a dimension is likely to be counted in: metres, seconds, bytes and so on, in the order of Dimension.
double plausible_magnitude(const Dimension& dimension) {
  constexpr std::array<double, base_count> typical{1, 1, 1, 1, 300, 1, 1, 1e9, 1e12, 100, 100, 1000, 100, 1, 1, 1};
  double magnitude = 1;
  for (std::size_t i = 0; i < typical.size(); ++i) magnitude *= std::pow(typical[i], dimension.exponents[i]);
  return magnitude;
}

double into_range(const PortInfo& port, double v) {
  const Range& r = port.range;
  v = std::clamp(v, r.low, r.high);
  if (port.type == PortType::integer) v = std::clamp(std::round(v), std::ceil(r.low), std::floor(r.high));
  if (r.above && v <= r.low) v = port.type == PortType::integer ? r.low + 1 : std::nextafter(r.low, r.high);
  return v;
}

/// The default, or a value to vary around.
double centre(const PortInfo& port) {
  if (port.type == PortType::choice || port.type == PortType::boolean) return 0;
  if (std::isfinite(port.fallback) && port.fallback != 0) return port.fallback;
  if (port.range.high - port.range.low <= 1) return port.range.low + (port.range.high - port.range.low) / 2;
  return into_range(port, port.type == PortType::integer ? 8 : plausible_magnitude(port.dimension));
}

bool has_plausible_end(const PortInfo& port, double end) {
  return std::abs(end) <= (port.type == PortType::integer ? plausible_count : plausible_number);
}

}  // namespace

ObjectPool::ObjectPool(Session& session, const std::filesystem::path& except) : session_(session), except_(except) {}
ObjectPool::~ObjectPool() { forget_made(); }

const std::vector<const void*>& ObjectPool::of(std::string_view interface) {
  if (const auto found = objects_.find(interface); found != objects_.end()) return found->second;
  auto& all = objects_[std::string(interface)];
  if (interface == RecordTable::interface) return all;  // no entry is one: entries hold them
  const auto entries = session_.zoo().list(interface);
  const std::size_t step = std::max<std::size_t>(1, entries.size() / objects_an_interface);
  const auto& named = session_.options().plugins.files;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto* provider = session_.plugins().provider("kind", entries[i].kind);
    if (provider == nullptr || provider->file == except_) continue;
    const bool asked_for = std::find(named.begin(), named.end(), provider->file) != named.end();
    if (i % step != 0 && !asked_for) continue;
    try {
      all.push_back(session_.zoo().find(interface, entries[i].kind + ":" + entries[i].key, "zoo").object);
    } catch (const Error&) {
      continue;  // `zoo check` says what is wrong with it
    }
  }
  return all;
}

const void* ObjectPool::make(const Kind& kind, std::span<const Cell> fields, std::string& why) {
  auto memory = std::make_unique<std::byte[]>(kind.size() + kind.alignment());
  void* where = memory.get();
  std::size_t space = kind.size() + kind.alignment();
  std::align(kind.alignment(), kind.size(), where, space);
  try {
    const void* object = kind.construct(where, fields, "generated");
    static_cast<void>(of(kind.interface()));
    objects_.find(kind.interface())->second.push_back(object);
    made_.push_back({&kind, std::move(memory), where, std::string(kind.interface()), object});
    return object;
  } catch (const Refusal& e) {
    why = e.what();
    return nullptr;
  }
}

void ObjectPool::forget_made() {
  for (const Made& m : made_) {
    auto& all = objects_[m.interface];
    all.erase(std::find(all.begin(), all.end(), m.object));
    m.kind->destroy(m.where);
  }
  made_.clear();
  kept_.clear();
}

double RowMaker::random_number(const PortInfo& port) {
  const double middle = centre(port);
  if (port.range.high - port.range.low <= 1) {
    return into_range(port, std::uniform_real_distribution(port.range.low, port.range.high)(random_));
  }
  const double decades = port.type == PortType::integer ? 1.5 : 2;
  return into_range(port, middle * std::pow(10, std::uniform_real_distribution(-decades, decades)(random_)));
}

Cell RowMaker::kept(const PortInfo& port, bool varied) {
  if (port.type == PortType::text)
    return pool_.kept().text(varied && std::bernoulli_distribution(0.5)(random_) ? "another" : "text");
  constexpr std::uint32_t usual_length = 24;
  PortInfo one = port;
  one.type = PortType::number;
  std::vector<double> values(std::clamp(usual_length, port.shortest, port.longest == 0 ? usual_length : port.longest));
  for (double& value : values) value = varied ? random_number(one) : into_range(one, centre(one));
  return pool_.kept().series(values);
}

Cell RowMaker::random(const PortInfo& port) {
  const auto chance = [this](double p) { return std::bernoulli_distribution(p)(random_); };
  const auto pick = [this](std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); };
  Cell cell{};
  if (port.type == PortType::object) {
    const auto& objects = pool_.of(port.interface);
    cell.object = objects.empty() || (port.optional && chance(0.3)) ? nullptr : objects[pick(objects.size())];
  } else if (port.optional && chance(0.5)) {
    cell.number = absent_value;
  } else if (is_kept(port)) {
    cell = kept(port, true);
  } else if (port.type == PortType::choice) {
    cell.number = static_cast<double>(pick(port.choices.size()));
  } else if (port.type == PortType::boolean) {
    cell.number = chance(0.5) ? 1 : 0;
  } else {
    cell.number = random_number(port);
  }
  return cell;
}

Cell RowMaker::plain(const PortInfo& port) {
  Cell cell{};
  if (port.type == PortType::object) {
    const auto& objects = pool_.of(port.interface);
    cell.object = objects.empty() || port.optional ? nullptr : objects.front();
  } else if (is_kept(port)) {
    cell = port.optional ? Cell{absent_value} : kept(port, false);
  } else {
    cell.number = port.optional || !port.required ? port.fallback : into_range(port, centre(port));
  }
  return cell;
}

RowMaker::Row RowMaker::base() {
  Row row;
  for (const PortInfo& port : ports_) row.push_back(plain(port));
  return row;
}

RowMaker::Row RowMaker::variation(bool optional) {
  Row row = base();
  for (std::size_t k = 0; k < ports_.size(); ++k)
    if (ports_[k].type == PortType::object || (optional && ports_[k].optional)) row[k] = random(ports_[k]);
  return row;
}

std::vector<RowMaker::Row> RowMaker::rows(const Row& base, std::size_t random_rows) {
  std::vector<Row> all{base};
  for (std::size_t k = 0; k < ports_.size(); ++k) {
    if (ports_[k].type == PortType::object || is_kept(ports_[k])) continue;
    for (const double end : {ports_[k].range.low, ports_[k].range.high}) {
      Row row = base;
      row[k].number = end;
      if (has_plausible_end(ports_[k], end) && accepts(ports_[k], row[k])) all.push_back(row);
    }
  }
  // Half of them stay near the defaults, so that solvers whose inputs must suit each other answer some.
  for (std::size_t i = 0; i < random_rows; ++i) {
    Row row = base;
    for (std::size_t k = 0; k < ports_.size(); ++k) {
      const bool vary = i % 2 == 0 || ports_[k].type == PortType::object || std::bernoulli_distribution(0.2)(random_);
      if (vary) row[k] = random(ports_[k]);
    }
    all.push_back(std::move(row));
  }
  return all;
}

std::vector<double> RowMaker::growing(std::size_t port, std::size_t count) const {
  const PortInfo& p = ports_[port];
  const bool narrow = p.range.high - p.range.low <= 1;
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(count - 1);
    values.push_back(narrow ? into_range(p, p.range.low + u * (p.range.high - p.range.low))
                            : into_range(p, centre(p) * std::pow(10, 4 * u - 2)));
  }
  std::sort(values.begin(), values.end());  // around a negative centre they fall
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::string RowMaker::missing_interface() {
  for (const PortInfo& port : ports_)
    if (port.type == PortType::object && !port.optional && pool_.of(port.interface).empty()) return std::string(port.interface);
  return {};
}

}  // namespace ironlaw::host
