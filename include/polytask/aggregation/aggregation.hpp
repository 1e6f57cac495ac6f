/// @file
/// What a gradient aggregation is: a rule that makes one direction of the tasks' gradients over the parameters they
/// share.
#pragma once

#include "polytask/core/member_visitor.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include <concepts>
#include <limits>
#include <string_view>
#include <type_traits>

namespace polytask {

/// The tasks whose gradients are to be combined.
struct AggregatedTasks {
  Span<const std::string_view> names;
  Index parameters;  ///< length of a gradient
};

/// The gradients of one step. The tasks without a label in the batch, or with a weight of 0, are left out; the others
/// are numbered anew, from 0 to size() - 1, in their order. Gradients are those of the weighted losses.
struct StepGradients {
  Span<const Index> tasks;    ///< which task of the model each is
  Span<const double> losses;  ///< mean losses, not weighted
  ConstColumns<double> gram;  ///< size() x size(): inner products of the gradients
  Index step;                 ///< 1 for the first step of training

  /// Relative rounding error of a number of a gradient: the epsilon of the scalar that gradients are worked in. The
  /// Gram matrix is summed in double, but what is small in it is no better than the gradients.
  double precision = std::numeric_limits<double>::epsilon();

  Index size() const { return static_cast<Index>(tasks.size()); }

  /// Eigenvalues of the Gram matrix below this share of the largest count as rounding: tasks times precision, as
  /// programs for pseudo-inverses have it.
  double rounding() const { return static_cast<double>(size()) * precision; }
};

/// What a rule needs that costs something. A rule that asks for nothing is the sum: the gradient is worked for all
/// tasks in one pass, and the rule is not called.
struct AggregationNeeds {
  bool gram = false;       ///< a backward pass a task, and their inner products
  bool gradients = false;  ///< the gradients themselves: combine()
};

/// An aggregation is a plain aggregate of its settings. begin() makes the state of one training run, which in each step
/// combines the tasks' gradients g to the direction that the optimizer takes in place of their sum. Most rules do it by
///
///   weigh(const StepGradients&, Flat<double> coefficients): one coefficient c a task; the direction is sum c g;
///
/// a rule that needs the gradients themselves has a state for each scalar type, begin<S>(tasks), and
///
///   combine(const StepGradients&, ConstColumns<S> gradients, Flat<double> coefficients, Flat<S> direction):
///     gradients are parameters x size(); the direction is written, and so are coefficients, by which embedding tables
///     are combined when they take part.
///
/// Only parameters that tasks share are combined; a head receives the gradient of its own weighted loss. Required of a
/// rule: for every finite input, from no gradient above 0 to gradients of 1e15, it answers finite numbers in bounded
/// time. State is visited by configuration(), for checkpoints. A state allocates nothing in these calls. (Those of the
/// library that weigh, and their solvers, are templates on the scalar of the Gram matrix, which is double: so a program
/// compiles the rules that it uses, and no others.)
template <class A>
concept Aggregation =
    requires(const A& aggregation, const AggregatedTasks& tasks) {
      { aggregation.name } -> std::convertible_to<std::string_view>;
      { aggregation.needs() } -> std::same_as<AggregationNeeds>;
    } &&
    (
        requires(const A& aggregation, const AggregatedTasks& tasks, const StepGradients& step,
                 Flat<double> coefficients) { aggregation.begin(tasks).weigh(step, coefficients); } ||
        requires(const A& aggregation, const AggregatedTasks& tasks, const StepGradients& step,
                 ConstColumns<double> gradients, Flat<double> coefficients, Flat<double> direction) {
          aggregation.template begin<double>(tasks).combine(step, gradients, coefficients, direction);
        });

/// Whether it is known when the program is compiled that a rule combines the gradients of shared parameters.
template <class A>
inline constexpr bool needs_task_gradients = false;
template <class A>
  requires requires { typename std::bool_constant<(A::needs().gram || A::needs().gradients)>; }
inline constexpr bool needs_task_gradients<A> = A::needs().gram || A::needs().gradients;

}  // namespace polytask
