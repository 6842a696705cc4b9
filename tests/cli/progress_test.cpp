#include "progress.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace ironlaw::cli {
namespace {

TEST(Progress, ALineSaysHowFarAndHowLong) {
  EXPECT_EQ(progress_line(0, 1000, 2), "0 of 1000 rows, 0 %");
  EXPECT_EQ(progress_line(250, 1000, 10), "250 of 1000 rows, 25 %, about 30 s left");
  EXPECT_EQ(progress_line(1, 3, 150), "1 of 3 rows, 33 %, about 5 min left");
  EXPECT_EQ(progress_line(1, 1'000'000'000'000, 0.00001), "1 of 1000000000000 rows, 0 %, about 2777 h left");
}

TEST(Progress, SaysNothingInTheFirstSecondAndThenSeldom) {
  for (const bool terminal : {true, false}) {
    testing::internal::CaptureStderr();
    {
      Progress progress(1000, terminal);
      progress.at(1);
      EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
      std::this_thread::sleep_for(std::chrono::milliseconds(1010));
      testing::internal::CaptureStderr();
      progress.at(500);
      progress.at(501);
    }
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("ironlaw: 500 of 1000 rows, 50 %, about 1 s left"), std::string::npos) << text;
    EXPECT_EQ(text.find("501"), std::string::npos) << text;
    EXPECT_EQ(text.ends_with(terminal ? "\r\033[K" : "left\n"), true) << text;
  }
}

}  // namespace
}  // namespace ironlaw::cli
