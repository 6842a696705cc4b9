// The question "serve": the cheapest plan, against every design looked at one by one and against arithmetic by hand.
#include <cmath>
#include <set>

#include "../property/generator.hpp"
#include "asked.hpp"
#include "config/config_impl.hpp"

namespace ironlaw::host {
namespace {

/// Every design of the space is looked at one by one: none that meets the targets costs less.
TEST(Serve, NothingThatMeetsTheTargetsCostsLess) {
  const std::vector<std::pair<std::string, std::string>> load{
      {"model", "Llama3_8B"}, {"device", "A100"}, {"users", "100"}, {"availability", "0"}};
  const Told answer = told(asked("serve", load, {{"tpot", "15 ms"}, {"ttft", "1 s"}}));
  ASSERT_EQ(answer.status, RowStatus::ok);
  const double found = number(answer, "cost.tco");
  Question all = asked("serve", load);
  Config config = Config::copy_of(all.config().impl());
  config.without_study();
  for (const char* name : {"attention_data_parallel", "expert_parallel"}) config.set(name, "1", "test");
  config.add_axis("replicas", {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}, "test");
  const Pipeline pipeline = session().compile(config);
  struct Least final : RowSink {
    const Pipeline& pipeline;
    double cost = 1e300;
    explicit Least(const Pipeline& p) : pipeline(p) {}
    void rows(const ResultRows& block) override {
      const auto column = [&](const std::string& name) {
        for (std::size_t c = 0; c < pipeline.columns().size(); ++c)
          if (pipeline.columns()[c].name == name) return c;
        ADD_FAILURE() << name;
        return std::size_t{0};
      };
      for (std::size_t r = 0; r < block.status.size(); ++r)
        if (block.status[r] == RowStatus::ok && block.columns[column("serve.tpot")][r].number <= 0.015 &&
            block.columns[column("serve.ttft")][r].number <= 1)
          cost = std::min(cost, block.columns[column("cost.tco")][r].number);
    }
  } least(pipeline);
  (void)run(pipeline, least, {.threads = 1});
  EXPECT_NEAR(found, least.cost, 1e-9 * found);
}

TEST(Serve, ALargerBudgetOrLaxerTargetIsNeverWorse) {
  double before = 0;
  for (const char* tpot : {"40 ms", "30 ms", "20 ms", "12 ms"}) {
    const Told answer = told(asked("serve", {{"model", "Llama3_8B"}, {"device", "H100"}, {"users", "128"}}, {{"tpot", tpot}}));
    ASSERT_EQ(answer.status, RowStatus::ok) << tpot;
    EXPECT_GE(number(answer, "cost.tco"), before) << tpot;
    before = number(answer, "cost.tco");
  }
  const auto within = [](const char* budget) {
    return told(
        asked("serve", {{"model", "Llama3_8B"}, {"device", "H100"}, {"users", "128"}}, {{"tpot", "20 ms"}, {"budget", budget}}));
  };
  const Told wide = within("1 MUSD");
  EXPECT_EQ(number(wide, "cost.tco"), number(within("20 kUSD"), "cost.tco"));
  const Told narrow = within("100 USD");
  EXPECT_EQ(narrow.exit_status(), 2);
  const ToldPart& nearest = part(narrow, "How near");
  ASSERT_EQ(nearest.rows.size(), 1u);
  EXPECT_EQ(nearest.header, (std::vector<std::string>{"device", "ttft <= 2 s", "tpot <= 20 ms", "budget <= 100 USD"}));
  EXPECT_TRUE(contains(nearest.rows[0][3].text, " over")) << nearest.rows[0][3].text;
  EXPECT_FALSE(contains(nearest.rows[0][3].text, "*"));   // with every other target met
  EXPECT_TRUE(contains(nearest.rows[0][1].text, "s *"));  // within the budget nothing is
}

/// Random loads, and budgets around what the best plan costs.
TEST(Serve, ALargerBudgetIsNeverAWorsePlan) {
  Generator any(43);
  for (int i = 0; i < 6; ++i) {
    const std::vector<std::pair<std::string, std::string>> load{
        {"model", any.one_in(2) ? "Llama3_8B" : "Llama3_70B"},
        {"device", any.one_in(2) ? "H100" : "MI300X"},
        {"users", std::to_string(std::lround(any.logarithmic(4, 500)))},
        {"prompt_tokens", std::to_string(std::lround(any.logarithmic(200, 6000)))}};
    const Told free = told(asked("serve", load, {{"tpot", "60 ms"}}));
    ASSERT_EQ(free.status, RowStatus::ok);
    double before = 1e300;
    for (const double share : {0.5, 0.99, 1.01, 2.0, 10.0}) {
      const Told within = told(asked("serve", load, {{"tpot", "60 ms"}, {"budget", std::to_string(share * free.goal) + " USD"}}));
      EXPECT_EQ(within.status == RowStatus::ok, share > 1) << i << ": " << share;
      if (within.status != RowStatus::ok) continue;
      EXPECT_LE(within.goal, before);
      before = within.goal;
    }
  }
}

/// 100 devices, a failure of each in 50,000 hours: 730 / 500 in a month.
TEST(Serve, FailuresSparesAndCostByHand) {
  const Told answer = told(
      asked("serve", {{"model", "Llama3_8B"}, {"device", "H100"}, {"users", "400"}, {"grid", "France"}}, {{"tpot", "10 ms"}}));
  const double devices = number(answer, "total.devices");
  EXPECT_DOUBLE_EQ(number(answer, "failures.expected_failures"), devices * 730 / 50000);
  // 25 kUSD a device and 1.46 of it; 7 % over three years is 0.381052 a year; maintenance 5 %.
  const double purchase = devices * 25000 * 1.46;
  EXPECT_DOUBLE_EQ(number(answer, "cost.purchase"), purchase);
  const double recovery = 0.07 / (1 - std::pow(1.07, -3));
  const double building = 11.7 * 700 * devices * 0.07 / (1 - std::pow(1.07, -15));  // 700 W each, over fifteen years
  EXPECT_NEAR(number(answer, "cost.capex"), (purchase * recovery + building) * 730 / 8760, 1e-6 * purchase);
  EXPECT_NEAR(number(answer, "cost.opex_maintenance"), purchase * 0.05 * 730 / 8760, 1e-6 * purchase);
  EXPECT_GE(number(answer, "spare.availability"), 0.999);
}

/// What falls on prompts and on answers is all that the month costs and emits.
TEST(Serve, InputAndOutputTokensPayTheWholeMonth) {
  const Told answer = told(asked("serve", {{"model", "Llama3_8B"}, {"device", "H100"}, {"users", "64"}}));
  const double month = 730 * 3600.0;
  const auto per_token = [&](const std::string& what, bool prompts) {
    return number(answer, prompts ? what + " * serve.prompt_time_share / (serve.input_throughput * month)"
                                  : what + " * (1 - serve.prompt_time_share) / (serve.output_throughput * month)");
  };
  const double output = number(answer, "serve.output_throughput");
  const double input = output * 2000 / 500;
  for (const char* what : {"cost.tco", "cost.carbon"}) {
    const double all = month * (per_token(what, true) * input + per_token(what, false) * output);
    EXPECT_NEAR(all, number(answer, what), 1e-9 * all) << what;
  }
  // The energy of the month is that of the devices at work and of their hosts, times 1.12 of a facility.
  const double devices = number(answer, "total.devices");
  const double power = devices * (number(answer, "serve.device_power") + 288);
  EXPECT_NEAR(number(answer, "cost.facility_energy"), 1.12 * power * month, 1e-9 * power * month);
}

TEST(Serve, DevicesWithoutAPriceGetAPlanWithoutCost) {
  const Told answer = told(asked("serve", {{"model", "Llama3_8B"}, {"users", "16"}}));
  const ToldPart& devices = part(answer, "By device");
  EXPECT_EQ(devices.rows.size(), 8u);
  EXPECT_EQ(devices.notes,
            std::vector<std::string>{
                "GB200, MI325X, L40S: no price is known, so the fewest devices, held to no budget; --price gives one"});
  bool priced = true;  // those come first
  for (const auto& row : devices.rows) {
    EXPECT_TRUE(priced || row[9].text.empty()) << row[0].text;
    priced = !row[9].text.empty();
  }
  const Told alone = told(asked("serve", {{"model", "Llama3_8B"}, {"device", "L40S"}, {"users", "16"}}));
  EXPECT_EQ(alone.exit_status(), 0);
  EXPECT_TRUE(alone.otherwise);
  EXPECT_FALSE(contains(alone.sentences.front(), "Least cost")) << alone.sentences.front();
  const Told priced_alone =
      told(asked("serve", {{"model", "Llama3_8B"}, {"device", "L40S"}, {"users", "16"}, {"price", "9 kUSD"}}));
  EXPECT_TRUE(priced_alone.sentences.front().starts_with("Least cost")) << priced_alone.sentences.front();
}

TEST(Serve, ABoundInAWrongUnitIsSaidByItsFlag) {
  Question question = asked("serve", {{"model", "Llama3_8B"}}, {{"tpot", "50 m"}});
  EXPECT_EQ(refused([&] { (void)told(question); }), "--tpot: takes a quantity in s, not '50 m'");
  const Question both = asked("serve", {{"model", "Llama3_8B"}, {"users", "3"}, {"request_rate", "1 request/s"}});
  EXPECT_EQ(refused([&] { both.check_given(); }), "--request-rate: stands instead of --users: give one of them");
}

TEST(Serve, TargetsThatContradictAreOneLine) {
  const auto refusal = [](const std::vector<std::pair<std::string, std::string>>& targets) {
    Question question = asked("serve", {{"model", "Llama3_8B"}, {"device", "H100"}});
    for (const auto& [name, bound] : targets) question.set_target(name, bound, "--" + name);
    return refused([&] { (void)told(question); });
  };
  EXPECT_EQ(refusal({{"budget", "0 USD"}}), "--budget: 0 USD leaves nothing; a target of at most so much is more than 0");
  EXPECT_EQ(refusal({{"tpot", "-5 ms"}}), "--tpot: -5 ms leaves nothing; a target of at most so much is more than 0");
  EXPECT_EQ(refusal({{"request_latency", "1 s"}, {"ttft", "5 s"}}),
            "--ttft: 5 s is more than 1 s of --request_latency, of which it is a part");
}

TEST(Serve, EveryDeviceSaysHowNearItComesAndWhy) {
  const Told none = told(asked("serve", {{"model", "Llama3_70B"}, {"device", "A100,H100"}, {"users", "200"}},
                               {{"tpot", "1 ms"}, {"budget", "100 kUSD"}}));
  EXPECT_EQ(none.exit_status(), 2);
  const ToldPart& near = part(none, "How near");
  ASSERT_EQ(near.rows.size(), 2u);
  EXPECT_TRUE(contains(near.rows[0][2].text, " over")) << near.rows[0][2].text;
  const ToldPart& why = part(none, "What took");
  ASSERT_EQ(why.values.size(), 2u);
  for (const ToldValue& device : why.values) EXPECT_TRUE(contains(device.text, "breaks serve.tpot <= 1 ms")) << device.text;
}

TEST(Serve, TheAnswerStandsAmongTheFront) {
  const Told answer =
      told(asked("serve", {{"model", "Llama3_70B"}, {"device", "H100,MI300X"}, {"users", "100"}}, {{"tpot", "40 ms"}}));
  const ToldPart& front = part(answer, "A user's speed");
  ASSERT_TRUE(front.answer_row);
  const auto column = std::find(front.header.begin(), front.header.end(), "to a user") - front.header.begin();
  std::vector<double> speeds;
  for (const auto& row : front.rows) {
    const auto json = ordered_json::parse(row[static_cast<std::size_t>(column)].json);
    speeds.push_back(json.is_object() ? json["value"].get<double>() : json.get<double>());
  }
  EXPECT_TRUE(std::is_sorted(speeds.rbegin(), speeds.rend()));
  EXPECT_DOUBLE_EQ(speeds[*front.answer_row], number(answer, "serve.throughput_per_user"));
}

TEST(Serve, MoreFormatsAreNeverDearer) {
  const auto cost = [](const char* formats) {
    return number(told(asked("serve", {{"model", "Llama3_70B"}, {"device", "H100"}, {"users", "100"}, {"format", formats}},
                             {{"tpot", "40 ms"}})),
                  "cost.tco");
  };
  const double one = cost("bf16");
  const double more = cost("bf16,fp8,w4a16");
  EXPECT_LE(more, one);
  EXPECT_EQ(more, std::min({one, cost("fp8"), cost("w4a16")}));
}

TEST(Serve, PoolsApartAreOneOfTheWays) {
  Question question = asked("serve", {{"model", "Llama3_70B"}, {"device", "H100"}, {"users", "100"}});
  EXPECT_TRUE(question.ways().empty());
  question.ask_way("pools");
  ASSERT_EQ(question.ways().size(), 1u);
  EXPECT_TRUE(contains(refused([&] { question.ask_way("swimming"); }), "no way is named 'swimming'"));
  std::vector<Told> ways{
      told(question),
      told(asked("serve_pools", {{"model", "Llama3_70B"}, {"device", "H100"}, {"users", "100"}}, {{"ttft", "2 s"}}))};
  const double both = ways[0].goal, apart = ways[1].goal;
  const std::size_t best = best_way(ways);
  EXPECT_EQ(best, apart < both ? 1u : 0u);
  const ToldPart& told_ways = part(ways[best], "Ways");
  ASSERT_EQ(told_ways.values.size(), 2u);
  EXPECT_EQ(told_ways.values[0].name, "engines that do both");
  EXPECT_EQ(told_ways.values[1].text, ways[1].goal_text);
}

TEST(Serve, PromptsOfAnotherDevice) {
  Question question = asked("serve_pools", {{"model", "Llama3_70B"}, {"device", "B200"}, {"users", "100"}});
  EXPECT_EQ(question.places("prompt_device"),
            (std::vector<std::string>{"serve.prompt.hardware", "prompt_cost.fleet.accelerator"}));
  for (const auto& place : question.places("prompt_device")) question.config().set(place, "H100", "--prompt-device");
  const Told answer = told(question);
  ASSERT_EQ(answer.status, RowStatus::ok);
  // 25 kUSD an H100 and 40 a B200, 1.46 times with hosts.
  EXPECT_NEAR(number(answer, "prompt_cost.purchase + cost.purchase"),
              1.46 * (25000 * number(answer, "prompt_total.devices") + 40000 * number(answer, "total.devices")), 1);
}

}  // namespace
}  // namespace ironlaw::host
