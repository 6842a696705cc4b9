// Ranks by MPI: all that knows MPI, loaded when asked for.
#include <ironlaw/error.hpp>
#include <ironlaw/host/ranks.hpp>

#include <mpi.h>

#include <chrono>
#include <cstdlib>
#include <limits>
#include <thread>

namespace ironlaw::host {
namespace {

class MpiRanks final : public Ranks {
 public:
  MpiRanks() {
    if (MPI_Init(nullptr, nullptr) != MPI_SUCCESS) throw InputError("--shard mpi", "MPI cannot be started");
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  ~MpiRanks() override { MPI_Finalize(); }
  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }

  void send(int to, std::string_view bytes) override {
    if (bytes.size() > std::numeric_limits<int>::max()) throw InputError("--shard mpi", "a part of the rows is over 2 GiB");
    MPI_Send(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, to, 0, MPI_COMM_WORLD);
  }

  /// Sleeps between looks: MPI itself would keep a core busy that another rank can use.
  Message receive() override {
    MPI_Status status;
    for (int found = 0;;) {
      MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &found, &status);
      if (found != 0) break;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    Message message{status.MPI_SOURCE, std::string(static_cast<std::size_t>(size), '\0')};
    MPI_Recv(message.bytes.data(), size, MPI_BYTE, message.from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return message;
  }

  [[noreturn]] void abort(int status) override {
    MPI_Abort(MPI_COMM_WORLD, status);
    std::_Exit(status);
  }

 private:
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace
}  // namespace ironlaw::host

extern "C" __attribute__((visibility("default"))) ironlaw::host::Ranks* ironlaw_open_mpi_ranks() {
  return new ironlaw::host::MpiRanks();
}
