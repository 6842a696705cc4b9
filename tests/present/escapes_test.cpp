// Text inside of other languages stays text.
#include "layout/escapes.hpp"

#include <gtest/gtest.h>

namespace ironlaw::host {
namespace {

TEST(Escapes, MarkdownPassesNoHtmlCodeOrLinks) {
  EXPECT_EQ(markdown_text("<script>alert(1)</script>"), "&lt;script>alert(1)&lt;/script>");
  EXPECT_EQ(markdown_text("&lt;"), "&amp;lt;");
  EXPECT_EQ(markdown_text("a | b \\ c"), "a \\| b \\\\ c");
  EXPECT_EQ(markdown_text("[click](javascript:x)"), "[click]\\(javascript:x)");
  EXPECT_EQ(markdown_text("![x][y]"), "![x]\\[y]");
  EXPECT_EQ(markdown_text("```"), "\\`\\`\\`");
  EXPECT_EQ(markdown_text("two\nlines"), "two\\\\nlines");
  EXPECT_EQ(markdown_text("node.memory_time <= 3 ms [1]"), "node.memory_time &lt;= 3 ms [1]");
}

TEST(Escapes, MarkdownCodeIsLetterByLetter) {
  EXPECT_EQ(markdown_code("a * b < c"), "`a * b < c`");
  EXPECT_EQ(markdown_code("a ` b"), "``a ` b``");
  EXPECT_EQ(markdown_code("`a"), "`` `a ``");
  EXPECT_EQ(markdown_block("mermaid", "a\nb"), "```mermaid\na\nb\n```\n");
  EXPECT_EQ(markdown_block("", "```\n\x1b\n"), "````\n```\n\\u001B\n````\n");
}

TEST(Escapes, HtmlIsTextInElementsAndAttributes) {
  EXPECT_EQ(html_text("<b a='1' c=\"2\">&\x1b"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;\\u001B");
  EXPECT_EQ(script_json("\"</script><!--\""), "\"\\u003c/script>\\u003c!--\"");
}

TEST(Escapes, CsvIsNoFormula) {
  for (const char* formula : {"=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "  =1"})
    EXPECT_TRUE(csv_field(formula).starts_with("'")) << formula;
  for (const char* plain : {"", "-", "-1", "-1.5e-3", "+2", "H100", "a-b", "3 ms"}) EXPECT_EQ(csv_field(plain), plain);
  EXPECT_EQ(csv_field("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("two\nlines"), "two\\nlines");
}

}  // namespace
}  // namespace ironlaw::host
