/// @file
/// A gradient check for the authors of layers.
#pragma once

#include "polytask/core/gradient_check.hpp"
#include "polytask/layers/layer.hpp"

namespace polytask {

/// Compares the backward pass of a layer with central differences, in double: the gradients of its inputs and of its
/// parameters, at random inputs and parameters, for a random linear function of its outputs.
///
/// @param layer   connected
/// @param samples number of columns
/// @return the furthest apart; `error` below 1e-7 is what a right gradient reaches away from kinks
template <Layer L>
GradientCheck check_layer(const L& layer, Index samples, std::uint64_t seed = 1) {
  Random random(seed);
  const auto fill = [&](auto&& values) {
    for (double& value : numbers_of(values)) value = random.normal();
  };
  Vector<double> parameters = Vector<double>::Zero(parameter_size(layer));
  Vector<double> statistics = Vector<double>::Zero(statistic_size(layer));
  Vector<double> gradient = Vector<double>::Zero(parameters.size());
  Vector<double> memory(layer.memory_size(samples));
  Matrix<double> inputs(layer.inputs(), samples);
  Matrix<double> input_gradient(layer.inputs(), samples);
  Matrix<double> outputs(layer.outputs(), samples);
  Matrix<double> direction(layer.outputs(), samples);
  const auto flat = [](auto& values) { return Flat<double>(values.data(), values.size()); };
  const auto columns = [](auto& values) { return Columns<double>(values.data(), values.rows(), values.cols()); };
  const auto fixed = [](auto& values) { return ConstColumns<double>(values.data(), values.rows(), values.cols()); };

  layer.initialize(flat(parameters), flat(statistics), random);
  Pieces<double> pieces(parameters.data());
  layer.parameters([&](std::string_view, Index rows, Index count) {
    auto part = pieces.matrix(rows, count);
    for (double& value : numbers_of(part)) value += 0.3 * random.normal();
  });
  fill(inputs);
  fill(direction);

  const auto value = [&] {
    Vector<double> moved = statistics;
    layer.forward(Forward<double>{ConstFlat<double>(parameters.data(), parameters.size()), fixed(inputs),
                                  columns(outputs), flat(memory), flat(moved), random, true});
    return outputs.cwiseProduct(direction).sum();
  };
  value();
  Matrix<double> output_gradient = direction;
  layer.backward(Backward<double>{ConstFlat<double>(parameters.data(), parameters.size()), fixed(inputs),
                                  fixed(outputs), columns(output_gradient), flat(memory), flat(gradient),
                                  columns(input_gradient)});
  GradientCheck check =
      check_gradient(flat(inputs), ConstFlat<double>(input_gradient.data(), input_gradient.size()), value);
  check.merge(check_gradient(flat(parameters), ConstFlat<double>(gradient.data(), gradient.size()), value));
  return check;
}

}  // namespace polytask
