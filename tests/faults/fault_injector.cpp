// Preloaded into the program: one call of the system fails, as a full disk, a lost disk or an exhausted machine would make it
// fail.
//   IRONLAW_FAULT=KIND:N     the N-th call of that kind in main fails
//   IRONLAW_FAULT_COUNT=FILE the calls of each kind in main, a line each, in place of a fault
//   IRONLAW_FAULT_PLACES=FILE with it, a line for each allocation: a number for the chain of calls that led to it
// Processes that are forked go without.
#include <dirent.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
}

namespace {

enum Kind {
  write_call,
  short_write,
  rename_call,
  sync_call,
  truncate_call,
  open_call,
  read_call,
  lock_call,
  thread_call,
  folder_call,
  realpath_call,
  stream_call,
  allocation,
  kinds
};
struct Described {
  const char* name;
  int error;
};
constexpr std::array<Described, kinds> described{{{"write", ENOSPC},
                                                  {"short_write", 0},
                                                  {"rename", EIO},
                                                  {"sync", EIO},
                                                  {"truncate", EIO},
                                                  {"open", EMFILE},
                                                  {"read", EIO},
                                                  {"lock", ENOLCK},
                                                  {"thread", EAGAIN},
                                                  {"folder", ENOMEM},
                                                  {"realpath", ENOMEM},
                                                  {"stream", ENOMEM},
                                                  {"allocation", ENOMEM}}};

std::atomic<bool> armed{false};
std::array<std::atomic<long>, kinds> calls{};
int fault_kind = -1;
long fault_call = 0;

constexpr size_t most_places = 1 << 20;
unsigned long* places = nullptr;  ///< of allocations, where they are asked for
thread_local bool in_a_place = false;

/// The same in each run, wherever libraries are loaded: each address counts from the beginning of its library.
unsigned long place_of_caller() {
  constexpr int most_frames = 64;
  constexpr unsigned long prime = 0x100000001B3;  // FNV-1a over whole numbers
  void* frames[most_frames];
  const int count = backtrace(frames, most_frames);
  unsigned long hash = 0xCBF29CE484222325;
  for (int i = 0; i < count; ++i) {
    dl_find_object object;
    const bool found = _dl_find_object(frames[i], &object) == 0;
    const auto begin = found ? reinterpret_cast<unsigned long>(object.dlfo_map_start) : 0;
    hash = (hash ^ (reinterpret_cast<unsigned long>(frames[i]) - begin)) * prime;
  }
  return hash;
}

/// Counts a call; true where this is the one that fails.
bool fails(Kind kind) {
  if (!armed.load(std::memory_order_relaxed)) return false;
  const long call = ++calls[kind];
  if (kind == allocation && places != nullptr && !in_a_place && static_cast<size_t>(call) <= most_places) {
    in_a_place = true;
    places[call - 1] = place_of_caller();
    in_a_place = false;
  }
  if (call != fault_call || kind != fault_kind) return false;
  errno = described[kind].error;
  return true;
}

template <class F>
F* real(F*, const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}
#define REAL(function) static auto* const original = real(&function, #function)

using Main = int (*)(int, char**, char**);
Main program_main = nullptr;

void read_fault(const char* text) {
  const char* colon = strchr(text, ':');
  if (colon == nullptr) return;
  for (int k = 0; k < kinds; ++k)
    if (strlen(described[static_cast<size_t>(k)].name) == static_cast<size_t>(colon - text) &&
        strncmp(text, described[static_cast<size_t>(k)].name, static_cast<size_t>(colon - text)) == 0)
      fault_kind = k;
  fault_call = atol(colon + 1);
}

int counted_main(int argc, char** argv, char** environment) {
  if (const char* fault = getenv("IRONLAW_FAULT")) read_fault(fault);
  const char* places_file = getenv("IRONLAW_FAULT_PLACES");
  if (places_file != nullptr) {
    (void)place_of_caller();  // which loads what it needs
    places = static_cast<unsigned long*>(__libc_calloc(most_places, sizeof *places));
  }
  armed = true;
  const int status = program_main(argc, argv, environment);
  armed = false;
  if (const char* file = getenv("IRONLAW_FAULT_COUNT")) {
    FILE* out = fopen(file, "w");
    for (size_t k = 0; out != nullptr && k < kinds; ++k) fprintf(out, "%s %ld\n", described[k].name, calls[k].load());
    if (out != nullptr) fclose(out);
  }
  if (FILE* out = places == nullptr ? nullptr : fopen(places_file, "w"); out != nullptr) {
    const long made = calls[allocation].load();
    for (size_t i = 0; i < most_places && static_cast<long>(i) < made; ++i) fprintf(out, "%lx\n", places[i]);
    fclose(out);
  }
  return status;
}

}  // namespace

