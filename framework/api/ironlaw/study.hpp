#pragma once
#include <ironlaw/options.hpp>
#include <ironlaw/solver.hpp>

namespace ironlaw {

/// One axis of a space: the inputs that it sets, together.
struct SpaceAxis {
  std::span<const std::size_t> inputs;
  std::uint64_t size = 0;     ///< count of its values; 0 where it is continuous
  bool distribution = false;  ///< a continuous axis whose values are not equally likely, or are random by nature
};

/// What the config's axes span. Nothing is materialised. The last axis is innermost.
class IRONLAW_API Space {
 public:
  [[nodiscard]] std::size_t axes() const { return do_axes(); }
  [[nodiscard]] SpaceAxis axis(std::size_t i) const { return do_axis(i); }
  /// Rows of the axes with values, the continuous ones left out; 1 where there are none.
  [[nodiscard]] std::uint64_t rows() const { return do_rows(); }
  /// The cells of an axis at `u` in [0, 1]: of a continuous axis its quantile, of one with values the one that u falls on. A cell
  /// an input of the axis.
  void at(std::size_t axis, double u, std::span<Cell> cells) const { do_at(axis, u, cells); }
  /// The cells of value i of an axis with values.
  void value(std::size_t axis, std::uint64_t i, std::span<Cell> cells) const { do_value(axis, i, cells); }

 protected:
  Space() = default;
  Space(const Space&) = default;
  Space& operator=(const Space&) = default;
  virtual ~Space();

 private:
  virtual std::size_t do_axes() const = 0;
  virtual SpaceAxis do_axis(std::size_t i) const = 0;
  virtual std::uint64_t do_rows() const = 0;
  virtual void do_at(std::size_t axis, double u, std::span<Cell> cells) const = 0;
  virtual void do_value(std::size_t axis, std::uint64_t i, std::span<Cell> cells) const = 0;
};

/// Where a study's rows go.
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

/// Designs of a part of the space that one of the config's conditions takes out.
struct RejectedDesigns {
  std::string_view reason;
  std::uint64_t designs = 0;
};

/// What conditions on inputs leave of a part of the space.
struct SiftedDesigns {
  std::size_t left = 0;                       ///< how many
  std::span<const RejectedDesigns> rejected;  ///< the others, by reason; valid until the next call
};

/// What a study sees of the host.
class IRONLAW_API Bench {
 public:
  /// The compiled pipeline as a solver; studies that compare have several. Behind the pipeline's own outputs stand those that the
  /// study's options ask for. Rows that an assertion of the config takes out are `skipped`.
  [[nodiscard]] const Solver& pipeline(std::size_t i = 0) const { return do_pipeline(i); }
  [[nodiscard]] std::size_t pipelines() const { return do_pipelines(); }
  /// One cell an input port: what the config says.
  [[nodiscard]] std::span<const Cell> base(std::size_t i = 0) const { return do_base(i); }
  [[nodiscard]] const Space& space() const { return do_space(); }
  /// Evaluates rows of pipeline i, any number: in parallel, counted, and cancelled as the run asks.
  void evaluate(const Block& block, std::size_t i = 0) { do_evaluate(block, i); }
  /// Writes those designs of the space to the front of `left` that conditions on inputs may leave, ascending, by their index: of
  /// as many as `left` has room for, from `first` on. The others are counted as rows that evaluate() rejects, and need not be
  /// evaluated. All are left where a guard or an observer is to see them. Every axis must have values.
  [[nodiscard]] SiftedDesigns sift(std::uint64_t first, std::span<std::uint64_t> left) { return do_sift(first, left); }
  /// A value as a person reads it: "80 GiB", "H100". Valid until the study ends.
  [[nodiscard]] std::string_view describe(const PortInfo& port, const Cell& cell) { return do_describe(port, cell); }
  /// Declares the study's table, once. Names and choices of the columns are copied.
  [[nodiscard]] Table& table(std::span<const PortInfo> columns) { return do_table(columns); }
  /// A line beside the table.
  void note(std::string_view text) { do_note(text); }
  /// How much is done, from 0 to 1.
  void progress(double done) { do_progress(done); }
  /// True once the run is asked to end.
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
  virtual SiftedDesigns do_sift(std::uint64_t first, std::span<std::uint64_t> left) = 0;
  virtual std::string_view do_describe(const PortInfo& port, const Cell& cell) = 0;
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
