#include "catch.hpp"

#include "polytask/core/errors.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/sharing/check.hpp"
#include "polytask/sharing/shared_private.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace shared_private_tests {

namespace pt = polytask;
using pt::Index;

namespace {

const std::vector<std::string_view> two{"click", "spend"};
const std::vector<std::string_view> three{"click", "spend", "visit"};

auto layers() { return pt::sequence(pt::dense<pt::Tanh>(5), pt::layer_normalization(), pt::dense<pt::Gelu>(3)); }

/// Three tasks, seven samples: with labels of one task, of two, of all, and of none.
pt::Matrix<double> mixed() {
  pt::Matrix<double> membership(3, 7);
  membership << 1, 1, 0, 0, 1, 1, 0,  //
      0, 0, 1, 0, 1, 1, 0,            //
      0, 0, 0, 1, 0, 1, 0;
  return membership;
}

constexpr pt::SharedPrivateSettings strong{.adversarial = 2, .orthogonality = 0.7, .discriminator_width = 4};

bool of_discriminator(const std::string& segment) { return segment.starts_with("shared/discriminator/"); }

/// Calls function(name, offset, size) for each segment.
template <class P, class Function>
void each_segment(const P& policy, Function&& function) {
  Index offset = 0;
  policy.parameters([&](const std::string& name, Index, Index rows, Index columns) {
    function(name, offset, rows * columns);
    offset += pt::piece_size(rows * columns);
  });
}

/// Like check_sharing(): the discriminator's own parameters against its cross-entropy, everything else against the
/// value that the extractors see.
template <class P>
double gradient_error(P policy, pt::SharingCheck options) {
  pt::SharingProbe<P> probe(std::move(policy), three, std::move(options));
  probe.differentiate();
  const pt::Vector<double> gradient = probe.gradient;
  const pt::Vector<double> input_gradient = probe.input_gradient;
  const auto value = [&] { return probe.value(); };
  const auto cross_entropy = [&] {
    probe.forward();
    return probe.policy.cross_entropy(probe.flat(probe.memory), probe.options.samples);
  };
  pt::GradientCheck check = pt::check_gradient(probe.flat(probe.inputs), probe.fixed(input_gradient), value);
  each_segment(probe.policy, [&](const std::string& name, Index offset, Index size) {
    const pt::Flat<double> point(probe.parameters.data() + offset, size);
    const pt::ConstFlat<double> at(gradient.data() + offset, size);
    check.merge(of_discriminator(name) ? pt::check_gradient(point, at, cross_entropy)
                                       : pt::check_gradient(point, at, value));
  });
  INFO("gradient " << check.gradient << ", difference " << check.difference);
  CHECK(gradient.norm() > 1);
  return check.error;
}

template <class P>
pt::SharingProbe<P> probe_of(P policy, pt::SharingCheck options = {.membership = mixed()}) {
  pt::SharingProbe<P> probe(std::move(policy), three, std::move(options));
  probe.forward();
  return probe;
}

/// The gradient of one backward pass, and that of the inputs behind it.
template <class P>
pt::Vector<double> backward(pt::SharingProbe<P>& probe, std::vector<std::uint8_t> active, bool own_terms,
                            pt::Reach reach = pt::Reach::whole) {
  probe.gradient.setZero();
  probe.input_gradient.head(5 * 7).setConstant(7);  // to be written, not added
  probe.backward(active, reach, own_terms);
  pt::Vector<double> both(probe.gradient.size() + probe.input_gradient.size());
  both << probe.gradient, probe.input_gradient;
  if (reach == pt::Reach::last_layer) both.tail(probe.input_gradient.size()).setZero();
  return both;
}

double relative(const pt::Vector<double>& one, const pt::Vector<double>& other) {
  return (one - other).norm() / other.norm();
}

/// Inputs pass through: shared and private features are the inputs. Two samples of tasks of their own and one of both.
struct ByHand {
  pt::SharedPrivate<pt::Sequence<>> policy;
  pt::Matrix<double> inputs{{1, 0, 1}, {0, 2, 1}};
  pt::Matrix<double> membership{{1, 0, 1}, {0, 1, 1}};
  pt::Matrix<double> input_gradient = pt::Matrix<double>::Zero(2, 3);
  pt::Vector<double> parameters = pt::Vector<double>::Zero(32);  ///< the discriminator's weights, 2 x 2, and bias
  pt::Vector<double> gradient = pt::Vector<double>::Zero(32);
  pt::Vector<double> memory;
  std::vector<std::uint8_t> active{1, 1};

