#include "catch.hpp"
#include "svg_reader.hpp"

#include "polytask/report/training_report.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace training_report_tests {

namespace pt = polytask;

namespace {

const std::string bad_name = "<img src=x onerror=alert(1)> & \"co\"";
const std::string bad_name_escaped = "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;co&quot;";

/// Three tasks, four epochs; the second has no metric, the third is not trained in the last epoch.
pt::History history() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  pt::History made;
  made.tasks = {"click", bad_name, "spend"};
  made.metrics = {"auc", "rmse", "gini"};
  for (int epoch = 1; epoch <= 4; ++epoch) {
    const double at = epoch;
    auto& report = made.epochs.emplace_back();
    report.epoch = epoch;
    report.training_losses = {1 / at, 2 / at, epoch == 4 ? nan : 3 / at};
    report.weights = {at, 2 * at, 1};
    report.validation_losses = {1.5 / at, 2.5 / at, 3.5 / at};
    report.metrics = {0.5 + 0.0625 * at, nan, 0.25 * at};
    report.gradient_norms = {at, 1, 2};
    report.cosines = {1, 0.5, -0.25, 0.5, 1, nan, -0.25, nan, 1};
    report.conflicts = 0.25;
    report.rate = 0.01;
  }
  made.steps = 12345;
  made.best_epoch = 3;
  made.seconds = 90;
  return made;
}

pt::Comparison comparison() {
  pt::ComparisonSide multi;
  multi.parameters = 19930;
  multi.tasks = {"click", bad_name};
  multi.metrics = {pt::metrics::auc, pt::metrics::rmse};
  multi.scores = {{0.75, 0.76}, {2, 2.25}};
  multi.training_seconds = {1, 1.5};
  multi.step_seconds = {1e-4, 1e-4};
  multi.prediction_seconds = {0.01, 0.02};
  pt::ComparisonSide single = multi;
  single.parameters = 37954;
  single.scores = {{0.7, 0.72}, {2, 2}};
  return pt::compare(multi, single);
}

pt::TrainingReport everything() {
  pt::TrainingReport report{.title = "Run of " + bad_name, .facts = {{"sharing", bad_name}}, .history = history()};
  report.comparisons = {{"hard", comparison()}};
  report.gates = {{.task = "click",
                   .choices = {{"expert 0", 0.75, 1}, {bad_name, 0.25, 0}},
                   .mean_entropy = 0.5,
                   .entropy_of_mean = 0.5623},
                  {.task = bad_name, .choices = {{bad_name, 1, 1}}}};
  report.relations = {{bad_name, bad_name, {"a", "b"}, {"a", "b"}, {{1, -0.5}, {-0.5, 1}}, 1}};
  report.calibrations = {{.task = bad_name,
                          .bins = {{10, 0.125, 0.25, 0.1, 0.5}, {10, 0.5, 0.375, 0.2, 0.6}},
                          .samples = 20,
                          .mean_prediction = 0.3125,
                          .share = 0.3125,
                          .expected_error = 0.125}};
  report.decisions = {{.title = "Letters", .lines = {{bad_name, {{0, 0}, {1, 5}}}}}};
  report.decision_words = "Who gets a letter?";
  report.decision_tables = {{.caption = bad_name, .lines = {{"decided by"}, {bad_name}}}};
  report.more = {{.title = "Notes", .tables = {{.caption = "Own", .lines = {{"a"}, {bad_name}}}}}};
  return report;
}

