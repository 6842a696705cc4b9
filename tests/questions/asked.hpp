#pragma once
// Questions as a person asks them, and what of an answer tests look at.
#include <ironlaw/error.hpp>
#include <ironlaw/questions/answered.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "../host/sessions.hpp"

namespace ironlaw::host {

using nlohmann::ordered_json;
namespace fs = std::filesystem;
inline const fs::path shipped = IRONLAW_SOURCE "/framework/questions/shipped";

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

/// A folder for the questions of one test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "ironlaw_questions_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline Told told(const Question& question) { return answer_question(question, session(), {}, {.threads = 1}); }

/// "H100,H200" as a list.
inline std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream words(text);
  for (std::string part; std::getline(words, part, ',');) parts.push_back(part);
  return parts;
}

inline Question asked(const std::string& name, const std::vector<std::pair<std::string, std::string>>& inputs,
                      const std::vector<std::pair<std::string, std::string>>& targets = {}) {
  Question question = Question::read(shipped / (name + ".json"));
  for (const auto& [input, value] : inputs) {
    if (std::vector<std::string> list = parts_of(value); list.size() > 1)
      question.config().add_axis(input, list, "--" + input);
    else
      question.config().set(input, value, "--" + input);
    question.given(input);
  }
  for (const auto& [target, bound] : targets) question.set_target(target, bound, "--" + target);
  return question;
}

inline ordered_json values_of(const Told& answer) { return ordered_json::parse(answer.values); }
inline double number(const Told& answer, const std::string& expression) {
  const auto values = values_of(answer);
  const auto& value = values.at(expression);
  return value.is_object() ? value["value"].get<double>() : value.get<double>();
}
inline const ToldPart& part(const Told& answer, std::string_view title) {
  for (const auto& one : answer.parts)
    if (one.title.starts_with(title)) return one;
  ADD_FAILURE() << "no part " << title;
  return answer.parts.front();
}

}  // namespace ironlaw::host
