/// @file
/// How long predictions take: of one row over a million calls, of 100 rows, and of a million rows.
#include "embedded.hpp"
#include "network.hpp"
#include "results.hpp"

#include "polytask/compiled.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace benchmark {
namespace {

using Clock = std::chrono::steady_clock;

double microseconds(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

/// Microseconds of each of many calls.
template <class Work>
std::vector<float> latencies(Work&& work, Index calls) {
  std::vector<float> found;
  found.reserve(static_cast<std::size_t>(calls));
  for (Index call = 0; call < calls; ++call) {
    const auto begin = Clock::now();
    work(call);
    found.push_back(static_cast<float>(microseconds(Clock::now() - begin)));
  }
  std::sort(found.begin(), found.end());
  return found;
}

void print_percentiles(const std::string& name, const std::vector<float>& sorted) {
  std::printf("%-40s", name.c_str());
  for (const double level : {0.5, 0.9, 0.99, 0.999, 0.9999, 1.0})
    std::printf(" %9.2f",
                static_cast<double>(sorted[static_cast<std::size_t>(level * static_cast<double>(sorted.size() - 1))]));
  std::printf("\n");
  std::fflush(stdout);
}

struct Named {
  std::string name;
  Network model;
  pt::Dataset<float> data;
};

void measure_latency(const Arguments& arguments, const Named& with) {
  auto space = with.model.workspace(1);
  const auto found = latencies(
      [&](Index call) {
        const std::array<Index, 1> row{(call * 4099) % with.data.size()};  // not one after the other
        with.model.predict(space, with.data, row);
      },
      arguments.quick ? 10'000 : 1'000'000);
  print_percentiles(with.name, found);
}

/// A row's share of a call for many rows, against a row alone.
void measure_rows(const Arguments& arguments, const Named& with, Results& results) {
  auto one = with.model.workspace(1);
  auto hundred = with.model.workspace(100);
  std::array<Index, 100> rows{};
  Index next = 0;
  const auto take = [&](pt::Span<Index> chosen) {
    for (Index& row : chosen) row = std::exchange(next, (next + 1) % with.data.size());
  };
  const auto alone = [&] {
    take(pt::Span(rows).first(1));
    with.model.predict(one, with.data, pt::Span(rows).first(1));
  };
  const auto together = [&] {
    take(rows);
    with.model.predict(hundred, with.data, rows);
  };
  const auto all = [&] { static_cast<void>(with.model.predict(0, with.data)); };
  const auto a_row = [&](Ratio ratio, double count) {
    for (double* value : {&ratio.first, &ratio.median, &ratio.low, &ratio.high}) *value /= count;
    return ratio;
  };
  const Ratio of_hundred = a_row(compare(arguments, together, alone), 100);
  results.add(with.name + ": one of 100 rows / a row alone", of_hundred);
  const auto count = static_cast<double>(with.data.size());
  const Ratio of_all = a_row(alternate(all, alone, arguments.quick ? 1 : 9, 0.01), count);
  results.add(with.name + ": one of " + std::to_string(with.data.size()) + " rows / a row alone", of_all);
  results.add(with.name + ": million rows a second, 100 at once", 1e-6 / of_hundred.first);
  results.add(with.name + ": million rows a second, all at once", 1e-6 / of_all.first);
}

void run(const Arguments& arguments) {
  const Index samples = arguments.quick ? 20'000 : 1'000'000;
  const std::vector<Index> tables(26, 10'000);
  std::vector<Named> cases;
  cases.push_back({"32 numbers", network(pt::Features::dense(32)), random_data(32, 12, samples)});
  cases.push_back({"13 numbers, 26 embedded columns", network(embedded_features(13, tables, 16)),
                   embedded_data(13, tables, 12, samples)});
  std::printf("Latency of one row in microseconds, all tasks, %s calls, one thread\n\n%-40s",
              arguments.quick ? "ten thousand" : "a million", "percentile");
  for (const char* level : {"50", "90", "99", "99.9", "99.99", "all"}) std::printf(" %9s", level);
  std::printf("\n");
  for (const auto& one : cases) measure_latency(arguments, one);
  print_percentiles("(nothing: what reading the clock takes)",
                    latencies([](Index) {}, arguments.quick ? 10'000 : 1'000'000));
  std::printf("\n");
  Results results(arguments);
  for (const auto& one : cases) measure_rows(arguments, one, results);
  results.finish();
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    benchmark::run(benchmark::arguments(count, words, "Predictions of one row, of 100 rows and of a million rows."));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
