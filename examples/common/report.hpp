/// @file
/// The report of an example's run.
#pragma once

#include "demonstration.hpp"
#include "polytask/training/comparison.hpp"

#include <string>
#include <vector>

namespace polytask::examples {

/// Writes the page that --report asks for: how the demonstrated model learnt and what it is like, how the ways of
/// training compare with single tasks, and what decisions by their predictions are worth.
/// @param comparisons one a way of training, then that of the boosted trees if there is one
/// @param names       of these; the only one's may be empty
/// @param judged      of the decision; empty where there is none
void write_report(const Experiment& experiment, const Trial& trial, const Demonstration& shown,
                  const std::vector<Comparison>& comparisons, const std::vector<std::string>& names,
                  const std::vector<Judged>& judged);

}  // namespace polytask::examples
