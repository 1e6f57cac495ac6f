/// @file
/// Every weighting of the library by its name, for a program's flags.
#pragma once

#include "polytask/core/named_list.hpp"
#include "polytask/weighting/any_weighting.hpp"
#include "polytask/weighting/dwa.hpp"
#include "polytask/weighting/famo.hpp"
#include "polytask/weighting/fixed.hpp"
#include "polytask/weighting/gls.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/imtl_l.hpp"
#include "polytask/weighting/rlw.hpp"
#include "polytask/weighting/scale_invariant.hpp"
#include "polytask/weighting/scheduled.hpp"
#include "polytask/weighting/stch.hpp"
#include "polytask/weighting/uncertainty.hpp"
#include "polytask/weighting/uw_so.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// Weightings, each with its default settings.
template <class... Rules>
using WeightingList = NamedList<AnyWeighting, Rules...>;

/// Every weighting of the library.
using AllWeightings = WeightingList<Equal, Fixed, Uncertainty, UwSo, GradNorm, DynamicWeightAverage, RandomWeights,
                                    GeometricMean, ScaleInvariant, ImtlL, SmoothTchebycheff, Famo, Scheduled>;

/// The names of all weightings.
inline std::vector<std::string> weighting_names() { return AllWeightings::names(); }

/// The weighting of that name with its default settings.
/// @tparam Rules  the weightings to choose among: a list with a program's own rules adds them
/// @throws ArgumentError naming the known ones when there is none
template <class Rules = AllWeightings>
AnyWeighting weighting_named(std::string_view name) {
  return Rules::named("weighting", name);
}

}  // namespace polytask
