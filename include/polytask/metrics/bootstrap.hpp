/// @file
/// How far a number would move with other samples of the same kind.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace polytask {

struct BootstrapOptions {
  Index repetitions = 200;
  double coverage = 0.95;  ///< of the interval
  std::uint64_t seed = 1;
};

struct Interval {
  double low;
  double high;
  Index repetitions;  ///< in which the statistic was defined: the interval is of these
};

/// The percentile interval of a statistic (Efron 1979): it is computed anew for sets of as many samples, drawn with
/// replacement, and the middle of what comes out, as much as is to be covered, is the interval.
/// @param count     of samples
/// @param statistic (Span<const Index> samples) -> double; a sample may be among them several times. NaN where it is
/// not
///                  defined, as an AUC is not without both classes: such a repetition is left out
/// @throws ArgumentError when there is no sample, fewer than two repetitions, or the coverage is not between 0 and 1
/// @throws DataError when the statistic is defined in fewer than two repetitions
template <class Statistic>
Interval bootstrap_interval(Index count, Statistic&& statistic, const BootstrapOptions& options = {}) {
  require(count > 0, "a bootstrap needs samples");
  require(options.repetitions > 1, "a bootstrap needs two repetitions or more, not ", options.repetitions);
  require(options.coverage > 0 && options.coverage < 1, "the coverage of an interval must be between 0 and 1, got ",
          options.coverage);
  std::vector<Index> drawn(static_cast<std::size_t>(count));
  std::vector<double> found;
  for (Index repetition = 0; repetition < options.repetitions; ++repetition) {
    Random random = Random(options.seed).stream(static_cast<std::uint64_t>(repetition));
    for (Index& sample : drawn) sample = static_cast<Index>(random.below(static_cast<std::uint64_t>(count)));
    if (const double value = statistic(Span<const Index>(drawn)); !std::isnan(value)) found.push_back(value);
  }
  require<DataError>(found.size() > 1, "the statistic is defined in ", found.size(), " of ", options.repetitions,
                     " repetitions of a bootstrap");
  std::sort(found.begin(), found.end());
  // between the two numbers about a place, in proportion
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(found.size() - 1);
    const auto before = static_cast<std::size_t>(place);
    const auto after = (std::min)(before + 1, found.size() - 1);
    return found[before] + (place - std::floor(place)) * (found[after] - found[before]);
  };
  const double left_out = (1 - options.coverage) / 2;
  return {at(left_out), at(1 - left_out), static_cast<Index>(found.size())};
}

}  // namespace polytask
