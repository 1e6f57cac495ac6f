/// @file
/// Descent of two losses over a plane by the library's rules of balancing and its optimizers.
#pragma once

#include "polytask/aggregation/any_aggregation.hpp"
#include "polytask/optimizers/any_optimizer.hpp"
#include "polytask/weighting/any_weighting.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {

namespace pt = polytask;
using pt::Index;

using Point = std::array<double, 2>;

inline double distance(const Point& one, const Point& other) {
  return std::hypot(one[0] - other[0], one[1] - other[1]);
}

/// Two losses at a point.
struct TwoLosses {
  std::array<double, 2> losses;
  std::array<Point, 2> gradients;  ///< of each loss
};
using Objective = std::function<TwoLosses(const Point&)>;

/// What balances the two losses: weights first, then the gradients of the weighted losses are combined.
struct Balance {
  std::string name;
  pt::AnyWeighting weighting = {};
  pt::AnyAggregation aggregation = {};
};

/// How a descent is made.
struct Descent {
  pt::AnyOptimizer<double> optimizer;
  double rate;  ///< of the optimizer
  Index steps;
  Index keep = 0;  ///< every so many steps the point is kept, to be drawn; 0: never
};

/// Where a descent went: the start, what was kept, and the end.
using Path = std::vector<Point>;

/// The losses are those of tasks named "first" and "second".
inline Path descend(const Objective& objective, const Balance& balance, const Descent& how, const Point& start) {
  static constexpr std::array<std::string_view, 2> names{"first", "second"};
  static constexpr std::array kinds{pt::LossKind::regression, pt::LossKind::regression};
  static constexpr std::array<Index, 2> tasks{0, 1};
  auto weighting = balance.weighting.begin({names, kinds});
  auto aggregation = balance.aggregation.begin<double>({names, 2});
  const bool look_after = balance.weighting.needs().losses_after;

  Path path{start};
  Point point = start;
  Point first_memory{};
  Point second_memory{};
  for (Index step = 1; step <= how.steps; ++step) {
    const TwoLosses here = objective(point);
    weighting.prepare({.losses = here.losses, .step = step});
    const std::array<double, 2> weights{weighting.weights()[0], weighting.weights()[1]};

    std::array<double, 4> gradients;  // a column a task
    std::array<double, 2> norms;
    for (std::size_t task = 0; task < 2; ++task) {
      for (std::size_t place = 0; place < 2; ++place)
        gradients[2 * task + place] = weights[task] * here.gradients[task][place];
      norms[task] = std::hypot(gradients[2 * task], gradients[2 * task + 1]);
    }
    const double product = gradients[0] * gradients[2] + gradients[1] * gradients[3];
    const std::array<double, 4> gram{norms[0] * norms[0], product, product, norms[1] * norms[1]};
    std::array<double, 2> coefficients;
    Point direction{};
    aggregation.combine({tasks, here.losses, pt::ConstColumns<double>(gram.data(), 2, 2), step},
                        pt::ConstColumns<double>(gradients.data(), 2, 2), pt::Flat<double>(coefficients.data(), 2),
                        pt::Flat<double>(direction.data(), 2));

    how.optimizer.update(pt::Update<double>{
        2, point.data(), direction.data(), {first_memory.data(), second_memory.data()}, how.rate, step});
    weighting.update({.losses = here.losses,
                      .weights = weights,
                      .gradient_norms = norms,
                      .losses_after = look_after ? objective(point).losses : here.losses,
                      .step = step});
    if (how.keep > 0 && step % how.keep == 0 && step < how.steps) path.push_back(point);
  }
  path.push_back(point);
  return path;
}

}  // namespace benchmark
