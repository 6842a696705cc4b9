// A chart as text: data, SVG, page; and as a file.
#include "chart/picture.hpp"

#include "chart/outside_program.hpp"
#include "chart/script.hpp"
#include "text/json.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>

#include <array>
#include <cmath>

namespace ironlaw::host {
namespace {

/// Pixels of a PNG for each of the picture's: sharp on paper.
constexpr const char* png_zoom = "2";

std::string_view form_name(ChartSeries::Form form) {
  constexpr std::array<std::string_view, 6> names{"line", "trail", "roof", "points", "bars", "blocks"};
  return names[static_cast<std::size_t>(form)];
}

Json axis_json(const ChartAxis& axis) {
  Json json{{"name", axis.name}, {"unit", axis.unit}, {"log", axis.log}, {"zero", axis.zero}};
  if (!axis.categories.empty()) json["categories"] = axis.categories;
  return json;
}

Json point_json(const ChartPoint& point, ChartSeries::Form form) {
  Json json;
  json["x"] = std::isfinite(point.x) ? Json(point.x) : Json();
  json["y"] = std::isfinite(point.y) ? Json(point.y) : Json();
  if (form == ChartSeries::Form::blocks) json["end"] = point.end;
  if (!point.tip.empty()) json["tip"] = point.tip;
  if (!point.label.empty()) json["label"] = point.label;
  if (point.hollow) json["hollow"] = true;
  return json;
}

Json series_json(const ChartSeries& series) {
  Json points = Json::array();
  for (const auto& point : series.points) points.push_back(point_json(point, series.form));
  Json json;
  json["name"] = series.name;
  json["form"] = form_name(series.form);
  json["colour"] = series.colour;
  json["symbol"] = series.symbol;
  json["dashed"] = series.dashed;
  json["points"] = std::move(points);
  return json;
}

/// By librsvg's converter, which Debian has as librsvg2-bin.
std::string png_of(const std::string& svg) {
  const TemporaryFile from(svg);
  const TemporaryFile to;
  if (!run_outside({"rsvg-convert", "--zoom", png_zoom, "--output", to.name(), from.name()}))
    throw InputError("", "a PNG is made by rsvg-convert, which is not installed (Debian: librsvg2-bin); SVG needs nothing");
  return read_file(to.name());
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string script_json(const std::string& json) {
  std::string safe;
  for (const char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string filled_page(const std::string& name, const std::string& title, const std::string& body, bool charts) {
  std::string page;
  const std::string frame = chart_asset(name);
  for (std::size_t at = 0; at < frame.size();) {
    const auto mark = std::min(frame.find("{{", at), frame.size());
    page.append(frame, at, mark - at);
    if (mark == frame.size()) break;
    const auto end = frame.find("}}", mark);
    const auto what = frame.substr(mark + 2, end - mark - 2);
    page += what == "title"  ? html_text(title)
            : what == "body" ? body
            : !charts        ? std::string()
                             : chart_asset(what == "echarts" ? "echarts.min.js" : "chart.js");
    at = end + 2;
  }
  return page;
}

std::string chart_json(const Chart& chart) {
  Json panels = Json::array();
  for (const auto& panel : chart.panels) {
    Json series = Json::array();
    for (const auto& s : panel.series) series.push_back(series_json(s));
    Json json;
    json["title"] = panel.title;
    json["x"] = axis_json(panel.x);
    json["y"] = axis_json(panel.y);
    json["series"] = std::move(series);
    json["stacked"] = panel.stacked;
    panels.push_back(std::move(json));
  }
  Json json;
  json["title"] = chart.title;
  json["note"] = chart.note;
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
  const std::string body = "<div id=\"chart\">" + chart_svg(chart) + "</div>\n<script type=\"application/json\" id=\"model\">" +
                           script_json(chart_json(chart)) + "</script>\n";
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
