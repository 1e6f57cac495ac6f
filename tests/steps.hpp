/// @file
/// Training steps by hand, with everything that a step refers to.
#pragma once

#include "polytask/training/step.hpp"

#include <utility>
#include <vector>

namespace steps {

namespace pt = polytask;
using pt::Index;

/// Rules, and how a step is taken with them.
template <pt::Scalar S>
struct Rules {
  pt::AnyOptimizer<S> optimizer;
  pt::AnyWeighting weighting = {};
  pt::AnyAggregation aggregation = {};
  std::vector<pt::AnyRegularization<S>> regularizations = {};
  double clip_norm = 0;
  bool combine_embeddings = false;
  bool record_gradients = false;
};

/// Takes steps with a model.
template <pt::Scalar S>
class Steps {
 public:
  Steps(pt::Model<S>& model, const Rules<S>& rules, Index batch, Index threads = 1)
      : weighting_(rules.weighting.begin({model.names(), kinds_of(model)})),
        aggregation_(rules.aggregation.template begin<S>({model.names(), model.sharing_size()})),
        regularizations_(begun(model, rules.regularizations)),
        workers_(threads),
        step_(model, weighting_, aggregation_,
              {rules.optimizer, rules.weighting.needs(), rules.aggregation.needs(), rules.clip_norm,
               rules.combine_embeddings, rules.record_gradients},
              memory_, workers_, batch, std::vector<std::uint8_t>(model.size(), 1), regularizations_) {}

  double penalty() const { return step_.penalty(); }

  const pt::StepReport& operator()(const pt::Dataset<S>& data, pt::Span<const Index> samples, double rate,
                                   pt::Random random = pt::Random(1)) {
    return step_(data, samples, 1, random, rate);
  }

 private:
  static std::vector<pt::LossKind> kinds_of(const pt::Model<S>& model) {
    std::vector<pt::LossKind> kinds;
    for (const auto& shape : model.shapes()) kinds.push_back(shape.kind);
    return kinds;
  }

  static std::vector<pt::AnyRegularizationState<S>> begun(const pt::Model<S>& model,
                                                          const std::vector<pt::AnyRegularization<S>>& rules) {
    std::vector<pt::AnyRegularizationState<S>> states;
    for (const auto& rule : rules) states.push_back(rule.begin(pt::regularized(model)));
    return states;
  }

  pt::AnyWeightingState weighting_;
  pt::AnyAggregationState<S> aggregation_;
  std::vector<pt::AnyRegularizationState<S>> regularizations_;
  pt::OptimizerMemory<S> memory_;
  pt::Workers workers_;
  pt::Step<S> step_;
};

}  // namespace steps
