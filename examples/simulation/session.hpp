/// @file
/// A session of the simulated shop: what the customer meets, what can be expected of it, and what comes of it.
#pragma once

#include "world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

namespace polytask::examples {

/// How large the shop is.
struct ShopOptions {
  Index customers = 8000;
  Index products = 300;
  Index sessions = 40000;
  Index weeks = 52;  ///< the sessions are spread evenly over the weeks, in order of time
  std::uint64_t seed = 1;
};

/// What a customer may find in the letter box in the morning; drawn by lot.
enum class Mail { none, discount, news };

constexpr const char* name_of(Mail mail) {
  return mail == Mail::none ? "none" : mail == Mail::discount ? "discount" : "news";
}

/// What can be expected of a session.
struct Prospect {
  double click;      ///< probability
  double buy;        ///< probability, if there was a click
  double spend;      ///< mean amount, if there was a purchase
  double complaint;  ///< probability, if there was a purchase
  double hours;      ///< mean hours to resolve, if there was a complaint

  double purchase() const { return click * buy; }
};

/// One session: a customer meets a product.
struct Session {
  Index customer;
  Index product;
  Index week;
  std::string weekday;
  double hour;
  std::string channel;
  Mail mail;
  double discount;       ///< of the product in this week, 0 to 0.4
  double next_discount;  ///< of the product in the next week
  double delivery_days;
  double stock;
  double pages;    ///< missing without consent to be tracked
  double minutes;  ///< missing without consent to be tracked
  std::vector<std::string> viewed;
  double sold_last_week;  ///< units of this product in this city
  Prospect prospect;
  double true_demand;
  bool survey = false;  ///< the customer told the segment after this session
  bool click = false;
  bool purchase = false;
  bool complaint = false;
  double spend = 0;
  double hours = 0;
  double demand = 0;
};

/// The shop and all that happened in it.
struct Shop {
  std::vector<City> cities;
  std::vector<Product> products;
  std::vector<Customer> customers;
  std::vector<Session> visits;  ///< in order of time
  Table sessions;               ///< one row a visit

