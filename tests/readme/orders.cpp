/// @file
/// Writes the orders.csv that the README's program reads: a few thousand simulated orders.
#include "polytask/core/random.hpp"
#include "polytask/data/csv_writer.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace pt = polytask;

int main() {
  pt::Random random(1);
  const std::vector<std::string> cities{"Athens", "Bergen", "Cork", "Delft"};
  const std::vector<std::string> brands{"Acme", "Bolt", "Crux"};
  std::vector<double> age, basket, click, purchase, spend;
  std::vector<std::string> city, brand;
  for (int row = 0; row < 4000; ++row) {
    const auto town = random.below(cities.size());
    const auto maker = random.below(brands.size());
    const double years = random.uniform(18, 80);
    const double size = std::exp(random.normal(3, 0.7));
    const double appeal = 0.04 * (50 - years) + (town < 2 ? 0.7 : -0.7) + 0.5 * static_cast<double>(maker) - 0.5;
    const bool clicked = random.normal() + appeal > 0;
    const bool bought = clicked && random.normal() + appeal > 0.5;
    age.push_back(random.chance(0.05) ? pt::missing : std::floor(years));
    basket.push_back(size);
    city.push_back(cities[town]);
    brand.push_back(brands[maker]);
    click.push_back(clicked);
    purchase.push_back(bought);
    spend.push_back(bought ? size * (1 + 0.2 * random.normal()) / 20 : 0);
  }
  pt::Table orders;
  orders.add_numbers("age", age)
      .add_numbers("basket", basket)
      .add_categories("city", city)
      .add_categories("brand", brand);
  orders.add_numbers("click", click).add_numbers("purchase", purchase).add_numbers("spend", spend);
  pt::write_csv("orders.csv", orders);
}
