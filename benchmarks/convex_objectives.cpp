/// @file
/// Three pairs of convex losses over a plane of which the Pareto set is known (element-wise quadratic, convex quadratic
/// form and homogeneous quadratic form; the problems by which TorchJD draws trajectories): how far from it plain
/// gradient steps of every rule of aggregation end, and a picture of the paths. Takes a second.
///
/// What the table shows: most rules come nearer to the set step by step, those that lean towards the shorter gradient
/// (MGDA, IMTL-G, SDMGrad) slowly where one gradient is much shorter. Not nearer than about a step come rules whose
/// direction keeps its length at the set: Nash-MTL and FairGrad, whose direction is as long as the root of the number
/// of tasks, which Nash-MTL shortens to 1; and GradDrop, which draws. DB-MTL takes gradients of log L, which have no
/// limit where losses fall to 0, as in the first problem: there it goes away again. In that problem the losses have a
/// common minimum, and the Pareto set is that point; MGDA, SDMGrad, IMTL-G and Aligned-MTL stop or all but stop where
/// one gradient is 0 or nearly so, though the other loss could still fall: such points are weakly stationary.
#include "descent.hpp"
#include "path_chart.hpp"
#include "picture_arguments.hpp"

#include "polytask/aggregation/named_aggregation.hpp"
#include "polytask/optimizers/sgd.hpp"

#include <Eigen/LU>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <iostream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {
namespace {

using Square = Eigen::Matrix<double, 2, 2>;
using Place = Eigen::Matrix<double, 2, 1>;

/// Two losses (x - u)' A (x - u).
struct Problem {
  std::string name;
  std::string letters;           ///< of the name
  std::array<Square, 2> forms;   ///< A
  std::array<Place, 2> bottoms;  ///< u
  double rate;
  Index steps;
  std::vector<Point> starts;
  std::vector<double> x_range;  ///< of the picture
  std::vector<double> y_range;

  TwoLosses operator()(const Point& point) const {
    TwoLosses found;
    for (std::size_t task = 0; task < 2; ++task) {
      const Place apart = Place(point[0], point[1]) - bottoms[task];
      const Place slope = 2 * forms[task] * apart;
      found.losses[task] = apart.dot(forms[task] * apart);
      found.gradients[task] = {slope[0], slope[1]};
    }
    return found;
  }

  /// Where the first loss's weight is `share` and the second's 1 - share, their sum is least at this point of the
  /// Pareto set.
  Point best(double share) const {
    const Square form = share * forms[0] + (1 - share) * forms[1];
    const Place x = form.inverse() * (share * forms[0] * bottoms[0] + (1 - share) * forms[1] * bottoms[1]);
    return {x[0], x[1]};
  }

  /// Points of the Pareto set from one end to the other.
  std::vector<Point> pareto_set(Index count) const {
    std::vector<Point> points;
    for (Index place = 1; place < count; ++place)
      points.push_back(best(static_cast<double>(place) / static_cast<double>(count)));
    // the ends, of which the other loss's form knows nothing
    points.insert(points.begin(), best(1e-12));
    points.push_back(best(1 - 1e-12));
    return points;
  }

