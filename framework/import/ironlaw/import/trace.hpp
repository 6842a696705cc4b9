#pragma once
// Traces of requests, as they are published.
#include <cstdint>
#include <filesystem>
#include <vector>

namespace ironlaw::host {

/// What arrived in one period of a trace. Times in seconds, lengths in tokens.
struct TracePeriod {
  std::uint64_t requests = 0;
  double rate = 0;               ///< requests a second
  double arrival_variation = 1;  ///< deviation over mean of the times between arrivals; 1 where there are fewer than three
  double prompt_tokens = 0;      ///< mean, of the whole trace where none arrived
  double output_tokens = 0;
  double prompt_variation = 0;  ///< deviation over mean
  double output_variation = 0;
  double prefix_hit_rate = 0;  ///< share of the prompts' tokens in leading blocks that an earlier request had
};

/// A trace of requests, counted by periods of time.
struct RequestTrace {
  std::vector<TracePeriod> periods;  ///< from the first arrival on, none left out
  std::uint64_t requests = 0;
  std::uint64_t without_answer = 0;  ///< left out: failed requests stand with no tokens
};

/// One request of a trace.
struct TraceRequest {
  double arrival = 0;
  double prompt_tokens = 0;
  double output_tokens = 0;
};

/// The requests of a trace that were answered, one by one; otherwise as read_trace().
[[nodiscard]] std::vector<TraceRequest> read_requests(const std::filesystem::path& file);

/// Reads a trace by what its first line looks like: CSV or JSON Lines with arrival (seconds), prompt and output; Mooncake's JSON
/// Lines (timestamp in ms, input_length, output_length, hash_ids of blocks of 512 tokens); Azure's CSV of LLM inference
/// (TIMESTAMP, ContextTokens, GeneratedTokens); BurstGPT's CSV (Timestamp in seconds, Request tokens, Response tokens). Throws
/// InputError with file and line: no request, out of order, a length that is none.
[[nodiscard]] RequestTrace read_trace(const std::filesystem::path& file, double period_seconds);

}  // namespace ironlaw::host
