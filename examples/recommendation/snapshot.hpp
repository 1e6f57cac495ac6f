/// @file
/// What a shop knows on a day of its customers and products, and which products come into question for each customer.
#pragma once

#include "trade.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace polytask::examples {

inline constexpr double window = 56;  ///< days: eight weeks, in which a customer buys again or does not

/// A customer's dealings with one product.
struct Dealing {
  std::int32_t product;
  double times = 0;     ///< bought
  double returns = 0;   ///< sent back
  double last_day = 0;  ///< on which it was bought
  double last_units = 0;
};

/// All that one customer did.
struct CustomerPast {
  std::vector<Dealing> dealings;  ///< in the order of the first purchase
  double first_day = 0;
  double last_day = 0;
  double days = 0;  ///< with a purchase
  double spend = 0;

  const Dealing* find(std::int32_t product) const {
    const auto found = std::find_if(dealings.begin(), dealings.end(),
                                    [product](const Dealing& dealing) { return dealing.product == product; });
    return found == dealings.end() ? nullptr : &*found;
  }
};

struct ProductPast {
  double first_day = 0;
  double price = 0;          ///< of the last sale
  double buyers_lately = 0;  ///< purchases in the last two weeks
  double buyers = 0;         ///< purchases in the last eight weeks
  double buyers_before = 0;  ///< in the eight weeks before these
  double sold = 0;           ///< purchases since the beginning
  double returns = 0;
};

/// Everything is computed from the lines before the day.
class Snapshot {
 public:
  Snapshot(const Trade& trade, double day)
      : day_(day), customers_(trade.customers.size()), products_(trade.products.size()) {
    for (const auto& line : trade.lines) {
      if (line.day >= day) break;
      note(line);
    }
    popular_.resize(products_.size());
    std::iota(popular_.begin(), popular_.end(), 0);
    std::stable_sort(popular_.begin(), popular_.end(), [&](std::int32_t left, std::int32_t right) {
      return product(left).buyers > product(right).buyers;
    });
    find_neighbours();
  }

  double day() const { return day_; }
  const CustomerPast& customer(std::int32_t which) const { return customers_[static_cast<std::size_t>(which)]; }
  const ProductPast& product(std::int32_t which) const { return products_[static_cast<std::size_t>(which)]; }

  /// How near every product is to the fifty that a customer bought last: the sum of their cosines, each product seen as
  /// the set of those who have it among their last fifty. A product is nearest to itself.
  std::vector<float> neighbour_scores(std::int32_t which) const {
    std::vector<float> scores(products_.size(), 0.0f);
    for (const auto own : last_products(which)) {
      const float* const cosines = cosines_.data() + static_cast<std::size_t>(own) * products_.size();
      for (std::size_t other = 0; other < scores.size(); ++other) scores[other] += cosines[other];
    }
    return scores;
  }

  /// The products a customer bought, each once, the latest last.
  std::vector<std::int32_t> last_products(std::int32_t which) const {
    auto dealings = customer(which).dealings;
    std::stable_sort(dealings.begin(), dealings.end(),
                     [](const Dealing& left, const Dealing& right) { return left.last_day < right.last_day; });
    std::vector<std::int32_t> products;
    for (std::size_t place = dealings.size() > most ? dealings.size() - most : 0; place < dealings.size(); ++place)
      products.push_back(dealings[place].product);
    return products;
  }

  /// What is worth a closer look: the customer's last products, their nearest neighbours, and what most customers buy;
  /// fifty of each at most.
  std::vector<std::int32_t> candidates(std::int32_t which, Span<const float> scores) const {
    std::vector<std::int32_t> found = last_products(which);
    std::vector<std::int32_t> nearest(products_.size());
    std::iota(nearest.begin(), nearest.end(), 0);
    const auto count = static_cast<std::ptrdiff_t>((std::min)(most, nearest.size()));
    if (!found.empty()) {
      std::partial_sort(nearest.begin(), nearest.begin() + count, nearest.end(),
                        [&](std::int32_t left, std::int32_t right) {
                          return scores[static_cast<std::size_t>(left)] > scores[static_cast<std::size_t>(right)];
                        });
      found.insert(found.end(), nearest.begin(), nearest.begin() + count);
    }
    found.insert(found.end(), popular_.begin(), popular_.begin() + count);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

 private:
  static constexpr std::size_t most = 50;

  void note(const TradeLine& line) {
    auto& customer = customers_[static_cast<std::size_t>(line.customer)];
    auto& product = products_[static_cast<std::size_t>(line.product)];
    auto* dealing = const_cast<Dealing*>(customer.find(line.product));
    if (line.units < 0) {
      product.returns += 1;
      if (dealing != nullptr) dealing->returns += 1;
      return;
    }
    if (dealing == nullptr) dealing = &customer.dealings.emplace_back(Dealing{line.product});
    if (customer.days == 0) customer.first_day = line.day;
    if (customer.days == 0 || std::floor(line.day) > std::floor(customer.last_day)) customer.days += 1;
    if (dealing->times == 0 || std::floor(line.day) > std::floor(dealing->last_day)) dealing->times += 1;
    customer.last_day = dealing->last_day = line.day;
    dealing->last_units = line.units;
    customer.spend += line.units * line.price;
    if (product.sold == 0) product.first_day = line.day;
    product.sold += 1;
    product.price = line.price;
    if (line.day >= day_ - window / 4) product.buyers_lately += 1;
    if (line.day >= day_ - window)
      product.buyers += 1;
    else if (line.day >= day_ - 2 * window)
      product.buyers_before += 1;
  }

  void find_neighbours() {
    const std::size_t count = products_.size();
    cosines_.assign(count * count, 0.0f);
    for (std::size_t which = 0; which < customers_.size(); ++which) {
      const auto own = last_products(static_cast<std::int32_t>(which));
      for (const auto left : own)
        for (const auto right : own)
          cosines_[static_cast<std::size_t>(left) * count + static_cast<std::size_t>(right)] += 1;
    }
    std::vector<float> lengths(count);
    for (std::size_t one = 0; one < count; ++one) lengths[one] = std::sqrt(cosines_[one * count + one]);
    for (std::size_t left = 0; left < count; ++left)
      for (std::size_t right = 0; right < count; ++right)
        if (auto& cosine = cosines_[left * count + right]; cosine > 0) cosine /= lengths[left] * lengths[right];
  }

  double day_;
  std::vector<CustomerPast> customers_;
  std::vector<ProductPast> products_;
  std::vector<std::int32_t> popular_;
  std::vector<float> cosines_;  ///< products x products
};

}  // namespace polytask::examples
