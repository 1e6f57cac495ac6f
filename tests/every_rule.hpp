/// @file
/// All weightings and all aggregations, compiled once for the tests that try each of them.
#pragma once

#include "polytask/aggregation/any_aggregation.hpp"
#include "polytask/weighting/any_weighting.hpp"

#include <vector>

/// Each weighting that has a name, with its default settings.
std::vector<polytask::AnyWeighting> every_weighting();

/// Each aggregation that has a name, with its default settings.
std::vector<polytask::AnyAggregation> every_aggregation();
