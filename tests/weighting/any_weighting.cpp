#include "polytask/weighting/any_weighting.hpp"

#include "checks.hpp"
#include "polytask/weighting/dwa.hpp"
#include "polytask/weighting/famo.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/uncertainty.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<AnyWeighting>);
static_assert(needs_shared_layer<GradNorm> && !needs_shared_layer<AnyWeighting> && !needs_shared_layer<Equal>);
static_assert(std::is_nothrow_move_constructible_v<AnyWeightingState>);
static_assert(std::is_nothrow_move_assignable_v<AnyWeightingState>);
static_assert(!std::is_nothrow_copy_assignable_v<AnyWeightingState>);  // copying what a rule remembers may fail

namespace {

/// A rule of the user's own, with neither prepare() nor static needs.
struct Halving {
  std::string_view name = "halving";
  WeightingNeeds needs() const { return {.losses_after = true}; }

  struct State {
    std::vector<double> halves;
    Span<const double> weights() const { return halves; }
    void update(const StepSignals&) {
      for (double& weight : halves) weight /= 2;
    }
    template <class Self, class Visitor>
    static void configuration(Self& self, Visitor&& visit) {
      visit_sized(visit, "halves", self.halves);
    }
  };

  State begin(const WeightedTasks& all) const { return {std::vector<double>(all.names.size(), 1.0)}; }
};

/// Whichever rule is held, its weights are those of the rule itself.
template <class Rule>
void is(const Rule& rule) {
  const AnyWeighting any = rule;
  CHECK(any.name == rule.name);
  CHECK(any.needs().losses_first == rule.needs().losses_first);
  CHECK(any.needs().gradient_norms == rule.needs().gradient_norms);
  CHECK(any.needs().losses_after == rule.needs().losses_after);
  auto plain = run(rule);
  auto held = run(any);
  for (Index step = 1; step <= 9; ++step) {
    const Three after{2.0 / static_cast<double>(step), 0.5, 15};
    CHECK(held.take({3, 0.5, 20}, step, after) == plain.take({3, 0.5, 20}, step, after));
  }
  CHECK(held.weights() == plain.weights());
  resumes(any);
}

}  // namespace

TEST_CASE("a weighting chosen at run time weighs as the rule it holds") {
  is(Equal{});
  is(Fixed{{{"spend", 0.25}}});
  is(Uncertainty{.rate = 0.1});
  is(GradNorm{.alpha = 0.3});
  is(DynamicWeightAverage{});
  is(Famo{.rate = 0.2});
  is(Halving{});
}

TEST_CASE("without a rule a weighting chosen at run time is Equal, and it can be given another") {
  AnyWeighting any;
  CHECK(any.name == "equal");
  any = Fixed{{{"click", 3}}};
  CHECK(any.name == "fixed");
  CHECK(any.begin(tasks).weights()[1] == 3);
  CHECK(AnyWeighting(any).name == "fixed");
}

TEST_CASE("copies of a state chosen at run time go their own ways") {
  auto first = run(AnyWeighting(Halving{}));
  first.take({1, 1, 1});
  auto second = first;
  second.take({1, 1, 1});
  CHECK(first.weights() == Three{0.5, 0.5, 0.5});
  CHECK(second.weights() == Three{0.25, 0.25, 0.25});
  first.state = second.state;
  second.take({1, 1, 1});
  CHECK(first.weights() == Three{0.25, 0.25, 0.25});
}

TEST_CASE("holding a weighting chosen at run time in another does not nest them") {
  const AnyWeighting inner = Halving{};
  const AnyWeighting outer{inner};
  auto state = outer.begin(tasks);
  Saved nested = save(state);
  CHECK(nested.size() == 2);  // the rule's name and its one vector
}

TEST_CASE("a state chosen at run time goes on under the same rule with the same settings only") {
  auto norm = run(AnyWeighting(GradNorm{}));
  norm.take({3, 0.5, 1});
  const Saved saved = save(norm.state);
  auto wrong = AnyWeighting(Uncertainty{}).begin(tasks);
  CHECK_THROWS_AS(restore(saved, wrong), ArgumentError);
  CHECK_THROWS_WITH(restore(saved, wrong), "the weights were those of 'gradnorm', the program has 'uncertainty'");
  auto harder = AnyWeighting(GradNorm{.alpha = 2}).begin(tasks);
  CHECK_THROWS_WITH(restore(saved, harder), "the state was made with another setting of 'alpha'");
}

TEST_CASE("a state chosen at run time that is constant can be visited, and stays as it is") {
  auto training = run(AnyWeighting(Halving{}));
  training.take({1, 1, 1});
  const AnyWeightingState constant = training.state;
  Saved saved;
  AnyWeightingState::configuration(constant, saved);
  auto other = AnyWeighting(Halving{}).begin(tasks);
  restore(saved, other);
  CHECK(other.weights()[0] == 0.5);
  Saved bringing = save(AnyWeighting(Halving{}).begin(tasks));  // weights of 1
  bringing.restoring = true;
  AnyWeightingState::configuration(constant, bringing);
  CHECK(constant.weights()[0] == 0.5);
}
