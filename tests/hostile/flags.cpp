#include "trials.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace ironlaw::hostile {

Desk::Desk() {
  std::string name = (std::filesystem::temp_directory_path() / "ironlaw_hostile_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  folder_ = name;
  std::filesystem::current_path(folder_);
  const auto write = [](const std::string& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; };
  const std::string node = R"("stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}})";
  write("one.json", R"({"version": 1, )" + node + "}");
  write("sweep.json", R"({"version": 1, )" + node + R"(, "axes": [{"node.batch_size": [1, 8, 64]}]})");
  write("uncertain.json", R"({"version": 1, )" + node + R"(, "axes": [{"node.efficiency": {"from": 0.3, "to": 0.7}}],
    "study": {"use": "uncertainty", "samples": 64}})");
  write("compare.yaml",
        "version: 1\nstages: {node: {solver: single_node, workload: ResNet50, hardware: H100}}\n"
        "study: {use: compare, with: {node.batch_size: 4}}\n");
  write("broken.json", R"({"version": 1, "stages": )");
  write("escape.json", "{\"version\": 1, \"name\": \"\\u001b[31m\\u202e<script>\", " + node + "}");
  write("requests.jsonl", R"({"id": 1, "solver": "amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 2}})"
                          "\n");
  write("config.json", R"({"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12, "n_positions": 1024,
    "vocab_size": 50257})");
  write("trace.csv", "arrival,prompt,output\n0,100,20\n7,200,\xE2\x80\xAE\n");
  write("model.gguf", "GGUF" + std::string(1, '\3') + std::string(3, '\0') + std::string(16, '\xFF'));
  setenv("XDG_DATA_HOME", (folder_ / "data").c_str(), 1);
  std::filesystem::create_directories("facts");
  write("facts/ours.json", R"({"sources": {"s": {"title": "=cmd\u202e <b>"}}, "entries": {"Ours": {"based_on": "H100",
    "label": "\u001b[2J<img src=x>", "source": "s"}}})");
}

Desk::~Desk() {
  std::error_code failure;
  std::filesystem::current_path("/", failure);
  std::filesystem::remove_all(folder_, failure);
}

