/// @file
/// The toy with two losses over a plane of the CAGrad and Nash-MTL papers: where each rule of balancing ends, beside
/// reference points, what a loss in another unit changes, and a picture of the paths. Takes 40 seconds.
///
/// The papers show figures only. The reference points were computed once, by programs that are not part of this
/// library, and are given to two decimals. Three things keep an end point from agreeing with them:
///
/// - Chance. In the valleys log |h| of the upper half a step across the bottom changes the gradient's sign, and what
///   follows depends on rounding. A start that is moved by a billionth shows it: where the end then moves by more than
///   0.02, the point is marked ~ and does not count.
/// - The table's own points that are still on their way, or stuck, marked *; they do not count either.
/// - A number in the reference's MGDA. It divides by |g1 - g2|^2 + 1e-8 (found by trying numbers until the points
///   agreed), which makes the first weight too small by as little. On the front, where the shortest vector is 0, that
///   is all there is, and not less than Adam's epsilon: so Adam walks on along the front, to the second loss's minimum.
///   The row "= MGDA" is the rule with this number; "= MGDA, 2" adds it for the second weight, and ends elsewhere.
///
/// Every point of the table that counts is met within 0.02, but for those of MGDA, which its row with = meets.
///
/// FairGrad with alpha = 1 is Nash-MTL's direction, always of one length: it is to end at the same points whatever the
/// unit of a loss.
#include "two_objectives.hpp"
#include "path_chart.hpp"
#include "picture_arguments.hpp"

#include "polytask/aggregation/aligned_mtl.hpp"
#include "polytask/aggregation/ca_grad.hpp"
#include "polytask/aggregation/fair_grad.hpp"
#include "polytask/aggregation/imtl_g.hpp"
#include "polytask/aggregation/mgda.hpp"
#include "polytask/aggregation/nash_mtl.hpp"
#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/weighting/famo.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {
namespace {

/// MGDA for two tasks with the number that keeps the reference's program from dividing by 0.
struct ReferenceMgda {
  Index solved_for = 0;  ///< the task whose weight is divided; the other has the rest

  static constexpr std::string_view name = "reference";
  static constexpr pt::AggregationNeeds needs() { return {.gram = true}; }

  struct State {
    Index first;

