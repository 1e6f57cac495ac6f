/// @file
/// What the shop's model says of customers, in words.
#pragma once

#include "polytask/models/model.hpp"

#include <cmath>
#include <iostream>
#include <string>

namespace polytask::examples {

/// Says in words what the model expects of a few customers.
inline void tell(const Model<float>& model, const Table& rows) {
  const auto segment = model.predict("segment", rows);
  const auto click = model.predict("click", rows);
  const auto purchase = model.predict("purchase", rows);
  const auto spend = model.predict("spend", rows);
  const auto demand = model.predict("demand", rows);
  const auto complaint = model.predict("complaint", rows);
  const auto hours = model.predict("hours", rows);
  const auto& classes = model.features().class_names("segment");
  const auto per_cent = [](float share) { return text(std::lround(100 * share), " %"); };
  const auto rounded = [](float value, float parts) { return text(std::round(value * parts) / parts); };
  for (Index row = 0; row < rows.size(); ++row) {
    Index likely = 0;
    segment.col(row).maxCoeff(&likely);
    std::cout << "Customer " << rows.categories("customer").at(row) << " looks at product "
              << rows.categories("product").at(row) << ": probably a " << classes[static_cast<std::size_t>(likely)]
              << " (" << per_cent(segment(likely, row)) << "); clicks with " << per_cent(click(0, row))
              << ", buys with " << per_cent(purchase(0, row)) << ", expected spend " << rounded(spend(0, row), 100)
              << ".\n    Next week the city orders about " << rounded(demand(0, row), 10)
              << " of it. After a purchase a complaint comes with " << per_cent(complaint(0, row))
              << " and takes about " << std::lround(hours(0, row)) << " hours.\n";
  }
}

}  // namespace polytask::examples
