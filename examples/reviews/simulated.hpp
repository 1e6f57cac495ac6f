/// @file
/// Letters of the simulated shop's customers about what they bought.
#pragma once

#include "model.hpp"
#include "simulation/simulation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// The words of a letter: some say that the customer is pleased or not, some say either, as the product goes (who wants
/// a small phone does not want a small garden chair), and most say nothing.
inline std::vector<std::string> simulated_words(double pleasure, bool small_is_good, Random& random) {
  static constexpr std::array<const char*, 8> pleased{"love",  "great", "perfect", "happy",
                                                      "quick", "nice",  "solid",   "again"};
  static constexpr std::array<const char*, 8> angry{"broken", "late",  "refund",  "never",
                                                    "poor",   "wrong", "waiting", "angry"};
  static constexpr std::array<const char*, 3> small{"small", "light", "thin"};
  static constexpr std::array<const char*, 3> large{"large", "heavy", "thick"};
  std::vector<std::string> letter;
  const double count = 8 + draw_count(random, 10);
  while (static_cast<double>(letter.size()) < count) {
    const bool good = random.chance(logistic(1.5 * pleasure));
    const double kind = random.uniform();
    if (kind < 0.06)
      letter.emplace_back(good ? draw_one(random, pleased) : draw_one(random, angry));
    else if (kind < 0.4)
      letter.emplace_back(good == small_is_good ? draw_one(random, small) : draw_one(random, large));
    else
      letter.push_back(text("word", random.below(300)));
  }
  return letter;
}

/// One letter for every second purchase; columns as those of real reviews.
inline Table simulated_letters(const ShopOptions& options) {
  const Shop shop = simulate_shop(options);
  std::vector<double> price, rating, not_recommended, feedback;
  std::vector<std::string> category, brand, product_name;
  std::vector<std::vector<std::string>> words;
  for (std::size_t visit = 0; visit < shop.visits.size(); ++visit) {
    const Session& session = shop.visits[visit];
    Random random = stream(options.seed, Purpose::letters, static_cast<Index>(visit));
    if (!session.purchase || random.chance(0.5)) continue;
    const Product& product = shop.product_of(session);
    const Tastes& tastes = shop.customer_of(session).tastes;
    const double pleasure = 0.6 + 0.7 * product.quality - 0.4 * tastes.demanding + 0.3 * tastes.patience -
                            0.2 * (session.delivery_days - 3) - (session.complaint ? 0.8 : 0) + 0.5 * random.normal();
    const bool small_is_good = product.category == "phones" || product.category == "computers" ||
                               product.category == "audio" || product.category == "clothing" ||
                               product.category == "toys";
    words.push_back(simulated_words(pleasure, small_is_good, random));
    rating.push_back(std::clamp(std::round(2.8 + 1.2 * pleasure + 0.3 * random.normal()), 0.0, stars - 1.0));
    not_recommended.push_back(pleasure + 0.3 * random.normal() < -0.4 ? 1 : 0);
    feedback.push_back(draw_count(random, std::exp(0.5 * std::abs(pleasure))));
    price.push_back(product.price);
    category.push_back(product.category);
    brand.push_back(product.brand);
    product_name.push_back(product.name);
  }
  Table letters("the simulated shop");
  letters.add_numbers("price", std::move(price))
      .add_categories("category", category)
      .add_categories("brand", brand)
      .add_lists("words", words)
      .add_numbers("rating", std::move(rating), Use::label)
      .add_numbers("not_recommended", std::move(not_recommended), Use::label)
      .add_numbers("feedback", std::move(feedback), Use::label)
      .add_categories("product", product_name, Use::key);
  return letters;
}

}  // namespace polytask::examples