  const Customer& customer_of(const Session& session) const {
    return customers[static_cast<std::size_t>(session.customer)];
  }
  const Product& product_of(const Session& session) const {
    return products[static_cast<std::size_t>(session.product)];
  }
  const City& city_of(const Customer& customer) const { return cities[static_cast<std::size_t>(customer.city)]; }
};

/// 1 at Christmas, -1 in summer.
inline double season(Index week) { return std::cos(2 * std::numbers::pi * (static_cast<double>(week) - 50) / 52); }

/// The discount of a product in a week: none for two products out of three.
inline double discount_of(std::uint64_t seed, Index product, Index week) {
  Random random = stream(seed, Purpose::discounts, product).stream(static_cast<std::uint64_t>(week + 1));
  return random.chance(2.0 / 3) ? 0 : 0.1 * (1 + static_cast<double>(random.below(4)));
}

/// Units of a product that a city is expected to order in a week.
inline double mean_demand(const City& city, const Product& product, double discount, Index week) {
  return std::exp(0.5 + city.size + 0.3 * product.popularity + 0.5 * product.quality - 0.3 * product.complexity -
                  0.25 * (product.price_position - 4 * discount) * (1 - 0.4 * city.income) +
                  0.3 * product.giftable * season(week));
}

/// The units ordered: a week has its luck (logarithm normal, mean 1), then units come one by one.
inline double draw_demand(std::uint64_t seed, double mean, Index city, Index product, Index week) {
  Random random = stream(seed, Purpose::demand, product)
                      .stream(static_cast<std::uint64_t>(city))
                      .stream(static_cast<std::uint64_t>(week + 1));
  return draw_count(random, mean * std::exp(0.4 * random.normal() - 0.08));
}

/// How a product pleases a customer, at a glance.
inline double appeal(const Customer& customer, const Product& product, double discount) {
  const Tastes& tastes = customer.tastes;
  return 0.4 * product.popularity + 0.5 * (1 + 0.5 * tastes.demanding) * product.quality -
         0.4 * (1 + tastes.thrift) * (product.price_position - 4 * discount) +
         0.8 * tastes.curiosity * (product.newness - 0.4) +
         0.3 * (tastes.style[0] * product.style[0] + tastes.style[1] * product.style[1]);
}

/// What can be expected of a session under an arm of the mail.
inline Prospect prospect_of(const Customer& customer, const Product& product, const Session& session, Mail mail) {
  const Tastes& tastes = customer.tastes;
  const double pleasure = appeal(customer, product, session.discount);
  const double gift = tastes.giving * (0.6 + 0.4 * product.giftable + 0.4 * season(session.week));
  const double wait = session.delivery_days - 3;
  const double phone = customer.device == "phone" ? 1 : 0;
  const double click = -1.0 + 0.8 * pleasure + 1.0 * tastes.curiosity - 0.6 * tastes.thrift + 0.7 * gift +
                       0.2 * tastes.loyalty - 0.3 * phone + (mail == Mail::news ? 0.15 + 0.3 * tastes.curiosity : 0);
  const double buy = -0.3 + 0.5 * pleasure + 0.8 * tastes.loyalty - 0.5 * tastes.thrift + 0.5 * gift -
                     0.25 * wait * (1 - 0.7 * tastes.patience) - 0.3 * product.complexity - 0.3 * phone +
                     (mail == Mail::discount ? 0.4 + 0.7 * tastes.thrift : 0);
  const double complaint = -1.1 - 0.7 * tastes.patience + 0.6 * tastes.demanding - 0.7 * product.quality + 0.25 * wait +
                           0.4 * tastes.thrift + 0.3 * product.complexity;
  const double log_hours =
      2.8 + 0.35 * product.complexity - 0.35 * tastes.patience + 0.3 * tastes.demanding - 0.15 * tastes.loyalty;
  const double units = 1 + std::exp(0.6 * tastes.giving - 1 + 0.3 * product.giftable - 0.4 * tastes.thrift);
  const double letter = mail == Mail::discount ? 0.15 : 0;
  return {logistic(click), logistic(buy), units * product.price * (1 - session.discount) * (1 - letter),
          logistic(complaint), std::exp(log_hours)};
}

/// The arm of the mail that a customer gets in a week: each equally likely, whoever the customer is.
inline Mail mail_of(std::uint64_t seed, Index customer, Index week) {
  return static_cast<Mail>(stream(seed, Purpose::mails, customer).stream(static_cast<std::uint64_t>(week)).below(3));
}

/// Draws positions with chances proportional to weights.
class Wheel {
 public:
  void add(double weight) { ends_.push_back(weight + (ends_.empty() ? 0 : ends_.back())); }

  Index draw(Random& random) const {
    const auto place = std::upper_bound(ends_.begin(), ends_.end() - 1, random.uniform(0, ends_.back()));
    return static_cast<Index>(place - ends_.begin());
  }

