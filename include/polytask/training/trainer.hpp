/// @file
/// The trainer: a model's training by policies that are combined when the program is compiled.
#pragma once

#include "polytask/aggregation/any_aggregation.hpp"
#include "polytask/training/training.hpp"
#include "polytask/weighting/fixed.hpp"

#include <tuple>
#include <utility>
#include <vector>

namespace polytask {

/// Trains a model by the given policies, in any order: one optimizer; at most one weighting of the tasks' losses (Equal
/// unless given) and one aggregation of their gradients (Sum unless given); any number of regularisations, of single
/// numbers (L2) or of the relations between tasks (TaskCovariance).
/// Trainer trainer{model, Uncertainty{}, PcGrad{}, Adam{.rate = 1e-3}, L2{.strength = 1e-4}};
template <class ModelType, class... Policies>
class Trainer : public Training<typename ModelType::scalar> {
 public:
  using S = typename ModelType::scalar;

 private:
  template <class P>
  static constexpr bool is_optimizer = Optimizer<P, S>;
  template <class P>
  static constexpr bool is_weighting = Weighting<P>;
  template <class P>
  static constexpr bool is_regularization = Regularization<P, S>;

  template <class P>
  static constexpr bool is_aggregation = Aggregation<P>;

  static_assert(((is_optimizer<Policies> || is_weighting<Policies> || is_aggregation<Policies> ||
                  is_regularization<Policies>)&&...),
                "every policy of a trainer must be an optimizer, a weighting, an aggregation or a regularisation");
  static_assert((is_optimizer<Policies> + ... + 0) == 1, "a trainer needs exactly one optimizer, for example Adam{}");
  static_assert((is_weighting<Policies> + ... + 0) <= 1, "a trainer takes at most one weighting of the tasks' losses");
  static_assert((is_aggregation<Policies> + ... + 0) <= 1,
                "a trainer takes at most one aggregation of the tasks' gradients");
  static_assert(ModelType::sharing_type::shares_parameters || !(needs_shared_layer<Policies> || ...),
                "this weighting balances the gradients of shared layers, but the model's tasks share none");
  static_assert(ModelType::sharing_type::shares_parameters || !(needs_task_gradients<Policies> || ...),
                "this aggregation combines the gradients of shared parameters, but the model's tasks share none");

  template <bool Take, class P>
  static auto take(const P& policy) {
    if constexpr (Take)
      return std::tuple<P>(policy);
    else
      return std::tuple<>();
  }
  /// The one policy of a kind, or another in its place.
  template <class Otherwise, class... Found>
  static auto one_of(const std::tuple<Found...>& found, const Otherwise& otherwise) {
    if constexpr (sizeof...(Found) == 0)
      return otherwise;
    else
      return std::get<0>(found);
  }
  static auto optimizer_of(const Policies&... policies) {
    return std::get<0>(std::tuple_cat(take<is_optimizer<Policies>>(policies)...));
  }
  static auto weighting_of(const Policies&... policies) {
    return one_of(std::tuple_cat(take<is_weighting<Policies>>(policies)...), Equal{});
  }
  static auto aggregation_of(const Policies&... policies) {
    return one_of(std::tuple_cat(take<is_aggregation<Policies>>(policies)...), Sum{});
  }
  static auto regularizations_of(const Policies&... policies) {
    return std::tuple_cat(take<is_regularization<Policies>>(policies)...);
  }

 public:
  using OptimizerType = decltype(optimizer_of(std::declval<const Policies&>()...));
  using WeightingType = decltype(weighting_of(std::declval<const Policies&>()...));
  using AggregationType = decltype(aggregation_of(std::declval<const Policies&>()...));
  using Regularizations = decltype(regularizations_of(std::declval<const Policies&>()...));
  using Options = FitOptions<S>;

  /// The model is kept by reference and must live as long as the trainer.
  explicit Trainer(ModelType& model, Policies... policies)
      : Training<S>(
            model,
            {AnyOptimizer<S>(optimizer_of(policies...)), weighting_of(policies...), aggregation_of(policies...),
             std::apply(
                 [](const auto&... one) { return std::vector<AnyRegularization<S>>{AnyRegularization<S>(one)...}; },
                 regularizations_of(policies...))}),
        model_(model),
        optimizer_(optimizer_of(policies...)),
        weighting_(weighting_of(policies...)),
        aggregation_(aggregation_of(policies...)),
        regularizations_(regularizations_of(policies...)) {}

  /// Trains on a table; see fit(data, ...).
  template <class... Observers>
  const History& fit(const Table& train, const Options& options = {}, Observers&&... observers) {
    return fit(model_.encode(train), options, observers...);
  }

  /// Trains the model. Observers are objects with any of the members that training/observer.hpp lists; a true from
  /// epoch_ended stops the training.
  ///
  /// @throws DataError when a task has no label in the training data, or a classification only one class
  /// @throws TrainingError when a loss is not finite
  template <class... Observers>
  const History& fit(const Dataset<S>& train, const Options& options = {}, Observers&&... observers) {
    static_assert((ObserverOf<std::remove_reference_t<Observers>, Trainer> && ...),
                  "an observer must have at least one of the events that training/observer.hpp lists");
    return Training<S>::fit(train, options, std::vector<ObserverView>{ObserverView(observers, *this)...});
  }

  const ModelType& model() const { return model_; }
  const OptimizerType& optimizer() const { return optimizer_; }
  const WeightingType& weighting() const { return weighting_; }
  const AggregationType& aggregation() const { return aggregation_; }
  const Regularizations& regularizations() const { return regularizations_; }

 private:
  ModelType& model_;
  OptimizerType optimizer_;
  WeightingType weighting_;
  AggregationType aggregation_;
  Regularizations regularizations_;
};

}  // namespace polytask
