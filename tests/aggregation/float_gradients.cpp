// Gradients of float that depend on each other but for their rounding: the Gram matrix, in double, has eigenvalues that
// are nothing but rounding, and rules must not make a direction of them.
#include "checks.hpp"

#include "polytask/aggregation/aligned_mtl.hpp"
#include "polytask/aggregation/ca_grad.hpp"
#include "polytask/aggregation/con_fig.hpp"
#include "polytask/aggregation/dual_proj.hpp"
#include "polytask/aggregation/fair_grad.hpp"
#include "polytask/aggregation/grad_vac.hpp"
#include "polytask/aggregation/imtl_g.hpp"
#include "polytask/aggregation/meta_balance.hpp"
#include "polytask/aggregation/mgda.hpp"
#include "polytask/aggregation/nash_mtl.hpp"
#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/aggregation/sum.hpp"
#include "polytask/aggregation/up_grad.hpp"

#include <functional>
#include <optional>

using namespace polytask;
using namespace polytask::aggregation_checks;

namespace {

constexpr double epsilon = std::numeric_limits<float>::epsilon();

/// Every number rounded to float.
Gradients rounded(const Gradients& gradients) { return gradients.cast<float>().cast<double>(); }

/// Numbers of float, of which some rows would depend on others if they were not rounded.
std::vector<Sample> float_samples(Index parameters) {
  const Gradients base = rounded(normal_gradients(3, parameters, 31));
  const auto with_last = [&](const auto& row) {
    Gradients gradients = base;
    gradients.row(2) = row;
    return rounded(gradients);
  };
  const Eigen::RowVectorXd noise = normal_gradients(1, parameters, 32).row(0);
  std::vector<Sample> samples;
  samples.push_back({"the third is the sum of the others", with_last(base.row(0) + base.row(1))});
  samples.push_back({"the third is opposed to the sum of the others", with_last(-0.7 * (base.row(0) + base.row(1)))});
  samples.push_back({"two are equal", with_last(base.row(0))});
  samples.push_back({"one is a third of another", with_last(base.row(0) / 3)});
  samples.push_back({"one is opposed to another", with_last(-base.row(0) / 3)});
  samples.push_back({"two differ by a millionth", with_last(base.row(0) + 1e-6 * noise)});
  samples.push_back({"two are opposite but for a millionth", with_last(-base.row(0) + 1e-6 * noise)});
  samples.push_back({"the third is the sum but for 1e-5", with_last(base.row(0) + base.row(1) + 1e-5 * noise)});
  samples.push_back({"six of rank 2", rounded(rank_deficient_gradients(6, parameters, 2, 33))});
  samples.push_back({"all parallel", rounded(rank_deficient_gradients(4, parameters, 1, 34))});
  return samples;
}

/// What a rule makes of gradients of float in training: coefficients from the Gram matrix in double, gradients combined
/// in float.
template <class Rule>
Combined combine_floats(const Rule& rule, const Gradients& gradients) {
  Combined combined = combine(rule, gradients, {.precision = epsilon});
  Vector<float> direction = Vector<float>::Zero(gradients.cols());
  for (Index task = 0; task < gradients.rows(); ++task)
    direction += static_cast<float>(combined.coefficients[task]) * gradients.row(task).transpose().cast<float>();
  combined.direction = direction.cast<double>();
  return combined;
}

using Lengths = Vector<double>;

/// Finite coefficients; a direction no longer than `longest` of the lengths of the gradients says; no coefficient that
/// float would not bear; and, where the rule claims it, no task hurt by more than `tolerance` of its gradient's and the
/// direction's lengths.
template <class Rule>
void check_floats(const Rule& rule, const std::function<double(const Lengths&)>& longest,
                  std::optional<double> tolerance = {}) {
  for (const Index parameters : {4, 60, 3000})
    for (const Sample& sample : float_samples(parameters)) {
      CAPTURE(rule.name, sample.name, parameters);
      for (const double scale : {0x1p-30, 1.0, 0x1p20}) {  // exact in float
        CAPTURE(scale);
        const Gradients gradients = scale * sample.gradients;
        const Lengths lengths = gradients.rowwise().norm();
        const Combined combined = combine_floats(rule, gradients);
        REQUIRE(combined.coefficients.allFinite());
        const double length = combined.direction.norm();
        CHECK(length <= (1 + 1e-5) * longest(lengths));
        const double rounding = 4 * epsilon * combined.coefficients.cwiseAbs().dot(lengths);
        CHECK(rounding <= 1e-2 * (longest(lengths) + lengths.sum()));
        if (!tolerance) continue;
        const Vector<double> change = gradients * combined.direction;
        for (Index task = 0; task < lengths.size(); ++task)
          CHECK(change[task] >= -lengths[task] * (*tolerance * length + rounding));
      }
    }
}

const auto sum_of = [](const Lengths& lengths) { return lengths.sum(); };
const auto mean_length = [](const Lengths& lengths) { return lengths.mean(); };
const auto longest_of = [](const Lengths& lengths) { return lengths.maxCoeff(); };
const auto shortest_of = [](const Lengths& lengths) { return lengths.minCoeff(); };

}  // namespace

