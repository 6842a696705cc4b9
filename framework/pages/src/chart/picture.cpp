// A chart as text: data, SVG, page; and as a file.
#include "chart/picture.hpp"

#include "chart/content_policy.hpp"
#include "chart/outside_program.hpp"
#include "chart/packed.hpp"
#include "chart/script.hpp"
#include "layout/escapes.hpp"
#include "text/json.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/visible_text.hpp>

#include <array>
#include <cmath>
#include <map>

namespace ironlaw::host {
namespace {

/// Pixels of a PNG for each of the picture's: sharp on paper.
constexpr const char* png_zoom = "2";

std::string_view form_name(ChartSeries::Form form) {
  constexpr std::array<std::string_view, 7> names{"line", "trail", "roof", "points", "bars", "blocks", "totals"};
  return names[static_cast<std::size_t>(form)];
}

std::string_view bars_name(ChartPanel::Bars bars) {
  constexpr std::array<std::string_view, 3> names{"stacked", "over", "beside"};
  return names[static_cast<std::size_t>(bars)];
}

Json axis_json(const ChartAxis& axis) {
  Json json{{"name", visible_text(axis.name)}, {"unit", visible_text(axis.unit)}, {"log", axis.log}, {"zero", axis.zero}};
  for (const auto& category : axis.categories) json["categories"].push_back(visible_text(category));
  return json;
}

Json point_json(const ChartPoint& point, ChartSeries::Form form) {
  Json json;
  json["x"] = std::isfinite(point.x) ? Json(point.x) : Json();
  json["y"] = std::isfinite(point.y) ? Json(point.y) : Json();
  if (form == ChartSeries::Form::blocks) json["end"] = point.end;
  if (!point.tip.empty()) json["tip"] = visible_lines(point.tip);
  if (!point.label.empty()) json["label"] = visible_text(point.label);
  if (point.hollow) json["hollow"] = true;
  return json;
}

Json series_json(const ChartSeries& series) {
  Json points = Json::array();
  for (const auto& point : series.points) points.push_back(point_json(point, series.form));
  Json json;
  json["name"] = visible_text(series.name);
  json["form"] = form_name(series.form);
  json["colour"] = series.colour;
  json["symbol"] = series.symbol;
  json["dashed"] = series.dashed;
  if (series.sense != ChartSeries::Sense::neither)
    json["sense"] = series.sense == ChartSeries::Sense::better ? "better" : "worse";
  if (series.soft) json["soft"] = true;
  json["points"] = std::move(points);
  return json;
}

/// By librsvg's converter, which Debian has as librsvg2-bin.
std::string png_of(const std::string& svg) {
  auto png = run_outside({"rsvg-convert", "--zoom", png_zoom}, svg);
  if (!png)
    throw InputError("", "a PNG is made by rsvg-convert, which is not installed (Debian: librsvg2-bin); SVG needs nothing");
  return std::move(*png);
}

}  // namespace

namespace {

/// A frame with its marks filled in; those without a value go. A value is never read for marks.
std::string filled(const std::string& frame, const std::map<std::string, std::string>& values) {
  std::string page;
  for (std::size_t at = 0; at < frame.size();) {
    const auto mark = std::min(frame.find("{{", at), frame.size());
    page.append(frame, at, mark - at);
    if (mark == frame.size()) break;
    const auto end = frame.find("}}", mark);
    const auto value = values.find(frame.substr(mark + 2, end - mark - 2));
    if (value != values.end()) page += value->second;
    at = end + 2;
  }
  return page;
}

}  // namespace

std::string filled_page(const std::string& name, const std::string& title, const std::string& body, bool charts) {
  const std::string frame = chart_asset(name);
  std::map<std::string, std::string> values;
  std::string library;
  if (charts) {
    library = chart_asset("echarts.min.js");
    values = {{"echarts", packed(library)}, {"chart", chart_asset("chart.js")}};
  }
  values["policy"] = content_policy(filled(frame, values), library);  // before anything that is not the page's own
  values["title"] = html_text(title);
  values["body"] = body;
  return filled(frame, values);
}

std::string chart_json(const Chart& chart) {
  Json panels = Json::array();
  for (const auto& panel : chart.panels) {
    Json series = Json::array();
    for (const auto& s : panel.series) series.push_back(series_json(s));
    Json json;
    json["title"] = visible_text(panel.title);
    json["x"] = axis_json(panel.x);
    json["y"] = axis_json(panel.y);
    json["series"] = std::move(series);
    json["bars"] = bars_name(panel.bars);
    json["targets"] = Json::array();
    for (const auto& target : panel.targets)
      json["targets"].push_back({{"axis", target.of_y ? "y" : "x"}, {"at", target.at}, {"text", visible_text(target.text)}});
    panels.push_back(std::move(json));
  }
  Json json;
  json["title"] = visible_text(chart.title);
  json["note"] = visible_text(chart.note);
  json["panels"] = std::move(panels);
  return dump(json);
}

std::string chart_svg(const Chart& chart, const ChartLook& look) {
  Json json{{"width", look.width}, {"dark", look.dark}};
  if (look.height > 0) json["height"] = look.height;
  std::string svg = run_chart_script(chart_json(chart), dump(json));
  // A reader that cannot see it is told what it is.
  if (const auto end = svg.find('>'); end != svg.npos) svg.insert(end + 1, "<title>" + html_text(chart.title) + "</title>");
  return svg;
}

std::string chart_page(const Chart& chart) {
  const std::string body = "<div id=\"chart\">" + without_styles(chart_svg(chart)) +
                           "</div>\n<script type=\"application/json\" id=\"model\">" + script_json(chart_json(chart)) +
                           "</script>\n";
  return filled_page("page.html", chart.title, body, true);
}

std::string chart_file(const Chart& chart, const std::filesystem::path& file, const ChartLook& look) {
  const auto extension = file.extension();
  if (extension == ".svg" || file.empty()) return chart_svg(chart, look) + "\n";
  if (extension == ".png") return png_of(chart_svg(chart, look));
  if (extension == ".html") return chart_page(chart);
  throw InputError(file.string(), "a chart is a .svg, a .png or a .html");
}

}  // namespace ironlaw::host
