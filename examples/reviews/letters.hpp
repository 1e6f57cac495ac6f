/// @file
/// Reviews of women's clothing, with their texts as lists of words: the data set "Women's E-Commerce Clothing Reviews".
#pragma once

#include "open_data.hpp"
#include "polytask/data/csv.hpp"
#include "polytask/features/text.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// One row a review that has a text. Key "product": what it is about.
inline Table read_reviews(const std::filesystem::path& directory) {
  std::string bytes = read_data(directory, {"Womens Clothing E-Commerce Reviews.csv", "womens_clothing_reviews.csv",
                                            "womens_clothing_reviews.csv.xz"});
  // some copies end in what an archiver noted of the file: it begins behind the last line, and has zero bytes in it
  if (const auto zero = bytes.find('\0'); zero != std::string::npos) bytes.erase(bytes.rfind('\n', zero) + 1);
  Table all = parse_csv(bytes, "clothing reviews",
                        {.numbers = {"Age"},
                         .categories = {"Division Name", "Department Name", "Class Name"},
                         .labels = {"Rating", "Recommended IND", "Positive Feedback Count"},
                         .keys = {"Clothing ID", "Title", "Review Text"}});
  std::vector<Index> with_text;
  for (Index row = 0; row < all.size(); ++row)
    if (!all.categories("Review Text").at(row).empty()) with_text.push_back(row);
  Table reviews = all.rows(with_text);
  add_words(reviews, "Title", "title words");
  add_words(reviews, "Review Text", "words");
  std::vector<double> rating, not_recommended;
  for (const double stars_given : reviews.numbers("Rating").values) rating.push_back(stars_given - 1);
  for (const double recommended : reviews.numbers("Recommended IND").values) not_recommended.push_back(1 - recommended);
  reviews.add_numbers("rating", std::move(rating), Use::label)
      .add_numbers("not_recommended", std::move(not_recommended), Use::label)
      .add("feedback", Use::label, reviews.numbers("Positive Feedback Count"))
      .add("product", Use::key, reviews.categories("Clothing ID"));
  return reviews;
}

}  // namespace polytask::examples
