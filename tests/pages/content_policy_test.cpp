// Pages run what they bring and nothing else.
#include "chart/content_policy.hpp"
#include "chart/packed.hpp"
#include "chart/script.hpp"

#include <ironlaw/pages/chart.hpp>
#include <ironlaw/pages/document.hpp>

#include <gtest/gtest.h>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

TEST(ContentPolicy, HoldsTheHashesOfScriptsAndStyles) {
  // printf 'alert(1)' | openssl dgst -sha256 -binary | base64, and the same of p{}.
  EXPECT_EQ(content_policy("<style>p{}</style><script>alert(1)</script><script type=\"application/json\">{}</script>"),
            "default-src 'none'; script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; style-src "
            "'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='; base-uri 'none'; form-action 'none'");
}

TEST(ContentPolicy, APackedScriptIsNamedByWhatComesOut) {
  const std::string page =
      chart_file(sweep_chart(compiled(one_stage(resnet_on_a100, R"(, "axes": [{"s.batch_size": [1, 2]}])")), {}), "c.html");
  const std::string library = chart_asset("echarts.min.js");
  const std::string hash = content_policy("", library).substr(std::string("default-src 'none'; script-src ").size(), 53);
  EXPECT_NE(page.find(hash), page.npos) << hash;
  EXPECT_NE(page.find("<script type=\"text/plain\" id=\"library\">" + packed(library) + "</script>"), page.npos);
}

TEST(Packed, IsZlibInBase64) {
  const std::string bytes = "Mann";
  const auto of = [&](std::size_t count) { return base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), count}); };
  EXPECT_EQ(of(0), "");
  EXPECT_EQ(of(2), "TWE=");
  EXPECT_EQ(of(3), "TWFu");
  EXPECT_EQ(of(4), "TWFubg==");
  EXPECT_EQ(packed(std::string(64, 'a')), "eNpLTKQMAAAUjRhB");  // python3: base64.b64encode(zlib.compress(b"a" * 64, 9))
}

TEST(ContentPolicy, PicturesBringNoStyles) {
  EXPECT_EQ(
      without_styles(
          "<svg><style ><![CDATA[a:hover{}]]></style><text style=\"font-size:12px;font-family:A, b;\" x=\"1\">t</text></svg>"),
      "<svg><text font-size=\"12px\" font-family=\"A, b\" x=\"1\">t</text></svg>");
  EXPECT_EQ(without_styles("<svg/>"), "<svg/>");
}

/// The parts of a page that are no script.
std::string markup_of(std::string page) {
  for (auto at = page.find("<script"); at != page.npos; at = page.find("<script", at + 1))
    page.erase(at + 7, page.find("</script>", at) - at - 7);
  return page;
}

TEST(ContentPolicy, StandsOnEveryPage) {
  const auto batches = compiled(one_stage(resnet_on_a100, R"(, "axes": [{"s.batch_size": [1, 2]}])"));
  for (const auto& page : {document_file(batches, {"</title><script>alert(1)</script>", "f", "p"}, "r.html"), [&] {
                             auto chart = sweep_chart(batches, {});
                             chart.title = "<img src=x onerror=alert(1)>\x1b";
                             return chart_file(chart, "c.html", {});
                           }()}) {
    EXPECT_NE(page.find("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-"),
              page.npos);
    const std::string markup = markup_of(page);
    for (const char* never : {" style=\"", "<img", "alert(1)</script>", " onload=", "\x1b", "{{"})
      EXPECT_EQ(markup.find(never), markup.npos) << never;
    EXPECT_EQ(markup.find("<style", markup.find("</head>")), markup.npos);
  }
}

}  // namespace
}  // namespace ironlaw::host
