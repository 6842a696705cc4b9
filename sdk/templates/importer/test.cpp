#include "@name@.hpp"

#include <gtest/gtest.h>

namespace {

/// Keeps what is written, a line a call.
class Written final : public ironlaw::EntryWriter {
 public:
  std::string text;

 private:
  void do_entry(std::string_view key, std::string_view kind) override { line("entry ", key, " ", kind); }
  void do_number(std::string_view field, double value, std::string_view unit) override {
    line(field, " = ", std::to_string(static_cast<int>(value)), " ", unit);
  }
  void do_text(std::string_view field, std::string_view value) override { line(field, " = ", value); }
  void do_boolean(std::string_view field, bool value) override { line(field, " = ", value ? "true" : "false"); }
  void do_object(std::string_view field) override { line(field, " {"); }
  void do_list(std::string_view field) override { line(field, " ["); }
  void do_end() override { line("}"); }
  template <class... Part>
  void line(const Part&... part) {
    ((text += part), ...);
    text += '\n';
  }
};

constexpr std::string_view head = "name,fp16_tflops,bandwidth_gb_s,memory_gb,power_w\n";

TEST(@Name@, WritesAnEntryALine) {
  const std::string file = std::string(head) + "One,120,900,24,300\n";
  Written written;
  ironlaw::importer_adapter<@Name@>.import({"devices.list", file}, written);
  EXPECT_EQ(written.text,
            "entry One accelerator\npeak_rate {\nfp16 = 120 TFLOP/s\n}\nmemory_bandwidth = 900 GB/s\nmemory_capacity = 24 GB\n"
            "tdp = 300 W\n");
}

TEST(@Name@, SaysWhichLineIsWrong) {
  const std::string file = std::string(head) + "One,120,fast,24,300\n";
  Written written;
  try {
    ironlaw::importer_adapter<@Name@>.import({"devices.list", file}, written);
    FAIL() << "it was read";
  } catch (const ironlaw::Error& e) {
    EXPECT_STREQ(e.what(), "line 2: 'fast' is no number");
  }
}

}  // namespace