  explicit ByHand(pt::SharedPrivateSettings settings) : policy(pt::sequence(), settings) {
    policy.connect(2, two);
    memory.setZero(policy.memory_size(3));
    parameters[0] = std::log(3.0);  // logits (log 3 x_1, 0)
  }

  pt::Flat<double> flat(pt::Vector<double>& values) { return {values.data(), values.size()}; }
  pt::Inputs<double> all(pt::Matrix<double>& values) { return {values.data(), 2, 3, 0}; }

  double own_terms() {
    policy.forward(pt::SharingForward<double>{pt::read_only<double>(flat(parameters)), all(inputs), active,
                                              flat(memory), pt::no_flat<double>(), pt::Random(), true, 3,
                                              pt::ConstColumns<double>(membership.data(), 2, 3)});
    return policy.own_terms(flat(memory), 3);
  }

  void backward() {
    const std::vector<std::uint8_t> none{0, 0};
    policy.backward(pt::SharingBackward<double>{pt::read_only<double>(flat(parameters)), all(inputs), none,
                                                flat(memory), flat(gradient), all(input_gradient), pt::Reach::whole,
                                                true});
  }
};

const double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("shared-private networks have the gradient of what each part is to lower") {
  for (const pt::SharedPrivateSettings settings :
       {pt::SharedPrivateSettings{}, pt::SharedPrivateSettings{.adversarial = 2, .orthogonality = 0.7}, strong,
        pt::SharedPrivateSettings{.adversarial = 3, .orthogonality = 0}, pt::SharedPrivateSettings{.adversarial = 0},
        pt::SharedPrivateSettings{.adversarial = 0, .orthogonality = 0}}) {
    INFO("adversarial " << settings.adversarial << ", orthogonality " << settings.orthogonality);
    const pt::SharedPrivate policy{layers(), settings};
    CHECK(gradient_error(policy, {.membership = mixed()}) < 1e-8);
    CHECK(gradient_error(policy, {}) < 1e-8);
    pt::Matrix<double> without_spend = mixed();
    without_spend.row(1).setZero();
    CHECK(gradient_error(policy, {.active = {1, 0, 1}, .membership = without_spend}) < 1e-8);
    CHECK(gradient_error(policy, {.active = {0, 1, 0}, .membership = mixed()}) < 1e-8);
  }
}

TEST_CASE("the adversary and the overlap of shared and private features are as worked out by hand") {
  const double log3 = std::log(3.0);
  // shares (3/4, 1/4), (1/2, 1/2), (3/4, 1/4); targets (1, 0), (0, 1), (1/2, 1/2)
  const double cross_entropy = (-std::log(0.75) + std::log(2.0) - 0.5 * (std::log(0.75) + std::log(0.25))) / 3;

  SECTION("the adversary") {
    ByHand hand({.adversarial = 2, .orthogonality = 0});
    CHECK(hand.own_terms() == Approx(-2 * cross_entropy).epsilon(1e-14));
    CHECK(hand.policy.cross_entropy(hand.flat(hand.memory), 3) == Approx(cross_entropy).epsilon(1e-14));
    hand.backward();
    // share - target: (-1/4, 1/4), (1/2, -1/2), (1/4, -1/4)
    CHECK(std::abs(hand.gradient[0]) < 1e-15);
    CHECK(hand.gradient[1] == Approx(0).margin(1e-15));
    CHECK(hand.gradient[2] == Approx(1.25 / 3).epsilon(1e-14));
    CHECK(hand.gradient[3] == Approx(-1.25 / 3).epsilon(1e-14));
    CHECK(hand.gradient[16] == Approx(0.5 / 3).epsilon(1e-14));
    CHECK(hand.gradient[17] == Approx(-0.5 / 3).epsilon(1e-14));
    // reversed, times 2
    pt::Matrix<double> expected{{0.25, -0.5, -0.25}, {0, 0, 0}};
    expected *= 2 * log3 / 3;
    CHECK((hand.input_gradient - expected).cwiseAbs().maxCoeff() < 1e-15);
  }

  SECTION("the overlap") {
    ByHand hand({.adversarial = 0, .orthogonality = 0.5});
    // (1/2) sum of x x': click [[1, 1/2], [1/2, 1/2]], spend [[1/2, 1/2], [1/2, 5/2]]
    CHECK(hand.own_terms() == Approx(0.5 * (1.75 + 7)).epsilon(1e-14));
    hand.backward();
    // C is symmetric: 0.5 * 2 * 2 C x / 2 = C x for each task of a sample
    const pt::Matrix<double> expected{{1, 1, 1.5 + 1}, {0.5, 5, 1 + 3}};
    CHECK((hand.input_gradient - expected).cwiseAbs().maxCoeff() < 1e-14);
  }

  SECTION("both") {
    ByHand hand({.adversarial = 2, .orthogonality = 0.5});
    CHECK(hand.own_terms() == Approx(4.375 - 2 * cross_entropy).epsilon(1e-14));
    hand.membership.col(2).setZero();  // a sample without labels
    CHECK(hand.own_terms() == Approx(0.5 * (1 + 16) - 2 * (std::log(2.0) - std::log(0.75)) / 3).epsilon(1e-14));
  }
}

TEST_CASE("a discriminator of large logits stays finite") {
  ByHand hand({});
  hand.parameters[0] = 1e5;
  hand.parameters[1] = -1e5;
  CHECK(hand.own_terms() == Approx(0.01 * 8.75 - 0.05 * (std::log(2.0) + 1e5) / 3));
  hand.backward();
  CHECK(hand.input_gradient.allFinite());
}

TEST_CASE("of samples that all have labels of all tasks nothing can be told") {
  ByHand hand({.adversarial = 1, .orthogonality = 0});
  hand.membership.setOnes();
  hand.parameters.setZero();
  CHECK(hand.own_terms() == Approx(-std::log(2.0)).epsilon(1e-15));
  hand.backward();
  CHECK(hand.gradient.isZero(0));
  CHECK(hand.input_gradient.isZero(0));
  hand.parameters[0] = 0.1;  // any other discriminator is worse
  CHECK(hand.own_terms() < -std::log(2.0));
}

TEST_CASE("a representation is the shared features and below them the task's own") {
  pt::SharingProbe probe(pt::SharedPrivate{layers()}, three, {.active = {1, 0, 1}, .membership = mixed()});
  const auto memory = probe.flat(probe.memory);
  probe.memory.setConstant(not_a_number);
  probe.forward();
  auto alone = layers();
  CHECK(alone.connect(5) == 3);
  CHECK(probe.policy.representation_width(0) == 6);
  pt::Vector<double> scratch = pt::Vector<double>::Zero(alone.memory_size(7));
  Index offset = 0;
  std::vector<Index> begins;  // of the shared extractor, then of the private ones
  probe.policy.parameters([&](const std::string& name, Index, Index rows, Index columns) {
    if (name.ends_with("0/weights") && !of_discriminator(name)) begins.push_back(offset);
    offset += pt::piece_size(rows * columns);
  });
  CHECK(begins.size() == 4);
  const auto outputs = [&](std::size_t which) {
    pt::Matrix<double> made(3, 7);
    alone.forward(
        pt::Forward<double>{pt::ConstFlat<double>(probe.parameters.data() + begins[which], pt::parameter_size(alone)),
                            pt::ConstColumns<double>(probe.inputs.data(), 5, 7), pt::Columns<double>(made.data(), 3, 7),
                            probe.flat(scratch), pt::no_flat<double>(), pt::Random(), true});
    return made;
  };
  for (const std::size_t task : {std::size_t{0}, std::size_t{2}}) {
    const auto both = probe.policy.representation(memory, 7, static_cast<Index>(task));
    CHECK(both.topRows(3) == outputs(0));
    CHECK(both.bottomRows(3) == outputs(1 + task));
    CHECK((both.topRows(3) - both.bottomRows(3)).norm() > 0.1);
  }
  CHECK(std::isfinite(probe.policy.own_terms(memory, 7)));  // nothing was read of the task that takes no part
  CHECK(backward(probe, {1, 0, 1}, true).allFinite());
}

TEST_CASE("in prediction shared-private networks compute representations alone") {
  auto probe = probe_of(pt::SharedPrivate{layers()});
  const auto memory = probe.flat(probe.memory);
  const pt::Matrix<double> in_training = probe.policy.representation(memory, 7, 1);
  const double terms = probe.policy.own_terms(memory, 7);
  probe.policy.representation_gradient(memory, 7, 1).setZero();
  probe.inputs *= 0.5;
  probe.policy.forward(pt::SharingForward<double>{probe.fixed(probe.parameters),
                                                  {probe.inputs.data(), 5, 7, 0},
                                                  probe.options.active,
                                                  memory,
                                                  probe.flat(probe.statistics),
                                                  pt::Random(),
                                                  false,
                                                  0,
                                                  pt::ConstColumns<double>(nullptr, 0, 0)});
  CHECK(probe.policy.own_terms(memory, 7) == terms);
  CHECK((probe.policy.representation(memory, 7, 1) - in_training).norm() > 0.1);
  probe.inputs *= 2;
  probe.forward();
  CHECK(probe.policy.representation(memory, 7, 1) == in_training);
}

TEST_CASE("the gradients of tasks alone and of the policy's own terms add up to that of all together") {
  auto probe = probe_of(pt::SharedPrivate{layers(), strong});
  const pt::Vector<double> joint = backward(probe, {1, 1, 1}, true);
  const pt::Vector<double> terms = backward(probe, {0, 0, 0}, true);
  CHECK(terms.norm() > 0.1);
  CHECK(relative(terms + backward(probe, {1, 0, 0}, false) + backward(probe, {0, 1, 0}, false) +
                     backward(probe, {0, 0, 1}, false),
                 joint) < 1e-12);
  CHECK(relative(backward(probe, {1, 0, 1}, true) + backward(probe, {0, 1, 0}, false), joint) < 1e-12);
  CHECK(backward(probe, {0, 0, 0}, false).isZero(0));
  CHECK(backward(probe, {1, 1, 1}, true) == joint);  // nothing that the forward pass left was lost
}

TEST_CASE("the last shared layer's gradients alone and those of everything else are the whole") {
  auto probe = probe_of(pt::SharedPrivate{layers(), strong});
  std::vector<std::string> names;
  probe.policy.last_shared_layers([&](const std::string& name) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"shared/extractor/2"});
  const pt::Vector<double> whole = backward(probe, {1, 1, 1}, true);
  const auto gradient_of = [&](std::size_t task) {
    return probe.policy.representation_gradient(probe.flat(probe.memory), 7, static_cast<Index>(task));
  };
  for (std::size_t task = 0; task < 3; ++task) gradient_of(task) = probe.directions[task];
  // the policy's own terms count like one more task
  pt::Vector<double> last = backward(probe, {0, 0, 0}, true, pt::Reach::last_layer);
  CHECK(last.norm() > 0.01);
  for (std::size_t task = 0; task < 3; ++task) {
    std::vector<std::uint8_t> active(3, 0);
    active[task] = 1;
    last += backward(probe, active, false, pt::Reach::last_layer);
  }
  for (std::size_t task = 0; task < 3; ++task) CHECK(gradient_of(task) == probe.directions[task]);
  const pt::Vector<double> before = backward(probe, {1, 1, 1}, true, pt::Reach::before_last_layer);
  each_segment(probe.policy, [&](const std::string& name, Index offset, Index size) {
    INFO(name);
    const bool of_last = name.starts_with("shared/extractor/2/");
    CHECK((last.segment(offset, size).norm() > 0) == of_last);
    CHECK((before.segment(offset, size).norm() > 0) == !of_last);
  });
  CHECK(relative(last + before, whole) < 1e-12);
}

