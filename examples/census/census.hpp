/// @file
/// Census-Income (KDD): the files, their columns, and the tasks made of them.
#pragma once

#include "open_data.hpp"
#include "polytask/data/csv.hpp"
#include "polytask/data/split.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// The names of the columns, which the publisher's files do not have in them.
inline const std::vector<std::string> census_columns{"age",
                                                     "class_of_worker",
                                                     "detailed_industry_recode",
                                                     "detailed_occupation_recode",
                                                     "education",
                                                     "wage_per_hour",
                                                     "enroll_in_edu_inst_last_wk",
                                                     "marital_stat",
                                                     "major_industry_code",
                                                     "major_occupation_code",
                                                     "race",
                                                     "hispanic_origin",
                                                     "sex",
                                                     "member_of_a_labor_union",
                                                     "reason_for_unemployment",
                                                     "full_or_part_time_employment_stat",
                                                     "capital_gains",
                                                     "capital_losses",
                                                     "dividends_from_stocks",
                                                     "tax_filer_stat",
                                                     "region_of_previous_residence",
                                                     "state_of_previous_residence",
                                                     "detailed_household_and_family_stat",
                                                     "detailed_household_summary_in_household",
                                                     "instance_weight",
                                                     "migration_code_change_in_msa",
                                                     "migration_code_change_in_reg",
                                                     "migration_code_move_within_reg",
                                                     "live_in_this_house_1_year_ago",
                                                     "migration_prev_res_in_sunbelt",
                                                     "num_persons_worked_for_employer",
                                                     "family_members_under_18",
                                                     "country_of_birth_father",
                                                     "country_of_birth_mother",
                                                     "country_of_birth_self",
                                                     "citizenship",
                                                     "own_business_or_self_employed",
                                                     "fill_inc_questionnaire_for_veterans_admin",
                                                     "veterans_benefits",
                                                     "weeks_worked_in_year",
                                                     "year",
                                                     "income"};

inline const std::vector<std::string> census_numbers{"age",
                                                     "wage_per_hour",
                                                     "capital_gains",
                                                     "capital_losses",
                                                     "dividends_from_stocks",
                                                     "num_persons_worked_for_employer",
                                                     "weeks_worked_in_year"};

/// A 0/1 label: whether a column has a value.
inline void add_label(Table& table, const std::string& label, const std::string& column, const std::string& value) {
  const auto& from = table.categories(column);
  require<DataError>(std::find(from.names.begin(), from.names.end(), value) != from.names.end(), table.place(),
                     "column '", column, "' never is '", value, "'");
  std::vector<double> labels;
  for (Index row = 0; row < table.size(); ++row) labels.push_back(from.at(row) == value ? 1.0 : 0.0);
  table.add_numbers(label, std::move(labels), Use::label);
}

/// One of the two files, in the publisher's form (no header, a blank after each comma, the instance weight as field 25)
/// or with a header and without the instance weight. 39 inputs: the instance weight is no input, nor are the labels.
inline Table read_census(const std::filesystem::path& directory, const std::string& part) {
  const std::string publishers = part == "train" ? "census-income.data" : "census-income.test";
  const std::string bytes = read_data(directory, {"census-income." + part + ".csv", "census-income." + part + ".csv.xz",
                                                  publishers, publishers + ".gz"});
  CsvColumns columns;
  columns.numbers = census_numbers;
  columns.keys = {"income", "marital_stat"};
  for (const auto& name : census_columns)
    if (name != "instance_weight" && name != "income" && name != "marital_stat" &&
        std::find(census_numbers.begin(), census_numbers.end(), name) == census_numbers.end())
      columns.categories.push_back(name);
  CsvFormat format;
  if (!bytes.starts_with("age,")) format.header = census_columns;
  Table table = parse_csv(bytes, "census-income " + part, columns, format);
  add_label(table, "over_50k", "income", "50000+.");
  add_label(table, "never_married", "marital_stat", "Never married");
  return table;
}

/// The protocol's data: the first file to learn from, the second half for validation and half for testing.
struct Census {
  Table train;
  Table validation;
  Table test;
};

/// @param split_seed decides which half is which
inline Census read_census(const std::filesystem::path& directory, std::uint64_t split_seed) {
  Table train = read_census(directory, "train");
  auto [validation, test] =
      split(read_census(directory, "test"), {.test_fraction = 0.5, .seed = split_seed, .stratify = "over_50k"});
  return {std::move(train), std::move(validation), std::move(test)};
}

}  // namespace polytask::examples
