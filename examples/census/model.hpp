/// @file
/// The model of the census with any sharing policy.
#pragma once

#include "policy.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <utility>

namespace polytask::examples {

template <class SharingPolicy>
std::unique_ptr<Model<float>> census_model(const Features& features, SharingPolicy sharing) {
  return multi_task_model(features, std::move(sharing),
                                        task<"over_50k">(BinaryCrossEntropy{}, mlp({8})),
                                        task<"never_married">(BinaryCrossEntropy{}, mlp({8}))).clone();
}

}  // namespace polytask::examples