TEST_CASE("without the policy's terms a task alone moves the shared extractor and its own") {
  auto probe = probe_of(pt::SharedPrivate{layers(), {.adversarial = 2}});
  for (std::size_t task = 0; task < 3; ++task) {
    std::vector<std::uint8_t> active(3, 0);
    active[task] = 1;
    const pt::Vector<double> gradient = backward(probe, active, false);
    each_segment(probe.policy, [&](const std::string& name, Index offset, Index size) {
      INFO(name << " moved by " << three[task]);
      CHECK((gradient.segment(offset, size).norm() > 0) ==
            (name.starts_with("shared/extractor/") || name.starts_with(std::string(three[task]) + "/")));
    });
  }
}

TEST_CASE("without a strength a term has no part in the extractors' gradient") {
  auto plain = probe_of(pt::SharedPrivate{layers(), {.adversarial = 0, .orthogonality = 0}});
  CHECK(plain.policy.own_terms(plain.flat(plain.memory), 7) == 0);
  CHECK(plain.policy.cross_entropy(plain.flat(plain.memory), 7) > 0.1);
  const pt::Vector<double> terms = backward(plain, {0, 0, 0}, true);
  each_segment(plain.policy, [&](const std::string& name, Index offset, Index size) {
    CHECK((terms.segment(offset, size).norm() > 0) == of_discriminator(name));  // it watches all the same
  });
  CHECK(terms.tail(plain.inputs.size()).isZero(0));
}

