/// @file
/// Times two pieces of work in turn, since the speed of a shared machine drifts: ratios of neighbours do not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <time.h>

namespace benchmark {

/// Seconds of one call, each the median over all rounds, and the ratio of neighbouring rounds.
struct Ratio {
  double first = 0;   ///< seconds
  double second = 0;  ///< seconds
  double median = 0;  ///< of first / second
  double low = 0;     ///< first quartile of the ratio
  double high = 0;    ///< third quartile
};

inline double quantile(std::vector<double> values, double level) {
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(level * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

/// Which time is measured: the processor's, of all threads of the process, which other programs on the machine do not
/// lengthen by having their turn; or, of work on several threads, the time that passes.
enum class Time { processor, passing };

inline double now(Time time) {
  timespec found{};
  ::clock_gettime(time == Time::processor ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &found);
  return static_cast<double>(found.tv_sec) + 1e-9 * static_cast<double>(found.tv_nsec);
}

/// Seconds that `calls` calls take, divided by their number. Work of another program tells them itself.
template <class Work>
double seconds(Work&& work, std::int64_t calls, Time time = Time::processor) {
  const auto number = static_cast<double>(calls);
  if constexpr (requires { work.seconds(calls); }) {
    return work.seconds(calls) / number;
  } else {
    const double begin = now(time);
    for (std::int64_t call = 0; call < calls; ++call) work();
    return (now(time) - begin) / number;
  }
}

/// Calls that take about the given time.
template <class Work>
std::int64_t calls_for(Work&& work, double time, Time which) {
  seconds(work, 1, which);
  std::int64_t calls = 1;
  for (;; calls *= 2) {
    const double taken = seconds(work, calls, which) * static_cast<double>(calls);
    if (taken > time / 4)
      return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(calls) * time / taken));
  }
}

/// Alternates two pieces of work: each round runs both, for about `round` seconds each.
template <class First, class Second>
Ratio alternate(First&& first, Second&& second, int rounds = 31, double round = 0.01, Time time = Time::processor) {
  const auto first_calls = calls_for(first, round, time);
  const auto second_calls = calls_for(second, round, time);
  std::vector<double> firsts;
  std::vector<double> seconds_taken;
  std::vector<double> ratios;
  for (int count = 0; count < rounds; ++count) {
    firsts.push_back(seconds(first, first_calls, time));
    seconds_taken.push_back(seconds(second, second_calls, time));
    ratios.push_back(firsts.back() / seconds_taken.back());
  }
  return {quantile(firsts, 0.5), quantile(seconds_taken, 0.5), quantile(ratios, 0.5), quantile(ratios, 0.25),
          quantile(ratios, 0.75)};
}

}  // namespace benchmark
