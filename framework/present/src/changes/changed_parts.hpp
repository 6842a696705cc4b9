#pragma once
#include "changes/recorded_answer.hpp"
#include "reference/page.hpp"

#include <ironlaw/row.hpp>

#include <set>

namespace ironlaw::host {

/// What differs between two questions that were answered: inputs, facts of objects, records, plugins.
class ChangedParts {
 public:
  /// Throws InputError where one of the two cannot be asked again.
  ChangedParts(Session& session, const AnswerSource& before, const AnswerSource& after, const std::string& profile);

  /// An input, a field of an object or a table of records.
  struct Part {
    std::size_t input;  ///< of the question before
    Cell after;
    std::string what;  ///< input, fact, record
    std::string name;
    std::string value;  ///< after, as a config takes it
  };
  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  [[nodiscard]] const RecordedAnswer& old_answer() const { return old_; }
  [[nodiscard]] const RecordedAnswer& new_answer() const { return new_; }
  /// The two questions with the facts that they were answered with.
  [[nodiscard]] const Pipeline& before() const { return before_; }
  [[nodiscard]] const Pipeline& after() const { return after_; }
  /// The question before with one part alone as it is after.
  [[nodiscard]] Pipeline before_with(Session& session, const Part& part) const;
  /// What changed and is no part that can be put back: "the records hopper and the program".
  [[nodiscard]] std::string behind() const;
  /// Everything that differs: what, name, before, after.
  [[nodiscard]] const PageTable& table() const { return changed_; }

 private:
  [[nodiscard]] std::set<std::string> facts_that_differ() const;
  [[nodiscard]] std::map<std::string, Json> values_of(const RecordedAnswer& side) const;
  [[nodiscard]] static std::string shown(const Pipeline& pipeline, const PortInfo& port, const Cell& cell);
  void add_changed(const std::string& what, const std::string& name, const std::string& from, const std::string& to);
  void compare_inputs();
  void add_part(std::size_t input, const PortInfo& port, const Cell& before, const Cell& after);
  void compare_records();

  RecordedAnswer old_;
  RecordedAnswer new_;
  std::set<std::string> facts_;
  Pipeline before_;
  Pipeline after_;
  std::vector<Part> parts_;
  std::set<std::string> behind_;
  PageTable changed_{"changed", {{"what"}, {"name"}, {"before"}, {"after"}}, {}, InJson::list};
};

/// The port of the same name, type and dimension among others.
[[nodiscard]] std::optional<std::size_t> find_port(std::span<const PortInfo> ports, const PortInfo& like);

}  // namespace ironlaw::host
