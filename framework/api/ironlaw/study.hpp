#pragma once
#include <ironlaw/options.hpp>
#include <ironlaw/solver.hpp>

namespace ironlaw {

/// The rows that a study walks, by number; nothing is materialised. The last axis is innermost.
class IRONLAW_API Space {
 public:
  [[nodiscard]] std::uint64_t rows() const { return do_rows(); }
  /// Fills, for every input port that an axis reaches, the cells of rows [first, first + count): `columns[k]` for `varied()[k]`.
  void fill(std::uint64_t first, std::size_t count, std::span<Cell* const> columns) const { do_fill(first, count, columns); }
  /// Input ports of the pipeline that vary, by index.
  [[nodiscard]] std::span<const std::size_t> varied() const { return do_varied(); }

 protected:
  Space() = default;
  Space(const Space&) = default;
  Space& operator=(const Space&) = default;
  virtual ~Space();

 private:
  virtual std::uint64_t do_rows() const = 0;
  virtual void do_fill(std::uint64_t first, std::size_t count, std::span<Cell* const> columns) const = 0;
  virtual std::span<const std::size_t> do_varied() const = 0;
};

/// Where a study's rows go. Whether all are kept, the best or the front is the host's business.
class IRONLAW_API Table {
 public:
  /// Appends rows: a column a declared port, by index.
  void append(std::span<const Column> columns, std::span<const RowStatus> status) { do_append(columns, status); }

 protected:
  Table() = default;
  Table(const Table&) = default;
  Table& operator=(const Table&) = default;
  virtual ~Table();

 private:
  virtual void do_append(std::span<const Column> columns, std::span<const RowStatus> status) = 0;
};

/// What a goal such as "min cost.tco" reads: the n-th output, and which way is better.
struct Objective {
  std::size_t output = 0;
  bool maximise = false;
};

/// What a study sees of the host.
class IRONLAW_API Bench {
 public:
  /// The compiled pipeline as a solver; studies that compare have several.
  [[nodiscard]] const Solver& pipeline(std::size_t i = 0) const { return do_pipeline(i); }
  [[nodiscard]] std::size_t pipelines() const { return do_pipelines(); }
  /// One cell an input port: what the config says.
  [[nodiscard]] std::span<const Cell> base(std::size_t i = 0) const { return do_base(i); }
  [[nodiscard]] const Space& space() const { return do_space(); }
  /// Evaluates rows of pipeline i: in parallel, isolated and observed as the run asks.
  void evaluate(const Block& block, std::size_t i = 0) { do_evaluate(block, i); }
  /// Reads "min cost.tco"; throws InputError with the nearest name.
  [[nodiscard]] Objective objective(std::string_view goal) const { return do_objective(goal); }
  /// Declares the study's table.
  [[nodiscard]] Table& table(std::span<const PortInfo> columns) { return do_table(columns); }
  void note(std::string_view text) { do_note(text); }
  void progress(double done) { do_progress(done); }
  [[nodiscard]] bool cancelled() const noexcept { return do_cancelled(); }
  [[nodiscard]] std::uint64_t seed() const noexcept { return do_seed(); }

 protected:
  Bench() = default;
  Bench(const Bench&) = default;
  Bench& operator=(const Bench&) = default;
  virtual ~Bench();

 private:
  virtual const Solver& do_pipeline(std::size_t i) const = 0;
  virtual std::size_t do_pipelines() const = 0;
  virtual std::span<const Cell> do_base(std::size_t i) const = 0;
  virtual const Space& do_space() const = 0;
  virtual void do_evaluate(const Block& block, std::size_t i) = 0;
  virtual Objective do_objective(std::string_view goal) const = 0;
  virtual Table& do_table(std::span<const PortInfo> columns) = 0;
  virtual void do_note(std::string_view text) = 0;
  virtual void do_progress(double done) = 0;
  virtual bool do_cancelled() const noexcept = 0;
  virtual std::uint64_t do_seed() const noexcept = 0;
};

/// A verb that runs a compiled pipeline many times. Knows no solver by name.
class IRONLAW_API Study {
 public:
  struct About {
    std::string_view name;
    std::string_view doc;
  };

  Study() = default;
  Study(const Study&) = delete;
  Study& operator=(const Study&) = delete;
  virtual ~Study();

  [[nodiscard]] const About& about() const noexcept { return do_about(); }
  [[nodiscard]] std::span<const OptionInfo> options() const noexcept { return do_options(); }
  /// Whatever it throws that is not an Error becomes a PluginError.
  void run(Bench& bench, const Options& options) const;

 private:
  virtual const About& do_about() const noexcept = 0;
  virtual std::span<const OptionInfo> do_options() const noexcept { return {}; }
  virtual void do_run(Bench& bench, const Options& options) const = 0;
};

}  // namespace ironlaw
