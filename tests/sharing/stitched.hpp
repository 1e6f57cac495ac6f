// What the tests of CrossStitch and of Sluice have in common.
#pragma once

#include "catch.hpp"

#include "polytask/core/parameters.hpp"
#include "polytask/files/structure.hpp"
#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/sharing/check.hpp"
#include "polytask/sharing/separate.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stitched {

namespace pt = polytask;
using pt::Index;

inline const std::vector<std::string_view> one{"click"};
inline const std::vector<std::string_view> two{"click", "spend"};
inline const std::vector<std::string_view> three{"click", "spend", "visits"};

inline auto smooth() {
  return pt::sequence(pt::layer_normalization(), pt::dense<pt::Tanh>(6), pt::layer_normalization(), pt::dropout(0.2),
                      pt::dense<pt::Gelu>(4), pt::dense<pt::Tanh>(2));
}

inline pt::SharingCheck with(std::vector<std::uint8_t> active = {}) {
  return {.active = std::move(active), .membership = {}};
}

/// Of few inputs and samples.
inline pt::SharingCheck small(Index inputs, Index samples) {
  return {.inputs = inputs, .samples = samples, .active = {}, .membership = {}};
}

template <class P>
struct Probe : pt::SharingProbe<P> {
  pt::Layout layout;

  Probe(P of, const std::vector<std::string_view>& names, pt::SharingCheck check = with())
      : pt::SharingProbe<P>(std::move(of), names, std::move(check)) {
    this->policy.parameters([&](const std::string& segment, Index owner, Index rows, Index columns) {
      layout.add(segment, owner, rows, columns);
    });
    REQUIRE(layout.size() == this->parameters.size());
  }

  pt::Columns<double> at(pt::Vector<double>& numbers, std::string_view name) const {
    const auto& segment = layout.segment(name);
    return {numbers.data() + segment.offset, segment.rows, segment.columns};
  }
  pt::Columns<double> at(std::string_view name) { return at(this->parameters, name); }

  pt::Matrix<double> representation(Index task) {
    return this->policy.representation(this->flat(this->memory), this->options.samples, task);
  }

  /// The gradient of one backward pass, the way back of Omega left out.
  pt::Vector<double> back(const std::vector<std::uint8_t>& active, pt::Reach reach = pt::Reach::whole) {
    this->gradient.setZero();
    this->backward(active, reach);
    return this->gradient;
  }
};
template <class P>
Probe(P, const std::vector<std::string_view>&) -> Probe<P>;
template <class P>
Probe(P, const std::vector<std::string_view>&, pt::SharingCheck) -> Probe<P>;

/// The gradients of all parameters and inputs, with all tasks and with some of them.
template <class P>
void check_gradients(const P& policy) {
  CHECK(pt::check_sharing(policy, two, with()).error < 1e-8);
  CHECK(pt::check_sharing(policy, three, with()).error < 1e-8);
  CHECK(pt::check_sharing(policy, three, with({0, 1, 0})).error < 1e-8);
  CHECK(pt::check_sharing(policy, three, with({1, 0, 1})).error < 1e-8);
  CHECK(pt::check_sharing(policy, one, with()).error < 1e-8);
}

/// Several ways back after one forward pass.
template <class P>
void check_ways_back(const P& policy) {
  Probe probe(policy, three);
  probe.forward();
  const pt::Vector<double> joint = probe.back({1, 1, 1});
  const pt::Vector<double> joint_inputs = probe.input_gradient;
  REQUIRE(joint.norm() > 1);

  pt::Vector<double> sum = pt::Vector<double>::Zero(joint.size());
  pt::Vector<double> input_sum = pt::Vector<double>::Zero(joint_inputs.size());
  pt::Vector<double> last = sum;
  for (std::size_t task = 0; task < 3; ++task) {
    std::vector<std::uint8_t> active(3, 0);
    active[task] = 1;
    last += probe.back(active, pt::Reach::last_layer);
    CHECK(pt::Matrix<double>(probe.policy.representation_gradient(probe.flat(probe.memory), probe.options.samples,
                                                                  static_cast<Index>(task))) == probe.directions[task]);
    sum += probe.back(active);
    input_sum += probe.input_gradient;
  }
  CHECK((sum - joint).norm() < 1e-12 * joint.norm());
  CHECK((input_sum - joint_inputs).norm() < 1e-12 * joint_inputs.norm());

  // whole = the last layer of each + all but the last layer of all
  pt::Vector<double> before = probe.back({1, 1, 1}, pt::Reach::before_last_layer);
  CHECK((probe.input_gradient - joint_inputs).norm() < 1e-12 * joint_inputs.norm());
  Index layers = 0;
  probe.policy.last_shared_layers([&](const std::string& layer) {
    ++layers;
    for (const char* part : {"/weights", "/bias"}) {
      CHECK(probe.at(before, layer + part).norm() == 0);
      probe.at(before, layer + part) = probe.at(last, layer + part);
    }
  });
  CHECK(layers == 3);
  CHECK((before - joint).norm() < 1e-12 * joint.norm());

  CHECK(probe.back({0, 0, 0}).norm() == 0);  // nothing flows without an active task
}

