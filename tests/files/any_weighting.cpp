#include "polytask/weighting/any_weighting.hpp"

#include "catch.hpp"
#include "polytask/files/structure.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/uncertainty.hpp"

#include <array>
#include <string_view>

using namespace polytask;

namespace {

constexpr std::array<std::string_view, 2> names{"spend", "click"};
constexpr std::array<LossKind, 2> kinds{LossKind::regression, LossKind::classification};
constexpr WeightedTasks tasks{names, kinds};

template <class State>
void feed(State& state) {
  constexpr std::array<double, 2> losses{3, 0.5};
  constexpr std::array<double, 2> norms{1, 2};
  for (Index step = 1; step <= 5; ++step)
    state.update(StepSignals{.losses = losses, .weights = state.weights(), .gradient_norms = norms, .step = step});
}

}  // namespace

TEST_CASE("the state of a weighting chosen at run time can be saved, and goes on under the same rule only") {
  auto state = AnyWeighting(GradNorm{}).begin(tasks);
  feed(state);
  const Json saved = to_json(state);
  auto other = AnyWeighting(GradNorm{}).begin(tasks);
  from_json(saved, other, "weighting");
  CHECK(other.weights()[0] == state.weights()[0]);
  feed(state);
  feed(other);
  CHECK(other.weights()[0] == state.weights()[0]);
  auto wrong = AnyWeighting(Uncertainty{}).begin(tasks);
  CHECK_THROWS_WITH(from_json(saved, wrong, "weighting"), containing("the weights were those of 'gradnorm'"));
  auto harder = AnyWeighting(GradNorm{.alpha = 2}).begin(tasks);
  CHECK_THROWS_WITH(from_json(saved, harder, "weighting"), containing("another setting of 'alpha'"));
}
