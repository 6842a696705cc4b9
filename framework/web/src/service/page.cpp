// Files of the page: share/ironlaw/web, and the charts that share/ironlaw/charts draws.
#include "files/input_files.hpp"
#include "service/service_impl.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <filesystem>

namespace ironlaw::host {
namespace {

struct PageFile {
  std::string_view path;
  std::string_view file;  ///< below share/ironlaw
  std::string_view type;
};

constexpr std::string_view script = "text/javascript; charset=utf-8";
constexpr std::array<PageFile, 14> page_files{{{"/", "web/index.html", "text/html; charset=utf-8"},
                                               {"/style.css", "web/style.css", "text/css; charset=utf-8"},
                                               {"/icon.svg", "web/icon.svg", "image/svg+xml"},
                                               {"/usual.json", "web/usual.json", "application/json"},
                                               {"/charts/echarts.min.js", "charts/echarts.min.js", script},
                                               {"/charts/chart.js", "charts/chart.js", script},
                                               {"/app.js", "web/app.js", script},
                                               {"/answer.js", "web/answer.js", script},
                                               {"/ask.js", "web/ask.js", script},
                                               {"/elements.js", "web/elements.js", script},
                                               {"/form.js", "web/form.js", script},
                                               {"/service.js", "web/service.js", script},
                                               {"/share.js", "web/share.js", script},
                                               {"/solve.js", "web/solve.js", script}}};

}  // namespace

WebReply page_reply(const std::string& path) {
  const auto file = std::find_if(page_files.begin(), page_files.end(), [&](const PageFile& f) { return f.path == path; });
  if (file == page_files.end()) return error_reply(404, "nothing is at " + path + "; GET /v1/openapi.json says what there is");
  const auto folder = data_folder();
  if (!std::filesystem::is_directory(folder / "web"))
    return error_reply(500, "share/ironlaw/web is not installed beside the library");
  return {200, std::string(file->type), read_file(folder / std::string(file->file)), 0};
}

}  // namespace ironlaw::host
