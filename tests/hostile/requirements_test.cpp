// What is required of outputs is required indeed: each of these texts breaks one rule.
#include "hostile/requirements.hpp"

#include <gtest/gtest.h>

namespace ironlaw::hostile {
namespace {

TEST(Requirements, OfMessages) {
  require_message("ironlaw: --threads: takes a whole number, not 'a\\u001Bb'");
  EXPECT_THROW(require_message(""), Fault);
  EXPECT_THROW(require_message("two\nlines"), Fault);
  EXPECT_THROW(require_message("\x1b[31mred"), Fault);
  EXPECT_THROW(require_message("\xE2\x80\xAE"), Fault);
  EXPECT_THROW(require_message("\xFF"), Fault);
  EXPECT_THROW(require_message(std::string(1200, 'x')), Fault);
  EXPECT_THROW(require_message("[json.exception.type_error.316] invalid UTF-8 byte"), Fault);
}

TEST(Requirements, OfJson) {
  require_json(R"({"a": {"b": 1}, "c": [{"b": 1}, {"b": 2}]})");
  EXPECT_THROW(require_json(R"({"a": 1, "a": 2})"), Fault);
  EXPECT_THROW(require_json(R"({"a": 1)"), Fault);
  EXPECT_THROW(require_json("{\"a\": \"\xC2\x9B\"}"), Fault);
}

TEST(Requirements, OfCsv) {
  require_csv("a,b\n-1.5,\"x, \"\"y\"\"\"\n");
  EXPECT_THROW(require_csv("a,b\n1\n"), Fault);
  EXPECT_THROW(require_csv("a\n=1+1\n"), Fault);
  EXPECT_THROW(require_csv("a\n  @SUM(A1)\n"), Fault);
  EXPECT_THROW(require_csv("a\n\"open\n"), Fault);
  EXPECT_THROW(require_csv("a\n1"), Fault);
}

TEST(Requirements, OfMarkdown) {
  require_markdown("# a\n\n| `a < b` | &lt;b> |\n\n```\n<script>\n```\n");
  EXPECT_THROW(require_markdown("a <b>"), Fault);
  EXPECT_THROW(require_markdown("[click](javascript:alert(1))"), Fault);
  EXPECT_THROW(require_markdown("```\nopen\n"), Fault);
  EXPECT_THROW(require_markdown("a ` b"), Fault);
}

TEST(Requirements, OfPages) {
  const std::string policy = R"(<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-x'">)";
  require_page(policy + "<title>&lt;script>alert</title>");
  EXPECT_THROW(require_page("<title></title>"), Fault);
  EXPECT_THROW(require_page(policy + "<script>alert(1)</script>"), Fault);
}

}  // namespace
}  // namespace ironlaw::hostile
