#pragma once
// Questions that a person asks by name: configs that say which of their inputs are flags, what a good answer is, and how it is
// told.
#include <ironlaw/host/session.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// A flag of a question: an input of its config, an axis, or a target.
struct QuestionFlag {
  std::string name;  ///< "prompt_tokens"
  std::string help;  ///< what it is for, and what it takes
  PortType type = PortType::number;
  std::string interface;             ///< of an object
  std::vector<std::string> choices;  ///< of a choice
  bool target = false;               ///< a bound that the answer is to keep
  bool way = false;                  ///< another way to the same end, to be looked at too
};

/// A config with a "question" in it.
class Question {
 public:
  /// Throws InputError.
  static Question read(const std::filesystem::path& file, const RequestLimits& limits = {});

  [[nodiscard]] const std::string& name() const;  ///< of the file, without its ending
  [[nodiscard]] const std::string& asks() const;  ///< in one line
  [[nodiscard]] const std::filesystem::path& file() const;

  /// The flags in the file's order, with units, ranges and defaults of what they set. Compiles the config: throws InputError.
  [[nodiscard]] std::vector<QuestionFlag> flags(Session& session, const std::string& profile) const;
  /// The config, for `--set` and for flags that are no targets; Config::set() and Config::add_axis() change it.
  [[nodiscard]] Config& config();
  /// What a flag was given, with the unit that its file says for a bare number.
  [[nodiscard]] std::string in_unit(std::string_view flag, const std::string& text) const;
  /// The stage that a trace of requests is for; empty where none is.
  [[nodiscard]] const std::string& traced_stage() const;
  /// The places of the config that a flag sets: its own name, if its file says nothing else.
  [[nodiscard]] std::vector<std::string> places(std::string_view flag) const;
  /// Asks for another way too. Throws InputError for a name that is none.
  void ask_way(std::string_view name);
  /// The questions of the ways that were asked for, as their files are: what was given to this one is not given to them.
  [[nodiscard]] std::vector<Question> ways(const RequestLimits& limits = {}) const;
  /// Says that a flag was given: what it stands instead of is taken away.
  void given(std::string_view flag);
  /// Gives a target its bound: "50 ms". Throws InputError at `where` for a name that is none.
  void set_target(std::string_view name, const std::string& text, const std::string& where);
  /// Throws InputError for the first flag that must be given and was not.
  void check_given() const;

  struct Spec;
  [[nodiscard]] const Spec& spec() const { return *spec_; }
  [[nodiscard]] const Config& config() const;

 private:
  Question();
  std::shared_ptr<Spec> spec_;
};

/// Folders where questions lie, one's own first: `folders`, questions of the user's data folder, those of the installation.
[[nodiscard]] std::vector<std::filesystem::path> question_folders(const std::vector<std::filesystem::path>& folders);

/// Every question of these folders by its name; the first of a name hides the others.
[[nodiscard]] std::vector<std::filesystem::path> question_files(const std::vector<std::filesystem::path>& folders);

/// Names of the questions of these folders that have a flag of this name. Throws InputError for a file that is no question.
[[nodiscard]] std::vector<std::string> questions_with_flag(std::string_view flag,
                                                           const std::vector<std::filesystem::path>& folders);

/// A question by name, or by the name of its file. Throws InputError with the nearest name.
[[nodiscard]] std::filesystem::path find_question(const std::string& name, const std::vector<std::filesystem::path>& folders);

}  // namespace ironlaw::host