    void weigh(const pt::StepGradients& step, pt::Flat<double> coefficients) const {
      const auto& gram = step.gram;
      const Index second = 1 - first;
      const double apart = gram(0, 0) + gram(1, 1) - 2 * gram(0, 1);
      coefficients[first] = std::clamp((gram(second, second) - gram(0, 1)) / (apart + 1e-8), 0.0, 1.0);
      coefficients[second] = 1 - coefficients[first];
    }
    template <class Self, class Visitor>
    static void configuration(Self&, Visitor&&) {}
  };
  State begin(const pt::AggregatedTasks&) const { return {solved_for}; }
};

/// A point of the table.
struct Reference {
  double x;
  double y;
  bool counts = true;  ///< not on its way or stuck in a valley
};

struct Setting {
  std::string name;
  double scale;  ///< of the first loss
  Index steps;
  std::vector<Point> starts;
};

const Setting cagrad_setting{"CAGrad's setting", 1, 100'000, {{-8.5, 7.5}, {-8.5, -5}, {9, 9}}};
const Setting nash_setting{"Nash-MTL's setting", 0.1, 35'000, {{-8.5, 7.5}, {0, 0}, {9, 9}, {-7.5, -0.5}, {9, -1}}};

/// One rule of the table.
struct Row {
  std::string name;
  Balance (*make)(double scale);
  std::vector<Reference> cagrad;  ///< by start of cagrad_setting
  std::vector<Reference> nash;    ///< by start of nash_setting
};

template <pt::Aggregation Rule>
Balance combining(Rule rule) {
  return {std::string(Rule::name), {}, std::move(rule)};
}

std::vector<Reference> not_counting(std::vector<Reference> references) {
  for (auto& reference : references) reference.counts = false;
  return references;
}

std::vector<Row> rows() {
  const std::vector<Reference> mgda{{-5.81, -8.41}, {-7.00, -8.43}, {-3.62, -8.38}};
  const std::vector<Reference> mgda_small{{-1.98, -8.36}, {5.61, -8.41}, {6.91, -8.43}, {-5.19, -8.40}, {6.47, -8.42}};
  const std::vector<Reference> imtl{{-2.36, -8.36}, {-6.65, -8.43}, {2.19, -8.36}};
  const std::vector<Reference> imtl_small{{-2.29, -8.36}, {0, -8.36}, {2.43, -8.37}, {-3.39, -8.37}, {5.30, -8.40}};
  const std::vector<Reference> nash{{-2.93, -8.37}, {-6.32, -8.42}, {2.90, -8.37}};
  const std::vector<Reference> nash_small{{-2.93, -8.37}, {0, -8.36}, {2.93, -8.37}, {-3.29, -8.37}, {4.90, -8.40}};
  const std::vector<Reference> aligned{{0, -8.36}, {0, -8.36}, {0, -8.36}};
  const std::vector<Reference> aligned_small{
      {-5.73, -8.41}, {-5.31, -8.40}, {-2.88, -8.37}, {-5.73, -8.41}, {-3.18, -8.37}};
  return {
      {"equal sum",
       [](double) { return Balance{"sum"}; },
       {{-5.06, 2.17, false}, {0, -8.36}, {5.03, 2.36, false}},
       {{-5.43, -2.58, false}, {-5.73, -8.41}, {4.99, 3.97, false}, {-5.73, -8.41}, {-5.73, -8.41}}},
      {"MGDA", [](double) { return combining(pt::Mgda{}); }, mgda, mgda_small},
      {"= MGDA", [](double) { return combining(ReferenceMgda{}); }, mgda, mgda_small},
      {"= MGDA, 2", [](double) { return combining(ReferenceMgda{1}); }, not_counting(mgda), not_counting(mgda_small)},
      {"PCGrad",
       [](double) { return combining(pt::PcGrad{}); },
       {{-3.46, -8.38}, {-6.43, -8.42}, {2.09, -8.36}},
       {{-4.91, -8.40}, {-3.35, -8.37}, {6.07, 0.49, false}, {-3.82, -8.38}, {5.04, -8.40}}},
      {"CAGrad 0.5",
       [](double) { return combining(pt::CaGrad{.c = 0.5, .rescaling = pt::CaGrad::Rescaling::by_one}); },
       {{0, -8.36}, {0, -8.36}, {0, -8.36}},
       {{-5.65, -7.66, false}, {-5.73, -8.41}, {6.26, 0.37, false}, {-5.73, -8.41}, {-5.72, -8.41}}},
      {"IMTL-G", [](double) { return combining(pt::ImtlG{}); }, imtl, imtl_small},
      {"Nash-MTL", [](double) { return combining(pt::NashMtl{}); }, nash, nash_small},
      {"FairGrad 1", [](double) { return combining(pt::FairGrad{.alpha = 1}); }, nash, nash_small},
      {"Aligned-MTL", [](double) { return combining(pt::AlignedMtl{}); }, aligned, aligned_small},
      {"FAMO",
       [](double scale) {
         return Balance{"famo", pt::Famo{.gamma = 0, .lower_bounds = {{"first", -21 * scale}, {"second", -21}}}, {}};
       },
       {{-0.12, -8.36}, {-3.78, -8.37}, {0.11, -8.35}},
       {{-0.41, -8.36}, {0.05, -8.36}, {0.43, -8.35}, {-1.20, -8.36}, {2.13, -8.37}}},
  };
}

Point end(const Row& row, double scale, Index steps, const Point& start) {
  return descend(two_objectives_scaled(scale), row.make(scale), toy_descent(steps), start).back();
}

/// Where a rule ends from one start, and where from starts a billionth beside it.
struct Ends {
  Point point;
  double spread;  ///< largest distance of the others from the point
  double low;     ///< least and greatest x of all
  double high;
};

Ends ends(const Row& row, const Setting& setting, Index steps, const Point& start) {
  const Point point = end(row, setting.scale, steps, start);
  Ends found{point, 0, point[0], point[0]};
  for (const double shift : {-2e-9, -1e-9, 1e-9, 2e-9}) {
    const Point other = end(row, setting.scale, steps, {start[0] + shift, start[1]});
    found.spread = std::max(found.spread, distance(point, other));
    found.low = std::min(found.low, other[0]);
    found.high = std::max(found.high, other[0]);
  }
  return found;
}

/// A number for a table: no -0.00.
double shown(double value) { return std::abs(value) < 0.005 ? 0 : value; }

/// Prints one setting's table.
void compare(const Setting& setting, Index steps, std::vector<Reference> Row::*column) {
  std::printf("%s: first loss times %g, %td steps. End points, below them the references.\n\n%-15s",
              setting.name.c_str(), setting.scale, steps, "start");
  for (const Point& start : setting.starts) std::printf("  (%5.2f, %5.2f)  ", start[0], start[1]);
  std::printf(" deviation  on front\n");
  std::vector<std::string> chances;
  for (const Row& row : rows()) {
    std::printf("%-15s", row.name.c_str());
    double deviation = -1;  // until a point counts
    std::size_t on = 0;
    for (std::size_t which = 0; which < setting.starts.size(); ++which) {
      const Ends found = ends(row, setting, steps, setting.starts[which]);
      const Reference& reference = (row.*column)[which];
      const bool chance = found.spread > 0.02;
      const double apart = distance(found.point, {reference.x, reference.y});
      if (!chance && reference.counts) deviation = std::max(deviation, apart);
      on += on_front(found.point);
      std::printf("  (%5.2f, %5.2f)%s%s", shown(found.point[0]), shown(found.point[1]), chance ? "~" : " ",
                  reference.counts ? " " : "*");
      if (chance) {
        std::array<char, 160> line;
        std::snprintf(line.data(), line.size(), "%-15s from (%5.2f, %5.2f): x from %5.2f to %5.2f, reference %5.2f",
                      row.name.c_str(), setting.starts[which][0], setting.starts[which][1], found.low, found.high,
                      reference.x);
        chances.emplace_back(line.data());
      }
    }
    if (deviation < 0)
      std::printf("  %8s", "-");
    else
      std::printf("  %8.3f", deviation);
    std::printf("  %zu of %zu\n%-15s", on, setting.starts.size(), "");
    for (const Reference& reference : row.*column) std::printf("  (%5.2f, %5.2f)  ", reference.x, reference.y);
    std::printf("\n");
    std::fflush(stdout);
  }
  std::printf("\n~ chance: from starts up to 2e-9 beside it the ends lie more than 0.02 apart\n");
  for (const std::string& line : chances) std::printf("    %s\n", line.c_str());
  std::printf(
      "* the reference is still on its way, stuck, or another rule's\n= the rule with the smallest number of the reference's program\n\n");
}

/// Prints how far end points move when the first loss is scaled.
void rescale(Index steps) {
  std::printf(
      "How far the end points of Nash-MTL's setting move when the first loss has another unit.\n\n%-15s  %-36s  %s\n",
      "", "times 5", "times 1000");
  for (const Row& row : rows()) {
    std::printf("%-15s", row.name.c_str());
    std::vector<Point> before;
    for (const Point& start : nash_setting.starts) before.push_back(end(row, nash_setting.scale, steps, start));
    for (const double factor : {5.0, 1000.0}) {
      for (std::size_t which = 0; which < before.size(); ++which)
        std::printf(" %6.3f",
                    distance(before[which], end(row, factor * nash_setting.scale, steps, nash_setting.starts[which])));
      std::printf("   ");
    }
    std::printf("\n");
  }
}

void draw(const std::string& file, Index steps) {
  pt::ChartGrid grid;
  grid.title = "Two losses over a plane";
  grid.subtitle = "Nash-MTL's setting: the first loss times 0.1, Adam 1e-3, " + std::to_string(steps) +
                  " steps; rings: starts, discs: ends, grey: neither loss can fall without the other's rising";
  grid.columns = 4;
  for (const Row& row : rows()) {
    if (row.name.front() == '=' || row.name == "FairGrad 1") continue;
    auto chart = path_chart(row.name, {{-7, -8.43}, {0, -8.355}, {7, -8.43}}, {-10, 10}, {-10, 10});
    chart.width = 230;
    chart.plot_height = 200;
    for (const Point& start : nash_setting.starts) {
      std::array<char, 40> name;
      std::snprintf(name.data(), name.size(), "(%g, %g)", start[0], start[1]);
      chart.lines.push_back(
          {name.data(), line_points(descend(two_objectives_scaled(nash_setting.scale), row.make(nash_setting.scale),
                                            toy_descent(steps, 50), start))});
    }
    grid.charts.push_back(std::move(chart));
  }
  pt::write_svg(file, grid);
}

void run(const PictureArguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  const Index shorter = arguments.quick ? 100 : 1;
  compare(cagrad_setting, cagrad_setting.steps / shorter, &Row::cagrad);
  compare(nash_setting, nash_setting.steps / shorter, &Row::nash);
  rescale(nash_setting.steps / shorter);
  if (!arguments.svg.empty()) draw(arguments.svg, nash_setting.steps / shorter);
  std::printf("\n%.1f seconds\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    benchmark::run(benchmark::picture_arguments(
        count, words, "Two losses over a plane: where each rule of balancing ends, and what scaling a loss changes."));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
