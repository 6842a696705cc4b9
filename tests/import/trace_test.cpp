// Traces of requests in the forms in which they are published, and what is no trace.
#include <ironlaw/error.hpp>
#include <ironlaw/import/trace.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace ironlaw::host {
namespace {

class Trace : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& text) {
    const auto path = std::filesystem::path(testing::TempDir()) / ("trace_test_" + name);
    std::ofstream(path) << text;
    return path;
  }
  std::string refusal(const std::string& name, const std::string& text) {
    try {
      (void)read_trace(file(name, text), 3600);
    } catch (const InputError& e) {
      return e.what();
    }
    return "read";
  }
};

TEST_F(Trace, PlainCsvByPeriods) {
  const auto t = read_trace(file("plain.csv", "arrival,prompt,output\n0,100,10\n10,300,30\n20,200,20\n130,50,5\n"), 60);
  ASSERT_EQ(t.periods.size(), 3u);
  EXPECT_EQ(t.requests, 4u);
  EXPECT_DOUBLE_EQ(t.periods[0].rate, 3 / 60.0);
  EXPECT_DOUBLE_EQ(t.periods[0].prompt_tokens, 200);
  EXPECT_DOUBLE_EQ(t.periods[0].output_tokens, 20);
  EXPECT_NEAR(t.periods[0].prompt_variation, std::sqrt(2.0 / 3) / 2, 1e-12);  // deviation sqrt(20000/3)
  EXPECT_NEAR(t.periods[0].arrival_variation, 0, 1e-9);                       // every ten seconds
  EXPECT_EQ(t.periods[1].requests, 0u);
  EXPECT_DOUBLE_EQ(t.periods[1].prompt_tokens, 650 / 4.0);  // of the whole trace
  EXPECT_DOUBLE_EQ(t.periods[2].rate, 1 / 10.0);            // it ends ten seconds in
}

TEST_F(Trace, MooncakeHitsFollowFromLeadingBlocks) {
  const auto t =
      read_trace(file("mooncake.jsonl", R"({"timestamp": 0, "input_length": 1024, "output_length": 10, "hash_ids": [0, 1]})"
                                        "\n"
                                        R"({"timestamp": 1500, "input_length": 1536, "output_length": 30, "hash_ids": [0, 2, 1]})"
                                        "\n"),
                 3600);
  ASSERT_EQ(t.periods.size(), 1u);
  EXPECT_DOUBLE_EQ(t.periods[0].prefix_hit_rate, 512.0 / 2560);  // block 0; block 1 no longer leads
  EXPECT_DOUBLE_EQ(t.periods[0].rate, 2 / 1.5);
}

TEST_F(Trace, AzureDatesAndBurstGptFailures) {
  const auto azure = read_trace(file("azure.csv",
                                     "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 "
                                     "23:59:59.5000000,374,44\r\n2023-11-17 00:00:01.0000000,396,109\r\n"),
                                1);
  EXPECT_EQ(azure.periods.size(), 2u);
  EXPECT_EQ(azure.periods[1].requests, 1u);
  const auto burst =
      read_trace(file("burst.csv",
                      "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                      "5,a,1,ChatGPT,472,18,490,Conversation log\n45,b,1,GPT-4,300,0,300,API log\n"),
                 3600);
  EXPECT_EQ(burst.requests, 1u);
  EXPECT_EQ(burst.without_answer, 1u);
  EXPECT_DOUBLE_EQ(burst.periods[0].prompt_tokens, 472);
}

TEST_F(Trace, WhatIsNoTrace) {
  EXPECT_NE(refusal("empty.csv", "").find("an empty trace"), std::string::npos);
  EXPECT_NE(refusal("heading.csv", "arrival,prompt,output\n").find("an empty trace"), std::string::npos);
  EXPECT_NE(refusal("order.csv", "arrival,prompt,output\n5,1,1\n4,1,1\n").find("order.csv:3: arrives before"), std::string::npos);
  EXPECT_NE(refusal("columns.csv", "a,b\n1,2\n").find("columns.csv:1: no trace of requests"), std::string::npos);
  EXPECT_NE(refusal("word.csv", "arrival,prompt,output\n0,many,1\n").find("'many' is no count of tokens"), std::string::npos);
  EXPECT_NE(refusal("date.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\nnoon,1,1\n").find("'noon' is no time"),
            std::string::npos);
  EXPECT_NE(refusal("short.csv", "arrival,prompt,output\n0,1\n").find("short.csv:2: 2 values"), std::string::npos);
  EXPECT_NE(refusal("json.jsonl", "{\"arrival\": 0, \"prompt\": 5}\n").find("needs the number output"), std::string::npos);
  EXPECT_NE(refusal("broken.jsonl", "{\"arrival\": 0,\n").find("broken.jsonl:1: no JSON object"), std::string::npos);
}

}  // namespace
}  // namespace ironlaw::host
