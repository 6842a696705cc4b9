#pragma once
#include <pthread.h>

#include <memory>
#include <new>

namespace ironlaw::host {

/// What each thread makes at its first use and keeps until it ends: room that rows need again and again. No thread_local of a
/// type with a destructor: the C library ends the program where it finds no memory to remember one; here that is std::bad_alloc.
template <class T>
class KeptByThread {
 public:
  /// \throws std::bad_alloc where the process has no further key
  KeptByThread() {
    if (pthread_key_create(&key_, [](void* kept) { delete static_cast<T*>(kept); }) != 0) throw std::bad_alloc();
  }
  KeptByThread(const KeptByThread&) = delete;
  KeptByThread& operator=(const KeptByThread&) = delete;

  /// This thread's own.
  /// \throws std::bad_alloc where there is no memory to make it
  [[nodiscard]] T& mine() const {
    if (void* const kept = pthread_getspecific(key_)) return *static_cast<T*>(kept);
    auto made = std::make_unique<T>();
    if (pthread_setspecific(key_, made.get()) != 0) throw std::bad_alloc();
    return *made.release();
  }

 private:
  pthread_key_t key_{};
};

}  // namespace ironlaw::host
