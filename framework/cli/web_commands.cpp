// web and mcp: questions of other programs and of people in a browser.
#include "command.hpp"
#include "last_words.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/web/mcp.hpp>
#include <ironlaw/web/server.hpp>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>

namespace ironlaw::cli {
namespace {

host::ServiceOptions service_options(bool files, const Context& context) {
  host::ServiceOptions options;
  options.profile = context.flags.profile;
  options.limits = context.flags.limits(host::RequestLimits::of_service());
  options.limits.files = files;
  options.program = "ironlaw " IRONLAW_VERSION;
  return options;
}

struct WebWords {
  std::string file;
  host::ServerOptions server;
  bool api_only = false;
  bool files = false;
};

std::string address_in_url(const std::string& address) {
  return address.find(':') == address.npos ? address : "[" + address + "]";
}

int serve(WebWords& words, Context& context) {
  auto options = service_options(words.files, context);
  options.page = !words.api_only;
  host::Service service(context.session, options);
  if (!words.file.empty()) {
    if (words.api_only) throw InputError("--api-only", "has no page to open " + words.file + " with");
    const auto config = read_config(words.file, {}, context);
    (void)compiled(config, context);
    service.show(config, words.file == "-" ? config.name() : std::filesystem::path(words.file).filename().string());
  }
  words.server.threads = context.flags.threads;
  words.server.stopping = [&] { end_plugins_after(2 * static_cast<unsigned>(words.server.stop_seconds)); };
  host::serve(service, words.server, [&](std::uint16_t port) {
    context.out << "http://" << address_in_url(words.server.address) << ":" << port << "/\n" << std::flush;
  });
  return 0;
}

}  // namespace

void add_web(CLI::App& app, Context& context) {
  const auto words = std::make_shared<WebWords>();
  auto* command = app.add_subcommand("web", "a page to explore any question, and a service for other programs");
  add_examples(*command, {"ironlaw web", "ironlaw web chain.json --port 0", "ironlaw web --api-only --max-seconds 10"});
  command->add_option("file", words->file, "a config to open the page with");
  command->add_option("--address", words->server.address, "where to listen; any but a loopback address lets others ask")
      ->option_text("IP");
  command->add_option("--port", words->server.port, "0: one that is free")->check(number_from(0, 65535))->option_text("N");
  command->add_flag("--api-only", words->api_only, "no page: /v1, /healthz and /metrics alone");
  command->add_flag("--allow-files", words->files, "requests may name configs by path, and callbacks, which may write files");
  command->add_option("--max-connections", words->server.most_connections, "clients at once; others wait")
      ->check(number_from(1, 100000))
      ->option_text("N");
  command->add_option("--header-seconds", words->server.header_seconds, "for the head of a client's first request")
      ->check(number_from(0.1, 3600))
      ->option_text("SECONDS");
  command->add_option("--stop-seconds", words->server.stop_seconds, "for what is being answered when the service is told to stop")
      ->check(number_from(0, 3600))
      ->option_text("SECONDS");
  command->add_option("--body-seconds", words->server.body_seconds, "for the body of a request")
      ->check(number_from(0.1, 3600))
      ->option_text("SECONDS");
  command->callback([=, &context] { context.action = [=, &context] { return serve(*words, context); }; });
}

void add_mcp(CLI::App& app, Context& context) {
  const auto files = std::make_shared<bool>(false);
  auto* command =
      app.add_subcommand("mcp", "tools for language models: the Model Context Protocol over standard input and output");
  add_examples(*command, {"ironlaw mcp < messages.jsonl"});
  command->add_flag("--allow-files", *files, "requests may name configs by path, and callbacks, which may write files");
  command->callback([=, &context] {
    context.action = [=, &context] {
      host::Service service(context.session, service_options(*files, context));
      host::serve_mcp(service, IRONLAW_VERSION, std::cin, context.out);
      if (std::ferror(stdin) != 0) throw InputError("standard input", "cannot be read");
      return 0;
    };
  });
}

}  // namespace ironlaw::cli
