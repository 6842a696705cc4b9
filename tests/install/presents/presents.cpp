// A program against the installed static libraries: pages about a pipeline, an import and a check, without the program ironlaw.
#include <ironlaw/conformance/conformance.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/import/import.hpp>
#include <ironlaw/pages/chart.hpp>
#include <ironlaw/present/report.hpp>

#include <exception>
#include <iostream>

int main(int argc, char** argv) try {
  namespace host = ironlaw::host;
  if (argc != 4) return 1;
  host::Session session;
  const host::Pipeline pipeline = session.compile(host::Config::read(argv[1]));
  host::ReportOptions options;
  options.format = host::OutputFormat::csv;
  host::TableReport table(pipeline, options, std::cout);
  table.finish(host::run(pipeline, table));
  std::cout << host::chart_svg(host::sweep_chart(pipeline, {})).size() << " bytes of chart\n"
            << host::import_model(session.zoo_folders(), argv[2]) << '\n'
            << (host::conforms(host::check_plugin(argv[3], {})) ? "conforms" : "does not conform") << '\n';
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
