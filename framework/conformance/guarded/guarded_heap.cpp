// malloc and its family for the program that checks a plugin's use of memory: every larger allocation ends at a page that nobody
// may touch, and is taken out of the address space when it is freed; the bytes behind a smaller one are looked at when it is
// freed.
#include "guarded_heap.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" {
// The C library's own, which are there beside what replaces them.
void* __libc_malloc(std::size_t size);                           // NOLINT(bugprone-reserved-identifier)
void __libc_free(void* block);                                   // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT(bugprone-reserved-identifier)
}

namespace {

constexpr std::size_t least_guarded = 256;
constexpr std::size_t most_guarded = 12000;  // of one time: each takes two of the kernel's maps, which are 65,530
constexpr std::size_t alignment = 16;
constexpr unsigned char canary = 0xC5;
constexpr std::uint64_t mark = 0x9E3779B97F4A7C15;

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}
constexpr std::size_t rounded(std::size_t size, std::size_t to) { return (size + to - 1) / to * to; }

[[noreturn]] void overrun() {
  constexpr char text[] = "ironlaw: a block of memory was written behind its end\n";
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) std::abort();
  std::abort();
}

void check_canary(const unsigned char* from, std::size_t size) {
  if (std::any_of(from, from + size, [](unsigned char c) { return c != canary; })) overrun();
}

/// What lies before a smaller block.
struct Head {
  std::uint64_t mark;
  std::uint64_t size;
};
static_assert(sizeof(Head) == alignment);

/// Guarded blocks by their address, in a table that needs no memory of its own.
class Guarded {
 public:
  /// False where there are as many as there may be.
  bool add(void* block, std::size_t size) {
    const Lock lock(*this);
    if (count_ >= most_guarded) return false;
    std::size_t at = slot(block);
    while (entries_[at].block != nullptr) at = (at + 1) % slots;
    entries_[at] = {block, size};
    ++count_;
    return true;
  }
  /// The size of a block; `none` where it is not guarded.
  std::size_t size_of(const void* block) {
    const Lock lock(*this);
    const std::size_t at = find(block);
    return at == slots ? none : entries_[at].size;
  }
  void remove(const void* block) {
    const Lock lock(*this);
    std::size_t hole = find(block);
    if (hole == slots) return;
    entries_[hole] = {};
    --count_;
    // What was put behind it, since its own place was taken, moves up.
    for (std::size_t at = (hole + 1) % slots; entries_[at].block != nullptr; at = (at + 1) % slots) {
      const std::size_t home = slot(entries_[at].block);
      const bool stays = hole < at ? home > hole && home <= at : home > hole || home <= at;
      if (stays) continue;
      entries_[hole] = entries_[at];
      entries_[at] = {};
      hole = at;
    }
  }
  static constexpr std::size_t none = ~std::size_t{0};

