#include "catch.hpp"
#include "svg_reader.hpp"

#include "polytask/report/page.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace pt = polytask;

namespace {

pt::Page page() {
  return {.title = "A <run>",
          .subtitle = "of \"tasks\"",
          .facts = {{"epochs", "3"}},
          .sections = {{.title = "First & last",
                        .paragraphs = {"1 < 2"},
                        .tables = {{.caption = "Numbers", .lines = {{"task", "value"}, {"<b>click</b>", "0.5"}}},
                                   {.caption = "More", .lines = {{"task"}, {"click"}}, .folded = true}}}}};
}

std::string read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("a page is well formed, and its text means itself") {
  const auto html = pt::html(page());
  CHECK(reader::mistake(html) == "");
  CHECK(html.rfind("<!DOCTYPE html>\n<html lang=\"en\">", 0) == 0);
  CHECK(html.find("<h1>A &lt;run&gt;</h1>") != std::string::npos);
  CHECK(html.find("<h2>First &amp; last</h2>") != std::string::npos);
  CHECK(html.find("<p>1 &lt; 2</p>") != std::string::npos);
  CHECK(html.find("<th class=\"word\" scope=\"row\">&lt;b&gt;click&lt;/b&gt;</th><td>0.5</td>") != std::string::npos);
  CHECK(html.find("<details><summary>More</summary>") != std::string::npos);
  CHECK(html.find("<b>") == std::string::npos);
}

TEST_CASE("a page needs nothing but itself") {
  const auto html = pt::html(page());
  for (const char* from_elsewhere : {"http:", "https:", "src=", "<link", "@import", "url(", "<script"})
    CHECK(html.find(from_elsewhere) == std::string::npos);
  CHECK(html.find("prefers-color-scheme:dark") != std::string::npos);
  CHECK(html.find("width=device-width") != std::string::npos);
}

TEST_CASE("every class of a chart with a colour has it in the style sheet") {
  const auto style = pt::page_style();
  for (std::size_t series = 0; series < 7; ++series)
    for (const char* part : {".pt-line", ".pt-mark", ".pt-bar", ".pt-band", ".pt-ring"})
      CHECK(style.find(part + ("." + pt::series_class(series))) != std::string::npos);
  for (const char* part :
       {".pt-ground", ".pt-rule", ".pt-axis", ".pt-behind", ".pt-whisker", ".pt-muted", ".pt-above", ".pt-below"})
    CHECK(style.find(part) != std::string::npos);
}

TEST_CASE("a table with lines of different lengths says so") {
  auto wrong = page();
  wrong.sections[0].tables[0].lines[1].pop_back();
  CHECK_THROWS_WITH(pt::html(wrong), containing("table 'Numbers': line 1 has 1 cells for 2 columns"));
  wrong.sections[0].tables[0].lines.clear();
  CHECK_THROWS_WITH(pt::html(wrong), containing("table 'Numbers' has no head"));
}

TEST_CASE("a page is written as a file, and a failure leaves the old one") {
  const auto folder = std::filesystem::temp_directory_path() / "polytask_page_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  pt::write_page(folder / "page.html", page());
  CHECK(read(folder / "page.html") == pt::html(page()));
  auto wrong = page();
  wrong.sections[0].tables[0].lines.clear();
  CHECK_THROWS_AS(pt::write_page(folder / "page.html", wrong), pt::ArgumentError);
  CHECK(read(folder / "page.html") == pt::html(page()));
  CHECK_THROWS_WITH(pt::write_page(folder / "none" / "page.html", page()),
                    containing("page.html: the file cannot be written"));
  std::filesystem::remove_all(folder);
}