 private:
  std::vector<double> ends_;
};

/// The channel that a customer comes by: thrift compares prices, loyalty comes straight, curiosity follows social
/// media.
inline std::string draw_channel(const Tastes& tastes, Random& random) {
  static constexpr std::array<const char*, 4> channels{"search", "direct", "social", "comparison"};
  Wheel wheel;
  for (const double pull : {0.0, tastes.loyalty, tastes.curiosity, tastes.thrift}) wheel.add(std::exp(0.7 * pull));
  return channels[static_cast<std::size_t>(wheel.draw(random))];
}

/// The products a customer viewed before: each the most appealing of ten met by chance, up to luck (Gumbel).
inline std::vector<std::string> draw_viewed(const Shop& shop, const Customer& customer, Random& random) {
  std::vector<std::string> viewed;
  const double count = (std::min)(8.0, draw_count(random, 2.5 * std::exp(0.3 * customer.habits.browsing)));
  while (static_cast<double>(viewed.size()) < count) {
    const Product* best = nullptr;
    double most = 0;
    for (int met = 0; met < 10; ++met) {
      const Product& product = draw_one(random, shop.products);
      const double pleasure = 1.5 * appeal(customer, product, 0) - std::log(-std::log1p(-random.uniform()));
      if (best == nullptr || pleasure > most) {
        best = &product;
        most = pleasure;
      }
    }
    viewed.push_back(best->name);
  }
  return viewed;
}

/// What happens before the customer decides: all the shop can see of a session.
inline Session make_session(const ShopOptions& options, const Shop& shop, const Wheel& customers, const Wheel& products,
                            Index number) {
  static constexpr std::array<const char*, 7> weekdays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                       "Friday", "Saturday", "Sunday"};
  Random random = stream(options.seed, Purpose::sessions, number);
  Session session;
  session.customer = customers.draw(random);
  session.product = products.draw(random);
  const Customer& customer = shop.customer_of(session);
  const Product& product = shop.product_of(session);
  const City& city = shop.city_of(customer);
  session.week = number * options.weeks / options.sessions;
  session.weekday = draw_one(random, weekdays);
  session.hour = std::fmod(38 + 4 * random.normal(), 24);
  session.channel = draw_channel(customer.tastes, random);
  session.mail = mail_of(options.seed, session.customer, session.week);
  session.discount = discount_of(options.seed, session.product, session.week);
  session.next_discount = discount_of(options.seed, session.product, session.week + 1);
  session.delivery_days = 1 + draw_count(random, 0.8 + city.distance);
  session.stock = draw_count(random, product.stock);
  session.pages = 1 + draw_count(random, std::exp(2.2 + 0.8 * customer.habits.browsing));
  session.minutes = std::round(10 * session.pages * std::exp(-0.5 + 0.4 * random.normal())) / 10;
  session.viewed = draw_viewed(shop, customer, random);
  if (random.chance(0.08)) {
    session.pages = session.minutes = missing;
    session.viewed.clear();
  }
  const double last_mean =
      mean_demand(city, product, discount_of(options.seed, session.product, session.week - 1), session.week - 1);
  session.sold_last_week = draw_demand(options.seed, last_mean, customer.city, session.product, session.week - 1);
  session.prospect = prospect_of(customer, product, session, session.mail);
  session.true_demand = mean_demand(city, product, session.next_discount, session.week + 1);
  return session;
}

/// What comes of it. A purchase needs a click, a complaint a purchase, hours a complaint.
inline void draw_outcomes(const ShopOptions& options, const Shop& shop, Session& session, Index number) {
  Random random = stream(options.seed, Purpose::outcomes, number);
  const Prospect& prospect = session.prospect;
  session.click = random.chance(prospect.click);
  session.purchase = random.chance(prospect.buy) && session.click;
  session.complaint = random.chance(prospect.complaint) && session.purchase;
  const double spend_luck = std::exp(0.25 * random.normal() - 0.03125);
  const double hours_luck = std::exp(0.4 * random.normal() - 0.08);
  session.spend = session.purchase ? (std::max)(0.01, std::round(100 * prospect.spend * spend_luck) / 100) : 0;
  session.hours = session.complaint ? prospect.hours * hours_luck : missing;
  session.demand =
      draw_demand(options.seed, session.true_demand, shop.customer_of(session).city, session.product, session.week + 1);
}

/// Three customers of ten tell their segment, each after one of their sessions, any equally likely.
inline void draw_surveys(const ShopOptions& options, Shop& shop) {
  std::vector<Session*> asked(shop.customers.size(), nullptr);
  std::vector<double> met(shop.customers.size(), 0);
  Random random = stream(options.seed, Purpose::surveys);
  for (Session& session : shop.visits) {
    const auto customer = static_cast<std::size_t>(session.customer);
    if (random.uniform() * ++met[customer] < 1) asked[customer] = &session;
  }
  for (Session* session : asked)
    if (session != nullptr && random.chance(0.3)) session->survey = true;
}

}  // namespace polytask::examples
