#pragma once
#include <ironlaw/host/study.hpp>

#include <memory>
#include <string>

namespace ironlaw::host {

/// What a calibration found, as entries of the zoo: the objects whose fields the constants are, or that hold them for a solver
/// (its software stack or trainer), each based on the one that answered, with the band of the rows left out in turn.
class CalibrationRecord final : public StudySink {
 public:
  /// Passes what the study says on to `shown`. All must outlive this.
  CalibrationRecord(const Pipeline& pipeline, StudySink& shown);
  ~CalibrationRecord() override;
  RowSink& table(const std::vector<ResultColumn>& columns) override;
  void note(std::string_view text) override;
  void progress(double done) override;
  void finish(const RunSummary& summary) override;

  /// A file of the zoo. An entry has the name of the one that it is based on, whose place it takes, or `name` where that is not
  /// empty or nothing was named. Throws InputError where a constant has no place in an entry, or an object no name.
  [[nodiscard]] std::string zoo_file(const std::string& name) const;
  /// How the entries are used: one line each, to follow "ironlaw run CONFIG --zoo FOLDER".
  [[nodiscard]] std::vector<std::string> uses(const std::string& name) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ironlaw::host
