#pragma once
// An answer that can be asked again as it was.
#include "text/json.hpp"

#include <ironlaw/host/session.hpp>
#include <ironlaw/present/changes.hpp>

#include <map>
#include <set>

namespace ironlaw::host {

class RecordedAnswer {
 public:
  /// Throws InputError where the text is no answer, or none that says what it was made of.
  /// A config's callbacks are left out, as it is asked again and again, and its study where `one_answer` is set.
  RecordedAnswer(Session& session, const AnswerSource& source, const std::string& profile, bool one_answer);

  /// Fields of objects that were another number, text, choice or table then: "step.hardware.tdp" and what it was.
  [[nodiscard]] const std::map<std::string, Json>& former_facts() const { return former_; }
  /// What the field of an object was, of a table of records its rows; null where nothing was written down.
  [[nodiscard]] Json fact(const std::string& path) const;
  /// The question with these fields set to what they were.
  [[nodiscard]] Pipeline restored(Session& session, const std::map<std::string, Json>& fields) const;

  /// Outputs as they were written down, by full name ("serve.tpot"), in SI units; those of a config are not known yet.
  [[nodiscard]] const std::map<std::string, double>& outputs() const { return outputs_; }
  /// The rows of a run or a study as they were written down: {"columns": [{"name", "unit"}], "rows": [[...]]}; null of an answer,
  /// and of a config.
  [[nodiscard]] const Json& table() const { return table_; }
  /// Outputs and expressions that the words of a question's answer tell; of any other answer none.
  [[nodiscard]] const std::set<std::string>& told() const { return told_; }
  [[nodiscard]] const Json& provenance() const { return provenance_; }
  /// Tables of records that took part, by what they are part of: name and SHA-256.
  [[nodiscard]] std::map<std::string, std::string> records() const;
  /// Whether the rows of such a table were written down, and not its check sum alone.
  [[nodiscard]] bool has_rows(const std::string& record) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_written() const { return written_; }

 private:
  void read(Session& session, const Json& json);
  void read_outputs(const Json& json);

  std::string name_;
  std::string profile_;
  Config config_;
  Json facts_ = Json::object();
  Json provenance_ = Json::object();
  Json table_;
  std::map<std::string, Json> former_;
  std::map<std::string, double> outputs_;
  std::set<std::string> told_;
  bool written_ = false;
};

}  // namespace ironlaw::host