 private:
  static constexpr std::size_t slots = 1 << 15;
  struct Entry {
    const void* block = nullptr;
    std::size_t size = 0;
  };
  class Lock {
   public:
    explicit Lock(Guarded& of) : of_(of) {
      while (of_.taken_.test_and_set(std::memory_order_acquire)) {
      }
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { of_.taken_.clear(std::memory_order_release); }

   private:
    Guarded& of_;
  };
  static std::size_t slot(const void* block) {
    return static_cast<std::size_t>((reinterpret_cast<std::uintptr_t>(block) >> 4) * mark >> 40) % slots;
  }
  std::size_t find(const void* block) const {
    for (std::size_t at = slot(block); entries_[at].block != nullptr; at = (at + 1) % slots)
      if (entries_[at].block == block) return at;
    return slots;
  }
  Entry entries_[slots]{};
  std::size_t count_ = 0;
  std::atomic_flag taken_ = ATOMIC_FLAG_INIT;
};
constinit Guarded guarded;
constinit std::atomic<bool> guards{false};

void* small_block(std::size_t size) {
  auto* memory = static_cast<unsigned char*>(__libc_malloc(sizeof(Head) + size + alignment));
  if (memory == nullptr) return nullptr;
  unsigned char* block = memory + sizeof(Head);
  const Head head{mark ^ reinterpret_cast<std::uintptr_t>(block), size};
  std::memcpy(memory, &head, sizeof head);
  std::memset(block + size, canary, alignment);
  return block;
}

void* guarded_block(std::size_t size) {
  const std::size_t page = page_size();
  const std::size_t whole = rounded(size, page);
  if (whole < size || whole + page < whole) return nullptr;
  void* memory = mmap(nullptr, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  auto* end = static_cast<unsigned char*>(memory) + whole;
  mprotect(end, page, PROT_NONE);
  const std::size_t taken = rounded(size, alignment);
  unsigned char* block = end - taken;
  std::memset(block + size, canary, taken - size);
  if (guarded.add(block, size)) return block;
  munmap(memory, whole + page);
  return nullptr;
}

void* allocate(std::size_t size) {
  void* block = guards && size >= least_guarded ? guarded_block(size) : nullptr;
  if (block == nullptr) block = small_block(size);
  if (block == nullptr) errno = ENOMEM;
  return block;
}

/// The size of a smaller block; none where it is the C library's own.
std::size_t size_of_small(const void* block) {
  Head head;
  std::memcpy(&head, static_cast<const unsigned char*>(block) - sizeof head, sizeof head);
  return head.mark == (mark ^ reinterpret_cast<std::uintptr_t>(block)) ? head.size : Guarded::none;
}

std::size_t size_of(const void* block) {
  const std::size_t size = guarded.size_of(block);
  return size != Guarded::none ? size : size_of_small(block);
}

void release(void* block) {
  if (block == nullptr) return;
  if (const std::size_t size = guarded.size_of(block); size != Guarded::none) {
    const std::size_t taken = rounded(size, alignment);
    auto* first = static_cast<unsigned char*>(block);
    check_canary(first + size, taken - size);
    guarded.remove(block);
    const std::size_t whole = rounded(size, page_size());
    munmap(first + taken - whole, whole + page_size());
    return;
  }
  const std::size_t size = size_of_small(block);
  if (size == Guarded::none) return __libc_free(block);
  auto* bytes = static_cast<unsigned char*>(block);
  check_canary(bytes + size, alignment);
  std::memset(bytes - sizeof(Head), 0, sizeof(Head));  // freed twice, it is not known any more
  __libc_free(bytes - sizeof(Head));
}

}  // namespace

void guard_heap() { guards = true; }

// For the C++ library and the plugin, too: they take what the program exports before the C library's.
#pragma GCC visibility push(default)
extern "C" {

void* malloc(std::size_t size) { return allocate(size); }
void free(void* block) { release(block); }
void* calloc(std::size_t count, std::size_t size) {
  if (size != 0 && count > ~std::size_t{0} / size) {
    errno = ENOMEM;
    return nullptr;
  }
  void* block = allocate(count * size);
  if (block != nullptr) std::memset(block, 0, count * size);
  return block;
}
void* realloc(void* block, std::size_t size) {
  if (block == nullptr) return allocate(size);
  if (size == 0) {
    release(block);
    return nullptr;
  }
  const std::size_t before = size_of(block);
  void* other = allocate(size);
  if (other == nullptr) return nullptr;
  std::memcpy(other, block, before == Guarded::none ? size : std::min(before, size));
  release(block);
  return other;
}
void* reallocarray(void* block, std::size_t count, std::size_t size) {
  if (size != 0 && count > ~std::size_t{0} / size) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(block, count * size);
}
void* memalign(std::size_t to, std::size_t size) { return to <= alignment ? allocate(size) : __libc_memalign(to, size); }
void* aligned_alloc(std::size_t to, std::size_t size) { return memalign(to, size); }
int posix_memalign(void** block, std::size_t to, std::size_t size) {
  *block = memalign(to, size);
  return *block == nullptr ? ENOMEM : 0;
}
std::size_t malloc_usable_size(void* block) {
  if (block == nullptr) return 0;
  const std::size_t size = size_of(block);
  return size == Guarded::none ? 0 : size;
}

}  // extern "C"
#pragma GCC visibility pop
