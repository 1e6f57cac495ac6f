#include "simulation/simulation.hpp"

#include "catch.hpp"
#include "polytask/core/errors.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using polytask::Index;
using polytask::Table;
using polytask::Use;
using polytask::examples::Mail;
using polytask::examples::Shop;
using polytask::examples::simulate_shop;

namespace {

/// One shop of the usual size for all the tests that only look at it.
const Shop& usual_shop() {
  static const Shop shop = simulate_shop({});
  return shop;
}

const std::vector<double>& numbers(const Shop& shop, const char* name) { return shop.sessions.numbers(name).values; }

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// The values that are known, and of another column those in the same rows.
std::pair<std::vector<double>, std::vector<double>> known(const std::vector<double>& labels,
                                                          const std::vector<double>& others) {
  std::pair<std::vector<double>, std::vector<double>> pairs;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (std::isnan(labels[row])) continue;
    pairs.first.push_back(labels[row]);
    pairs.second.push_back(others[row]);
  }
  return pairs;
}

/// The chance that a positive row has a higher score than a negative one.
double area_under_curve(const Shop& shop, const char* label, const char* score) {
  const auto [labels, scores] = known(numbers(shop, label), numbers(shop, score));
  std::vector<std::pair<double, double>> rows;
  for (std::size_t row = 0; row < labels.size(); ++row) rows.emplace_back(scores[row], labels[row]);
  std::sort(rows.begin(), rows.end());
  double negatives = 0;
  double ordered = 0;
  for (const auto& row : rows) {
    if (row.second == 0) ++negatives;
    if (row.second == 1) ordered += negatives;
  }
  return ordered / (negatives * (static_cast<double>(rows.size()) - negatives));
}

double explained_share(const Shop& shop, const char* label, const char* prediction) {
  const auto [labels, predictions] = known(numbers(shop, label), numbers(shop, prediction));
  const double middle = mean(labels);
  double errors = 0;
  double spread = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    errors += std::pow(labels[row] - predictions[row], 2);
    spread += std::pow(labels[row] - middle, 2);
  }
  return 1 - errors / spread;
}

bool same(const std::vector<double>& one, const std::vector<double>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); });
}

