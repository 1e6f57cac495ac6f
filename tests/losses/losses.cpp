#include "loss_checks.hpp"

#include "polytask/losses/losses.hpp"

#include <set>
#include <string_view>

namespace {

template <class... Losses>
std::set<std::string_view> names() {
  static_assert(((polytask::Loss<Losses, float> && polytask::Loss<Losses, double>)&&...));
  return {Losses::name...};
}

}  // namespace

TEST_CASE("one header brings all losses, each with a name of its own") {
  CHECK(names<polytask::BinaryCrossEntropy, polytask::Focal, polytask::Huber, polytask::Ordinal, polytask::Poisson,
              polytask::Quantile, polytask::SoftmaxCrossEntropy, polytask::SquaredError,
              polytask::ZeroInflatedLogNormal>()
            .size() == 9);
}
