/// @file
/// A page that needs nothing but itself: text, tables and charts, in light and dark, for wide screens and phones.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/replace_file.hpp"
#include "polytask/report/colours.hpp"
#include "polytask/report/drawing.hpp"
#include "polytask/report/markup.hpp"

#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

/// The first line is the head. The first cell of a line names it; the others are numbers, flush right.
struct PageTable {
  std::string caption = {};
  std::vector<std::vector<std::string>> lines = {};
  std::size_t words = 1;  ///< columns at the left that are words, flush left
  bool total = false;     ///< the last line is that of all others
  bool folded = false;    ///< only the caption is seen until it is asked for
};

/// A number that matters, with what it is.
struct PageFact {
  std::string name = {};
  std::string value = {};
};

/// A part of a page. What it has not is left out.
struct PageSection {
  std::string title = {};
  std::vector<std::string> paragraphs = {};
  std::vector<PageFact> facts = {};
  std::vector<std::string> charts = {};  ///< as svg() makes them
  std::vector<PageTable> tables = {};
};

/// A page. All text is escaped; charts are markup already.
struct Page {
  std::string title = {};
  std::string subtitle = {};
  std::vector<PageFact> facts = {};
  std::vector<PageSection> sections = {};
};

/// The style sheet of one ground: its colours as custom properties.
inline std::string colour_style(const Colours& colours, std::string_view card) {
  std::string style;
  for (std::size_t series = 0; series < colours.series.size(); ++series)
    style += "--pt-" + std::to_string(series) + ":" + std::string(colours.series[series]) + ";";
  return style + text("--pt-ink:", colours.ink, ";--pt-muted:", colours.muted, ";--pt-rule:", colours.rule,
                      ";--pt-behind:", colours.behind, ";--pt-ground:", colours.ground, ";--pt-page:", card, ";");
}

/// The style sheet of a page; that of its charts are the rules that begin with .pt-
inline std::string page_style() {
  std::string style = ":root{color-scheme:light dark;" + colour_style(light_colours, "#f5f6f8") +
                      "}\n@media (prefers-color-scheme:dark){:root{" + colour_style(dark_colours, "#0b0d10") + "}}\n";
  style += R"(*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--pt-page);color:var(--pt-ink)}
body{font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 12px}
header{padding-top:24px}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.2rem;line-height:1.3;margin:0 0 8px}
p{max-width:46rem;margin:0 0 12px;overflow-wrap:anywhere}
.subtitle,footer{color:var(--pt-muted)}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:12px 0 0}
a{color:var(--pt-0);text-underline-offset:3px}
nav a{padding:4px 0}
section{margin:36px 0 0;scroll-margin-top:12px}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(160px,1fr));gap:8px;margin:16px 0;padding:0}
.facts div{background:var(--pt-ground);border:1px solid var(--pt-rule);border-radius:8px;padding:8px 12px}
.facts dt{color:var(--pt-muted);font-size:.85rem}
.facts dd{margin:0;font-size:1.05rem;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.parts{display:flex;flex-wrap:wrap;gap:12px 16px;align-items:flex-start;margin:12px 0}
.parts>figure{flex:0 1 400px}
.parts>.table{margin:0}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:12px;margin:12px 0}
figure,.table{background:var(--pt-ground);border:1px solid var(--pt-rule);border-radius:8px}
figure{margin:0;padding:12px 12px 6px;min-width:0}
@media(max-width:480px){
header,main,footer{padding-left:8px;padding-right:8px}
.charts{grid-template-columns:1fr}
figure{padding:10px 8px 6px}
}
figure svg{display:block;width:100%;max-width:460px;height:auto;overflow:visible}
.table{overflow-x:auto;margin:12px 0;width:fit-content;max-width:100%}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption,summary{text-align:left;color:var(--pt-muted);font-size:.9rem}
caption{padding:8px 12px 4px}
summary{cursor:pointer;padding:8px 0}
th,td{padding:6px 12px;text-align:right;white-space:nowrap;border-top:1px solid var(--pt-rule)}
@media(max-width:480px){table{font-size:.85rem}th,td{padding:6px 8px}}
thead th{color:var(--pt-muted);font-weight:600;border-top:0;white-space:normal;vertical-align:bottom}
tbody th{font-weight:500}
.total>*{font-weight:600;border-top:2px solid var(--pt-rule)}
.word{text-align:left;white-space:normal}
tr>:first-child{position:sticky;left:0;background:var(--pt-ground)}
footer{padding:36px 12px 24px;font-size:.85rem}
.pt-ground{fill:none}
text.pt-ink,text{fill:var(--pt-ink)}
text.pt-muted{fill:var(--pt-muted)}
.pt-rule{stroke:var(--pt-rule)}
.pt-axis{stroke:var(--pt-muted)}
.pt-behind{stroke:var(--pt-behind)}
.pt-whisker{stroke:var(--pt-ink)}
.pt-mark{stroke:var(--pt-ground)}
.pt-ring{fill:var(--pt-ground)}
.pt-column{fill:var(--pt-ink)}
.pt-column:hover{fill-opacity:.07}
.pt-bar:hover,.pt-cell:hover{stroke:var(--pt-ink);stroke-width:1.5px}
.pt-above{fill:var(--pt-0)}
.pt-below{fill:var(--pt-4)}
)";
  for (std::size_t series = 0; series < light_colours.series.size(); ++series) {
    const std::string of = ".pt-" + std::to_string(series);
    const std::string colour = "var(--pt-" + std::to_string(series) + ")";
    style += ".pt-line" + of + ",.pt-ring" + of + "{stroke:" + colour + "}.pt-mark" + of + ",.pt-bar" + of +
             ",.pt-band" + of + "{fill:" + colour + "}\n";
  }
  style += R"(@media print{:root{)" + colour_style(light_colours, "#ffffff") + R"(}figure,tr{break-inside:avoid}}
)";
  return style;
}

