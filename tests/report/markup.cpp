#include "catch.hpp"
#include "svg_reader.hpp"

#include "polytask/report/lettering.hpp"
#include "polytask/report/markup.hpp"

#include <cmath>
#include <limits>
#include <string>

namespace pt = polytask;
namespace markup = polytask::markup;

TEST_CASE("text means itself in markup") {
  CHECK(markup::escaped("a < b & \"c\" > 'd'") == "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;");
  CHECK(markup::escaped("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;");
  CHECK(markup::escaped("Größe, 価格, 😀\n\t") == "Größe, 価格, 😀\n\t");
}

TEST_CASE("what no page may contain becomes a replacement character") {
  const std::string replaced = "\xef\xbf\xbd";
  CHECK(markup::escaped("Gr\xf6\xdf"
                        "e") == "Gr" + replaced + replaced + "e");  // Latin-1
  CHECK(markup::escaped("\xc3") == replaced);                       // cut off
  CHECK(markup::escaped("\xc0\xaf") == replaced + replaced);        // longer than necessary
  CHECK(markup::escaped("\xe0\x80\xaf") == replaced + replaced + replaced);
  CHECK(markup::escaped("\xed\xa0\x80") == replaced + replaced + replaced);  // half of a pair
  CHECK(markup::escaped("\xf4\x90\x80\x80") == replaced + replaced + replaced + replaced);
  CHECK(markup::escaped(std::string("a\0b\x1f", 4)) == "a" + replaced + "b" + replaced);
}

TEST_CASE("numbers are written without regard to the locale") {
  CHECK(markup::fixed(1.005, 1) == "1.0");
  CHECK(markup::fixed(-0.001, 2) == "0.00");
  CHECK(markup::fixed(-0.5, 1) == "-0.5");
  CHECK(markup::fixed(NAN, 2) == "–");
  CHECK(markup::fixed(-INFINITY, 2) == "-∞");
  CHECK(markup::number(0.421875) == "0.421875");
  CHECK(markup::number(1e-9) == "1e-09");
  CHECK(markup::number(-0.0) == "0");
  CHECK(markup::number(1234567, 3) == "1.23e+06");
  CHECK(markup::coordinate(12) == "12");
  CHECK(markup::coordinate(12.5) == "12.5");
  CHECK(markup::coordinate(-0.001) == "0");
  CHECK(markup::coordinate(100) == "100");
  CHECK(markup::with_thousands("37954") == "37,954");
  CHECK(markup::with_thousands("-1234567.25") == "-1,234,567.25");
  CHECK(markup::with_thousands("9999") == "9999");
}

TEST_CASE("lengths of time have the unit that suits them") {
  CHECK(markup::duration(0.0000124) == "12.4 µs");
  CHECK(markup::duration(0.25) == "250 ms");
  CHECK(markup::duration(1.634) == "1.63 s");
  CHECK(markup::duration(119.96) == "120 s");
  CHECK(markup::duration(250) == "4 min 10 s");
  CHECK(markup::duration(3 * 3600 + 5 * 60 + 59) == "3 h 5 min");
}

TEST_CASE("elements escape their attributes") {
  CHECK(markup::element("a", {{"href", "\"><b>"}, {"x", 1.5}}, "text") ==
        "<a href=\"&quot;&gt;&lt;b&gt;\" x=\"1.5\">text</a>");
  CHECK(markup::element("line", {{"x1", 3.0}}) == "<line x1=\"3\"/>");
}

TEST_CASE("text is shortened and broken by letters, not bytes") {
  CHECK(pt::shortened("abc", 10, 100) == "abc");
  const auto cut = pt::shortened("äöüäöüäöüäöü", 10, 60);
  CHECK(markup::escaped(cut) == cut);
  CHECK(cut.size() > 3);
  CHECK(pt::text_width(cut, 10) <= 60);
  const auto lines = pt::wrapped("one two three four", 10, pt::text_width("one two", 10), 3);
  CHECK(lines == std::vector<std::string>{"one two", "three", "four"});
  const auto two = pt::wrapped("one two three four", 10, pt::text_width("one two", 10), 2);
  REQUIRE(two.size() == 2);
  CHECK(two[1].find("…") != std::string::npos);
  CHECK(pt::wrapped("", 10, 50, 2).empty());
  CHECK(pt::text_width("WWWW", 10) > 2 * pt::text_width("iiii", 10));
}

TEST_CASE("the reader of these tests finds mistakes") {
  CHECK(reader::mistake("<a><b/>text &amp; more</a>") == "");
  CHECK(reader::mistake("<a><b></a>") == "unexpected </a>");
  CHECK(reader::mistake("<a>") == "<a> does not end");
  CHECK(reader::mistake("<a>a & b;</a>") == "unknown entity & b;");
  CHECK(reader::mistake("<a/><b/>") == "a second root <b>");
  CHECK(reader::mistake("<a x=\"1\" x=\"2\"/>") == "twice x in <a x=\"1\" x=\"2\">");
}
