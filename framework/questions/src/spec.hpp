#pragma once
// What the "question" of a config says.
#include "config/config_impl.hpp"

#include <ironlaw/questions/question.hpp>

#include <optional>
#include <set>

namespace ironlaw::host {

/// A flag that sets an input or an axis of the config.
struct FlagSpec {
  std::string name;
  std::string help;                     ///< empty: what the port says
  std::vector<std::string> instead_of;  ///< inputs that are absent where this one is given
  std::string unit;                     ///< of a bare number: "1e12" is "1e12 token"
  std::vector<std::string> sets;        ///< places that it sets instead of an input of its name
  std::string like;                     ///< the input whose values such a flag takes
  bool required = false;
};

/// A bound that the answer is to keep, where somebody gives one.
struct TargetSpec {
  std::string name;
  std::string help;
  std::string value;      ///< an output or an expression
  bool at_least = false;  ///< else at most
  std::string bound;      ///< "50 ms"; empty: none
  std::string where;      ///< who says so
  std::string part_of;    ///< the target of a whole that its value is a part of; or empty
  bool given = false;     ///< by who asks, else the question's own
};

/// What to look for where the study's goal has no value.
struct OtherwiseSpec {
  std::string goal;                  ///< as a study has it: "min total.devices"
  std::vector<std::string> without;  ///< targets that are not held then
  std::string why;
};

/// Another question to the same end, that a flag has asked too.
struct WaySpec {
  std::string name;
  std::string help;
  std::string file;  ///< beside this one
  bool asked = false;
};

/// An axis of a table: one of the config's own, by a name on it, or another as JSON.
struct TableAxis {
  std::string own;
  Json axis;
};

/// A column: its title, and an expression with the unit to show.
struct ColumnSpec {
  std::string title;
  std::string expression;
  std::string unit;
};

struct TableSpec {
  std::string title;
  std::string where;  ///< in the file
  std::vector<ColumnSpec> columns;
  bool of_each = false;                           ///< a row for each value of Spec::each
  std::vector<TableAxis> axes;                    ///< else over these, with the answer's design for the rest
  std::vector<std::pair<std::string, Json>> set;  ///< inputs that have another value there
  Json report = Json::object();                   ///< sort, best, pareto
  Json conditions = Json::array();                ///< assert
  bool with_answer = false;                       ///< the answer's own row stands in its place of the sort
  std::size_t rows = 0;                           ///< at most, spread over all; 0: all
  std::size_t first_of = 0;  ///< only the first row of those that share the values of so many columns; 0: all
};

/// Named templates under a title.
struct NumbersSpec {
  std::string title;
  std::vector<std::pair<std::string, std::string>> lines;
};

struct Question::Spec {
  explicit Spec(Config of) : config(std::move(of)) {}
  std::filesystem::path file;
  std::string name;
  std::string asks;
  std::vector<FlagSpec> flags;
  std::vector<TargetSpec> targets;
  std::optional<OtherwiseSpec> otherwise;
  std::string way;  ///< what this file's own design is called beside others; empty: its name
  std::vector<WaySpec> ways;
  std::string trace;  ///< the stage whose series --trace fills; empty: none
  std::string each;   ///< an axis of which each value is looked at alone; or empty
  std::vector<std::string> sentences;
  std::vector<NumbersSpec> numbers;
  std::vector<TableSpec> tables;
  std::vector<std::pair<std::string, std::string>> assumptions;
  std::vector<std::pair<std::string, std::string>> writers;  ///< names for --write, and files beside this one
  std::set<std::string> given;
  Config config;
};

}  // namespace ironlaw::host
