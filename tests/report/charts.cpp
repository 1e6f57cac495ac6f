#include "catch.hpp"
#include "svg_reader.hpp"

#include "polytask/report/bar_chart.hpp"
#include "polytask/report/chart_grid.hpp"
#include "polytask/report/heat_map.hpp"
#include "polytask/report/line_chart.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace pt = polytask;

namespace {

const std::string bad_name = "<script>alert('x')</script> & \"co\"";

template <class Chart>
void check_chart(const Chart& chart) {
  const auto drawing = chart.draw();
  const std::string svg = pt::svg(chart);
  CHECK(reader::mistake(svg) == "");
  CHECK(reader::collision(svg, drawing.width, drawing.height) == "");
  CHECK(svg == pt::svg(chart));
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::vector<reader::Element> of_class(const std::string& svg, const std::string& name) {
  std::vector<reader::Element> found;
  for (const auto& element : reader::elements_of(svg))
    if (const auto is = element.attributes.find("class");
        is != element.attributes.end() && (is->second == name || is->second.rfind(name + " ", 0) == 0))
      found.push_back(element);
  return found;
}

pt::LineChart two_lines() {
  return {
      .title = "Losses",
      .x_label = "epoch",
      .y_label = "loss",
      .lines = {{"training", {{1, 0.75}, {2, 0.5}, {3, 0.4375}}}, {"validation", {{1, 0.8125}, {2, NAN}, {3, 0.625}}}},
      .x_whole = true};
}

}  // namespace

TEST_CASE("a line chart tells its values to the pointer") {
  const auto told = reader::hovers(pt::svg(two_lines()));
  CHECK(contains(told, "epoch 1\ntraining: 0.75\nvalidation: 0.8125"));
  CHECK(contains(told, "epoch 2\ntraining: 0.5"));
  CHECK(contains(told, "epoch 3\ntraining: 0.4375\nvalidation: 0.625"));
  CHECK(contains(told, "validation: 3, 0.625"));
}

TEST_CASE("a missing value is a gap in its line") {
  const auto svg = pt::svg(two_lines());
  check_chart(two_lines());
  CHECK(svg.find("nan") == std::string::npos);
  const auto lines = of_class(svg, "pt-line");  // two of the legend, two of the chart
  REQUIRE(lines.size() == 4);
  const auto count = [](const std::string& path, char sign) { return std::count(path.begin(), path.end(), sign); };
  CHECK(count(lines[2].attributes.at("d"), 'M') == 1);
  CHECK(count(lines[2].attributes.at("d"), 'L') == 2);
  CHECK(count(lines[3].attributes.at("d"), 'M') == 2);
  CHECK(count(lines[3].attributes.at("d"), 'L') == 0);
}

TEST_CASE("points lie where their values are on the axes") {
  pt::LineChart chart{.lines = {{"", {{0, 0}, {5, 2}, {10, 30}}}}, .x_range = {0, 10}, .y_range = {0, 10}};
  const auto marks = of_class(pt::svg(chart), "pt-mark");
  REQUIRE(marks.size() == 3);
  const double left = reader::number(marks[0], "cx"), right = reader::number(marks[2], "cx");
  const double bottom = reader::number(marks[0], "cy"), top = reader::number(marks[2], "cy");
  CHECK(reader::number(marks[1], "cx") == Approx((left + right) / 2).margin(0.02));
  CHECK(reader::number(marks[1], "cy") == Approx(bottom + 0.2 * (top - bottom)).margin(0.02));
  CHECK(bottom - top == Approx(chart.plot_height));  // what lies outside is on the border
  chart.x_falls = true;
  CHECK(reader::number(of_class(pt::svg(chart), "pt-mark")[0], "cx") == Approx(right));
  chart.x_falls = false;
  chart.x_logarithmic = true;
  chart.x_range = {1, 100};
  chart.lines[0].points = {{1, 1}, {10, 1}, {100, 1}, {0, 1}, {-1, 1}};  // there is no 0 on a logarithmic axis
  const auto powers = of_class(pt::svg(chart), "pt-mark");
  REQUIRE(powers.size() == 3);
  CHECK(reader::number(powers[1], "cx") ==
        Approx((reader::number(powers[0], "cx") + reader::number(powers[2], "cx")) / 2).margin(0.02));
}

TEST_CASE("error bars and bands reach from low to high") {
  pt::LineChart chart{.lines = {{"a", {{0, 5, 2, 8}, {1, 5, 4, 6}}}, {"b", {{0, 6, 5, 7}, {1, 6, 5, 7}}}},
                      .y_range = {0, 10}};
  check_chart(chart);
  const auto told = reader::hovers(pt::svg(chart));
  CHECK(contains(told, "a: 0, 5 (2 to 8)"));
  CHECK(of_class(pt::svg(chart), "pt-line").size() == 2 + 2 + 4);
  const auto marks = of_class(pt::svg(chart), "pt-mark");
  CHECK(reader::number(marks[2], "cx") != reader::number(marks[3], "cx"));  // bars beside each other
  chart.bands = true;
  check_chart(chart);
  CHECK(of_class(pt::svg(chart), "pt-band").size() == 2);
  CHECK(of_class(pt::svg(chart), "pt-line").size() == 4);
  CHECK(contains(reader::hovers(pt::svg(chart)), "0\na: 5 (2 to 8)\nb: 6 (5 to 7)"));
}

TEST_CASE("letters of line charts do not collide") {
  for (const double unit : {1e-9, 1e-3, 1.0, 1e4, 1e9})
    for (const double offset : {-1.0, 0.0, 100.0})
      for (const double width : {150.0, 240.0, 360.0, 700.0}) {
        pt::LineChart chart{.title = "A title that is rather long for a small chart",
                            .subtitle = "With more words below it, too",
                            .x_label = "steps",
                            .y_label = "mean of the losses",
                            .across = {{"limit", offset * unit}},
                            .down = {{"best", offset * unit}},
                            .width = width};
        for (int line = 0; line < 9; ++line)
          chart.lines.push_back({"a task with number " + std::to_string(line),
                                 {{offset * unit, offset * unit}, {(offset + 1) * unit, (offset + line) * unit}}});
        check_chart(chart);
        chart.named_at_ends = true;
        check_chart(chart);
      }
}

TEST_CASE("names at the ends of lines that end together are moved apart") {
  pt::LineChart chart{.named_at_ends = true, .plot_height = 200};
  for (int line = 0; line < 10; ++line)
    chart.lines.push_back({"task " + std::to_string(line), {{0, 0}, {1, line == 0 ? 5 : 1 + 1e-3 * line}}});
  check_chart(chart);
}

TEST_CASE("paths have a ring at the beginning and a disc at the end") {
  pt::LineChart chart{.lines = {{"a", {{0, 0}, {1, 1}, {2, 0}}}},
                      .behind = {{{0, 0.5}, {2, 0.5}}},
                      .marks = pt::LineChart::Marks::ends};
  const auto svg = pt::svg(chart);
  check_chart(chart);
  CHECK(of_class(svg, "pt-ring").size() == 1);
  CHECK(of_class(svg, "pt-mark").size() == 1);
  CHECK(of_class(svg, "pt-behind").size() == 1);
  CHECK(of_class(svg, "pt-column").empty());
}

TEST_CASE("charts without anything to draw say so") {
  CHECK_THROWS_WITH(pt::svg(pt::LineChart{.title = "Loss"}), containing("chart 'Loss': there is no point to draw"));
  CHECK_THROWS_WITH(pt::svg(pt::LineChart{.title = "Loss", .lines = {{"a", {{1, NAN}, {2, INFINITY}}}}}),
                    containing("there is no point to draw"));
  CHECK_THROWS_WITH(pt::svg(pt::LineChart{.title = "Loss", .lines = {{"a", {{1, 1}}}}, .x_range = {1}}),
                    containing("a range is two numbers, not 1"));
  CHECK_THROWS_WITH(pt::svg(pt::BarChart{.title = "Cost"}), containing("chart 'Cost': there is no row to draw"));
  CHECK_THROWS_WITH(pt::svg(pt::BarChart{.title = "Cost", .series = {"a", "b"}, .rows = {{"x", {1}}}}),
                    containing("row 'x' has 1 values and 0 deviations for 2 series"));
  CHECK_THROWS_WITH(pt::svg(pt::HeatMap{.title = "Cosines"}), containing("there is no cell to draw"));
  CHECK_THROWS_WITH(pt::svg(pt::HeatMap{.title = "Cosines", .rows = {"a"}, .columns = {"b", "c"}, .values = {{1}}}),
                    containing("row 'a' has 1 values for 2 columns"));
  CHECK_THROWS_WITH(pt::svg(pt::HeatMap{.title = "Cosines", .rows = {"a"}, .columns = {"b"}}),
                    containing("0 lines of values for 1 rows"));
  CHECK_THROWS_WITH(pt::svg(pt::ChartGrid{.title = "All"}), containing("there are 0 charts"));
}

TEST_CASE("bars begin at 0 and are as long as their values") {
  pt::BarChart chart{
      .title = "Gains", .rows = {{"a", {4}, {1}}, {"b", {-2}, {0.5}}, {"c", {NAN}, {0}}}, .unit = " %", .signs = true};
  const auto svg = pt::svg(chart);
  check_chart(chart);
  const auto bars = of_class(svg, "pt-bar");
  REQUIRE(bars.size() == 2);
  CHECK(reader::number(bars[0], "width") == Approx(2 * reader::number(bars[1], "width")).margin(0.02));
  CHECK(reader::number(bars[1], "x") + reader::number(bars[1], "width") ==
        Approx(reader::number(bars[0], "x")).margin(0.02));
  CHECK(of_class(svg, "pt-whisker").size() == 2);
  CHECK(contains(reader::hovers(svg), "a: 4 ± 1 %"));
  CHECK(contains(reader::hovers(svg), "b: -2 ± 0.5 %"));
  CHECK(svg.find(">+4.0 ± 1.0 %</text>") != std::string::npos);
  CHECK(svg.find(">–</text>") != std::string::npos);
}

TEST_CASE("deviations reach from the mean to both sides and stay in the plot") {
  pt::BarChart chart{.title = "Gains", .rows = {{"a", {4}, {3}}, {"b", {-4}, {6}}}};
  const auto svg = pt::svg(chart);
  const auto bars = of_class(svg, "pt-bar");
  const auto whiskers = of_class(svg, "pt-whisker");
  REQUIRE(whiskers.size() == 2);
  const double zero = reader::number(bars[0], "x"), unit = reader::number(bars[0], "width") / 4;
  double left = chart.width;  // of the numbers
  for (const auto& box : reader::boxes(svg))
    if (box.text.find("±") != std::string::npos) left = std::min(left, box.left);
  const std::vector<std::vector<double>> wanted{{1, 7}, {-10, 2}};
  for (std::size_t row = 0; row < 2; ++row) {
    double from = 0, y = 0, to = 0;
    REQUIRE(std::sscanf(whiskers[row].attributes.at("d").c_str(), "M%lf %lfH%lf", &from, &y, &to) == 3);
    CHECK(from == Approx(zero + wanted[row][0] * unit).margin(0.05));
    CHECK(to == Approx(zero + wanted[row][1] * unit).margin(0.05));
    CHECK(to < left);
  }
}

TEST_CASE("letters of bar charts do not collide") {
  for (const double unit : {1e-9, 1.0, 1e9})
    for (const double width : {240.0, 360.0, 700.0}) {
      pt::BarChart chart{
          .title = "Time",
          .subtitle = "Of a step",
          .x_label = "seconds",
          .series = {"together", "alone"},
          .rows = {{"a rather long name of a task, longer than two lines can hold", {3 * unit, -unit}, {unit, unit}},
                   {"b", {unit, 0.0}, {0, 0}},
                   {"all", {unit, unit}, {}, true}},
          .across = {{"limit", 2 * unit}},
          .digits = unit == 1e-9 ? 10 : 1,
          .width = width};
      check_chart(chart);
    }
}

TEST_CASE("a heat map has its numbers, and colours by their sign and size") {
  pt::HeatMap map{
      .title = "Cosines", .rows = {"a", "b"}, .columns = {"a", "b"}, .values = {{1, -0.5}, {NAN, 0}}, .strongest = 1};
  const auto svg = pt::svg(map);
  check_chart(map);
  const auto cells = of_class(svg, "pt-cell");
  REQUIRE(cells.size() == 4);
  CHECK(cells[0].hover == "a, a: 1");
  CHECK(cells[1].hover == "a, b: -0.5");
  CHECK(cells[2].hover == "b, a: –");
  CHECK(cells[0].attributes.at("class") == "pt-cell pt-above");
  CHECK(cells[1].attributes.at("class") == "pt-cell pt-below");
  CHECK(reader::number(cells[0], "fill-opacity") == Approx(0.62));
  CHECK(reader::number(cells[1], "fill-opacity") == Approx(0.33));
  CHECK(reader::number(cells[3], "fill-opacity") == Approx(0.04));
  CHECK(svg.find(">-0.50</text>") != std::string::npos);
}

TEST_CASE("letters of heat maps do not collide") {
  for (const std::size_t count : {1, 3, 7, 12, 25})
    for (const double width : {240.0, 360.0}) {
      pt::HeatMap map{.title = "Relations", .subtitle = "Of the tasks", .width = width};
      for (std::size_t row = 0; row < count; ++row) {
        map.rows.push_back("task number " + std::to_string(row) + (row == 1 ? " of a long name" : ""));
        map.columns.push_back(map.rows.back());
        map.values.emplace_back(count, -0.25);
      }
      check_chart(map);
      // names that are turned: far enough apart, and inside
      double before = -100;
      for (const auto& element : reader::elements_of(pt::svg(map))) {
        const auto turned = element.attributes.find("transform");
        if (turned == element.attributes.end()) continue;
        double x = 0, y = 0, angle = 0;
        REQUIRE(std::sscanf(turned->second.c_str(), "translate(%lf %lf) rotate(-%lf)", &x, &y, &angle) == 3);
        const double sine = std::sin(angle * std::acos(-1) / 180), cosine = std::cos(angle * std::acos(-1) / 180);
        const double length = pt::text_width(element.text, reader::number(element, "font-size"));
        CHECK((x - before) * sine >= 0.9 * reader::number(element, "font-size"));
        CHECK(x + length * cosine <= width + 0.5);
        CHECK(y - length * sine >= 0);
        before = x;
      }
    }
}

TEST_CASE("lines of one name have one colour in all charts of a grid") {
  pt::ChartGrid grid{.title = "Paths", .columns = 2};
  grid.charts.push_back({.title = "one", .lines = {{"a", {{0, 0}, {1, 1}}}, {"b", {{0, 1}, {1, 2}}}}, .width = 200});
  grid.charts.push_back({.title = "two", .lines = {{"b", {{0, 0}, {1, 1}}}}, .width = 200});
  grid.charts.push_back({.title = "three", .lines = {{"c", {{0, 0}, {1, 1}}}}, .width = 200});
  const auto svg = pt::svg(grid);
  CHECK(reader::mistake(svg) == "");
  const auto lines = of_class(svg, "pt-line");  // three of the legend first
  REQUIRE(lines.size() == 7);
  CHECK(lines[4].attributes.at("stroke") == pt::series_colour(1));
  CHECK(lines[5].attributes.at("stroke") == pt::series_colour(1));
  CHECK(lines[6].attributes.at("stroke") == pt::series_colour(2));
}

TEST_CASE("markup in names stays text") {
  pt::LineChart lines{.title = bad_name,
                      .subtitle = bad_name,
                      .x_label = bad_name,
                      .y_label = bad_name,
                      .lines = {{bad_name, {{0, 1}, {1, 2}}}, {bad_name, {{0, 1}, {1, 2}}}},
                      .down = {{bad_name, 1}},
                      .width = 700};
  pt::BarChart bars{.title = bad_name,
                    .x_label = bad_name,
                    .series = {bad_name, bad_name},
                    .rows = {{bad_name, {1, 2}}},
                    .unit = bad_name};
  pt::HeatMap map{.title = bad_name, .subtitle = bad_name, .rows = {bad_name}, .columns = {bad_name}, .values = {{1}}};
  for (const auto& svg : {pt::svg(lines), pt::svg(bars), pt::svg(map)}) {
    CHECK(reader::mistake(svg) == "");
    CHECK(svg.find("<script") == std::string::npos);
    CHECK(svg.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;co&quot;") != std::string::npos);
  }
}

TEST_CASE("a picture says what it shows to those who do not see it") {
  const auto svg = pt::svg(two_lines());
  const auto elements = reader::elements_of(svg);
  const auto& root = elements.back();
  CHECK(root.name == "svg");
  CHECK(root.attributes.at("role") == "img");
  CHECK(root.attributes.at("aria-label") ==
        "Losses. Lines of loss by epoch: training from 0.75 to 0.4375; validation from 0.8125 to 0.625.");
  CHECK(root.hover == "Losses");
}

TEST_CASE("a chart is written as a file, and a failure leaves the old one") {
  const auto folder = std::filesystem::temp_directory_path() / "polytask_chart_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  const auto read = [](const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  pt::write_svg(folder / "chart.svg", two_lines());
  const auto before = read(folder / "chart.svg");
  CHECK(before == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + pt::svg(two_lines().draw(), 14));
  CHECK_THROWS_AS(pt::write_svg(folder / "chart.svg", pt::LineChart{}), pt::ArgumentError);
  CHECK(read(folder / "chart.svg") == before);
  CHECK_THROWS_WITH(pt::write_svg(folder / "none" / "chart.svg", two_lines()),
                    containing("chart.svg: the file cannot be written"));
  std::filesystem::remove_all(folder);
}
