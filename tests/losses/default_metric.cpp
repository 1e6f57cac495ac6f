#include "polytask/losses/default_metric.hpp"

#include "catch.hpp"
#include "polytask/losses/losses.hpp"

using namespace polytask;

namespace {

struct OwnRegression {
  static constexpr std::string_view name = "own_regression";
  static constexpr LossKind kind = LossKind::regression;
};

struct OwnClassification {
  static constexpr std::string_view name = "own_classification";
  static constexpr LossKind kind = LossKind::classification;
};

struct OwnChoice {
  static constexpr std::string_view name = "own_choice";
  static constexpr LossKind kind = LossKind::regression;
  static constexpr Metric metric = metrics::wape;
};

}  // namespace

TEST_CASE("Every loss of the library has the metric that suits it best") {
  CHECK(default_metric<BinaryCrossEntropy>().name == "auc");
  CHECK(default_metric<Focal>().name == "auc");
  CHECK(default_metric<SoftmaxCrossEntropy>().name == "accuracy");
  CHECK(default_metric<Ordinal>().name == "accuracy");
  CHECK(default_metric<SquaredError>().name == "rmse");
  CHECK(default_metric<Huber>().name == "rmse");
  CHECK(default_metric<Quantile>().name == "quantile_loss");
  CHECK(default_metric<Poisson>().name == "poisson_deviance");
  CHECK(default_metric<ZeroInflatedLogNormal>().name == "gini");
}

TEST_CASE("A loss of one's own is judged by its kind, or by the metric that it has") {
  CHECK(default_metric<OwnRegression>().name == "rmse");
  CHECK(default_metric<OwnClassification>().name == "accuracy");
  CHECK(default_metric<OwnChoice>().name == "wape");
}