/// "name owner rows x columns; " for each segment with two tasks and three inputs.
template <class P>
std::string segments_of(P policy) {
  policy.connect(3, two);
  std::string found;
  policy.parameters([&](const std::string& name, Index owner, Index rows, Index columns) {
    found += name + " " + std::to_string(owner) + " " + std::to_string(rows) + "x" + std::to_string(columns) + "; ";
  });
  return found;
}

template <class P>
std::vector<std::string> last_layers_of(P policy) {
  policy.connect(3, two);
  std::vector<std::string> names;
  policy.last_shared_layers([&](const std::string& name) { names.push_back(name); });
  return names;
}

/// A task alone moves what is shared and its own, and nothing else.
template <class P>
void check_owners(const P& policy) {
  for (Index task = 0; task < 3; ++task) {
    std::vector<std::uint8_t> active(3, 0);
    active[static_cast<std::size_t>(task)] = 1;
    Probe probe(policy, three, with(active));
    probe.forward();
    probe.back(active);
    for (const auto& segment : probe.layout.segments()) {
      INFO(segment.name << " in the gradient of task " << task);
      CHECK((probe.at(probe.gradient, segment.name).norm() > 0) ==
            (segment.owner == pt::shared_owner || segment.owner == task));
    }
  }
}

/// Copies the towers' parameters from those of Separate, "<task>/network/<layer>/..." to "<task>/tower/<level>/0/...",
/// for a network of dense layers only.
template <class ToProbe, class FromProbe>
void copy_towers(ToProbe& to, FromProbe& from, const std::vector<std::string_view>& names, Index levels) {
  for (const auto task : names)
    for (Index level = 0; level < levels; ++level)
      for (const std::string part : {"weights", "bias"})
        to.at(std::string(task) + "/tower/" + std::to_string(level) + "/0/" + part) =
            from.at(std::string(task) + "/network/" + std::to_string(level) + "/" + part);
}

/// No pass allocates, nor does Omega.
template <class P>
void check_allocation(const P& policy) {
  Probe probe(policy, three);
  const std::vector<std::uint8_t> active{1, 1, 0};
  pt::Vector<double> statistics = probe.statistics;
  bool has_omega = false;
  const auto inputs = [&](pt::Vector<double>& numbers) {
    return pt::Inputs<double>{numbers.data(), probe.options.inputs, probe.options.samples,
                              numbers.size() / probe.policy.input_copies()};
  };
  Eigen::internal::set_is_malloc_allowed(false);
  probe.policy.forward(pt::SharingForward<double>{probe.fixed(probe.parameters), inputs(probe.inputs), active,
                                                  probe.flat(probe.memory), probe.flat(statistics), pt::Random(2), true,
                                                  probe.options.samples, pt::ConstColumns<double>(nullptr, 0, 0)});
  for (const auto reach : {pt::Reach::whole, pt::Reach::last_layer, pt::Reach::before_last_layer})
    probe.policy.backward(pt::SharingBackward<double>{probe.fixed(probe.parameters), inputs(probe.inputs), active,
                                                      probe.flat(probe.memory), probe.flat(probe.gradient),
                                                      inputs(probe.input_gradient), reach, true});
  if constexpr (pt::has_penalty<P>) {
    const double omega = probe.policy.penalty(probe.fixed(probe.parameters));
    has_omega = omega > 0;
    probe.policy.add_penalty_gradient(probe.fixed(probe.parameters), pt::ActiveTasks(active),
                                      probe.flat(probe.gradient));
  }
  Eigen::internal::set_is_malloc_allowed(true);
  CHECK(has_omega == pt::has_penalty<P>);
}

}  // namespace stitched
