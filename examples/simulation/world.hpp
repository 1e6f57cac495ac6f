/// @file
/// What the simulated shop is made of: cities, products, and customers with hidden tastes.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/views.hpp"
#include "polytask/data/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

namespace polytask::examples {

inline constexpr std::array<const char*, 4> segment_names{"bargain hunter", "loyal", "explorer", "gift buyer"};

/// Where customers live. The shop sees its name only.
struct City {
  std::string name;
  double size;      ///< of its orders, logarithm
  double income;    ///< standard normal
  double distance;  ///< days a parcel takes beyond the first
};

/// What is sold. Hidden from the shop: price_position, quality, style, popularity, complexity, giftable, newness.
struct Product {
  std::string name;
  std::string brand;
  std::string category;
  double price;
  double price_position;  ///< expensive or cheap within its category, standard normal
  double quality;
  std::array<double, 2> style;
  double popularity;
  double complexity;  ///< how hard a complaint about it is to resolve
  double giftable;
  double newness;  ///< 1 at its launch, falling to 0
  double age_days;
  double reviews;
  double rating;  ///< missing below five reviews
  double stock;
};

/// What the shop can see of a customer's history, as standard normal numbers before they are turned into columns.
struct Habits {
  double tenure;    ///< age of the account
  double activity;  ///< past orders
  double basket;    ///< amount of a past order
  double bargains;  ///< share of past orders at a discount
  double returns;   ///< share of past orders sent back
  double browsing;  ///< pages viewed in a session
  double wishes;    ///< length of the wish list
  double contacts;  ///< calls and letters to the customer service
};

/// What moves the customer, never seen.
struct Tastes {
  double thrift;     ///< minds the price
  double demanding;  ///< minds the quality
  double patience;   ///< bears waiting and trouble
  double curiosity;  ///< likes what is new
  double loyalty;    ///< buys here rather than elsewhere
  double giving;     ///< buys for others
  std::array<double, 2> style;
};

/// Who buys: habits and tastes, then what the shop sees of them.
struct Customer {
  std::string name;
  Index city;
  std::string device;
  std::string payment;
  std::string age_band;  ///< empty when not told
  Habits habits;
  Tastes tastes;
  double account_days;
  double past_orders;
  double days_since_order;
  double average_basket;
  double bargain_share;
  double return_share;
  double wish_list;
  double past_contacts;
  std::array<double, 4> segment_chances;  ///< in the order of segment_names
  std::size_t segment;                    ///< index into segment_names
};

/// The purposes that random numbers are drawn for; each has a stream of its own.
// clang-format off
enum class Purpose : std::uint64_t {
  cities, brands, products, customers, sessions, discounts, mails, outcomes, demand, surveys, tickets, parcels, letters,
  baskets, households
};
// clang-format on

inline Random stream(std::uint64_t seed, Purpose purpose, Index number = 0) {
  return Random(seed).stream(static_cast<std::uint64_t>(purpose)).stream(static_cast<std::uint64_t>(number));
}

inline double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// A number of events with the given mean (Poisson): exponential waiting times are added until the time is over.
inline double draw_count(Random& random, double mean) {
  double events = 0;
  for (double time = -std::log1p(-random.uniform()); time < mean; time -= std::log1p(-random.uniform())) ++events;
  return events;
}

template <class List>
const auto& draw_one(Random& random, const List& list) {
  return list[static_cast<std::size_t>(random.below(list.size()))];
}

/// The name with a number behind it, for example "city 07".
inline std::string numbered(const char* name, Index number, std::size_t digits) {
  std::string figure = std::to_string(number);
  figure.insert(0, digits - (std::min)(digits, figure.size()), '0');
  return text(name, " ", figure);
}

inline std::vector<City> make_cities(std::uint64_t seed) {
  std::vector<City> cities;
  for (Index number = 0; number < 20; ++number) {
    Random random = stream(seed, Purpose::cities, number);
    const double size = 0.5 * random.normal();
    const double income = random.normal();
    cities.push_back({numbered("city", number + 1, 2), size, income, std::exp(0.5 * random.normal())});
  }
  return cities;
}

inline Product make_product(std::uint64_t seed, Index number) {
  struct Category {
    const char* name;
    double price;  // typical, logarithm
    double complexity;
    double giftable;
  };
  static constexpr std::array<Category, 12> categories{{{"books", 2.7, -1.2, 1.0},
                                                        {"toys", 3.1, -0.6, 1.5},
                                                        {"games", 3.4, -0.5, 1.0},
                                                        {"kitchen", 3.7, 0.0, 0.5},
                                                        {"garden", 3.8, 0.4, -1.0},
                                                        {"sports", 3.9, 0.0, 0.0},
                                                        {"clothing", 3.6, -0.8, 0.3},
                                                        {"shoes", 4.0, -0.6, -0.5},
                                                        {"audio", 4.4, 0.8, 0.2},
                                                        {"phones", 5.4, 1.2, -0.6},
                                                        {"computers", 6.0, 1.6, -1.2},
                                                        {"furniture", 5.2, 1.4, -1.4}}};
  Random random = stream(seed, Purpose::products, number);
  const Category& category = draw_one(random, categories);
  const auto brand = static_cast<Index>(random.below(24));
  const double prestige = stream(seed, Purpose::brands, brand).normal();
  Product product;
  product.name = numbered("product", number + 1, 3);
  product.brand = numbered("brand", brand + 1, 2);
  product.category = category.name;
  product.price_position = random.normal();
  product.price = std::round(100 * std::exp(category.price + 0.5 * product.price_position)) / 100;
  product.quality = 0.4 * prestige + 0.3 * product.price_position + 0.8 * random.normal();
  for (double& style : product.style) style = random.normal();
  product.popularity = 0.4 * product.quality + 0.6 * random.normal();
  product.complexity = 0.7 * category.complexity + 0.6 * random.normal();
  product.giftable = category.giftable + 0.4 * random.normal();
  product.age_days = std::round(-300 * std::log1p(-random.uniform()));
  product.newness = std::exp(-product.age_days / 200);
  product.reviews = draw_count(random, std::exp(2.8 + product.popularity - 1.5 * product.newness));
  product.rating = std::round(10 * std::clamp(3.7 + 0.4 * product.quality + 0.5 * random.normal(), 1.0, 5.0)) / 10;
  if (product.reviews < 5) product.rating = missing;
  product.stock = std::exp(3.5 + 0.5 * product.popularity + 0.8 * random.normal());
  return product;
}

/// Tastes grow out of three tempers, a little out of one habit each, and a part is the customer's own. A temper grows
/// on a bend: both much and little of a mixture of habits make it, the middle does not.
inline Tastes make_tastes(const Habits& habits, double income, Random& random) {
  const auto bend = [](double habit) { return 1.6 * (std::abs(habit) - 0.8); };
  const double careful = bend(0.5 * (habits.basket + habits.returns - habits.activity + habits.contacts));
  const double restless = bend(0.5 * (habits.browsing + habits.wishes - habits.tenure - habits.returns));
  const double generous = bend(0.5 * (habits.bargains - habits.basket + habits.tenure - habits.wishes));
  Tastes tastes;
  tastes.thrift = 0.7 * careful - 0.4 * generous + 0.3 * habits.bargains - 0.3 * income;
  tastes.demanding = 0.7 * careful + 0.3 * restless + 0.3 * habits.basket;
  tastes.patience = 0.4 * careful - 0.7 * restless - 0.3 * habits.contacts;
  tastes.curiosity = 0.9 * restless + 0.3 * habits.browsing;
  tastes.loyalty = -0.6 * restless - 0.4 * careful + 0.3 * generous + 0.4 * habits.activity;
  tastes.giving = 0.9 * generous + 0.3 * habits.wishes;
  for (double* taste :
       {&tastes.thrift, &tastes.demanding, &tastes.patience, &tastes.curiosity, &tastes.loyalty, &tastes.giving})
    *taste += 0.25 * random.normal();
  for (double& style : tastes.style) style = random.normal();
  return tastes;
}

/// What the habits left in the shop's books. Without a past order four of the numbers are missing.
inline void draw_history(Customer& customer, Random& random) {
  const Habits& habits = customer.habits;
  customer.account_days = std::round(std::exp(6 + 0.9 * habits.tenure));
  customer.past_orders = draw_count(random, std::exp(2.2 + 0.9 * habits.activity));
  customer.days_since_order = std::round(std::exp(3.5 - 0.4 * habits.activity + 0.9 * random.normal()));
  customer.average_basket = std::round(100 * std::exp(4 + 0.6 * habits.basket)) / 100;
  customer.bargain_share = logistic(-0.5 + 1.2 * habits.bargains);
  customer.return_share = logistic(-1.5 + 1.2 * habits.returns);
  customer.wish_list = draw_count(random, std::exp(2.2 + 0.8 * habits.wishes));
  customer.past_contacts = draw_count(random, std::exp(1.7 + 0.8 * habits.contacts));
  if (customer.past_orders == 0)
    customer.days_since_order = customer.average_basket = customer.bargain_share = customer.return_share = missing;
}

/// The segment a customer belongs to.
inline void draw_segment(Customer& customer, Random& random) {
  // P(segment) = softmax(2.5 taste + bias), the taste being the one the segment is named after
  const Tastes& tastes = customer.tastes;
  const std::array<double, 4> pull{tastes.thrift, tastes.loyalty, tastes.curiosity, tastes.giving};
  const std::array<double, 4> bias{0.5, 0.3, 0.0, -0.4};
  double total = 0;
  for (std::size_t segment = 0; segment < 4; ++segment)
    total += customer.segment_chances[segment] = std::exp(2.5 * pull[segment] + bias[segment]);
  for (double& chance : customer.segment_chances) chance /= total;
  double left = random.uniform();
  customer.segment = 0;
  while (customer.segment < 3 && (left -= customer.segment_chances[customer.segment]) >= 0) ++customer.segment;
}

inline Customer make_customer(std::uint64_t seed, const std::vector<City>& cities, Index number) {
  static constexpr std::array<const char*, 4> devices{"phone", "phone", "computer", "tablet"};
  static constexpr std::array<const char*, 4> payments{"card", "wallet", "invoice", "transfer"};
  static constexpr std::array<const char*, 6> age_bands{"", "18-29", "30-39", "40-49", "50-64", "65+"};
  Random random = stream(seed, Purpose::customers, number);
  Customer customer;
  customer.name = numbered("customer", number + 1, 5);
  customer.city = static_cast<Index>(random.below(cities.size()));
  customer.device = draw_one(random, devices);
  customer.payment = draw_one(random, payments);
  customer.age_band = draw_one(random, age_bands);

  Habits& habits = customer.habits;
  for (double* habit : {&habits.tenure, &habits.activity, &habits.basket, &habits.bargains, &habits.returns,
                        &habits.browsing, &habits.wishes, &habits.contacts})
    *habit = random.normal();
  customer.tastes = make_tastes(habits, cities[static_cast<std::size_t>(customer.city)].income, random);

  draw_history(customer, random);
  draw_segment(customer, random);
  return customer;
}

}  // namespace polytask::examples
