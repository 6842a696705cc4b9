// Every format of a table: what it is called, and who writes it. A new one is a line here.
#include "table/table.hpp"

#include <algorithm>
#include <array>

namespace ironlaw::host {
namespace {

struct Written {
  OutputFormatInfo info;
  std::unique_ptr<TableWriter> (*writer)(const TableSource& source);
};

constexpr std::array formats{
    Written{{OutputFormat::text, "text", ".txt"}, &text_table},
    Written{{OutputFormat::json, "json", ".json"}, &json_table},
    Written{{.format = OutputFormat::jsonl, .name = "jsonl", .ending = ".jsonl", .streams = true, .rows_only = true},
            &jsonl_table},
    Written{{.format = OutputFormat::csv, .name = "csv", .ending = ".csv", .streams = true, .rows_only = true}, &csv_table},
    Written{{OutputFormat::markdown, "markdown", ".md"}, &markdown_table},
    Written{{OutputFormat::arrow, "arrow", ".arrow", true, true, true}, &arrow_table},
    Written{{OutputFormat::arrows, "arrows", ".arrows", true, true, true}, &arrow_table}};

constexpr auto infos = [] {
  std::array<OutputFormatInfo, formats.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = formats[i].info;
  return all;
}();

}  // namespace

std::span<const OutputFormatInfo> output_formats() { return infos; }

const OutputFormatInfo& info_of(OutputFormat format) {
  return *std::find_if(infos.begin(), infos.end(), [&](const OutputFormatInfo& info) { return info.format == format; });
}

std::string listed_formats(std::string_view between, std::string_view OutputFormatInfo::*of) {
  std::string list;
  for (const OutputFormatInfo& info : infos) list.append(list.empty() ? "" : between).append(info.*of);
  return list;
}

std::unique_ptr<TableWriter> make_table(const TableSource& source) {
  const auto* const found =
      std::find_if(formats.begin(), formats.end(), [&](const Written& w) { return w.info.format == source.options.format; });
  return found->writer(source);
}

}  // namespace ironlaw::host
