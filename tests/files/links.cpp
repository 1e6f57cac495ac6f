#include "catch.hpp"

#include "polytask/files/model.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/models/entire_space.hpp"
#include "polytask/models/information_transfer.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

#include <unistd.h>
#include <filesystem>
#include <string>

namespace pt = polytask;

namespace {

/// A file of its own, removed in the end.
struct File {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("polytask_links_" + std::to_string(::getpid()) + ".safetensors");
  ~File() { std::filesystem::remove(path); }
};

template <class Link>
auto model_with(Link link) {
  return pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::mlp({4})}, link,
                              pt::task<"click">(pt::BinaryCrossEntropy{}),
                              pt::task<"purchase">(pt::BinaryCrossEntropy{}));
}

pt::Dataset<float> samples() {
  return pt::Dataset<float>::from(pt::Matrix<float>::Random(3, 20), pt::Matrix<float>::Zero(2, 20));
}

/// The model after it was saved and loaded.
template <class Model>
Model again(const Model& model) {
  const File file;
  pt::save(file.path, model, samples());
  return pt::load<Model>(file.path);
}

}  // namespace

TEST_CASE("a model with a chain of products is saved with its settings and predicts the same") {
  using Link = pt::EntireSpace<"click", "purchase">;
  const auto model = model_with(
      Link{.counterfactual = pt::Counterfactual::doubly_robust, .strength = 0.25, .least_propensity = 0.125});
  const auto loaded = again(model);
  CHECK(loaded.link().counterfactual == pt::Counterfactual::doubly_robust);
  CHECK(loaded.link().strength == 0.25);
  CHECK(loaded.link().least_propensity == 0.125);
  CHECK(loaded.parameters.values == model.parameters.values);
  const auto data = samples();
  CHECK(loaded.predict<"purchase">(data) == model.predict<"purchase">(data));
  CHECK(again(model_with(Link{})).link().counterfactual == pt::Counterfactual::none);
}

TEST_CASE("a model with information transfer is saved with its settings and predicts the same") {
  const auto model = model_with(pt::InformationTransfer<"click", "purchase">{.calibration = 0.25});
  const auto loaded = again(model);
  CHECK(loaded.link().calibration == 0.25);
  const auto data = samples();
  CHECK(loaded.predict<"purchase">(data) == model.predict<"purchase">(data));
}

TEST_CASE("a model with one link is not loaded as one with another") {
  const File file;
  pt::save(file.path, model_with(pt::EntireSpace<"click", "purchase">{}), samples());
  using Other = decltype(model_with(pt::InformationTransfer<"click", "purchase">{}));
  CHECK_THROWS_WITH(pt::load<Other>(file.path), containing("the file holds 'entire_space', the program expects"));
}
