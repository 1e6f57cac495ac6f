/// @file
/// What the tests of policies made of ExtractionLevels check in the same way.
#pragma once

#include "catch.hpp"

#include "polytask/core/parameters.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/layers/sequence.hpp"
#include "polytask/sharing/check.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace extraction {

namespace pt = polytask;
using pt::Index;

inline const std::vector<std::string_view> two{"click", "spend"};
inline const std::vector<std::string_view> three{"click", "spend", "visits"};

inline auto layers() { return pt::sequence(pt::dense<pt::Tanh>(3), pt::layer_normalization(), pt::dense<pt::Gelu>(2)); }

inline std::vector<std::uint8_t> only(Index task, Index tasks) {
  std::vector<std::uint8_t> active(static_cast<std::size_t>(tasks), 0);
  active[static_cast<std::size_t>(task)] = 1;
  return active;
}

template <class Policy>
pt::Layout layout_of(const Policy& policy) {
  pt::Layout layout;
  policy.parameters(
      [&](const std::string& name, Index owner, Index rows, Index columns) { layout.add(name, owner, rows, columns); });
  return layout;
}

/// The numbers of one segment, in a probe's parameters or gradient.
template <class Probe>
pt::Columns<double> segment(const Probe& probe, pt::Vector<double>& numbers, const std::string& name) {
  const auto layout = layout_of(probe.policy);
  const auto& found = layout.segment(name);
  return {numbers.data() + found.offset, found.rows, found.columns};
}

/// The names, owners and sizes of the segments, a line each.
template <class Policy>
std::string segments_of(Policy policy) {
  policy.connect(3, two);
  std::string lines;
  const auto layout = layout_of(policy);
  for (const auto& segment : layout.segments())
    lines += pt::text(segment.name, " ", segment.owner, " ", segment.rows, "x", segment.columns, "\n");
  return lines;
}

template <class Policy>
std::string last_layers_of(const Policy& policy) {
  std::string names;
  policy.last_shared_layers([&](const std::string& name) { names += name + " "; });
  return names;
}

/// The gradients of parameters and of inputs, one after the other.
template <class Probe>
pt::Vector<double> both_gradients(const Probe& probe) {
  const Index inputs = probe.options.inputs * probe.options.samples;
  pt::Vector<double> both(probe.gradient.size() + inputs);
  both << probe.gradient, probe.input_gradient.head(inputs);
  return both;
}

/// Finite differences, with all tasks active or with some. Several levels of layer normalisation are so curved that the
/// differences must be narrower than those of check_sharing().
template <class Policy>
void check_gradients(const Policy& policy, const std::vector<std::uint8_t>& active = {1, 1, 1}) {
  INFO("active: " << int{active[0]} << int{active[1]} << int{active[2]});
  pt::SharingProbe probe(policy, three, {.inputs = 3, .samples = 2, .active = active, .membership = {}});
  probe.differentiate();
  const auto check = [&](const std::string& name, double* point, const double* gradient, Index size) {
    const auto found = pt::check_gradient(
        {point, size}, {gradient, size}, [&] { return probe.value(); }, 6e-5);
    INFO(name << " at " << found.place << ": " << found.gradient << " instead of " << found.difference);
    CHECK(found.error < 5e-9);
  };
  const auto layout = layout_of(probe.policy);
  for (const auto& part : layout.segments())
    check(part.name, probe.parameters.data() + part.offset, probe.gradient.data() + part.offset, part.size());
  check("inputs", probe.inputs.data(), probe.input_gradient.data(), 3 * 2);
}

/// The passes of single tasks add up to the joint one, and so do those of each task as far as the last shared layer
/// with a joint one of the rest; the former leave the tasks' gradients as they are. What a task alone moves is shared
/// or its own, and all of that.
template <class Policy>
void check_passes(const Policy& policy) {
  pt::SharingProbe probe(policy, three);
  probe.input_gradient.setConstant(7);  // is written over
  probe.differentiate();
  const pt::Vector<double> joint = both_gradients(probe);
  REQUIRE(joint.norm() > 1);

  const auto layout = layout_of(probe.policy);
  pt::Vector<double> sum = pt::Vector<double>::Zero(joint.size());
  for (Index task = 0; task < 3; ++task) {
    probe.gradient.setZero();
    probe.backward(only(task, 3));
    sum += both_gradients(probe);
    for (const auto& part : layout.segments()) {
      INFO("task " << task << ", " << part.name);
      const double norm = pt::ConstFlat<double>(probe.gradient.data() + part.offset, part.size()).norm();
      CHECK((norm > 1e-12) == (part.owner == pt::shared_owner || part.owner == task));
    }
    pt::SharingProbe alone(policy, three, {.active = only(task, 3), .membership = {}});
    alone.differentiate();
    CHECK((both_gradients(alone) == both_gradients(probe)));
  }
  CHECK((sum - joint).norm() < 1e-13 * joint.norm());

  const std::string last = " " + last_layers_of(probe.policy);
  const auto is_last = [&](const std::string& name) {
    return last.find(" " + name.substr(0, name.rfind('/')) + " ") != std::string::npos;
  };
  pt::Vector<double> parts = pt::Vector<double>::Zero(probe.gradient.size());
  for (Index task = 0; task < 3; ++task) {
    probe.gradient.setZero();
    probe.backward(only(task, 3), pt::Reach::last_layer, false);
    const auto kept = probe.policy.representation_gradient(probe.flat(probe.memory), 7, task);
    CHECK((kept == probe.directions[static_cast<std::size_t>(task)]));
    for (const auto& part : layout.segments()) {
      const Index size = pt::piece_size(part.size());
      if (is_last(part.name)) parts.segment(part.offset, size) += probe.gradient.segment(part.offset, size);
    }
  }
  CHECK((parts.norm() > 0.1) == !last_layers_of(probe.policy).empty());
  probe.gradient.setZero();
  probe.backward(std::vector<std::uint8_t>{1, 1, 1}, pt::Reach::before_last_layer);
  for (const auto& part : layout.segments())
    if (is_last(part.name)) CHECK(probe.gradient.segment(part.offset, part.size()).isZero(0));
  probe.gradient += parts;
  CHECK((both_gradients(probe) - joint).norm() < 1e-13 * joint.norm());

  probe.gradient.setZero();
  probe.backward(std::vector<std::uint8_t>{0, 0, 0});
  CHECK(both_gradients(probe).isZero(0));
}

