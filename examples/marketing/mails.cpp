#include "mails.hpp"

#include "polytask/metrics/bootstrap.hpp"
#include "polytask/metrics/policy_value.hpp"
#include "polytask/metrics/uplift.hpp"
#include "polytask/report/line_chart.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace polytask::examples {

namespace {

constexpr double thousand = 1000;
constexpr Index bootstrap_repetitions = 100;

/// The rows of the test that got no mail or this one, as uplift is measured on.
struct ArmTest {
  std::vector<double> scores;
  std::vector<std::uint8_t> treated;
  std::vector<double> outcomes;

  UpliftSamples samples() const { return {scores, treated, outcomes}; }

  ArmTest rows(Span<const Index> chosen) const {
    ArmTest part;
    for (const Index row : chosen) {
      const auto at = static_cast<std::size_t>(row);
      part.scores.push_back(scores[at]);
      part.treated.push_back(treated[at]);
      part.outcomes.push_back(outcomes[at]);
    }
    return part;
  }
};

std::vector<Index> all_rows(std::size_t count) {
  std::vector<Index> rows(count);
  std::iota(rows.begin(), rows.end(), Index{0});
  return rows;
}

}  // namespace

Mails::Mails(const Campaign& campaign, const Table& customers, double budget)
    : campaign_{{}, campaign.mails, campaign.outcome, campaign.best_by, campaign.group},
      customers_(&customers),
      budget_(budget),
      truth_(customers.has("true_none") && campaign.outcome == "conversion") {
  std::array<double, 3> counts{};
  for (const double arm : customers.numbers("arm").values) {
    given_.push_back(static_cast<Index>(arm));
    ++counts[static_cast<std::size_t>(arm)];
  }
  for (const Index arm : given_)
    propensities_.push_back(counts[static_cast<std::size_t>(arm)] / static_cast<double>(given_.size()));
}

Mails::Chances Mails::predicted(const Predictor& predict) const {
  Chances chances;
  for (std::size_t arm = 0; arm < chances.size(); ++arm) {
    const auto found = predict(text(campaign_.outcome, "_", arm_names[arm]), *customers_);
    chances[arm].assign(found.data(), found.data() + found.size());
  }
  return chances;
}

std::vector<Index> Mails::chosen(const Chances& chances, double share) const {
  const std::size_t count = given_.size();
  std::vector<Index> best(count);
  std::vector<double> uplift(count);
  for (std::size_t row = 0; row < count; ++row) {
    best[row] = chances[2][row] > chances[1][row] ? 2 : 1;
    uplift[row] = chances[static_cast<std::size_t>(best[row])][row] - chances[0][row];
  }
  auto order = all_rows(count);
  std::stable_sort(order.begin(), order.end(), [&](Index one, Index other) {
    return uplift[static_cast<std::size_t>(one)] > uplift[static_cast<std::size_t>(other)];
  });
  const auto sent = static_cast<std::size_t>(std::llround(share * static_cast<double>(count)));
  for (std::size_t place = sent; place < count; ++place) best[static_cast<std::size_t>(order[place])] = 0;
  return best;
}

double Mails::value_by_propensity(const std::vector<Index>& arms, const std::string& outcome,
                                  Span<const Index> rows) const {
  const auto& outcomes = customers_->numbers(outcome).values;
  std::vector<Index> chosen;
  std::vector<Index> given;
  std::vector<double> reached;
  std::vector<double> propensities;
  for (const Index row : rows) {
    const auto at = static_cast<std::size_t>(row);
    chosen.push_back(arms[at]);
    given.push_back(given_[at]);
    reached.push_back(outcomes[at]);
    propensities.push_back(propensities_[at]);
  }
  return thousand * policy_value(chosen, given, reached, propensities);
}

double Mails::value(const std::vector<Index>& arms) const {
  if (!truth_) return value_by_propensity(arms, campaign_.outcome, all_rows(arms.size()));
  double sum = 0;
  for (std::size_t row = 0; row < arms.size(); ++row)
    sum += customers_->numbers(text("true_", arm_names[static_cast<std::size_t>(arms[row])])).values[row];
  return thousand * sum / static_cast<double>(arms.size());
}

double Mails::value_by_lot(Index arm, double share) const {
  const auto whole = [&](Index everybody) { return value(std::vector<Index>(given_.size(), everybody)); };
  return share * whole(arm) + (1 - share) * whole(0);
}

/// What a choice of mails brings.
std::vector<Measure> Mails::measures(const std::vector<Index>& arms) const {
  const auto rows = all_rows(arms.size());
  const auto interval =
      bootstrap_interval(static_cast<Index>(arms.size()),
                         [&](Span<const Index> drawn) { return value_by_propensity(arms, campaign_.outcome, drawn); },
                         {.repetitions = bootstrap_repetitions});
  return {{campaign_.outcome + "s", value(arms)},
          {"by propensity", value_by_propensity(arms, campaign_.outcome, rows)},
          {"95 % from", interval.low},
          {"to", interval.high},
          {"spend", value_by_propensity(arms, "spend", rows)}};
}