extern "C" {

int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(), void (*loader)(), void* stack) {
  using Start = int(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);
  program_main = main;
  return reinterpret_cast<Start*>(dlsym(RTLD_NEXT, "__libc_start_main"))(counted_main, argc, argv, init, fini, loader, stack);
}

ssize_t write(int descriptor, const void* bytes, size_t n) {
  REAL(write);
  if (fails(write_call)) return -1;
  return original(descriptor, bytes, n > 1 && fails(short_write) ? n / 2 : n);
}
int rename(const char* from, const char* to) noexcept {
  REAL(rename);
  return fails(rename_call) ? -1 : original(from, to);
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  REAL(linkat);
  return fails(rename_call) ? -1 : original(from_folder, from, to_folder, to, flags);
}
int fsync(int descriptor) {
  REAL(fsync);
  return fails(sync_call) ? -1 : original(descriptor);
}
int fdatasync(int descriptor) {
  REAL(fdatasync);
  return fails(sync_call) ? -1 : original(descriptor);
}
int ftruncate(int descriptor, off_t size) noexcept {
  REAL(ftruncate);
  return fails(truncate_call) ? -1 : original(descriptor, size);
}
int open(const char* name, int flags, ...) {
  REAL(open);
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails(open_call) ? -1 : original(name, flags, mode);
}
ssize_t read(int descriptor, void* bytes, size_t n) {
  REAL(read);
  return fails(read_call) ? -1 : original(descriptor, bytes, n);
}
ssize_t pread(int descriptor, void* bytes, size_t n, off_t at) {
  REAL(pread);
  return fails(read_call) ? -1 : original(descriptor, bytes, n, at);
}
// What the C library does with memory that it may not get: what was not looked at is not what is not there.
DIR* opendir(const char* name) {
  REAL(opendir);
  return fails(folder_call) ? nullptr : original(name);
}
char* realpath(const char* name, char* resolved) noexcept {
  REAL(realpath);
  return fails(realpath_call) ? nullptr : original(name, resolved);
}
FILE* fopen(const char* name, const char* mode) {
  REAL(fopen);
  return fails(stream_call) ? nullptr : original(name, mode);
}
FILE* fopen64(const char* name, const char* mode) {
  REAL(fopen64);
  return fails(stream_call) ? nullptr : original(name, mode);
}
int flock(int descriptor, int operation) noexcept {
  static auto* const original = reinterpret_cast<int (*)(int, int)>(dlsym(RTLD_NEXT, "flock"));
  return fails(lock_call) ? -1 : original(descriptor, operation);
}
pid_t fork() noexcept {
  REAL(fork);
  const pid_t child = original();
  if (child == 0) armed = false;
  return child;
}
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) noexcept {
  REAL(pthread_create);
  return fails(thread_call) ? described[thread_call].error : original(thread, attributes, start, argument);
}

void* malloc(size_t size) noexcept { return fails(allocation) ? nullptr : __libc_malloc(size); }
void* calloc(size_t count, size_t size) noexcept { return fails(allocation) ? nullptr : __libc_calloc(count, size); }
void* realloc(void* old, size_t size) noexcept { return fails(allocation) ? nullptr : __libc_realloc(old, size); }
void* aligned_alloc(size_t alignment, size_t size) noexcept {
  return fails(allocation) ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** place, size_t alignment, size_t size) noexcept {
  if (fails(allocation)) return ENOMEM;
  *place = __libc_memalign(alignment, size);
  return *place == nullptr ? ENOMEM : 0;
}
}
