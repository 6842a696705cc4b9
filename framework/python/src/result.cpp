#include "result.hpp"

#include "object_column.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/output_file.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/pages/chart.hpp>
#include <ironlaw/present/report.hpp>
#include <ironlaw/series.hpp>

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <sstream>

namespace ironlaw::python {
namespace {

/// The format of a name or of a file's ending.
host::OutputFormat format_of(std::string_view host::OutputFormatInfo::*where, const std::string& said, const std::string& what) {
  for (const host::OutputFormatInfo& info : host::output_formats())
    if (info.*where == said) return info.format;
  throw InputError(what, "'" + said + "' is none of " + host::listed_formats(", ", where) +
                             (where == &host::OutputFormatInfo::ending ? ", .parquet" : ""));
}

void write(const Result& result, const host::ReportOptions& options, std::size_t most, std::ostream& out) {
  if (result.answer) return host::report_answer(*result.pipeline, *result.answer, result.single, options, out);
  host::TableReport report(*result.pipeline, result.table->columns(), options, out);
  result.table->replay(report, most);
  report.finish(result.summary);
}

std::string text_of(const Result& result, const std::string& format, std::size_t width, std::size_t most, bool explain,
                    bool all) {
  host::ReportOptions options;
  options.format = format_of(&host::OutputFormatInfo::name, format, "format");
  options.width = width;
  options.explain = explain;
  options.all = all;
  options.program = program;
  std::ostringstream out;
  const nb::gil_scoped_release working;
  write(result, options, most, out);
  return std::move(out).str();
}

void write_result(const Result& result, const std::string& file) {
  host::ReportOptions options;
  options.format = format_of(&host::OutputFormatInfo::ending, std::filesystem::path(file).extension().string(), file);
  options.width = 0;
  options.program = program;
  const nb::gil_scoped_release working;
  host::OutputFile out(file);
  write(result, options, result.table->size(), out.stream());
  out.commit();
}

/// A capsule whose struct is released with it unless a consumer took it.
template <class Struct>
nb::capsule capsule_of(Struct filled, const char* name) {
  auto owned = std::make_unique<Struct>(filled);
  return nb::capsule(owned.release(), name, [](void* p) noexcept {
    auto* held = static_cast<Struct*>(p);
    if (held->release != nullptr) held->release(held);
    delete held;
  });
}

nb::capsule stream_of(const Result& result, nb::handle) {
  ArrowArrayStream stream;
  host::export_arrow(result.table, stream);
  return capsule_of(stream, "arrow_array_stream");
}

std::pair<ArrowSchema, ArrowArray> exported(const Result& result) {
  std::pair<ArrowSchema, ArrowArray> both;
  const nb::gil_scoped_release working;
  host::export_arrow(result.table, both.first, both.second);
  return both;
}

nb::tuple array_of(const Result& result, nb::handle) {
  const auto [schema, batch] = exported(result);
  return nb::make_tuple(capsule_of(schema, "arrow_schema"), capsule_of(batch, "arrow_array"));
}

nb::capsule schema_of(const Result& result) {
  auto [schema, batch] = exported(result);
  batch.release(&batch);
  return capsule_of(schema, "arrow_schema");
}

const host::ResultColumn& column_of(const Result& result, std::size_t c) {
  if (c >= result.table->columns().size()) throw nb::index_error("no such column");
  return result.table->columns()[c];
}

/// Numbers of a column as they are in the table, not copied; choices by ordinal.
nb::object values_of(const Result& result, std::size_t c) {
  const PortType type = column_of(result, c).port.type;
  if (type > PortType::choice) throw nb::type_error("objects, series and texts are no numbers");
  using Shared = std::shared_ptr<const host::ResultTable>;
  static_assert(sizeof(Cell) == sizeof(double));
  const nb::capsule owner(new Shared(result.table), [](void* p) noexcept { delete static_cast<Shared*>(p); });
  const auto* data = reinterpret_cast<const double*>(result.table->cells(c).data());
  return nb::cast(nb::ndarray<nb::numpy, const double, nb::ndim<1>>(data, {result.table->size()}, owner));
}

std::vector<std::string> object_names(const Result& result, std::size_t c) {
  (void)column_of(result, c);
  std::vector<std::string> names;
  const auto& zoo = result.pipeline->zoo();
  for (const Cell& cell : result.table->cells(c)) names.push_back(host::object_name(zoo, result.table->columns()[c].port, cell));
  return names;
}

/// Series as arrays and texts as texts, row by row; None where absent.
nb::list lists_of(const Result& result, std::size_t c) {
  const PortType type = column_of(result, c).port.type;
  nb::list list;
  for (const Cell& cell : result.table->cells(c)) {
    if (absent_cell(cell)) {
      list.append(nb::none());
    } else if (type == PortType::text) {
      list.append(std::string(*static_cast<const std::string_view*>(cell.object)));
    } else {
      const SeriesCell& series = *series_of(cell);
      list.append(numbers({series.data, series.data + series.size}));
    }
  }
  return list;
}

nb::list columns_of(const Result& result) {
  constexpr std::array<const char*, 7> types{"number", "integer", "boolean", "choice", "object", "series", "text"};
  nb::list list;
  for (const host::ResultColumn& column : result.table->columns()) {
    nb::dict said;
    said["name"] = column.name;
    said["type"] = types[static_cast<std::size_t>(column.port.type)];
    said["unit"] = host::si_unit(column.port.dimension);
    said["doc"] = std::string(column.port.doc);
    nb::list choices;
    for (const auto choice : column.port.choices) choices.append(std::string(choice));
    said["choices"] = choices;
    list.append(said);
  }
  return list;
}

nb::dict summary_of(const Result& result) {
  const host::RunSummary& s = result.summary;
  nb::dict said;
  said["rows"] = s.rows;
  said["ok"] = s.ok;
  said["infeasible"] = s.infeasible;
  said["refused"] = s.refused;
  said["failed"] = s.failed;
  said["skipped"] = s.skipped;
  nb::dict rejected;
  for (const auto& [constraint, count] : s.rejected) rejected[constraint.c_str()] = count;
  said["rejected"] = rejected;
  said["stopped"] = s.stopped;
  said["first_error"] = s.first_error;
  said["notes"] = s.notes;
  said["seconds"] = s.seconds;
  return said;
}

host::Chart chart_of(const Result& result, const std::string& kind, const host::ChartColumns& columns,
                     const std::vector<std::string>& names) {
  const nb::gil_scoped_release working;
  host::Chart chart;
  if (kind == "sweep") {
    chart = host::sweep_chart(*result.pipeline, columns);
  } else if (kind == "pareto") {
    chart = host::pareto_chart(*result.pipeline, names);
  } else if (kind == "breakdown") {
    chart = host::breakdown_chart(*result.pipeline, names);
  } else if (kind == "tornado") {
    chart = host::tornado_chart(*result.pipeline, "10 %");
  } else if (kind == "roofline") {
    chart = host::roofline_chart(*result.pipeline);
  } else {
    throw InputError("kind", "'" + kind + "' is none of sweep, pareto, breakdown, tornado, roofline");
  }
  chart.title = result.name;
  return chart;
}

void bind_chart(nb::module_& module) {
  nb::class_<host::Chart>(module, "Chart", "A picture of a result: shown in a notebook, or saved as SVG, PNG or a page.")
      .def_rw("title", &host::Chart::title)
      .def("_repr_svg_", [](const host::Chart& chart) { return host::chart_svg(chart); })
      .def(
          "file",
          [](const host::Chart& chart, const std::string& file, double width, double height, bool dark) {
            const std::string bytes = host::chart_file(chart, file, {width, height, dark});
            return nb::bytes(bytes.data(), bytes.size());
          },
          nb::arg("name"), nb::arg("width") = 900.0, nb::arg("height") = 0.0, nb::arg("dark") = false,
          "What belongs into a file of this name: .svg, .png or .html.")
      .def(
          "save",
          [](const host::Chart& chart, const std::string& file, double width, double height, bool dark) {
            const std::string bytes = host::chart_file(chart, file, {width, height, dark});
            host::OutputFile out(file);
            out.stream() << bytes;
            out.commit();
          },
          nb::arg("file"), nb::arg("width") = 900.0, nb::arg("height") = 0.0, nb::arg("dark") = false,
          "Writes a picture (.svg, .png) or a page to explore (.html).");
}

}  // namespace

void bind_result(nb::module_& module) {
  bind_chart(module);
  nb::class_<Result>(module, "Result")
      .def("__len__", [](const Result& r) { return r.table->size(); })
      .def_ro("name", &Result::name)
      .def_prop_ro("is_answer", [](const Result& r) { return r.answer.has_value(); })
      .def_prop_ro("has_axes", [](const Result& r) { return r.pipeline->study() == nullptr; })
      .def("columns", &columns_of)
      .def("values", &values_of)
      .def("names", &object_names)
      .def("lists", &lists_of)
      .def("status",
           [](const Result& r) {
             std::vector<std::uint8_t> codes;
             for (const RowStatus s : r.table->status()) codes.push_back(static_cast<std::uint8_t>(s));
             return codes;
           })
      .def("errors", [](const Result& r) { return r.answer ? r.answer->errors : std::vector<std::string>{}; })
      .def("violated", [](const Result& r) { return r.answer ? r.answer->violated : std::vector<std::string>{}; })
      .def("exit_status", [](const Result& r) { return r.answer ? r.answer->exit_status() : r.summary.exit_status(); })
      .def("summary", &summary_of)
      .def("provenance", [](const Result& r) { return host::provenance_json(*r.pipeline, program); })
      .def("text", &text_of, nb::arg("format"), nb::arg("width"), nb::arg("most"), nb::arg("explain"), nb::arg("all"))
      .def("write", &write_result)
      .def("chart",
           [](const Result& r, const std::string& kind, const std::string& x, const std::vector<std::string>& y,
              const std::string& facet, const std::vector<std::string>& log, const std::vector<std::string>& names) {
             return chart_of(r, kind, {x, y, facet, log}, names);
           })
      .def("arrow_stream", &stream_of, nb::arg("requested_schema").none())
      .def("arrow_array", &array_of, nb::arg("requested_schema").none())
      .def("arrow_schema", &schema_of);
}

}  // namespace ironlaw::python