std::vector<Measure> Mails::judge(const Predictor& predict) const {
  const Chances chances = predicted(predict);
  auto found = measures(chosen(chances, budget_));
  const auto& outcomes = customers_->numbers(campaign_.outcome).values;
  for (std::size_t mail = 1; mail < chances.size(); ++mail) {
    ArmTest test;
    double errors = 0;
    for (std::size_t row = 0; row < given_.size(); ++row) {
      const double uplift = chances[mail][row] - chances[0][row];
      if (truth_) {
        const auto& truth = customers_->numbers(text("true_", arm_names[mail])).values;
        errors += std::pow(uplift - truth[row] + customers_->numbers("true_none").values[row], 2);
      }
      if (given_[row] != 0 && given_[row] != static_cast<Index>(mail)) continue;
      test.scores.push_back(uplift);
      test.treated.push_back(given_[row] != 0 ? 1 : 0);
      test.outcomes.push_back(outcomes[row]);
    }
    const auto interval = bootstrap_interval(static_cast<Index>(test.scores.size()),
                                             [&](Span<const Index> rows) { return qini(test.rows(rows).samples()); },
                                             {.repetitions = bootstrap_repetitions});
    const std::string& name = campaign_.mails[mail];
    found.push_back({name + ": Qini", thousand * qini(test.samples())});
    found.push_back({name + ": from", thousand * interval.low});
    found.push_back({name + ": to", thousand * interval.high});
    found.push_back({name + ": AUUC", thousand * auuc(test.samples())});
    if (truth_)
      found.push_back({name + ": error of uplift", thousand * std::sqrt(errors / static_cast<double>(given_.size()))});
  }
  return found;
}

std::vector<LineChart> Mails::curves(const std::vector<NamedPredictor>& predictors) const {
  LineChart chart{.title = text("The ", campaign_.outcome, "s of 1,000 customers"),
                  .subtitle = truth_ ? "True chances" : "By inverse propensity",
                  .x_label = "customers who get a mail, %",
                  .y_label = campaign_.outcome + "s",
                  .marks = LineChart::Marks::none};
  constexpr int steps = 20;
  for (const auto& one : predictors) {
    const Chances chances = predicted(one.predict);
    Line line{.name = one.name};
    for (int step = 0; step <= steps; ++step) {
      const double share = static_cast<double>(step) / steps;
      line.points.push_back({100 * share, value(chosen(chances, share))});
    }
    chart.lines.push_back(std::move(line));
  }
  for (Index mail = 1; mail < 3; ++mail)
    chart.lines.push_back({.name = text(campaign_.mails[static_cast<std::size_t>(mail)], ", by lot"),
                           .points = {{0, value_by_lot(mail, 0)}, {100, value_by_lot(mail, 1)}}});
  return {chart};
}

Decision Mails::decision() const {
  const std::string share = text(100 * budget_, " %");
  std::vector<SimpleDecision> simple;
  const auto& best = customers_->numbers(campaign_.best_by).values;
  Chances by_rank;  // the best customers first, all the same mail
  for (double value : best) {
    if (std::isnan(value)) value = -1;
    by_rank[0].push_back(-value);
    by_rank[1].push_back(1);
    by_rank[2].push_back(0);
  }
  for (Index mail = 1; mail < 3; ++mail) {
    const auto& name = campaign_.mails[static_cast<std::size_t>(mail)];
    simple.push_back({text(name, " to ", share, ", by lot"), {{campaign_.outcome + "s", value_by_lot(mail, budget_)}}});
    auto arms = chosen(by_rank, budget_);
    for (Index& arm : arms) arm = arm == 0 ? 0 : mail;
    simple.push_back({text(name, " to the ", share, " with the highest ", campaign_.best_by), measures(arms)});
  }
  return {
      .question = text("Which mail to whom, when ", share, " of the customers can get one?"),
      .unit = campaign_.outcome + "s of 1,000 customers" + (truth_ ? ", by the true chances" : ""),
      .digits = 1,
      .simple = std::move(simple),
      .judge = [*this](const Predictor& predict) { return judge(predict); },
      .curves = [*this](const std::vector<NamedPredictor>& predictors) { return curves(predictors); },
      .explanation =
          "Mails go to those with the highest predicted uplift first, each the mail that lifts the customer most. "
          "Straight lines: one mail, to customers who are drawn by lot. The curves may fall at the end, where mails "
          "go to customers whom they keep away."};
}

}  // namespace polytask::examples
