#include "process/shared_memory.hpp"

#include <ironlaw/error.hpp>

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace ironlaw::host {

SharedMemory::SharedMemory(std::size_t bytes) : bytes_(bytes) {
  void* where = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (where == MAP_FAILED) throw Error(std::string("no memory to share with another process: ") + std::strerror(errno));
  data_ = static_cast<std::byte*>(where);
}
SharedMemory::~SharedMemory() { munmap(data_, bytes_); }

}  // namespace ironlaw::host
