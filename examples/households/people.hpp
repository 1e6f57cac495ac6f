/// @file
/// People with what is asked of them as labels: real ones (Census-Income, KDD) or customers of the simulated shop.
#pragma once

#include "census/census.hpp"
#include "polytask/data/split.hpp"
#include "simulation/session.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace polytask::examples {

/// One of the two files, with income, education and marital status as labels.
inline Table read_people(const std::filesystem::path& directory, const char* part) {
  const Table census = read_census(directory, part);
  Table people(census.source());
  for (const auto& column : census.columns()) {
    const bool label = column.name == "education" || column.name == "marital_stat" || column.name == "over_50k";
    if (label || column.use == Use::feature) people.add(column.name, label ? Use::label : Use::feature, column.values);
  }
  return people;
}

/// As their publisher split them: one file to learn from, one of other people to be tested on.
/// @param rows of the first file that are taken, from its beginning
inline Split census_people(const std::filesystem::path& directory, Index rows) {
  Table train = read_people(directory, "train");
  std::vector<Index> first;
  for (Index row = 0; row < (std::min)(rows, train.size()); ++row) first.push_back(row);
  return {train.rows(first), read_people(directory, "test")};
}

/// Customers of the simulated shop, which knows their habits and, of three in ten who answered, education and marital
/// status. With the tastes that the habits hide:
///   over_50k     ~ logistic(-2.8 + 1.2 income of the city + 0.6 basket - thrift + 0.5 loyalty)
///   education    ~ softmax(1.5 (-demanding, curiosity, demanding + patience))     school, college, university
///   marital_stat ~ softmax(1.5 (curiosity, giving + 0.3, patience))               single, married, widowed
inline Split simulate_people() {
  constexpr std::uint64_t seed = 9;
  constexpr Index customers = 40000;
  const auto cities = make_cities(seed);
  std::vector<double> income, account, orders, since, basket, bargains, returns, wishes, contacts;
  std::vector<std::string> city, device, payment, age, education, marital;
  const auto drawn = [](Random& random, const std::array<const char*, 3>& names, const std::array<double, 3>& pulls) {
    Wheel wheel;
    for (const double pull : pulls) wheel.add(std::exp(1.5 * pull));
    return std::string(names[static_cast<std::size_t>(wheel.draw(random))]);
  };
  for (Index number = 0; number < customers; ++number) {
    const Customer customer = make_customer(seed, cities, number);
    const City& home = cities[static_cast<std::size_t>(customer.city)];
    const Tastes& tastes = customer.tastes;
    Random random = stream(seed, Purpose::households, number);
    income.push_back(random.chance(
        logistic(-2.8 + 1.2 * home.income + 0.6 * customer.habits.basket - tastes.thrift + 0.5 * tastes.loyalty)));
    const auto schooled = drawn(random, {"school", "college", "university"},
                                {-tastes.demanding, tastes.curiosity, tastes.demanding + tastes.patience});
    const auto status =
        drawn(random, {"single", "married", "widowed"}, {tastes.curiosity, tastes.giving + 0.3, tastes.patience});
    const bool answered = random.chance(0.3);
    education.push_back(answered ? schooled : "");
    marital.push_back(answered ? status : "");
    account.push_back(customer.account_days);
    orders.push_back(customer.past_orders);
    since.push_back(customer.days_since_order);
    basket.push_back(customer.average_basket);
    bargains.push_back(customer.bargain_share);
    returns.push_back(customer.return_share);
    wishes.push_back(customer.wish_list);
    contacts.push_back(customer.past_contacts);
    city.push_back(home.name);
    device.push_back(customer.device);
    payment.push_back(customer.payment);
    age.push_back(customer.age_band);
  }
  Table people("the simulated shop");
  people.add_numbers("account_days", account).add_numbers("past_orders", orders).add_numbers("days_since_order", since);
  people.add_numbers("average_basket", basket).add_numbers("bargain_share", bargains);
  people.add_numbers("return_share", returns).add_numbers("wish_list", wishes).add_numbers("past_contacts", contacts);
  people.add_categories("city", city).add_categories("device", device).add_categories("payment", payment);
  people.add_categories("age_band", age);
  people.add_numbers("over_50k", income, Use::label);
  people.add_categories("education", education, Use::label).add_categories("marital_stat", marital, Use::label);
  return split(people, {.test_fraction = 0.5, .seed = seed});
}

}  // namespace polytask::examples
