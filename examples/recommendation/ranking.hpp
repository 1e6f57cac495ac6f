/// @file
/// Ten products for each customer: by a model, and by simpler ways.
#pragma once

#include "decision.hpp"
#include "pairs.hpp"
#include "polytask/metrics/ndcg.hpp"
#include "polytask/metrics/recall.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// A score of each row of a test, the highest first.
using Scores = std::vector<double>;

/// The scores as a column of the table says.
inline Scores column_scores(const RankingTest& test, const std::string& column) {
  return test.table.numbers(column).values;
}

/// What has been bought most often first; what was bought equally often in the order of popularity.
inline Scores bought_before(const RankingTest& test) {
  const auto& times = test.table.numbers("times bought").values;
  const auto& buyers = test.table.numbers("product buyers").values;
  const double most = *std::max_element(buyers.begin(), buyers.end()) + 1;
  Scores scores;
  for (std::size_t row = 0; row < times.size(); ++row) scores.push_back(times[row] + buyers[row] / most);
  return scores;
}

/// The lists of some customers as metrics take them. What is bought without being a candidate stands at the end of its
/// customer's list, so that nothing bought is left out of what could have been reached.
class RankedLists {
 public:
  template <class Chosen>
  RankedLists(const RankingTest& test, const Scores& scores, Chosen chosen) {
    const auto& buys = test.table.numbers("buys").values;
    std::vector<double> keys, labels;
    const auto add = [&](double key, double label, std::int32_t customer) {
      keys.push_back(key);
      labels.push_back(label);
      groups_.push_back(customer);
    };
    for (std::size_t row = 0; row < scores.size(); ++row)
      if (chosen(test.customer[row])) add(scores[row], buys[row], test.customer[row]);
    const double last = *std::min_element(scores.begin(), scores.end()) - 1;
    for (std::size_t customer = 0; customer < test.missed.size(); ++customer)
      for (Index one = 0; one < test.missed[customer]; ++one)
        if (chosen(static_cast<std::int32_t>(customer))) add(last, 1, static_cast<std::int32_t>(customer));
    const auto count = static_cast<Index>(keys.size());
    evaluation_.predictions = Eigen::Map<const Matrix<double>>(keys.data(), 1, count);
    evaluation_.labels = Eigen::Map<const Matrix<double>>(labels.data(), 1, count);
    evaluation_.weights = Matrix<double>::Ones(1, count);
    evaluation_.groups = groups_;
  }
  RankedLists(const RankedLists&) = delete;

  const Evaluation& evaluation() const { return evaluation_; }

 private:
  std::vector<std::int32_t> groups_;
  Evaluation evaluation_;
};

/// Products that a customer buys of the first one, two, three ... of the list, a mean over all customers.
inline std::vector<double> bought_of_first(const RankingTest& test, const Scores& scores, std::size_t most) {
  const auto& buys = test.table.numbers("buys").values;
  std::vector<double> bought(most, 0.0);
  std::vector<std::size_t> list;
  for (std::size_t begin = 0, end = 0; begin < scores.size(); begin = end) {
    for (; end < scores.size() && test.customer[end] == test.customer[begin];) ++end;
    list.resize(end - begin);
    std::iota(list.begin(), list.end(), begin);
    std::stable_sort(list.begin(), list.end(),
                     [&](std::size_t left, std::size_t right) { return scores[left] > scores[right]; });
    double found = 0;
    for (std::size_t place = 0; place < most; ++place) {
      if (place < list.size()) found += buys[list[place]];
      bought[place] += found;
    }
  }
  for (double& one : bought) one /= static_cast<double>(test.missed.size());
  return bought;
}

inline std::vector<Measure> ranking_measures(const RankingTest& test, const Scores& scores) {
  const auto is_old = [&](std::int32_t customer) { return bool{test.old[static_cast<std::size_t>(customer)]}; };
  const RankedLists all(test, scores, [](std::int32_t) { return true; });
  const RankedLists old(test, scores, is_old);
  const RankedLists fresh(test, scores, [&](std::int32_t customer) { return !is_old(customer); });
  return {{"bought of ten", bought_of_first(test, scores, 10).back()},
          {"NDCG@10", ndcg(all.evaluation(), 10)},
          {"recall@20", recall(all.evaluation(), 20)},
          {"NDCG@10 old", ndcg(old.evaluation(), 10)},
          {"NDCG@10 new", ndcg(fresh.evaluation(), 10)},
          {"recall@20 old", recall(old.evaluation(), 20)},
          {"recall@20 new", recall(fresh.evaluation(), 20)}};
}

/// @param test must outlive the decision
inline Decision ranking_decision(const RankingTest& test) {
  const std::vector<std::pair<std::string, Scores>> simple{{"popularity", column_scores(test, "product buyers")},
                                                           {"item neighbours", column_scores(test, "neighbour score")},
                                                           {"bought before", bought_before(test)}};
  Decision decision{.question = "Which ten products to show each customer?",
                    .unit = "products of the ten that a customer buys within eight weeks",
                    .digits = 3};
  decision.explanation =
      "What a customer buys within eight weeks of the products at the top of the list, as more of it is shown; a mean "
      "over the customers who buy.";
  for (const auto& [name, scores] : simple) decision.simple.push_back({name, ranking_measures(test, scores)});
  const auto predicted = [&test](const Predictor& predict) {
    const Matrix<float> chances = predict("buys", test.table);
    return Scores(chances.data(), chances.data() + chances.size());
  };
  decision.judge = [&test, predicted](const Predictor& predict) { return ranking_measures(test, predicted(predict)); };
  decision.curves = [&test, predicted, simple](const std::vector<NamedPredictor>& predictors) {
    LineChart chart{
        .title = "Bought of what is shown", .x_label = "products shown", .y_label = "products bought, a customer"};
    const auto add = [&](const std::string& name, const Scores& scores) {
      Line line{name};
      const auto bought = bought_of_first(test, scores, 30);
      for (std::size_t shown = 0; shown < bought.size(); ++shown)
        line.points.push_back({static_cast<double>(shown + 1), bought[shown]});
      chart.lines.push_back(line);
    };
    for (const auto& [name, predict] : predictors) add(name, predicted(predict));
    for (const auto& [name, scores] : simple) add(name, scores);
    return std::vector<LineChart>{chart};
  };
  return decision;
}

}  // namespace polytask::examples