/// What the networks of mlp<Tanh>({4, 3}) put out, by the numbers of the segments.
template <class Probe>
pt::Matrix<double> network(Probe& probe, const std::string& prefix, const pt::Matrix<double>& inputs) {
  pt::Matrix<double> values = inputs;
  for (const std::string layer : {"0/", "1/"}) {
    const pt::Matrix<double> weights = segment(probe, probe.parameters, prefix + layer + "weights");
    const pt::Vector<double> bias = segment(probe, probe.parameters, prefix + layer + "bias").col(0);
    values = ((weights * values).colwise() + bias).array().tanh().matrix().eval();
  }
  return values;
}

/// The experts mixed by the softmax of a gate.
template <class Probe>
pt::Matrix<double> mixture(Probe& probe, const std::string& gate, const pt::Matrix<double>& inputs,
                           const std::vector<pt::Matrix<double>>& experts) {
  const pt::Matrix<double> weights = segment(probe, probe.parameters, gate + "weights");
  const pt::Vector<double> bias = segment(probe, probe.parameters, gate + "bias").col(0);
  pt::Matrix<double> sum = pt::Matrix<double>::Zero(experts[0].rows(), inputs.cols());
  for (Index sample = 0; sample < inputs.cols(); ++sample) {
    const pt::Vector<double> odds = (weights * inputs.col(sample) + bias).array().exp();
    for (std::size_t choice = 0; choice < experts.size(); ++choice)
      sum.col(sample) += odds[static_cast<Index>(choice)] / odds.sum() * experts[choice].col(sample);
  }
  return sum;
}

template <class Probe>
pt::Matrix<double> inputs_of(const Probe& probe) {
  return pt::ConstColumns<double>(probe.inputs.data(), probe.options.inputs, probe.options.samples);
}

/// Two policies whose segments hold the same matrices in the same order, by different names, are the same function with
/// the same gradients.
/// @param skip part of the names of segments that the second policy does not have
template <class First, class Second>
void check_same(const First& first, const Second& second, const std::string& skip = "nothing") {
  pt::SharingProbe one(first, three);
  pt::SharingProbe other(second, three);
  std::vector<std::pair<pt::Segment, pt::Segment>> pairs;
  const auto layout = layout_of(one.policy);
  const auto other_layout = layout_of(other.policy);
  std::size_t next = 0;
  for (const auto& part : layout.segments()) {
    if (part.name.find(skip) != std::string::npos) continue;
    REQUIRE(next < other_layout.segments().size());
    pairs.emplace_back(part, other_layout.segments()[next++]);
    REQUIRE(pairs.back().first.rows == pairs.back().second.rows);
    REQUIRE(pairs.back().first.columns == pairs.back().second.columns);
  }
  REQUIRE(next == other_layout.segments().size());
  for (const auto& [here, there] : pairs)
    other.parameters.segment(there.offset, there.size()) = one.parameters.segment(here.offset, here.size());
  const Index copies = other.policy.input_copies();
  const Index size = one.inputs.size();
  for (Index copy = 0; copy < copies; ++copy) other.inputs.segment(copy * size, size) = one.inputs;
  other.directions = one.directions;
  one.differentiate();
  other.differentiate();
  for (Index task = 0; task < 3; ++task)
    CHECK((one.policy.representation(one.flat(one.memory), 7, task) -
           other.policy.representation(other.flat(other.memory), 7, task))
              .norm() < 1e-14);
  for (const auto& [here, there] : pairs) {
    INFO(here.name);
    CHECK((one.gradient.segment(here.offset, here.size()) - other.gradient.segment(there.offset, there.size())).norm() <
          1e-12);
  }
  pt::Vector<double> input_gradient = pt::Vector<double>::Zero(size);
  for (Index copy = 0; copy < copies; ++copy) input_gradient += other.input_gradient.segment(copy * size, size);
  CHECK(one.input_gradient.norm() > 0.1);
  CHECK((one.input_gradient - input_gradient).norm() < 1e-12);
}

/// A training pass there and back.
template <class Policy>
void passes_allocate_nothing(const Policy& policy) {
  pt::SharingProbe probe(policy, three);
  Eigen::internal::set_is_malloc_allowed(false);
  probe.policy.forward(pt::SharingForward<double>{probe.fixed(probe.parameters),
                                                  {probe.inputs.data(), 5, 7, 0},
                                                  probe.options.active,
                                                  probe.flat(probe.memory),
                                                  probe.flat(probe.statistics),
                                                  pt::Random(1),
                                                  true,
                                                  7,
                                                  pt::ConstColumns<double>(nullptr, 0, 0)});
  probe.backward(probe.options.active);
  Eigen::internal::set_is_malloc_allowed(true);
}

}  // namespace extraction
