/// @file
/// One number a task that a weighting learns by gradient steps of its own.
#pragma once

#include "polytask/core/member_visitor.hpp"
#include "polytask/core/span.hpp"
#include "polytask/optimizers/adam.hpp"

#include <algorithm>
#include <vector>

namespace polytask {

/// Numbers that are apart from the parameters of the model, so that neither its learning rate nor its weight decay
/// reaches them. Each has an Adam of its own: a task that is not stepped keeps number, memory and count of steps.
class LearntNumbers {
 public:
  LearntNumbers(std::size_t tasks, double start)
      : values_(tasks, start), first_(tasks, 0.0), second_(tasks, 0.0), steps_(tasks, 0) {}

  Span<const double> values() const { return values_; }
  double operator[](std::size_t task) const { return values_[task]; }

  /// One step of Adam down the gradient of one task's number.
  void step(std::size_t task, double gradient, double rate, double weight_decay = 0) {
    Adam{.weight_decay = weight_decay}.update(
        Update<double>{1, &values_[task], &gradient, {&first_[task], &second_[task]}, rate, ++steps_[task]});
  }

  /// Brings one task's number back between -largest and largest.
  void keep_within(std::size_t task, double largest) {
    values_[task] = (std::min)((std::max)(values_[task], -largest), largest);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_sized(visit, "values", self.values_);
    visit_sized(visit, "first", self.first_);
    visit_sized(visit, "second", self.second_);
    visit_sized(visit, "steps", self.steps_);
  }

 private:
  std::vector<double> values_;
  std::vector<double> first_;   ///< what Adam remembers
  std::vector<double> second_;  ///< what Adam remembers
  std::vector<Index> steps_;
};

}  // namespace polytask
