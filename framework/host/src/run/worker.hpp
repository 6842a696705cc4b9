#pragma once
// A worker: the process that evaluates pieces of a run's blocks, and nothing else.
#include "run/callbacks.hpp"
#include "run/shared_block.hpp"

#include <ironlaw/host/session.hpp>

#include <sys/types.h>

#include <deque>

namespace ironlaw::host {

/// Rows of a block that a worker is to evaluate; sent to it as one packet.
struct Piece {
  std::size_t block;     ///< among the shared blocks
  std::uint64_t first;   ///< row of the run
  std::uint32_t offset;  ///< of that row in the block
  std::uint32_t rows;
};

/// What a worker sends when it has evaluated a piece; what it has to tell is in its SharedReport.
struct PieceDone {
  static constexpr std::uint64_t mark = 0x6976'7570'6965'6365;
  std::uint64_t is_done = mark;
  std::uint64_t first = 0;  ///< of the piece
  std::uint64_t bytes = 0;  ///< of the report's text
};

/// What a worker tells of a piece beside its columns.
struct PieceReport {
  std::map<std::uint64_t, std::string> errors;
  std::string stop;
  bool retires = false;           ///< the worker has grown and ends
  std::vector<StageError> parts;  ///< for observers
  std::vector<double> seconds;    ///< by stage
};

/// Throws InputError where the bytes are no report.
[[nodiscard]] PieceReport read_piece_report(std::string_view bytes, std::size_t stages);

/// How a worker ends that cannot answer: something closed its descriptor.
inline constexpr int hung_up_status = 71;

/// The life of a worker in a process that was just forked off `parent` and gets its pieces over `socket`. `columns` are those of
/// the blocks: the pipeline's, then what observers are told.
[[noreturn]] void work(const Pipeline& pipeline, CallbackRun& callbacks, std::span<const ResultColumn> columns,
                       const std::deque<SharedBlock>& blocks, const SharedReport& report, const IsolationOptions& options,
                       int socket, pid_t parent);

}  // namespace ironlaw::host
