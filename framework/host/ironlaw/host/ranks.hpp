#pragma once
#include <ironlaw/export.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// The processes of one run on several machines.
class IRONLAW_API Ranks {
 public:
  virtual ~Ranks();
  /// Of this process, from 0.
  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  virtual void send(int to, std::string_view bytes) = 0;

  struct Message {
    int from;
    std::string bytes;
  };
  /// Waits for the next message of any other rank.
  virtual Message receive() = 0;
  /// Ends all ranks at once, with this exit status.
  [[noreturn]] virtual void abort(int status) = 0;
};

/// Joins the processes that mpirun started, by libironlaw_mpi.so beside this library: nothing else needs MPI. Once a process.
/// Throws InputError where that library is not there.
[[nodiscard]] IRONLAW_API std::unique_ptr<Ranks> open_mpi_ranks();

}  // namespace ironlaw::host
