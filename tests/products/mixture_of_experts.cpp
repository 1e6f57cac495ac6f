#include "product.hpp"

#include "polytask/sharing/mixture_of_experts.hpp"

namespace pt = polytask;

TEST_CASE("a mixture of experts works with every weighting") {
  products::whole_product(pt::MixtureOfExperts{pt::mlp<pt::Tanh>({16, 8}), {.experts = 3}});
}

TEST_CASE("a mixture of experts with one sparse, balanced gate works with every weighting") {
  products::whole_product(pt::MixtureOfExperts{
      pt::mlp<pt::Tanh>({16, 8}), {.experts = 4, .gates = pt::MixtureGates::one_for_all, .top = 2, .balance = 0.01}});
}

TEST_CASE("experts are different when training begins, and still when it has ended") {
  const auto train = problem::table(60);
  auto model = products::model(train, pt::MixtureOfExperts{pt::mlp<pt::Tanh>({6}), {.experts = 4}});
  const auto nearest = [&] {
    double least = 1e9;
    for (int one = 0; one < 4; ++one)
      for (int other = 0; other < one; ++other) {
        const auto weights = [&](int expert) {
          return pt::Matrix<double>(model.parameters["shared/experts/" + std::to_string(expert) + "/0/weights"]);
        };

        least = std::min(least, (weights(one) - weights(other)).norm() / weights(one).norm());
      }
    return least;
  };
  CHECK(nearest() > 0.5);
  pt::Trainer(model, pt::Adam{.rate = 0.02}).fit(train, {.epochs = 60, .batch = 20});
  CHECK(nearest() > 0.5);
}
