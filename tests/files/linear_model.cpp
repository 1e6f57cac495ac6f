#include "polytask/linear/linear_model.hpp"

#include "catch.hpp"
#include "polytask/files/model.hpp"
#include "polytask/linear/ridge.hpp"

#include <filesystem>

using namespace polytask;

TEST_CASE("A linear model with one-hot columns is saved and loaded") {
  Table table;
  const std::vector<std::string> city{"Ulm", "Cork", "", "Ulm", "Cork", "Ulm"};
  table.add_numbers("age", {1, 2, 3, 5, 8, 13}).add_categories("city", city);
  table.add_numbers("spend of men", {3, 1, 4, 1, 5, missing}, Use::label)
      .add_numbers("click", {0, 1, 1, 0, 1, 0}, Use::label);
  LinearModel model(features(table, {.one_hot = true}),
                    {{"spend of men"}, {"clicked", linear::Loss::logistic, "click"}});
  model.fit(table, linear::Ridge{0.1});
  const auto path = std::filesystem::temp_directory_path() / "polytask_linear_model.safetensors";
  save(path, model, table);
  const auto loaded = load<LinearModel>(path);
  CHECK(loaded.names()[0] == "spend of men");
  CHECK(loaded.tasks()[1].loss == linear::Loss::logistic);
  CHECK(loaded.features().one_hot()[0].vocabulary == model.features().one_hot()[0].vocabulary);
  CHECK((loaded.predict("clicked", table) - model.predict("clicked", table)).norm() == 0);
  CHECK((loaded.predict("spend of men", table) - model.predict("spend of men", table)).norm() == 0);
  std::filesystem::remove(path);
}