namespace {

using Words = std::vector<std::string>;

std::string file_name(Choices& choices) {
  const auto name = choices.of({"one.json", "sweep.json", "uncertain.json", "compare.yaml", "broken.json", "escape.json", "-",
                                "config.json", "facts", "nowhere.json", "", "/dev/null", "trace.csv", "model.gguf"});
  return choices.one_in(8) ? choices.text() : std::string(name);
}

std::string flag_value(Choices& choices) { return choices.below(4) > 0 ? choices.number() : choices.text(); }

std::string port_flag(Choices& choices) {
  return std::string(
      choices.of({"batch-size", "hardware", "workload", "efficiency", "precision", "hardware.tdp", "hardware.memory-bandwidth",
                  "framework-overhead", "hardware.", "workload.parameters", "node.batch_size"}));
}

void add_solver(Choices& choices, Words& words) {
  words.emplace_back(choices.one_in(8)
                         ? choices.text()
                         : std::string(choices.of({"single_node", "amdahl", "iron_law", "serving", "roofline/single_node"})));
  if (choices.one_in(4)) return;
  for (const char* word : {"--workload", "ResNet50", "--hardware", "H100"}) words.emplace_back(word);
}

void add_plot(Choices& choices, Words& words) {
  const std::string kind(choices.of({"roofline", "sweep", "series", "pareto", "breakdown", "tornado", "timeline", "operators"}));
  words.push_back(kind);
  if (kind == "roofline") {
    words.insert(words.end(), {"--hardware", choices.one_in(2) ? "H100" : flag_value(choices), "--workload",
                               choices.one_in(2) ? "ResNet50" : flag_value(choices)});
    return;
  }
  words.push_back(file_name(choices));
  if (kind == "tornado") words.insert(words.end(), {"--y", choices.one_in(2) ? "node.latency" : choices.text()});
  if (kind == "sweep" && choices.one_in(2))
    words.insert(words.end(), {std::string(choices.of({"--x", "--y", "--facet", "--log"})), choices.text()});
  if (kind == "pareto" && choices.one_in(2)) words.insert(words.end(), {"--goal", choices.text(), "--goal", "min node.latency"});
  if (kind == "pareto" && choices.one_in(3)) words.insert(words.end(), {"--mark", choices.text()});
  if (kind == "breakdown" && choices.one_in(2)) words.insert(words.end(), {"--parts", choices.text()});
}

void add_plugin_words(Choices& choices, Words& words) {
  words.emplace_back(choices.of({"list", "show", "new", "check", "install", "remove", "bundle", "lock", "x"}));
  const std::string what = words.back();
  if (what == "list") return;
  const bool named = what == "new" || what == "remove";
  words.push_back(named && choices.one_in(2) ? choices.text() : file_name(choices));
  if (what == "new" && choices.one_in(2))
    words.insert(words.end(), {std::string(choices.of({"--kind", "--from", "--licence"})), choices.text()});
  if (what == "bundle") words.emplace_back(choices.of({"out.so", "no/such/out.so", "one.json", "facts"}));
  if (what == "show" && choices.one_in(2)) words.emplace_back("--ports");
}

/// It listens nowhere: the address is of a network that is kept for documents.
void add_web_words(Choices& choices, Words& words) {
  if (choices.one_in(2)) words.push_back(file_name(choices));
  if (choices.one_in(3))
    words.insert(words.end(), {std::string(choices.of({"--port", "--max-connections", "--header-seconds", "--body-seconds",
                                                       "--stop-seconds", "--max-rows", "--max-bytes"})),
                               choices.number()});
  if (choices.one_in(4)) words.emplace_back(choices.of({"--api-only", "--allow-files"}));
  words.insert(words.end(), {"--address", choices.one_in(4) ? choices.text() : "203.0.113.7"});
}

/// A command with what belongs behind it.
Words command(Choices& choices) {
  Words words;
  const std::string name(
      choices.of({"solve",  "run",     "study",  "merge", "explain", "batch",      "zoo",   "solvers",  "studies",
                  "schema", "changes", "plugin", "plot",  "report",  "completion", "man",   "complete", "solve",
                  "run",    "study",   "ask",    "web",   "mcp",     "zoo",        "plugin"}));
  words.push_back(name);
  if (name == "solve") {
    add_solver(choices, words);
  } else if (name == "study") {
    words.emplace_back(
        choices.one_in(6) ? choices.text()
                          : std::string(choices.of({"sensitivity", "uncertainty", "compare", "optimize", "synthesis", "sweep"})));
    if (choices.one_in(2))
      words.push_back(file_name(choices));
    else
      add_solver(choices, words);
    if (choices.one_in(2))
      words.insert(
          words.end(),
          {std::string(choices.of({"--outputs", "--inputs", "--with", "--seed", "--samples", "--targets", "--goal", "--step"})),
           flag_value(choices)});
  } else if (name == "ask") {
    words.emplace_back(choices.one_in(6) ? choices.text()
                                         : std::string(choices.of({"fit", "decode", "chip", "where", "one.json"})));
    words.insert(words.end(), {"--model", "Llama3_8B", "--device", "H100"});
    if (choices.one_in(2))
      words.insert(words.end(), {std::string(choices.of({"--format", "--context", "--latency", "--questions", "--budget"})),
                                 flag_value(choices)});
    if (choices.one_in(8))
      words.insert(words.begin() + 1, {std::string(choices.of({"--questions", "--set", "--model", "--"})), flag_value(choices)});
    if (choices.one_in(6)) words.insert(words.end(), {"--write", choices.one_in(2) ? "config" : flag_value(choices)});
    if (choices.one_in(8)) words.insert(words.end(), {"--trace", file_name(choices)});
  } else if (name == "run" || name == "explain" || name == "report") {
    words.push_back(file_name(choices));
    if (name == "explain" && choices.one_in(2))
      words.insert(words.end(), {"--as", std::string(choices.of({"text", "dot", "mermaid", "x"}))});
  } else if (name == "changes") {
    words.push_back(file_name(choices));
    words.push_back(file_name(choices));
    if (choices.one_in(2)) words.insert(words.end(), {"--least", flag_value(choices)});
  } else if (name == "plot") {
    add_plot(choices, words);
  } else if (name == "zoo") {
    words.emplace_back(choices.of({"list", "show", "check", "import", "x"}));
    words.push_back(choices.one_in(3) ? choices.text()
                                      : std::string(choices.of({"hardware", "H100", "Ours", "config.json", "model.gguf"})));
    if (words[1] == "import" && choices.one_in(2)) words.insert(words.end(), {"--name", choices.text()});
    if (words[1] == "list" && choices.one_in(2)) words.insert(words.end(), {"--where", choices.text()});
  } else if (name == "plugin") {
    add_plugin_words(choices, words);
  } else if (name == "web") {
    add_web_words(choices, words);
  } else if (name == "batch") {
    words.push_back(choices.one_in(2) ? "requests.jsonl" : file_name(choices));
  } else if (name == "merge" || name == "solvers" || name == "studies" || name == "schema" || name == "completion") {
    if (!choices.one_in(4))
      words.push_back(choices.one_in(2) ? choices.text()
                                        : std::string(choices.of({"single_node", "optimize", "zoo", "bash", "one.json"})));
  } else if (name == "complete") {
    words.emplace_back("--");
    words.push_back(choices.text());
  }
  return words;
}

void add_flag(Choices& choices, Words& words) {
  switch (choices.below(10)) {
    case 0:
    case 1:
      words.insert(words.end(),
                   {"--output", std::string(choices.of({"json", "csv", "markdown", "jsonl", "text", "arrow", "JSON", ""}))});
      return;
    case 2:
      words.insert(words.end(), {"--set", port_flag(choices) + (choices.one_in(6) ? "" : "=") + flag_value(choices)});
      return;
    case 3:
      words.insert(words.end(), {"--" + port_flag(choices), flag_value(choices)});
      return;
    case 4:
      words.push_back("--" + port_flag(choices) + "=" + flag_value(choices));
      return;
    case 5:
      words.insert(words.end(), {std::string(choices.of({"--zoo", "--plugin", "--plugin-path", "--profile"})),
                                 choices.one_in(2) ? std::string(choices.of({"facts", "tutorials", "native", "./one.json", "."}))
                                                   : choices.text()});
      return;
    case 6:
      words.insert(words.end(),
                   {std::string(choices.of({"--threads", "--row-timeout", "--width", "--height", "--title", "--theme"})),
                    choices.one_in(2)   ? "2"
                    : choices.one_in(2) ? "banana"
                                        : "-7"});
      return;
    case 7:
      words.emplace_back(choices.of(
          {"--explain", "--walls", "--bands", "--progress", "--help", "-h", "--version", "--no-default-plugins", "--isolate"}));
      return;
    case 8:
      words.insert(words.end(), {"-o", std::string(choices.of({"out.csv", "out.json", "out.md", "out.txt", "out.html", "out.svg",
                                                               "no/such/out.csv", "out.xyz", ""}))});
      return;
    default:
      if (choices.one_in(2)) words.push_back(choices.text());
  }
}

}  // namespace

bool try_flags(Choices choices) {
  Words words = command(choices);
  for (std::size_t n = choices.below(5); n > 0; --n) add_flag(choices, words);
  if (choices.one_in(10)) std::swap(words[choices.below(words.size())], words[choices.below(words.size())]);
  for (auto& word : words) word = word.substr(0, word.find('\0'));
  const std::string input(
      choices.of({R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}}})",
                  "", "{", "a: [", R"({"id": 1, "solver": "x"})"}));
  const Outcome outcome = run_command(words, input);
  // What was installed is not there for the next; and the name of a project is not taken.
  std::error_code nothing;
  if (std::find(words.begin(), words.end(), "plugin") != words.end())
    for (const auto& entry : std::filesystem::directory_iterator(".", nothing))
      if (entry.is_directory() && entry.path().filename() != "facts") std::filesystem::remove_all(entry.path(), nothing);
  require_outcome(words, outcome);
  return outcome.status == 0;
}

}  // namespace ironlaw::hostile