TEST_CASE("gradients of float that depend on each other make no direction beyond the gradients") {
  check_floats(Sum{}, sum_of);
  check_floats(Mean{}, mean_length);
  check_floats(MetaBalance{}, [](const Lengths& lengths) { return 0.7 * 6 * lengths[0] + lengths.sum(); });
  check_floats(PcGrad{}, sum_of);
  check_floats(GradVac{}, sum_of);
  for (const auto scale : {AlignedMtl::Scale::least, AlignedMtl::Scale::median, AlignedMtl::Scale::root_mean_square})
    check_floats(AlignedMtl{scale}, longest_of);
  check_floats(ConFig{}, sum_of);
  // coefficients of IMTL-G sum to 1, but may be below 0: they may be large where no direction is the same to all
  check_floats(ImtlG{}, [](const Lengths& lengths) { return 10 * lengths.maxCoeff(); });
  check_floats(CaGrad{}, [](const Lengths& lengths) { return 1.5 * lengths.mean(); });
}

TEST_CASE("rules that hurt no task hurt none whose gradients of float depend on each other, but for rounding") {
  check_floats(Mgda{}, shortest_of, 1e-6);
  check_floats(Mgda{Mgda::Normalization::l2}, shortest_of, 1e-6);
  check_floats(
      CaGrad{.c = 1}, [](const Lengths& lengths) { return 2 * lengths.mean(); }, 1e-6);
  check_floats(UpGrad{}, mean_length, 4e-4);
  check_floats(DualProj{}, mean_length, 4e-4);
  // both claim to hurt a task by 4e-4 sqrt(T) of its length at most. Nash-MTL's coefficients do not fall as gradients
  // grow, so that rounding may be added to its length of 1
  check_floats(
      NashMtl{}, [](const Lengths& lengths) { return 1 + 2e-3 * lengths.norm(); }, 1e-3);
  check_floats(
      FairGrad{.alpha = 1}, [](const Lengths& lengths) { return std::sqrt(lengths.size()); }, 1e-3);
}

TEST_CASE("rounding of float is not mistaken for a gradient that is to be aligned with") {
  // g3 = g1 + g2 but for 1e-4, as a backward pass in float may leave it where terms nearly cancel: with that as the
  // least eigenvalue the direction would have its length
  Gradients gradients = normal_gradients(3, 60, 31);
  gradients.row(2) = gradients.row(0) + gradients.row(1) + 1e-4 * normal_gradients(1, 60, 32);
  gradients = rounded(gradients);
  const double shortest = gradients.rowwise().norm().minCoeff();
  const Vector<double> of_float = combine(AlignedMtl{}, gradients, {.precision = epsilon}).direction;
  CHECK(of_float.norm() > 0.3 * shortest);
  // as numbers of double they are independent
  CHECK(combine(AlignedMtl{}, gradients).direction.norm() < 1e-4 * shortest);
  // the direction is that of gradients that depend on each other exactly
  Gradients exact = gradients;
  exact.row(2) = exact.row(0) + exact.row(1);
  const auto check_near = [&](const auto& rule) {
    const Vector<double> direction = combine(rule, exact).direction;
    CAPTURE(rule.name);
    CHECK((combine(rule, gradients, {.precision = epsilon}).direction - direction).norm() < 3e-4 * direction.norm());
    CHECK((combine(rule, gradients).direction - direction).norm() > 0.1 * direction.norm());
  };
  check_near(AlignedMtl{});
  check_near(ConFig{});
  check_near(ImtlG{});
}

TEST_CASE("Aligned-MTL leaves out eigenvalues up to tasks times precision of the largest, and no more") {
  for (const double precision : {epsilon, std::numeric_limits<double>::epsilon()})
    for (const double part : {0.9, 1.1}) {
      CAPTURE(precision, part);
      // orthogonal: the second's square is the eigenvalue; the direction is the longest's half, or that of both at the
      // length of the shorter
      Gradients gradients = Gradients::Zero(2, 2);
      gradients(0, 0) = 1;
      gradients(1, 1) = std::sqrt(2 * precision * part);
      const Vector<double> direction = combine(AlignedMtl{}, gradients, {.precision = precision}).direction;
      CHECK(direction[0] == Approx(part < 1 ? 0.5 : gradients(1, 1) / 2).epsilon(1e-12));
      CHECK(direction[1] == Approx(part < 1 ? 0 : gradients(1, 1) / 2).epsilon(1e-12));
    }
}
