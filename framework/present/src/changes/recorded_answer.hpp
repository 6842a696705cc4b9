#pragma once
// An answer that can be asked again as it was.
#include "text/json.hpp"

#include <ironlaw/host/session.hpp>
#include <ironlaw/present/changes.hpp>

#include <map>

namespace ironlaw::host {

class RecordedAnswer {
 public:
  /// Throws InputError where the text is no answer, or none that says what it was made of.
  RecordedAnswer(Session& session, const AnswerSource& source, const std::string& profile);

  /// Fields of objects that were another number, text or choice then: "step.hardware.tdp" and what it was.
  [[nodiscard]] const std::map<std::string, Json>& former_facts() const { return former_; }
  /// What the field of an object was; null where there is none.
  [[nodiscard]] Json fact(const std::string& path) const;
  /// The question with these fields set to what they were.
  [[nodiscard]] Pipeline restored(Session& session, const std::map<std::string, Json>& fields) const;

  /// Outputs as they were written down, by full name ("serve.tpot"), in SI units; those of a config are not known yet.
  [[nodiscard]] const std::map<std::string, double>& outputs() const { return outputs_; }
  [[nodiscard]] const Json& provenance() const { return provenance_; }
  /// Tables of records that took part, by what they are part of: name and SHA-256.
  [[nodiscard]] std::map<std::string, std::string> records() const;
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_written() const { return written_; }

 private:
  void read(Session& session, const Json& json, const std::string& where);
  void read_outputs(const Json& json);

  std::string name_;
  std::string profile_;
  Config config_;
  Json facts_ = Json::object();
  Json provenance_ = Json::object();
  std::map<std::string, Json> former_;
  std::map<std::string, double> outputs_;
  bool written_ = false;
};

}  // namespace ironlaw::host