/// Whether two tables have the same columns with the same values.
bool same(const Table& one, const Table& other) {
  if (one.columns().size() != other.columns().size()) return false;
  for (std::size_t number = 0; number < one.columns().size(); ++number) {
    const auto& left = one.columns()[number];
    const auto& right = other.columns()[number];
    if (left.name != right.name || left.use != right.use || left.values.index() != right.values.index()) return false;
    if (const auto* values = std::get_if<polytask::NumberColumn>(&left.values)) {
      if (!same(values->values, other.numbers(right.name).values)) return false;
    } else if (const auto* categories = std::get_if<polytask::CategoryColumn>(&left.values)) {
      const auto& others = other.categories(right.name);
      if (categories->codes != others.codes || categories->names != others.names) return false;
    } else {
      const auto& lists = one.lists(left.name);
      const auto& others = other.lists(right.name);
      if (lists.codes != others.codes || lists.names != others.names || lists.offsets != others.offsets) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("A seed gives the same shop every time, another seed another one") {
  const Table first = simulate_shop({.customers = 200, .products = 40, .sessions = 1000, .seed = 5}).sessions;
  CHECK(first.size() == 1000);
  CHECK(same(first, simulate_shop({.customers = 200, .products = 40, .sessions = 1000, .seed = 5}).sessions));
  const Table other = simulate_shop({.customers = 200, .products = 40, .sessions = 1000, .seed = 6}).sessions;
  CHECK_FALSE(same(first.numbers("price").values, other.numbers("price").values));
  CHECK_FALSE(same(first.numbers("click").values, other.numbers("click").values));
  CHECK_FALSE(same(first.numbers("account_days").values, other.numbers("account_days").values));
}

TEST_CASE("Each label of the shop is known where it can be") {
  const Shop& shop = usual_shop();
  const auto& click = numbers(shop, "click");
  const auto& purchase = numbers(shop, "purchase");
  const auto& spend = numbers(shop, "spend");
  const auto& complaint = numbers(shop, "complaint");
  const auto& hours = numbers(shop, "hours");
  const auto& demand = numbers(shop, "demand");
  Index wrong = 0;
  for (std::size_t row = 0; row < click.size(); ++row) {
    if (click[row] != 0 && click[row] != 1) ++wrong;
    if (purchase[row] != 0 && purchase[row] != 1) ++wrong;
    if (purchase[row] == 1 && click[row] == 0) ++wrong;
    if (std::isnan(spend[row]) || spend[row] < 0 || (spend[row] > 0) != (purchase[row] == 1)) ++wrong;
    if (std::isnan(complaint[row]) != (purchase[row] == 0)) ++wrong;
    if (!std::isnan(complaint[row]) && complaint[row] != 0 && complaint[row] != 1) ++wrong;
    if (std::isnan(hours[row]) != (complaint[row] != 1)) ++wrong;
    if (hours[row] <= 0) ++wrong;
    if (!(demand[row] >= 0) || demand[row] != std::floor(demand[row])) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("A customer tells the segment at most once") {
  const Shop& shop = usual_shop();
  const auto& segment = shop.sessions.categories("segment");
  const auto& customer = shop.sessions.categories("customer");
  std::map<std::string, int> told;
  std::map<std::string, double> shares;
  for (Index row = 0; row < segment.size(); ++row) {
    if (segment.at(row).empty()) continue;
    ++told[std::string(customer.at(row))];
    ++shares[std::string(segment.at(row))];
  }
  for (const auto& [name, times] : told) REQUIRE(times == 1);
  // any session of a customer may be the one: the mean week, up to 4 standard errors of 0.3, is that of all sessions
  const auto& week = numbers(shop, "week");
  double week_sum = 0;
  for (Index row = 0; row < segment.size(); ++row)
    if (!segment.at(row).empty()) week_sum += week[static_cast<std::size_t>(row)];
  const auto answers = static_cast<double>(told.size());
  CHECK(week_sum / answers == Approx(25.5).margin(1.2));
  CHECK(answers / static_cast<double>(segment.size()) > 0.04);
  CHECK(answers / static_cast<double>(segment.size()) < 0.08);
  REQUIRE(shares.size() == 4);
  for (const char* name : {"bargain hunter", "loyal", "explorer", "gift buyer"}) {
    INFO(name);
    CHECK(shares[name] / answers > 0.08);
    CHECK(shares[name] / answers < 0.42);
  }
}

TEST_CASE("The labels of the shop are as frequent as in a shop") {
  const Shop& shop = usual_shop();
  const auto between = [&](const char* label, double low, double high) {
    const double average = mean(known(numbers(shop, label), numbers(shop, label)).first);
    INFO(label << " " << average);
    CHECK(average > low);
    CHECK(average < high);
  };
  between("click", 0.25, 0.42);
  between("purchase", 0.11, 0.22);
  between("complaint", 0.15, 0.30);
  between("hours", 12, 30);
  between("demand", 1.5, 6);
  between("spend", 10, 50);
}

TEST_CASE("The truth about the shop explains its labels, but not wholly") {
  const Shop& shop = usual_shop();
  const auto between = [](double value, double low, double high) {
    CHECK(value > low);
    CHECK(value < high);
  };
  between(area_under_curve(shop, "click", "true_click"), 0.77, 0.85);
  between(area_under_curve(shop, "purchase", "true_purchase"), 0.77, 0.86);
  between(area_under_curve(shop, "complaint", "true_complaint"), 0.71, 0.82);
  between(explained_share(shop, "hours", "true_hours"), 0.45, 0.75);
  between(explained_share(shop, "demand", "true_demand"), 0.4, 0.8);
  between(explained_share(shop, "spend", "true_spend"), 0.1, 0.6);
}

TEST_CASE("The true probabilities and means of the shop are those of its labels") {
  const Shop& shop = usual_shop();
  const std::pair<const char*, const char*> pairs[] = {{"click", "true_click"},         {"purchase", "true_purchase"},
                                                       {"complaint", "true_complaint"}, {"hours", "true_hours"},
                                                       {"demand", "true_demand"},       {"spend", "true_spend"}};
  for (const auto& [label, truth] : pairs) {
    const auto [labels, truths] = known(numbers(shop, label), numbers(shop, truth));
    INFO(label);
    // the mean of label - truth is 0 up to 5 standard errors
    double squares = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) squares += std::pow(labels[row] - truths[row], 2);
    const auto count = static_cast<double>(labels.size());
    CHECK(std::abs(mean(labels) - mean(truths)) < 5 * std::sqrt(squares) / count);
  }
}

TEST_CASE("The likeliest segment is right for two customers of three or more") {
  const Shop& shop = usual_shop();
  double right = 0;
  for (const auto& customer : shop.customers) {
    const auto& chances = customer.segment_chances;
    CHECK(chances[0] + chances[1] + chances[2] + chances[3] == Approx(1).epsilon(1e-12));
    const auto likeliest = std::max_element(chances.begin(), chances.end()) - chances.begin();
    if (static_cast<std::size_t>(likeliest) == customer.segment) ++right;
  }
  right /= static_cast<double>(shop.customers.size());
  CHECK(right > 0.65);
  CHECK(right < 0.82);
}

TEST_CASE("The mail of the shop is drawn by lot and its true uplift is what it changes") {
  const Shop& shop = usual_shop();
  const auto& uplift_discount = numbers(shop, "true_uplift_discount");
  const auto& uplift_news = numbers(shop, "true_uplift_news");
  const auto& purchase = numbers(shop, "purchase");
  const auto size = static_cast<double>(shop.visits.size());
  std::map<Mail, double> counts;
  std::map<Mail, double> purchases;
  std::map<Mail, double> thrift;
  for (std::size_t row = 0; row < shop.visits.size(); ++row) {
    const auto& session = shop.visits[row];
    ++counts[session.mail];
    purchases[session.mail] += purchase[row];
    thrift[session.mail] += shop.customer_of(session).tastes.thrift;
  }
  for (const Mail mail : {Mail::none, Mail::discount, Mail::news}) {
    CHECK(counts[mail] / size == Approx(1.0 / 3).margin(0.015));
    CHECK(thrift[mail] / counts[mail] == Approx(thrift[Mail::none] / counts[Mail::none]).margin(0.06));
  }
  // the difference of two shares of about 13000 rows has a standard error of about 0.0045
  const double none = purchases[Mail::none] / counts[Mail::none];
  CHECK(purchases[Mail::discount] / counts[Mail::discount] - none == Approx(mean(uplift_discount)).margin(0.014));
  CHECK(purchases[Mail::news] / counts[Mail::news] - none == Approx(mean(uplift_news)).margin(0.014));
}

TEST_CASE("The discount letter moves those who mind the price, as the true uplift says") {
  const Shop& shop = usual_shop();
  const auto& uplift = numbers(shop, "true_uplift_discount");
  const auto& purchase = numbers(shop, "purchase");
  struct Group {
    double rows = 0, uplift = 0, with = 0, bought_with = 0, without = 0, bought_without = 0;
  } thrifty, careless;
  for (std::size_t row = 0; row < shop.visits.size(); ++row) {
    const auto& session = shop.visits[row];
    const double thrift = shop.customer_of(session).tastes.thrift;
    if (std::abs(thrift) < 0.3) continue;
    Group& group = thrift > 0 ? thrifty : careless;
    ++group.rows;
    group.uplift += uplift[row];
    if (session.mail == Mail::discount) {
      ++group.with;
      group.bought_with += purchase[row];
    } else if (session.mail == Mail::none) {
      ++group.without;
      group.bought_without += purchase[row];
    }
  }
  CHECK(thrifty.uplift / thrifty.rows > 0.03);
  CHECK(careless.uplift / careless.rows < 0.01);
  for (const Group& group : {thrifty, careless})
    CHECK(group.bought_with / group.with - group.bought_without / group.without ==
          Approx(group.uplift / group.rows).margin(0.022));
}

TEST_CASE("The numbers of the shop are finite, and missing only where the shop cannot know") {
  const Shop& shop = usual_shop();
  const std::map<std::string, double> most_missing{
      {"days_since_order", 0.1}, {"average_basket", 0.1}, {"bargain_share", 0.1}, {"return_share", 0.1}, {"pages", 0.1},
      {"minutes", 0.1},          {"rating", 0.25}};
  Index features = 0;
  for (const auto& column : shop.sessions.columns()) {
    if (column.use == Use::feature) ++features;
    const auto* values = std::get_if<polytask::NumberColumn>(&column.values);
    if (values == nullptr || column.use == Use::label) continue;
    double gaps = 0;
    bool finite = true;
    for (const double value : values->values) {
      if (std::isnan(value))
        ++gaps;
      else
        finite = finite && std::isfinite(value);
    }
    INFO(column.name);
    CHECK(finite);
    const auto found = most_missing.find(column.name);
    if (found == most_missing.end()) {
      CHECK(gaps == 0);
    } else {
      CHECK(gaps > 0);
      CHECK(gaps / static_cast<double>(values->size()) < found->second);
    }
  }
  CHECK(features == 33);
  CHECK(shop.sessions.categories("product").names.size() == 300);
  for (const auto& column : shop.sessions.columns())
    if (column.name.starts_with("true_")) CHECK(column.use == Use::key);
}

TEST_CASE("The demand of a product in a city and week is one number in the shop") {
  const Shop& shop = usual_shop();
  std::map<std::vector<Index>, double> demands;
  Index met_again = 0;
  Index different = 0;
  for (const auto& session : shop.visits) {
    const Index city = shop.customer_of(session).city;
    const auto [place, added] = demands.try_emplace({session.product, city, session.week + 1}, session.demand);
    if (!added) ++met_again;
    if (place->second != session.demand) ++different;
  }
  // what was sold last week is the demand that was still ahead two weeks before
  for (const auto& session : shop.visits) {
    const auto found = demands.find({session.product, shop.customer_of(session).city, session.week - 1});
    if (found == demands.end()) continue;
    ++met_again;
    if (found->second != session.sold_last_week) ++different;
  }
  CHECK(met_again > 1000);
  CHECK(different == 0);
}

TEST_CASE("A shop without customers, products, sessions or weeks is refused") {
  CHECK_THROWS_AS(simulate_shop({.customers = 0}), polytask::ArgumentError);
  CHECK_THROWS_AS(simulate_shop({.products = 0}), polytask::ArgumentError);
  CHECK_THROWS_AS(simulate_shop({.sessions = 0}), polytask::ArgumentError);
  CHECK_THROWS_WITH(simulate_shop({.weeks = -1}),
                    containing("at least one customer, product, session and week, not 8000, 300, 40000 and -1"));
}