TEST_CASE("the adversary's gradients of two slices add up to that of the batch") {
  using Policy = pt::SharedPrivate<decltype(layers())>;
  const pt::SharedPrivateSettings settings{.adversarial = 2, .orthogonality = 0};
  auto whole = probe_of(Policy{layers(), settings});
  const pt::Vector<double> expected = backward(whole, {0, 0, 0}, true);
  pt::Vector<double> gradient = pt::Vector<double>::Zero(whole.gradient.size());
  double terms = 0;
  const pt::Matrix<double> membership = mixed();
  const std::vector<std::uint8_t> none(3, 0);
  for (const auto& [first, count] : {std::pair<Index, Index>{0, 4}, std::pair<Index, Index>{4, 3}}) {
    pt::Vector<double> memory = pt::Vector<double>::Zero(whole.policy.memory_size(count));
    const pt::Inputs<double> inputs{whole.inputs.data() + 5 * first, 5, count, 0};
    whole.policy.forward(pt::SharingForward<double>{
        whole.fixed(whole.parameters), inputs, whole.options.active, whole.flat(memory), whole.flat(whole.statistics),
        pt::Random(), true, 7, pt::ConstColumns<double>(membership.data() + 3 * first, 3, count)});
    terms += whole.policy.own_terms(whole.flat(memory), count);
    whole.policy.backward(pt::SharingBackward<double>{whole.fixed(whole.parameters),
                                                      inputs,
                                                      none,
                                                      whole.flat(memory),
                                                      whole.flat(gradient),
                                                      {nullptr, 5, count, 0},
                                                      pt::Reach::whole,
                                                      true});
  }
  CHECK(terms == Approx(whole.policy.own_terms(whole.flat(whole.memory), 7)).epsilon(1e-13));
  CHECK(relative(gradient, expected.head(gradient.size())) < 1e-12);
}