/// The page as a document that stands alone: no script, and nothing from elsewhere.
/// @throws ArgumentError when a line of a table is not as long as its head
inline std::string html(const Page& page) {
  using markup::element;
  using markup::escaped;
  const auto anchor = [](std::size_t which) { return "part-" + std::to_string(which + 1); };
  const auto facts = [](const std::vector<PageFact>& all) {
    std::string content;
    for (const auto& fact : all)
      content +=
          element("div", {}, element("dt", {}, escaped(fact.name)) + element("dd", {}, escaped(fact.value))) + "\n";
    return all.empty() ? std::string() : element("dl", {{"class", "facts"}}, "\n" + content) + "\n";
  };
  const auto table = [](const PageTable& of) {
    require(!of.lines.empty(), "table '", of.caption, "' has no head");
    std::string rows;
    for (std::size_t line = 0; line < of.lines.size(); ++line) {
      require(of.lines[line].size() == of.lines.front().size(), "table '", of.caption, "': line ", line, " has ",
              of.lines[line].size(), " cells for ", of.lines.front().size(), " columns");
      std::string cells;
      for (std::size_t column = 0; column < of.lines[line].size(); ++column) {
        const bool head = line == 0 || column == 0;
        markup::Attributes attributes;
        if (column < of.words) attributes.push_back({"class", "word"});
        if (head) attributes.push_back({"scope", line == 0 ? "col" : "row"});
        cells += element(head ? "th" : "td", attributes, escaped(of.lines[line][column]));
      }
      const bool total = of.total && line + 1 == of.lines.size();
      const std::string row =
          element("tr", total ? markup::Attributes{{"class", "total"}} : markup::Attributes{}, cells);
      rows += line == 0 ? element("thead", {}, row) + "\n<tbody>\n" : row + "\n";
    }
    const std::string whole = element(
        "div", {{"class", "table"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", of.caption}},
        element("table", {},
                "\n" + (of.folded ? "" : element("caption", {}, escaped(of.caption)) + "\n") + rows + "</tbody>\n"));
    return (of.folded ? element("details", {}, element("summary", {}, escaped(of.caption)) + "\n" + whole) : whole) +
           "\n";
  };

  std::string links;
  std::string sections;
  for (std::size_t which = 0; which < page.sections.size(); ++which) {
    const auto& section = page.sections[which];
    links += element("a", {{"href", "#" + anchor(which)}}, escaped(section.title)) + "\n";
    std::string content = "\n" + element("h2", {}, escaped(section.title)) + "\n";
    for (const auto& paragraph : section.paragraphs) content += element("p", {}, escaped(paragraph)) + "\n";
    content += facts(section.facts);
    std::string figures;
    for (const auto& chart : section.charts) figures += element("figure", {}, chart) + "\n";
    // tables that are seen stand beside charts if these are few
    std::string below;
    const bool few = section.charts.size() < 3;
    for (const auto& one : section.tables) (few && !one.folded ? figures : below) += table(one);
    if (!figures.empty()) content += element("div", {{"class", few ? "parts" : "charts"}}, "\n" + figures) + "\n";
    content += below;
    sections += element("section", {{"id", anchor(which)}}, content) + "\n";
  }
  std::string head =
      "\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"color-scheme\" content=\"light dark\"/>\n" +
      element("title", {}, escaped(page.title)) + "\n" + element("style", {}, "\n" + page_style()) + "\n";
  std::string top = "\n" + element("h1", {}, escaped(page.title)) + "\n";
  if (!page.subtitle.empty()) top += element("p", {{"class", "subtitle"}}, escaped(page.subtitle)) + "\n";
  if (page.sections.size() > 2) top += element("nav", {{"aria-label", "Parts of the page"}}, "\n" + links) + "\n";
  top += facts(page.facts);
  return "<!DOCTYPE html>\n" +
         element("html", {{"lang", "en"}},
                 "\n" + element("head", {}, head) + "\n" +
                     element("body", {},
                             "\n" + element("header", {}, top) + "\n" + element("main", {}, "\n" + sections) + "\n" +
                                 element("footer", {}, "Point at a chart for its values; the tables have them, too.") +
                                 "\n") +
                     "\n") +
         "\n";
}

/// Writes a page to a file.
/// @throws FileError naming the file when it cannot be written; a file that was there before stays as it was
inline void write_page(const std::filesystem::path& path, const Page& page) {
  const std::string written = html(page);
  replace_file(path, [&](std::ostream& stream) { stream << written; });
}

}  // namespace polytask
