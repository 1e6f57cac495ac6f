/// @file
/// How fast a CSV file of a million rows is read, and its rows encoded for a model.
#include "results.hpp"

#include "polytask/core/random.hpp"
#include "polytask/data/csv.hpp"
#include "polytask/features/features.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace {

namespace pt = polytask;

/// Numbers of several lengths, some missing; categories of few and many values, some quoted.
void write_orders(const std::filesystem::path& path, pt::Index rows) {
  pt::Random random(1);
  std::ofstream file(path);
  file << "customer,age,basket,discount,days,city,brand,channel,click,purchase\n";
  char line[256];
  for (pt::Index row = 0; row < rows; ++row) {
    const int length = std::snprintf(line, sizeof line, "C%06d,%d,%.2f,%.3f,%s%d,\"City, %d\",brand %d,%s,%d,%d\n",
                                     static_cast<int>(random.below(200000)), static_cast<int>(18 + random.below(60)),
                                     200 * random.uniform(), random.uniform(), random.chance(0.1) ? "" : "1",
                                     static_cast<int>(random.below(365)), static_cast<int>(random.below(50)),
                                     static_cast<int>(random.below(500)), random.chance(0.5) ? "web" : "app",
                                     random.chance(0.3), random.chance(0.1));
    file.write(line, length);
  }
}

}  // namespace

int main(int count, char** words) {
  const auto arguments =
      benchmark::arguments(count, words, "Reading a CSV file of a million rows, and encoding its rows.");
  const pt::Index rows = arguments.quick ? 20'000 : 1'000'000;
  const auto path = std::filesystem::temp_directory_path() / ("polytask_orders_" + std::to_string(::getpid()) + ".csv");
  write_orders(path, rows);
  const double megabytes = static_cast<double>(std::filesystem::file_size(path)) / 1e6;
  const pt::CsvColumns columns{.numbers = {"age", "basket", "discount", "days"},
                               .categories = {"city", "brand", "channel"},
                               .labels = {"click", "purchase"}};
  std::printf("A file of %.0f MB, %ld rows of ten columns, nine of them read; median of five, processor time\n\n",
              megabytes, static_cast<long>(rows));
  std::vector<double> reading;
  std::vector<double> encoding;
  for (int round = 0; round < 5; ++round) {
    pt::Table orders;
    reading.push_back(benchmark::seconds([&] { orders = pt::read_csv(path, columns); }, 1));
    const auto features = pt::features(orders);
    encoding.push_back(benchmark::seconds([&] { static_cast<void>(features.encode<float>(orders)); }, 1));
  }
  std::filesystem::remove(path);
  benchmark::Results results(arguments);
  results.add("reading, megabytes a second", megabytes / benchmark::quantile(reading, 0.5));
  results.add("encoding, million rows a second", static_cast<double>(rows) / 1e6 / benchmark::quantile(encoding, 0.5));
  return results.finish();
}