TEST_CASE("passes through shared-private networks allocate nothing") {
  auto probe = probe_of(pt::SharedPrivate{layers(), {.discriminator_width = 4}});
  const auto forward = pt::SharingForward<double>{probe.fixed(probe.parameters),
                                                  {probe.inputs.data(), 5, 7, 0},
                                                  probe.options.active,
                                                  probe.flat(probe.memory),
                                                  probe.flat(probe.statistics),
                                                  pt::Random(),
                                                  true,
                                                  7,
                                                  pt::ConstColumns<double>(probe.options.membership.data(), 3, 7)};
  Eigen::internal::set_is_malloc_allowed(false);
  probe.policy.forward(forward);
  probe.backward(probe.options.active);
  Eigen::internal::set_is_malloc_allowed(true);
  CHECK(probe.gradient.norm() > 1);
}

TEST_CASE("shared-private networks name their segments and say what a batch must come whole for") {
  const auto segments = [](pt::SharedPrivateSettings settings) {
    pt::SharedPrivate policy{pt::mlp({4}), settings};
    policy.connect(3, two);
    std::string found;
    policy.parameters([&](const std::string& name, Index owner, Index rows, Index columns) {
      found += name + " " + std::to_string(owner) + " " + std::to_string(rows) + "x" + std::to_string(columns) + "; ";
    });
    return found;
  };
  CHECK(segments({}) ==
        "shared/extractor/0/weights -1 4x3; shared/extractor/0/bias -1 4x1; "
        "shared/discriminator/0/weights -1 2x4; shared/discriminator/0/bias -1 2x1; "
        "click/private/0/weights 0 4x3; click/private/0/bias 0 4x1; "
        "spend/private/0/weights 1 4x3; spend/private/0/bias 1 4x1; ");
  CHECK(segments({.discriminator_width = 6}) ==
        "shared/extractor/0/weights -1 4x3; shared/extractor/0/bias -1 4x1; "
        "shared/discriminator/0/weights -1 6x4; shared/discriminator/0/bias -1 6x1; "
        "shared/discriminator/1/weights -1 2x6; shared/discriminator/1/bias -1 2x1; "
        "click/private/0/weights 0 4x3; click/private/0/bias 0 4x1; "
        "spend/private/0/weights 1 4x3; spend/private/0/bias 1 4x1; ");
  CHECK(pt::SharedPrivate{layers()}.couples_samples());
  CHECK_FALSE(pt::SharedPrivate{layers(), {.orthogonality = 0}}.couples_samples());
  CHECK(pt::SharedPrivate{layers()}.baseline().name == "separate");
}

