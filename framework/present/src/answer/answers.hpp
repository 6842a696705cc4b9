#pragma once
// One answer in each format; CSV and JSON Lines are a table of one row.
#include "answer/answer_view.hpp"

#include <iosfwd>

namespace ironlaw::host {

/// `bands`: lines about the bands, band_lines().
void print_answer_text(const std::vector<AnsweredStage>& stages, const std::vector<ShownValue>& derived,
                       const std::vector<std::string>& bands, const ReportOptions& options, std::ostream& out);
void print_answer_markdown(const std::vector<AnsweredStage>& stages, const std::vector<ShownValue>& derived,
                           const std::vector<std::string>& bands, const ReportOptions& options, std::ostream& out);
void print_answer_json(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages, bool single,
                       const ReportOptions& options, std::ostream& out);

}  // namespace ironlaw::host
