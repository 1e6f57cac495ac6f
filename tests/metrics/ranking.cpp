#include "polytask/metrics/ranking.hpp"

#include "catch.hpp"

#include <cstdint>
#include <limits>
#include <vector>

using namespace polytask;

namespace {

Evaluation four_samples(const std::vector<std::int32_t>& groups) {
  Evaluation evaluation;
  evaluation.predictions.resize(1, 4);
  evaluation.predictions << 0.5, 0.25, 0.5, 1;
  evaluation.labels = Matrix<double>::Ones(1, 4);
  evaluation.weights = Matrix<double>::Ones(1, 4);
  evaluation.groups = groups;
  return evaluation;
}

}  // namespace

TEST_CASE("Samples are sorted by key, and ties come together") {
  std::vector<Ranked> samples{{0.5, 0}, {0.25, 1}, {0.5, 2}, {-1, 3}};
  sort_by_key(samples);
  std::vector<double> keys;
  std::vector<std::size_t> sizes;
  for_each_tie(samples, [&](Span<const Ranked> tied) {
    keys.push_back(tied.front().key);
    sizes.push_back(tied.size());
  });
  CHECK(keys == std::vector<double>{-1, 0.25, 0.5});
  CHECK(sizes == std::vector<std::size_t>{1, 1, 2});
}

TEST_CASE("Samples without a label are not ranked, and an unknown key is seen") {
  const std::vector<std::int32_t> groups{7, 7, 7, 7};
  auto evaluation = four_samples(groups);
  evaluation.weights(0, 1) = 0;
  const auto samples = labelled_samples(evaluation, [](Index) {});
  REQUIRE(samples.size() == 3);
  CHECK(samples[1].sample == 2);
  CHECK(samples[2].key == 1);
  CHECK_FALSE(has_unknown_key(samples));
  evaluation.predictions(0, 3) = std::numeric_limits<double>::quiet_NaN();
  CHECK(has_unknown_key(labelled_samples(evaluation, [](Index) {})));
}

TEST_CASE("Each group is handed over once, with its predictions as keys") {
  const std::vector<std::int32_t> groups{9, -2, 9, -2};
  const auto evaluation = four_samples(groups);
  std::vector<double> sums;
  for_each_group(evaluation, labelled_samples(evaluation, [](Index) {}), [&](Span<Ranked> list) {
    REQUIRE(list.size() == 2);
    CHECK(groups[static_cast<std::size_t>(list[0].sample)] == groups[static_cast<std::size_t>(list[1].sample)]);
    sums.push_back(list[0].key + list[1].key);
  });
  CHECK(sums == std::vector<double>{1.25, 1});
}
