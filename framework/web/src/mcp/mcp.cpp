// Messages of the Model Context Protocol (revision 2025-11-25 and those before it that begin with a handshake).
#include <ironlaw/web/mcp.hpp>

#include "mcp/tools.hpp"
#include "run/startable_threads.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/input_file.hpp>
#include <ironlaw/files/failure_text.hpp>
#include <ironlaw/visible_text.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <istream>
#include <memory>
#include <mutex>
#include <ostream>
#include <thread>

namespace ironlaw::host {
namespace {

constexpr int parse_error = -32700;
constexpr int invalid_request = -32600;
constexpr int method_not_found = -32601;
constexpr int invalid_params = -32602;

constexpr std::array<std::string_view, 4> revisions{"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};

constexpr const char* instructions =
    "Ironlaw predicts speed, cost, carbon and reliability of machine-learning systems from closed-form equations, before "
    "anything is "
    "built. Begin with `ask` for a planner's questions, or `solvers` to find a solver, then `solve`. Names of devices and models "
    "come from "
    "`zoo`. Quantities go in with units (\"80 GB\", \"50 ms\") and come out in SI units.";

/// A call that waits for its turn, or is being worked on.
struct Call {
  Json id;
  std::string tool;
  Json arguments;
  std::atomic<bool> left{false};
};

/// Reads on one thread and works on another, so that a call can be cancelled and a ping is answered meanwhile.
class Conversation {
 public:
  Conversation(Service& service, const std::string& version, std::ostream& out)
      : service_(service), version_(version), out_(out), worker_([this] { work(); }) {}
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  /// What was asked is answered first.
  ~Conversation() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    worker_.join();
  }

  void take(const std::string& line) {
    Json message;
    try {
      const auto& limits = service_.limits();
      if (line.size() > limits.bytes) throw InputError("message", "has more text than --max-bytes allows");
      message = parse_json(line, "message", {.depth = static_cast<std::size_t>(limits.depth)});
    } catch (const std::exception& e) {
      return fail(nullptr, parse_error, failure_text(e));
    }
    if (!message.is_object() || !message.contains("method") || !message["method"].is_string())
      return message.is_object() && (message.contains("result") || message.contains("error"))
                 ? void()
                 : fail(nullptr, invalid_request, "takes one JSON-RPC message a line");
    const Json none = Json::object();
    const Json& params = message.contains("params") ? message["params"] : none;
    const std::string method = message["method"].get<std::string>();
    if (!message.contains("id")) return notified(method, params);
    asked(message["id"], method, params);
  }

 private:
  void notified(const std::string& method, const Json& params) {
    if (method != "notifications/cancelled" || !params.is_object() || !params.contains("requestId")) return;
    const std::lock_guard lock(mutex_);
    for (const auto& call : calls_)
      if (call->id == params["requestId"]) call->left = true;
  }

  void asked(const Json& id, const std::string& method, const Json& params) {
    if (method == "ping") return reply(id, Json::object());
    if (method == "initialize") return reply(id, greeting(params));
    if (method == "tools/list") return reply(id, {{"tools", tool_list()}});
    if (method != "tools/call") return fail(id, method_not_found, "no method is named '" + method + "'");
    const bool named = params.is_object() && params.contains("name") && params["name"].is_string();
    if (!named || (params.contains("arguments") && !params["arguments"].is_object()))
      return fail(id, invalid_params, "tools/call takes a \"name\" and an object of \"arguments\"");
    const auto call = std::make_shared<Call>();
    call->id = id;
    call->tool = params["name"].get<std::string>();
    call->arguments = params.contains("arguments") ? params["arguments"] : Json::object();
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(call);
    }
    changed_.notify_all();
  }

  [[nodiscard]] Json greeting(const Json& params) const {
    std::string revision(revisions.front());
    if (params.is_object() && params.contains("protocolVersion") && params["protocolVersion"].is_string()) {
      const auto wanted = params["protocolVersion"].get<std::string>();
      if (std::find(revisions.begin(), revisions.end(), wanted) != revisions.end()) revision = wanted;
    }
    return {{"protocolVersion", revision},
            {"capabilities", {{"tools", Json::object()}}},
            {"serverInfo", {{"name", "ironlaw"}, {"title", "Ironlaw"}, {"version", version_}}},
            {"instructions", instructions}};
  }

  void work() {
    while (true) {
      std::shared_ptr<Call> call;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return over_ || !calls_.empty(); });
        if (calls_.empty()) return;
        call = calls_.front();
      }
      answer(*call);
      const std::lock_guard lock(mutex_);
      calls_.pop_front();
    }
  }

  /// What is wrong with the arguments is for the model to read, and to mend.
  void answer(const Call& call) {
    ToolReply said;
    try {
      said = call_tool(service_, call.tool, call.arguments, call.left);
    } catch (const std::exception& e) {
      said = {message_line(failure_text(e)), nullptr, true};
    }
    if (call.left) return;  // nobody waits for it
    Json result{{"content", Json::array({{{"type", "text"}, {"text", said.text}}})}, {"isError", said.failed}};
    if (said.structured.is_object()) result["structuredContent"] = std::move(said.structured);
    reply(call.id, std::move(result));
  }

  void reply(const Json& id, Json result) { send({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}}); }
  void fail(const Json& id, int code, const std::string& what) {
    send({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message_line(what)}}}});
  }
  void send(const Json& message) {
    const std::lock_guard lock(writing_);
    out_ << dump(message) << '\n' << std::flush;
  }

  Service& service_;
  const std::string version_;
  std::ostream& out_;
  std::mutex writing_;
  std::mutex mutex_;  ///< over what follows
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Call>> calls_;
  bool over_ = false;
  std::thread worker_;
};

}  // namespace

void serve_mcp(Service& service, const std::string& version, std::istream& in, std::ostream& out) {
  if (startable_threads(2) < 2) throw InputError("mcp", "the system lets it have no second thread: raise the limit (ulimit -u)");
  Conversation conversation(service, version, out);
  std::string line;
  while (read_line(in, service.limits().bytes, "messages", line))
    if (line.find_first_not_of(" \t\r") != line.npos) conversation.take(line);
}

}  // namespace ironlaw::host
