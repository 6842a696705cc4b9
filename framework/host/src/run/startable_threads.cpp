#include "run/startable_threads.hpp"

#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace ironlaw::host {

std::size_t startable_threads(std::size_t wanted) {
  std::mutex gate;
  std::vector<std::thread> threads;
  bool all = true;
  {
    const std::lock_guard all_at_once(gate);
    try {
      while (threads.size() + 1 < wanted) threads.emplace_back([&gate] { const std::lock_guard wait(gate); });
    } catch (const std::exception&) {  // of the system, or of memory
      all = false;
    }
  }
  for (std::thread& thread : threads) thread.join();
  // A thread that was joined counts against the limit for a moment more.
  if (!all) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return threads.size() + 1;
}

}  // namespace ironlaw::host
