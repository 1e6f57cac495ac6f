#include "polytask/weighting/named_weighting.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace weighting_checks;

TEST_CASE("a weighting is found by its name") {
  CHECK(weighting_names() == std::vector<std::string>{"equal", "fixed", "uncertainty", "uw_so", "gradnorm", "dwa",
                                                      "rlw", "gls", "scale_invariant", "imtl_l", "stch", "famo",
                                                      "scheduled"});
  for (const auto& name : weighting_names()) CHECK(weighting_named(name).name == name);
  CHECK_THROWS_AS(weighting_named("gradnrom"), ArgumentError);
  CHECK_THROWS_WITH(
      weighting_named("gradnrom"),
      "there is no weighting 'gradnrom'; there are: equal, fixed, uncertainty, uw_so, gradnorm, dwa, rlw, gls, "
      "scale_invariant, imtl_l, stch, famo, scheduled");
}

TEST_CASE("a program's own list of weightings is searched by name in the same way") {
  using Few = WeightingList<Equal, GradNorm>;
  CHECK(weighting_named<Few>("gradnorm").name == "gradnorm");
  CHECK_THROWS_WITH(weighting_named<Few>("dwa"), "there is no weighting 'dwa'; there are: equal, gradnorm");
}

TEST_CASE("every weighting with its defaults begins, takes steps with finite weights, and goes on where it stopped") {
  for (const auto& name : weighting_names()) {
    INFO(name);
    resumes(weighting_named(name));
    auto training = run(weighting_named(name));
    for (Index step = 1; step <= 30; ++step) {
      const Three weights = training.take(some_losses(step % 15 + 1), 1 + step / 4, some_losses(step % 15 + 1));
      for (const double weight : weights) REQUIRE((std::isfinite(weight) && weight >= 0));
    }
  }
}