TEST_CASE("every extractor and the discriminator begin with numbers of their own") {
  pt::SharedPrivate policy{pt::mlp({4})};
  policy.connect(3, two);
  pt::Vector<double> parameters = pt::Vector<double>::Zero(128);
  pt::Random random(1);
  policy.initialize(pt::Flat<double>(parameters.data(), 128), pt::no_flat<double>(), random);
  std::vector<double> norms;
  each_segment(policy, [&](const std::string& name, Index offset, Index size) {
    const double norm = parameters.segment(offset, size).norm();
    CHECK((norm > 0) == name.ends_with("weights"));
    for (const double other : norms) CHECK(norm != other);
    if (norm > 0) norms.push_back(norm);
  });
  CHECK(norms.size() == 4);
}

TEST_CASE("settings that make no sense for shared-private networks are refused") {
  const auto with = [](pt::SharedPrivateSettings settings) { return pt::SharedPrivate{layers(), settings}; };
  CHECK_THROWS_AS(with({.adversarial = -0.1}), pt::ArgumentError);
  CHECK_THROWS_WITH(with({.adversarial = -0.1}),
                    containing("'adversarial' must be a finite number of at least 0, not -0.1"));
  CHECK_THROWS_WITH(with({.orthogonality = not_a_number}),
                    containing("'orthogonality' must be a finite number of at least 0, not nan"));
  CHECK_THROWS_WITH(with({.orthogonality = std::numeric_limits<double>::infinity()}), containing("not inf"));
  CHECK_THROWS_WITH(with({.discriminator_width = -1}), containing("discriminator_width must be at least 0, not -1"));
  const std::array<std::string_view, 1> one{"click"};
  pt::SharedPrivate alone{layers()};
  CHECK_THROWS_WITH(alone.connect(3, one),
                    containing("adversarial training tells tasks apart: it needs at least two, not 1"));
}

TEST_CASE("the settings of shared-private networks can be visited, and what a visitor sets is checked") {
  using Policy = pt::SharedPrivate<decltype(layers())>;
  std::string seen;
  const Policy policy{layers(), {.adversarial = 0.25, .orthogonality = 0.5, .discriminator_width = 8}};
  Policy::configuration(policy, [&](std::string_view key, const auto& member) {
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(member)>>) seen += pt::text(key, " ", member, "; ");
  });
  CHECK(seen == "adversarial 0.25; orthogonality 0.5; discriminator_width 8; ");
  Policy loaded;
  const auto load = [&](double adversarial) {
    Policy::configuration(loaded, [&](std::string_view key, auto& member) {
      if constexpr (std::is_same_v<std::decay_t<decltype(member)>, double>)
        if (key == "adversarial") member = adversarial;
    });
  };
  load(0.75);
  CHECK(loaded.settings.adversarial == 0.75);
  CHECK_THROWS_AS(load(-1), pt::ArgumentError);
}

}  // namespace shared_private_tests
