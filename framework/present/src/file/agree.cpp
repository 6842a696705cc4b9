// Ranks of one run answer one question.
#include "file/question.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/ranks.hpp>
#include <ironlaw/present/result_file.hpp>

namespace ironlaw::host {

void agree(Ranks& ranks, const Config& config, const Pipeline& pipeline, const std::string& program) {
  const Json own = question_of(config, pipeline, program);
  if (ranks.rank() > 0) {
    ranks.send(0, dump(own));
    return;
  }
  for (int rank = 1; rank < ranks.size(); ++rank) {
    const auto [from, bytes] = ranks.receive();
    const Json theirs = Json::parse(bytes, nullptr, false);
    if (theirs != own)
      throw InputError("--shard mpi",
                       "rank " + std::to_string(from) + " has " + difference(theirs, own) + " than rank 0; nothing was computed");
  }
}

}  // namespace ironlaw::host
