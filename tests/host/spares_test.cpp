// What workers leave for each other: nothing lost, nothing given twice.
#include "plan/spares.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace ironlaw::host {
namespace {

/// Counts those that live.
struct Counted {
  explicit Counted(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
  ~Counted() { --alive_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  std::atomic<bool> held{false};

 private:
  std::atomic<int>& alive_;
};

TEST(Spares, AreTakenOnceAndDestroyedWithTheirPlace) {
  std::atomic<int> alive{0};
  {
    Spares<Counted> spares;
    EXPECT_EQ(spares.take(), nullptr);
    auto one = std::make_unique<Counted>(alive);
    const Counted* const same = one.get();
    spares.give(std::move(one));
    auto taken = spares.take();
    EXPECT_EQ(taken.get(), same);
    EXPECT_EQ(spares.take(), nullptr);
    spares.give(std::move(taken));
    for (int i = 0; i < 300; ++i) spares.give(std::make_unique<Counted>(alive));
    EXPECT_EQ(alive, 256) << "what has no place is destroyed";
  }
  EXPECT_EQ(alive, 0);
}

TEST(Spares, NoTwoThreadsHoldTheSame) {
  std::atomic<int> alive{0};
  std::atomic<int> shared{0};
  Spares<Counted> spares;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 20'000; ++i) {
          auto one = spares.take();
          if (one == nullptr) one = std::make_unique<Counted>(alive);
          if (one->held.exchange(true)) ++shared;
          one->held = false;
          spares.give(std::move(one));
        }
      });
  }
  EXPECT_EQ(shared, 0);
  EXPECT_LE(alive, 4);
}

}  // namespace
}  // namespace ironlaw::host