std::vector<std::string> titles(const pt::Page& page) {
  std::vector<std::string> found;
  for (const auto& section : page.sections) found.push_back(section.title);
  return found;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("a report has a part for everything that is known") {
  CHECK(titles(pt::training_page(everything())) ==
        std::vector<std::string>{"Gain over single-task", "Learning curves", "Metrics on validation data", "Weights",
                                 "Gradients", "Use of the experts", "Relations of the tasks", "Calibration",
                                 "Decisions", "Cost", "Notes"});
}

TEST_CASE("decisions are shown in numbers, too, also without a curve") {
  auto report = everything();
  report.decisions.clear();
  report.decision_tables = {{.caption = "Profit", .lines = {{"decided by", "profit"}, {"lot", "12.5"}}}};
  const auto page = pt::training_page(report);
  CHECK(contains(titles(page), "Decisions"));
  CHECK(pt::html(page).find("12.5") != std::string::npos);
}

TEST_CASE("a report leaves out what is not known") {
  pt::TrainingReport report{.history = history()};
  for (auto& epoch : report.history.epochs) {
    epoch.validation_losses.clear();
    epoch.metrics.clear();
    epoch.cosines.clear();
    epoch.gradient_norms.clear();
    epoch.weights.clear();
  }
  report.history.best_epoch = 0;
  const auto page = pt::training_page(report);
  CHECK(titles(page) == std::vector<std::string>{"Learning curves"});
  CHECK(page.sections[0].charts.size() == 3);
  CHECK(page.sections[0].paragraphs[0].find("There were no validation data.") != std::string::npos);
  CHECK(reader::mistake(pt::html(page)) == "");
  CHECK_THROWS_WITH(pt::training_report({.title = "Empty"}), containing("report 'Empty': there is nothing to report"));
}

TEST_CASE("a report is well formed and names are text, whatever a file's columns are called") {
  const auto html = pt::training_report(everything());
  CHECK(reader::mistake(html) == "");
  CHECK(html.find("<img") == std::string::npos);
  CHECK(html.find(bad_name_escaped) != std::string::npos);
  for (const char* from_elsewhere : {"src=\"", "<link", "@import", "url(", "<script", "https:"})
    CHECK(html.find(from_elsewhere) == std::string::npos);
}

TEST_CASE("the letters of a report's charts do not collide") {
  for (const auto& section : pt::training_page(everything()).sections)
    for (const auto& chart : section.charts) {
      const auto root = reader::elements_of(chart).back();
      std::istringstream box(root.attributes.at("viewBox"));
      double left, top, width, height;
      box >> left >> top >> width >> height;
      CHECK(reader::collision(chart, width, height) == "");
      CHECK(root.attributes.at("role") == "img");
      CHECK(width == 360);
    }
}

TEST_CASE("every task has its curves, with the values of the history") {
  const auto page = pt::training_page(everything());
  const auto& losses = page.sections[1];
  REQUIRE(losses.charts.size() == 3);
  CHECK(contains(reader::hovers(losses.charts[0]), "epoch 4\ntraining: 0.25\nvalidation: 0.375"));
  CHECK(contains(reader::hovers(losses.charts[2]), "epoch 4\nvalidation: 0.875"));
  CHECK(losses.charts[1].find(bad_name_escaped) != std::string::npos);
  CHECK(losses.charts[0].find("best epoch: 3") != std::string::npos);
  REQUIRE(losses.tables.size() == 1);
  REQUIRE(losses.tables[0].lines.size() == 5);
  CHECK(losses.tables[0].lines[0][6] == "spend, validation");
  CHECK(losses.tables[0].lines[4] ==
        std::vector<std::string>{"4", "0.2500", "0.3750", "0.5000", "0.6250", "–", "0.8750"});

  const auto& metrics = page.sections[2];
  REQUIRE(metrics.charts.size() == 2);  // one task has none
  CHECK(contains(reader::hovers(metrics.charts[0]), "epoch 3\nauc: 0.6875"));
  CHECK(metrics.charts[0].find("auc, higher is better") != std::string::npos);
  REQUIRE(metrics.tables[0].lines.size() == 4);
  CHECK(metrics.tables[0].caption == "After epoch 3, the best; ↑ higher is better, ↓ lower is better");
  CHECK(metrics.tables[0].lines[1] == std::vector<std::string>{"click", "auc ↑", "0.6875", "0.5000", "0.3333"});
  CHECK(metrics.tables[0].lines[2][1] == "rmse ↓");

  const auto& weights = page.sections[3];
  CHECK(contains(reader::hovers(weights.charts[0]), "epoch 2\nclick: 2\n" + bad_name_escaped + ": 4\nspend: 1"));
  CHECK(weights.tables[0].lines[1] == std::vector<std::string>{"click", "1.0000", "4.0000"});
}

TEST_CASE("weights that stay the same are bars") {
  auto report = everything();
  for (auto& epoch : report.history.epochs) epoch.weights = {1, 0.5, 0.25};
  const auto page = pt::training_page(report);
  REQUIRE(page.sections[3].charts.size() == 1);
  CHECK(contains(reader::hovers(page.sections[3].charts[0]), "spend: 0.25"));
  CHECK(page.sections[3].paragraphs[0] == "The weights of the losses stayed the same.");
}

TEST_CASE("cosines are means over the epochs that have them") {
  auto run = history();
  run.epochs[0].cosines = {1, 0.1, -0.25, 0.1, 1, 0.75, -0.25, 0.75, 1};
  run.epochs[3].cosines.clear();
  const auto cosines = pt::mean_cosines(run);
  REQUIRE(cosines.size() == 3);
  CHECK(cosines[0][1] == Approx((0.1 + 0.5 + 0.5) / 3).epsilon(1e-12));
  CHECK(cosines[1][2] == 0.75);
  const auto charts = pt::gradient_section(run).charts;
  REQUIRE(charts.size() == 4);  // cosines, pairs, conflicts, norms
  CHECK(contains(reader::hovers(charts[0]), "click, spend: -0.25"));
  CHECK(contains(reader::hovers(charts[2]), "conflicts: 1, 25"));
  for (auto& epoch : run.epochs) epoch.cosines.clear();
  CHECK(pt::mean_cosines(run).empty());
}

TEST_CASE("gains have their deviations, and both sides their cost") {
  const auto page = pt::training_page(everything());
  const auto& gains = page.sections[0];
  // click: from 0.70 to 0.75 and from 0.72 to 0.76 above 0.5: 25 and 18.18 per cent
  const double second = 100 * 0.04 / 0.22;
  const double mean = (25 + second) / 2, deviation = (25 - second) / std::sqrt(2);
  CHECK(contains(reader::hovers(gains.charts[0]),
                 "click: " + pt::markup::number(mean) + " ± " + pt::markup::number(deviation) + " %"));
  CHECK(gains.tables[0].lines[1] ==
        std::vector<std::string>{"click", "auc ↑", "0.7550 ± 0.0071", "0.7100 ± 0.0141", "+21.6 ± 4.8 %"});
  CHECK(gains.tables[0].lines[2][4] == "-6.2 ± 8.8 %");
  CHECK(gains.tables[0].lines[3][0] == "mean gain");
  const auto& cost = page.sections[9];
  REQUIRE(cost.charts.size() == 4);
  CHECK(contains(reader::hovers(cost.charts[0]), "each task alone: 37954"));
  CHECK(contains(reader::hovers(cost.charts[0]), "together: 19930"));
  CHECK(cost.tables[0].lines[2] ==
        std::vector<std::string>{"together", "19,930 (53 %)", "1.25 s (100 %)", "100 µs", "15.0 ms (100 %)"});
}

TEST_CASE("several ways of learning together are set side by side") {
  auto report = everything();
  report.comparisons.push_back({"soft", comparison()});
  const auto page = pt::training_page(report);
  REQUIRE(page.sections[0].charts.size() == 2);
  CHECK(page.sections[0].tables[0].lines.size() == 4);
  CHECK(page.sections[0].tables[0].lines[1][0] == "each task alone");
  CHECK(page.sections[0].tables[0].lines[3][0] == "soft");
  CHECK(page.sections[9].tables[0].lines.size() == 4);
  report.comparisons[1].comparison.multi.tasks = {"other"};
  CHECK_THROWS_WITH(pt::training_report(report),
                    containing("comparison 'soft' has no seed, or other tasks than the first"));
}

TEST_CASE("gates, relations, calibrations and decisions tell their numbers") {
  const auto page = pt::training_page(everything());
  CHECK(contains(reader::hovers(page.sections[5].charts[0]), "click, expert 0: 0.75"));
  CHECK(contains(reader::hovers(page.sections[5].charts[0]),
                 bad_name_escaped + ", expert 0: –"));  // not among its choices
  CHECK(page.sections[5].tables[0].lines[1] == std::vector<std::string>{"click", "0.500", "0.562", "0.693"});
  CHECK(contains(reader::hovers(page.sections[6].charts[0]), "a, b: -0.5"));
  CHECK(contains(reader::hovers(page.sections[7].charts[0]), "predicted probability 0.125\n0.25 (0.1 to 0.5)"));
  CHECK(page.sections[7].tables[0].lines[1] == std::vector<std::string>{"0.1250", "0.2500", "0.1000", "0.5000", "10"});
  CHECK(contains(reader::hovers(page.sections[8].charts[0]), bad_name_escaped + ": 1, 5"));
}

TEST_CASE("one report, one page, to the byte; and a failed write leaves the old file") {
  CHECK(pt::training_report(everything()) == pt::training_report(everything()));
  const auto folder = std::filesystem::temp_directory_path() / "polytask_report_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  const auto read = [&] {
    std::ifstream stream(folder / "report.html", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  pt::write_report(folder / "report.html", everything());
  CHECK(read() == pt::training_report(everything()));
  CHECK_THROWS_AS(pt::write_report(folder / "report.html", {}), pt::ArgumentError);
  CHECK(read() == pt::training_report(everything()));
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(folder)) ++files;
  CHECK(files == 1);
  std::filesystem::remove_all(folder);
}

}  // namespace training_report_tests
