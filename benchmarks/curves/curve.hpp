/// @file
/// How the time of a step grows with one quantity.
#pragma once

#include "alternate.hpp"
#include "network.hpp"
#include "results.hpp"

#include "polytask/compiled.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace benchmark {

/// Times of a step over one quantity, in times of a reference step that was run in turn with it.
struct Curve {
  struct Point {
    double x;
    Ratio cost;
  };

  std::string quantity;           ///< "batch"
  double most = Results::no_bar;  ///< the exponent of growth that is allowed
  std::vector<Point> points = {};

  /// The slope of the logarithm of the cost over that of x, by least squares through the upper half of the points,
  /// where what does not grow hides least of what does.
  double exponent() const {
    const std::size_t begin = points.size() / 2;
    const double count = static_cast<double>(points.size() - begin);
    double mean_x = 0, mean_y = 0, products = 0, squares = 0;
    for (std::size_t place = begin; place < points.size(); ++place) {
      mean_x += std::log(points[place].x) / count;
      mean_y += std::log(points[place].cost.median) / count;
    }
    for (std::size_t place = begin; place < points.size(); ++place) {
      const double apart = std::log(points[place].x) - mean_x;
      products += apart * (std::log(points[place].cost.median) - mean_y);
      squares += apart * apart;
    }
    return products / squares;
  }
};

/// Measures the points of a curve, each against the same reference: a step of 256 samples with the network of 32
/// inputs.
class CurveMeter {
 public:
  CurveMeter(const Arguments& arguments, Results& results)
      : arguments_(arguments),
        results_(results),
        model_(network(pt::Features::dense(32))),
        data_(random_data(32)),
        reference_(model_, data_, 256) {}

  void begin(Curve curve) { curves_.push_back(std::move(curve)); }

  void point(Index x, pt::Model<float>& model, const pt::Dataset<float>& data, Index batch = 256) {
    Training step(model, data, batch);
    const Ratio cost =
        arguments_.quick ? alternate(step, reference_, 3, 0.0005) : alternate(step, reference_, 41, 0.004);
    curves_.back().points.push_back({static_cast<double>(x), cost});
    results_.add(curves_.back().quantity + " " + std::to_string(x), cost);
  }

  void end() {
    const Curve& curve = curves_.back();
    results_.add(curve.quantity + ": exponent of growth", curve.exponent(), curve.most);
  }

  /// The largest value of x that the arguments leave: a short run does with small ones.
  Index most(Index whole, Index quick) const { return arguments_.quick ? quick : whole; }

  const std::vector<Curve>& curves() const { return curves_; }

 private:
  const Arguments& arguments_;
  Results& results_;
  Network model_;
  pt::Dataset<float> data_;
  Training reference_;
  std::vector<Curve> curves_;
};

}  // namespace benchmark
