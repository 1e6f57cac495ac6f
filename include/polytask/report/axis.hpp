/// @file
/// Axes: which range they show, where their ticks stand and what the ticks say.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/report/lettering.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace polytask {

struct Tick {
  double value = 0;
  std::string label = {};
};

struct Axis {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  std::vector<Tick> ticks = {};

  /// Where a value lies: 0 at the low end, 1 at the high end.
  double share(double value) const {
    if (logarithmic) return (std::log10(value) - std::log10(low)) / (std::log10(high) - std::log10(low));
    return (value - low) / (high - low);
  }
};

struct AxisOptions {
  int most_ticks = 6;
  double margin = 0;   ///< room beyond the data at either end, as a part of their range
  bool whole = false;  ///< ticks at whole numbers only
};

/// What stands at ticks that are a step apart: all with as many digits as the step needs, below 0.001 and from a
/// million on as 2.5e-9.
inline std::vector<std::string> tick_labels(const std::vector<double>& ticks, double step) {
  double largest = 0;
  for (const double tick : ticks) largest = (std::max)(largest, std::abs(tick));
  const bool scientific = largest > 0 && (largest >= 1e6 || largest < 1e-3);
  const int exponent = scientific ? static_cast<int>(std::floor(std::log10(largest) + 1e-9)) : 0;
  const double unit = scientific ? std::pow(10, exponent) : 1;
  int digits = 0;
  for (double shown = step / unit; digits < 12 && std::abs(shown - std::round(shown)) > 1e-6 * shown; shown *= 10)
    ++digits;
  std::vector<std::string> labels;
  for (const double tick : ticks) {
    std::string& label = labels.emplace_back(markup::with_thousands(markup::fixed(tick / unit, digits)));
    if (scientific) label = tick == 0 ? "0" : label + "e" + std::to_string(exponent);
  }
  return labels;
}

/// Up to this, and from its inverse on, the numbers of an axis can be told apart and multiplied.
inline constexpr double axis_limit = 1e250;

/// Moves the ends of a range apart that is empty, or too narrow for numbers of its size.
inline void widen(double& low, double& high) {
  require((std::max)(std::abs(low), std::abs(high)) < axis_limit && low <= high, "an axis cannot go from ", low, " to ",
          high);
  if (high - low > (std::max)(1e-12 * (std::max)(std::abs(low), std::abs(high)), 1 / axis_limit)) return;
  const double room = std::abs(low) < 1 / axis_limit ? 1 : std::abs(low) / 2;
  low -= room;
  high += room;
}

/// Ticks at the multiples of 1, 2, 2.5 or 5 times a power of ten, as many as there may be.
/// @throws ArgumentError when an end is not finite or as large as axis_limit, or the low one above the high one
inline Axis linear_axis(double low, double high, const AxisOptions& options = {}) {
  require(options.most_ticks >= 2, "an axis needs at least 2 ticks, not ", options.most_ticks);
  widen(low, high);
  const double room = options.margin * (high - low);
  Axis axis{.low = low - room, .high = high + room};
  // the least step with not too many ticks
  const auto first = [&](double step) { return std::ceil(axis.low / step - 1e-6); };
  const auto last = [&](double step) { return std::floor(axis.high / step + 1e-6); };
  double power = std::pow(10, std::floor(std::log10((axis.high - axis.low) / options.most_ticks)));
  if (options.whole) power = (std::max)(power, 1.0);
  double step = 0;
  for (; step == 0; power *= 10)
    for (const double factor : {1.0, 2.0, 2.5, 5.0})
      if (step == 0 && last(factor * power) - first(factor * power) + 1 <= options.most_ticks &&
          !(options.whole && factor * power == 2.5))
        step = factor * power;
  std::vector<double> values = {};
  for (double place = first(step); place <= last(step); ++place) values.push_back(place == 0 ? 0 : place * step);
  const auto labels = tick_labels(values, step);
  for (std::size_t which = 0; which < values.size(); ++which) axis.ticks.push_back({values[which], labels[which]});
  return axis;
}

/// Ticks at powers of ten; over less than two of them also at 2 and 5 times these; over a small part of one where a
/// linear axis has them.
/// @throws ArgumentError when the low end is not above 0, or as linear_axis()
inline Axis logarithmic_axis(double low, double high, const AxisOptions& options = {}) {
  require(low > 1 / axis_limit, "a logarithmic axis cannot begin at ", low);
  require(high < axis_limit && low <= high, "an axis cannot go from ", low, " to ", high);
  if (high < low * (1 + 1e-9)) {
    low /= 2;
    high *= 2;
  }
  const double room = std::pow(10, (std::log10(high) - std::log10(low)) * options.margin);
  Axis axis{.low = low / room, .high = high * room, .logarithmic = true};
  const auto inside = [&](double value) { return value >= axis.low * (1 - 1e-9) && value <= axis.high * (1 + 1e-9); };
  const int begin = static_cast<int>(std::floor(std::log10(axis.low) + 1e-9));
  const int end = static_cast<int>(std::ceil(std::log10(axis.high) - 1e-9));
  const auto collect = [&](int apart, const std::vector<double>& factors) {
    axis.ticks.clear();
    for (int exponent = begin; exponent <= end; ++exponent)
      for (const double factor : factors)
        if (const double value = factor * std::pow(10, exponent); exponent % apart == 0 && inside(value))
          axis.ticks.push_back({value, tick_labels({value}, value).front()});
    return static_cast<int>(axis.ticks.size());
  };
  if (collect(1, {1, 2, 5}) > options.most_ticks)
    for (int apart = 1; collect(apart, {1}) > options.most_ticks;) ++apart;
  if (axis.ticks.size() < 2) {
    axis.ticks.clear();
    for (const auto& tick : linear_axis(axis.low, axis.high, options).ticks)
      if (tick.value > 0 && inside(tick.value)) axis.ticks.push_back(tick);
  }
  return axis;
}

/// Whether labels below an axis have a gap between them.
inline bool labels_fit(const Axis& axis, double length, double size) {
  for (std::size_t which = 1; which < axis.ticks.size(); ++which) {
    const auto& left = axis.ticks[which - 1];
    const auto& right = axis.ticks[which];
    const double apart = length * (axis.share(right.value) - axis.share(left.value));
    if (apart < (text_width(left.label, size) + text_width(right.label, size)) / 2 + 0.7 * size) return false;
  }
  return true;
}

/// An axis with as many ticks as there is room for along its length, not more than options.most_ticks.
/// @param across whether labels stand beside each other, below the axis, not one above the other
/// @param size   of the letters
inline Axis fitted_axis(double low, double high, bool logarithmic, double length, double size, bool across,
                        AxisOptions options = {}) {
  if (!across) options.most_ticks = std::clamp(static_cast<int>(length / (1.8 * size)), 2, options.most_ticks);
  const auto make = [&] {
    return logarithmic ? logarithmic_axis(low, high, options) : linear_axis(low, high, options);
  };
  Axis axis = make();
  while (across && options.most_ticks > 2 && !labels_fit(axis, length, size)) {
    --options.most_ticks;
    axis = make();
  }
  if (across && !labels_fit(axis, length, size)) axis.ticks.resize(1);
  return axis;
}

}  // namespace polytask
