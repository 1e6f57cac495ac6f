// Settings are members that everyone may write: what is written after the policy was made is checked when it is
// connected.
#include "catch.hpp"

#include "polytask/sharing/cross_stitch.hpp"
#include "polytask/sharing/shared_private.hpp"
#include "polytask/sharing/sluice.hpp"
#include "polytask/sharing/soft.hpp"
#include "polytask/sharing/stem.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace changed_settings_tests {

namespace pt = polytask;

const std::vector<std::string_view> names{"click", "spend"};

template <class Policy, class Change>
void refused(Policy policy, Change change, const std::string& message) {
  INFO(Policy::name);
  CHECK_NOTHROW(Policy(policy).connect(3, names));
  change(policy.settings);
  CHECK_THROWS_AS(policy.connect(3, names), pt::ArgumentError);
  CHECK_THROWS_WITH(policy.connect(3, names), containing(message));
}

TEST_CASE("a setting that was changed to what makes no sense is refused when the policy is connected") {
  const double none = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  const auto layers = pt::mlp({4, 4});
  refused(
      pt::SoftSharing{layers}, [&](auto& to) { to.strength = none; }, "at least 0, not nan");
  refused(
      pt::SoftSharing{layers}, [](auto& to) { to.strength = -5; }, "at least 0, not -5");
  refused(
      pt::SoftSharing{layers}, [](auto& to) { to.layers = -1; }, "or all (0), not -1");
  refused(
      pt::CrossStitch{layers}, [&](auto& to) { to.own = none; }, "own must be from 0 to 1, not nan");
  refused(
      pt::Sluice{layers}, [](auto& to) { to.subspaces = 0; }, "subspaces must be at least 1, not 0");
  refused(
      pt::Sluice{layers}, [](auto& to) { to.subspaces = -2; }, "subspaces must be at least 1, not -2");
  refused(
      pt::Sluice{layers}, [&](auto& to) { to.orthogonality = infinity; }, "finite number of at least 0, not inf");
  refused(
      pt::Sluice{layers}, [&](auto& to) { to.orthogonality = none; }, "finite number of at least 0, not nan");
  refused(
      pt::Sluice{layers}, [](auto& to) { to.own = 2; }, "own must be from 0 to 1, not 2");
  refused(
      pt::Stem{layers},
      [](auto& to) {
        to = {3, -1};
      },
      "private_experts of at least 0, not -1");
  refused(
      pt::Stem{layers},
      [](auto& to) {
        to = {0, 0};
      },
      "shared_experts and private_experts are both 0");
  refused(
      pt::SharedPrivate{layers}, [&](auto& to) { to.adversarial = none; }, "'adversarial' must be a finite number");
  refused(
      pt::SharedPrivate{layers}, [](auto& to) { to.orthogonality = -1; }, "'orthogonality' must be a finite number");
  refused(
      pt::SharedPrivate{layers}, [](auto& to) { to.discriminator_width = -3; }, "must be at least 0, not -3");
}

}  // namespace changed_settings_tests
