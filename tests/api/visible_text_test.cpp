// What a screen would obey, and what it would not show, is spelled out; everything else is as it was.
#include <ironlaw/error.hpp>
#include <ironlaw/utf8.hpp>
#include <ironlaw/visible_text.hpp>

#include <gtest/gtest.h>

namespace ironlaw {
namespace {

TEST(VisibleText, SpellsOutWhatSteers) {
  EXPECT_EQ(visible_text("\x1b[31mred\x1b[0m"), "\\u001B[31mred\\u001B[0m");
  EXPECT_EQ(visible_text("two\nlines\r\tand a tab"), "two\\nlines\\r\\tand a tab");
  EXPECT_EQ(visible_text(std::string_view("\0\x7f", 2)), "\\u0000\\u007F");
  EXPECT_EQ(visible_text("\xC2\x9B"
                         "31m"),
            "\\u009B31m");  // one byte of Latin-1 begins a sequence, too
}

TEST(VisibleText, SpellsOutWhatTurnsOrHides) {
  EXPECT_EQ(visible_text("invoice\xE2\x80\xAE"
                         "fdp.exe"),
            "invoice\\u202Efdp.exe");
  EXPECT_EQ(visible_text("\xE2\x81\xA6"
                         "a\xE2\x81\xA9"),
            "\\u2066a\\u2069");
  EXPECT_EQ(visible_text("H\xE2\x80\x8B"
                         "100"),
            "H\\u200B100");
  EXPECT_EQ(visible_text("\xEF\xBB\xBF"), "\\uFEFF");
  EXPECT_EQ(visible_text("\xF3\xA0\x80\x81"), "\\U000E0001");
}

TEST(VisibleText, SpellsOutBytesThatAreNoUtf8) {
  EXPECT_EQ(visible_text("\xFF\xFE"), "\\xFF\\xFE");
  EXPECT_EQ(visible_text("\xC0\x80"), "\\xC0\\x80");           // longer than needed
  EXPECT_EQ(visible_text("\xED\xA0\x80"), "\\xED\\xA0\\x80");  // half of a pair of UTF-16
  EXPECT_EQ(visible_text("half \xE2\x82"), "half \\xE2\\x82");
}

TEST(VisibleText, LeavesEverythingElse) {
  // Letters, ideographs, a family of one character and its joiners.
  for (const char* text : {"", "node.latency", "\xC3\xA9t\xC3\xA9", "\xE6\xBC\xA2\xE5\xAD\x97",
                           "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB", "a \\ b", "\\u202E"})
    EXPECT_EQ(visible_text(text), text);
}

TEST(VisibleText, ShownTwiceIsShownOnce) {
  const std::string once = visible_text("\x1b\xFF\n\xE2\x80\xAE");
  EXPECT_EQ(visible_text(once), once);
}

TEST(VisibleText, AMessageIsOneLineThatEndsSomewhere) {
  EXPECT_EQ(message_line("two\nlines\tof\x1btext"), "two lines of\\u001Btext");
  const std::string line = message_line("where: " + std::string(5000, 'x') + "; did you mean 'y'?");
  EXPECT_LE(line.size(), 1010u);
  EXPECT_TRUE(line.starts_with("where: xxx"));
  EXPECT_TRUE(line.ends_with("xxx; did you mean 'y'?"));
  // Cut between characters, whatever the place.
  for (std::size_t lead = 0; lead < 4; ++lead) {
    std::string text(lead, 'a');
    while (text.size() < 4000) text += "\xE2\x82\xAC";
    EXPECT_TRUE(is_utf8(message_line(text))) << lead;
  }
}

TEST(VisibleText, AnErrorIsSuchALine) {
  EXPECT_STREQ(InputError("a\x1b[2J", "is\nno \xFF").what(), "a\\u001B[2J: is no \\xFF");
  EXPECT_LE(std::string(PluginError("p", "c", std::string(5000, 'x')).what()).size(), 1010u);
}

TEST(VisibleText, JsonMeansTheSame) {
  EXPECT_EQ(visible_json("{\n  \"a\": \"\xE2\x80\xAE\x7f\"\n}"), "{\n  \"a\": \"\\u202E\\u007F\"\n}");
  EXPECT_EQ(visible_json("\"\xF3\xA0\x80\x81\""), "\"\\uDB40\\uDC01\"");
}

}  // namespace
}  // namespace ironlaw
