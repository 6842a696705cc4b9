#include "service/metrics.hpp"

#include "units/decimal.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace ironlaw::host {
namespace {

std::string exact(double number) {
  std::string text;
  append_exact(text, number);
  return text;
}

void append_head(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
  text.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ").append(type);
  text += '\n';
}

void append_value(std::string& text, std::string_view name, std::string_view type, std::string_view help, double value) {
  append_head(text, name, type, help);
  text.append(name).append(" ").append(exact(value)).append("\n");
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

void Metrics::count(std::string_view path, unsigned status, double seconds, std::uint64_t rows) {
  const std::lock_guard lock(mutex_);
  auto found = paths_.find(path);
  if (found == paths_.end()) found = paths_.emplace(std::string(path), OfPath{}).first;
  OfPath& of = found->second;
  ++of.by_status[status];
  ++of.by_time[static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin())];
  of.seconds += seconds;
  rows_ += rows;
}

std::string Metrics::text(const ServiceLoad& load) const {
  std::string text;
  const std::lock_guard lock(mutex_);
  append_head(text, "ironlaw_requests_total", "counter", "Requests by route and status.");
  for (const auto& [path, of] : paths_)
    for (const auto& [status, count] : of.by_status)
      text.append("ironlaw_requests_total{path=\"" + path + "\",status=\"" + std::to_string(status) + "\"} " +
                  std::to_string(count) + "\n");
  append_head(text, "ironlaw_request_seconds", "histogram", "Time to work out a reply.");
  for (const auto& [path, of] : paths_) {
    const std::string label = "{path=\"" + path + "\"";
    std::uint64_t count = 0;
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
      count += of.by_time[i];
      const std::string bound = i < bounds.size() ? exact(bounds[i]) : "+Inf";
      text.append("ironlaw_request_seconds_bucket" + label + ",le=\"" + bound + "\"} " + std::to_string(count) + "\n");
    }
    text.append("ironlaw_request_seconds_sum" + label + "} " + exact(of.seconds) + "\n");
    text.append("ironlaw_request_seconds_count" + label + "} " + std::to_string(count) + "\n");
  }
  const auto number = [](const std::atomic<std::uint64_t>& count) { return static_cast<double>(count.load()); };
  append_value(text, "ironlaw_rows_total", "counter", "Rows evaluated.", static_cast<double>(rows_));
  append_value(text, "ironlaw_connections", "gauge", "Connections that are open.", number(load.connections));
  append_value(text, "ironlaw_requests_in_flight", "gauge", "Requests that wait for their reply.", number(load.in_flight));
  append_value(text, "ironlaw_body_bytes", "gauge", "Bytes of requests that are read or answered.", number(load.body_bytes));
  append_value(text, "ironlaw_not_answered_total", "counter", "Requests refused before they were read, or too slow.",
               number(load.not_answered));
  append_value(text, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
  append_value(text, "process_cpu_seconds_total", "counter", "Processor time, user and system.", processor_seconds());
  return text;
}

}  // namespace ironlaw::host
