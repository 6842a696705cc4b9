#pragma once
#include "changes/changed_parts.hpp"

namespace ironlaw::host {

/// What moved the rows of a run or a study: each column of numbers over the rows that both have, and what each change alone does
/// to them. Rows are the same where the first columns that tell them apart are: axes, and texts; else by their place.
class TableMoves {
 public:
  TableMoves(Session& session, const ChangedParts& parts, const ChangesOptions& options);
  void add_to(Page& page) const;

 private:
  /// A table as it was written down, or as it is now.
  struct Rows {
    Json columns = Json::array();
    Json rows = Json::array();
    [[nodiscard]] std::optional<std::size_t> column(const std::string& name) const;
    /// A number; NaN where there is none.
    [[nodiscard]] double number(std::size_t row, std::size_t column) const;
  };
  /// Rows of two tables that are the same, by their number in each.
  using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;
  /// How far a column moved between two tables, over pairs of rows: relative moves.
  struct Move {
    std::size_t rows = 0;   ///< that both have as numbers
    std::size_t moved = 0;  ///< by more than is of no interest
    double sum = 0;
    double largest = 0;
    std::pair<std::size_t, std::size_t> where{};
    [[nodiscard]] double mean() const { return rows == 0 ? 0 : sum / static_cast<double>(rows); }
  };

  [[nodiscard]] static Rows rows_of(const Json& table);
  [[nodiscard]] static Rows asked(const Pipeline& pipeline);
  [[nodiscard]] static Rows known(const RecordedAnswer& side, const Rows& now);
  [[nodiscard]] std::vector<std::string> key_candidates() const;
  [[nodiscard]] std::string key_of(const Rows& rows, std::size_t row, std::size_t count) const;
  void find_keys();
  [[nodiscard]] bool tells_apart(const Rows& rows, std::size_t count) const;
  [[nodiscard]] Pairs paired(const Rows& a, const Rows& b) const;
  [[nodiscard]] Move move_of(const std::string& column, const Rows& from, const Rows& to) const;
  [[nodiscard]] std::vector<std::string> moving_columns() const;
  void add_column(const std::string& column, PageTable& table) const;
  void add_effect(const std::string& column, const std::string& what, const std::string& name, const Move& effect, double moved,
                  PageTable& table) const;

  const ChangedParts& parts_;
  const ChangesOptions& options_;
  Rows was_now_;  ///< the old question with the facts of then, asked now
  Rows is_now_;
  Rows was_;  ///< as it was written down
  Rows is_;
  std::vector<Rows> alone_;  ///< by part
  std::vector<std::string> keys_;
  std::optional<std::set<std::string>> common_;  ///< keys of rows that were there and are: only those are counted
};

}  // namespace ironlaw::host