  double distance_to_pareto_set(const Point& point) const {
    const auto apart = [&](double share) { return distance(point, best(share)); };
    constexpr double least = 1e-12;
    constexpr Index count = 2000;
    double nearest = 0.5;
    for (Index place = 0; place <= count; ++place) {
      const double share = std::clamp(static_cast<double>(place) / static_cast<double>(count), least, 1 - least);
      if (apart(share) < apart(nearest)) nearest = share;
    }
    double low = std::max(nearest - 1.0 / static_cast<double>(count), least);
    double high = std::min(nearest + 1.0 / static_cast<double>(count), 1 - least);
    for (int round = 0; round < 100; ++round) {
      const double third = (high - low) / 3;
      (apart(low + third) < apart(high - third) ? high : low) +=
          (apart(low + third) < apart(high - third) ? -1 : 1) * third;
    }
    return std::min(apart(nearest), apart((low + high) / 2));
  }
};

std::vector<Problem> problems() {
  const auto square = [](double a, double b, double c, double d) { return (Square() << a, b, c, d).finished(); };
  return {
      {"element-wise quadratic",
       "EWQ",
       {square(1, 0, 0, 0), square(0, 0, 0, 1)},
       {Place(0, 0), Place(0, 0)},
       0.075,
       50,
       {{3, -2}, {0, -3}, {-4, 4}, {-3, 4}, {-3.5, -0.75}},
       {-5, 5},
       {-5, 5}},
      {"convex quadratic form",
       "CQF",
       {square(1, 0.2, 0.2, 0.05), square(3, -0.6, -0.6, 0.2)},
       {Place(1, 0), Place(-1, 0)},
       0.125,
       200,
       {{0.5, 0.5}, {-0.3, 7}, {0, 0}},
       {-4, 6},
       {-2, 8}},
      {"homogeneous quadratic form",
       "HQF",
       {square(2, -1, -1, 2), square(20, -10, -10, 20)},
       {Place(1, 0), Place(-10, 0)},
       0.005,
       100,
       {{-6, 4}, {-3, -1.5}, {1.5, 2}, {2.5, 5.5}},
       {-12, 4},
       {-8, 8}},
  };
}

/// What the learning rate is multiplied by for a rule, since rules have different scales: TorchJD's numbers where there
/// are some. FairGrad, with the default alpha = 1, has Nash-MTL's; DB-MTL needs more where losses are large.
double multiplier(std::string_view rule, std::size_t problem) {
  if (rule == "mgda") return 2;
  if (rule == "nash_mtl" || rule == "fairgrad") return problem == 1 ? 0.5 : problem == 2 ? 20 : 2;
  if (rule == "graddrop" || rule == "pcgrad") return 0.5;
  if (rule == "aligned_mtl") return 4;
  if (rule == "imtl_g" && problem == 2) return 2;
  if (rule == "db_mtl" && problem == 2) return 20;
  return 1;
}

Path path(const Problem& problem, std::size_t number, const std::string& rule, const Point& start, Index steps,
          Index keep = 0) {
  const double rate = multiplier(rule, number) * problem.rate;
  return descend([&](const Point& point) { return problem(point); }, {rule, {}, pt::aggregation_named(rule)},
                 {pt::AnyOptimizer<double>(pt::Sgd{.rate = rate}), rate, steps, keep}, start);
}

void run(const PictureArguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  const auto all = problems();
  pt::ChartGrid grid;
  grid.title = "Pairs of convex losses over a plane";
  grid.subtitle =
      "Plain gradient steps; rings: starts, discs: ends, grey: the Pareto set; EWQ: element-wise quadratic, CQF: "
      "convex quadratic form, HQF: homogeneous quadratic form";
  grid.columns = 6;
  for (std::size_t number = 0; number < all.size(); ++number) {
    const Problem& problem = all[number];
    const Index steps = arguments.quick ? problem.steps / 10 : problem.steps;
    std::printf("%s: distance to the Pareto set after %td steps, learning rate %g\n\n%-22s", problem.name.c_str(),
                steps, problem.rate, "start");
    for (const Point& start : problem.starts) std::printf(" (%5.2f,%5.2f)", start[0], start[1]);
    std::printf("\n%-22s", "at the start");
    for (const Point& start : problem.starts) std::printf(" %13.2e", problem.distance_to_pareto_set(start));
    std::printf("\n");
    for (const std::string& rule : pt::aggregation_names()) {
      std::printf("%-14s x %-5g", rule.c_str(), multiplier(rule, number));
      for (const Point& start : problem.starts)
        std::printf(" %13.2e", problem.distance_to_pareto_set(path(problem, number, rule, start, steps).back()));
      std::printf("\n");
    }
    std::printf("\n");
  }
  if (!arguments.svg.empty()) {
    for (const std::string& rule : pt::aggregation_names())
      for (std::size_t number = 0; number < all.size(); ++number) {
        const Problem& problem = all[number];
        auto chart =
            path_chart(rule + " " + problem.letters, problem.pareto_set(200), problem.x_range, problem.y_range);
        chart.width = 165;
        chart.plot_height = 135;
        for (std::size_t which = 0; which < problem.starts.size(); ++which)
          chart.lines.push_back({"start " + std::to_string(which + 1),
                                 line_points(path(problem, number, rule, problem.starts[which], problem.steps, 1))});
        grid.charts.push_back(std::move(chart));
      }
    pt::write_svg(arguments.svg, grid);
  }
  std::printf("%.1f seconds\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    benchmark::run(benchmark::picture_arguments(
        count, words, "Pairs of convex losses: how near the Pareto set each rule of aggregation ends."));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
