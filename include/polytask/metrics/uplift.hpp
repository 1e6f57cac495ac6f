/// @file
/// Uplift: whether a score puts those first whose outcome a treatment changes most. Measured on a randomised test, in
/// which it was drawn by lot who was treated.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/sort_places.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace polytask {

/// The samples of a randomised test; one number each.
struct UpliftSamples {
  Span<const double> scores;         ///< the higher, the sooner the sample is treated
  Span<const std::uint8_t> treated;  ///< 1: it was treated, 0: it was not
  Span<const double> outcomes;       ///< 0 and 1, or an amount
};

/// What treating the samples with the highest scores brings.
struct UpliftPoint {
  double fraction = 0;  ///< of all samples, treated or not, that have a score so high
  double uplift = 0;    ///< fraction * (mean outcome of those of them who were treated - of those who were not)
  double qini = 0;      ///< (sum of the outcomes of the treated of them - that of the others * their treated / their
                        ///< others) / all treated
};

/// The curves over the fraction treated, from (0, 0, 0) on; equal scores make one point. Both curves end at the mean
/// effect of the treatment, and both are straight, on average, for a score that knows nothing. The mean outcome
/// of no sample is 0: until both treated and others have been met, a point is that of the one side.
/// Radcliffe 2007 (Qini); Gutierrez and Gerardy 2016 (uplift).
/// @throws ArgumentError when the lengths differ
/// @throws DataError when a score or an outcome is not finite, or when all samples were treated, or none
inline std::vector<UpliftPoint> uplift_curve(const UpliftSamples& samples) {
  const std::size_t count = samples.scores.size();
  require(samples.treated.size() == count && samples.outcomes.size() == count, "uplift: there are ", count, " scores, ",
          samples.treated.size(), " treatments and ", samples.outcomes.size(), " outcomes");
  for (std::size_t sample = 0; sample < count; ++sample)
    require<DataError>(std::isfinite(samples.scores[sample]) && std::isfinite(samples.outcomes[sample]),
                       "uplift: sample ", sample, " has score ", samples.scores[sample], " and outcome ",
                       samples.outcomes[sample], ", which must be finite");
  const auto all_treated = static_cast<double>(
      std::count_if(samples.treated.begin(), samples.treated.end(), [](std::uint8_t treated) { return treated != 0; }));
  require<DataError>(all_treated > 0 && all_treated < static_cast<double>(count), "uplift: ", all_treated, " of ",
                     count, " samples were treated; it needs treated and others");
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  sort_places(order, [&](std::size_t one, std::size_t other) { return samples.scores[one] > samples.scores[other]; });

  std::vector<UpliftPoint> curve{{}};
  double number[2] = {0, 0};  // of the others, of the treated
  double sum[2] = {0, 0};
  for (std::size_t place = 0; place < count; ++place) {
    const std::size_t sample = order[place];
    const std::size_t side = samples.treated[sample] != 0 ? 1 : 0;
    ++number[side];
    sum[side] += samples.outcomes[sample];
    if (place + 1 < count && samples.scores[order[place + 1]] == samples.scores[sample]) continue;
    UpliftPoint point;
    point.fraction = static_cast<double>(place + 1) / static_cast<double>(count);
    const auto mean = [&](int of) { return number[of] > 0 ? sum[of] / number[of] : 0.0; };
    point.uplift = point.fraction * (mean(1) - mean(0));
    point.qini = (sum[1] - mean(0) * number[1]) / all_treated;
    curve.push_back(point);
  }
  return curve;
}

/// The area under one of the curves, straight between its points.
inline double area_under(const std::vector<UpliftPoint>& curve, double UpliftPoint::*value) {
  double area = 0;
  for (std::size_t point = 1; point < curve.size(); ++point)
    area += (curve[point].fraction - curve[point - 1].fraction) * (curve[point].*value + curve[point - 1].*value) / 2;
  return area;
}

/// Area under the uplift curve, in units of the outcome: half the mean effect for a score that knows nothing.
/// @throws as uplift_curve()
inline double auuc(const UpliftSamples& samples) { return area_under(uplift_curve(samples), &UpliftPoint::uplift); }

/// Qini coefficient: the area between the Qini curve and the straight line to its end, in units of the outcome, not
/// divided by that of a perfect ranking, which nobody can know. 0 for a score that knows nothing.
/// @throws as uplift_curve()
inline double qini(const UpliftSamples& samples) {
  const auto curve = uplift_curve(samples);
  return area_under(curve, &UpliftPoint::qini) - curve.back().qini / 2;
}

}  // namespace polytask
