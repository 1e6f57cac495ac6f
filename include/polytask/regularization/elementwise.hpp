/// @file
/// A penalty on single numbers at work: on the segments and embedding tables that it names.
#pragma once

#include "polytask/core/pattern.hpp"
#include "polytask/regularization/numbers.hpp"
#include "polytask/regularization/regularization.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace polytask {

/// An elementwise regularization in a training run. It remembers nothing between steps.
template <Scalar S, ElementwiseRegularization<S> R>
class ElementwisePenalty {
 public:
  /// @throws ArgumentError when nothing is chosen, or a setting of the rule is out of range
  ElementwisePenalty(R rule, const RegularizedModel<S>& model) : rule_(std::move(rule)) {
    if constexpr (requires { rule_.strength; }) checked_strength(R::name, rule_.strength);
    if constexpr (requires { rule_.check(); }) rule_.check();
    for (const auto& segment : model.layout.segments())
      if (matches(rule_.segments, segment.name)) runs_.push_back({segment.owner, segment.offset, segment.size()});
    for (std::size_t which = 0; which < model.tables.size(); ++which)
      if (matches(rule_.segments, model.tables[which].name)) tables_.push_back(which);
    require(!runs_.empty() || !tables_.empty(), R::name, ": no segment and no embedding table is chosen by '",
            rule_.segments, "'; the segments are: ", model.layout.names());
  }

  /// Embedding tables are left out.
  double value(const ConstFlat<S>& parameters) const {
    double sum = 0;
    for (const auto& run : runs_) sum += rule_.value(ConstFlat<S>(parameters.data() + run.offset, run.size));
    return sum;
  }

  void add_gradient([[maybe_unused]] RegularizedNumbers<S> numbers) const {
    if constexpr (PenaltyWithGradient<R, S>)
      each_moved(numbers, [&](const Flat<S>& values, const Flat<S>& gradient) {
        rule_.add_gradient(read_only<S>(values), gradient);
      });
  }

  void shrink([[maybe_unused]] RegularizedNumbers<S> numbers, [[maybe_unused]] double rate) const {
    if constexpr (PenaltyWithShrinkage<R, S>)
      each_moved(numbers, [&](const Flat<S>& values, const Flat<S>&) { rule_.shrink(values, rate); });
  }

 private:
  /// A chosen segment.
  struct Run {
    Index owner;
    Index offset;
    Index size;
  };

  /// Calls function(values, gradient) for the chosen segments, and for the touched rows of the chosen tables.
  template <class Function>
  void each_moved(RegularizedNumbers<S> numbers, Function&& function) const {
    for (const auto& run : runs_)
      if (numbers.moves(run.owner))
        function(Flat<S>(numbers.parameters.data() + run.offset, run.size),
                 Flat<S>(numbers.gradient.data() + run.offset, run.size));
    for (const std::size_t which : tables_) {
      auto& table = numbers.tables[which];
      auto& rows = numbers.rows[which];
      for (std::size_t slot = 0; slot < rows.rows().size(); ++slot)
        function(Flat<S>(table.row(rows.rows()[slot]), table.width),
                 Flat<S>(rows.gradient(static_cast<Index>(slot)), table.width));
    }
  }

  R rule_;
  std::vector<Run> runs_;
  std::vector<std::size_t> tables_;
};

}  // namespace polytask
