/// @file
/// No sharing: one network a task, the single-task baseline.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/sharing/networks.hpp"

#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// One network a task, of the same description, each with embedding tables of its own. Nothing is shared: training all
/// tasks together is training each alone.
template <Network N>
struct Separate : SharingDefaults {
  static constexpr std::string_view name = "separate";
  static constexpr bool shares_parameters = false;

  N network;

  Separate() = default;
  explicit Separate(N layers) : network(std::move(layers)) {}

  bool couples_samples() const { return N::couples_samples; }

  void connect(Index inputs, Span<const std::string_view> task_names) {
    task_names_.assign(task_names.begin(), task_names.end());
    networks_.connect(network, inputs, static_cast<Index>(task_names.size()));
  }

  Separate baseline() const { return *this; }

  Index input_copies() const { return networks_.count(); }
  Index input_copy_owner(Index copy) const { return copy; }
  std::string input_copy_name(Index copy) const { return task_names_[static_cast<std::size_t>(copy)] + "/"; }
  bool reads_copy(Index copy, ActiveTasks active) const { return active[static_cast<std::size_t>(copy)] != 0; }
  Index representation_width(Index) const { return networks_.outputs(); }

  Index memory_size(Index samples) const { return networks_.memory_size(samples); }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    for (Index task = 0; task < networks_.count(); ++task)
      networks_.parameters(input_copy_name(task) + "network/", task, visit);
  }

  template <class Visitor>
  void statistics(Visitor&& visit) const {
    for (Index task = 0; task < networks_.count(); ++task)
      networks_.statistics(input_copy_name(task) + "network/", task, visit);
  }

  template <class Visitor>
  void last_shared_layers(Visitor&&) const {}

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    networks_.initialize(parameters, statistics, random);
  }

  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index task) const {
    return networks_.outputs(memory, samples, task);
  }

  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index task) const {
    return networks_.gradient(memory, samples, task);
  }

  template <Scalar S>
  void forward(const SharingForward<S>& pass) const {
    for (Index task = 0; task < networks_.count(); ++task)
      if (pass.active[static_cast<std::size_t>(task)])
        networks_.forward(task, pass.parameters, pass.inputs[task], pass.memory, pass.statistics, pass.random,
                          pass.training);
  }

  template <Scalar S>
  void backward(const SharingBackward<S>& pass) const {
    if (pass.reach == Reach::last_layer) return;  // none is shared
    for (Index task = 0; task < networks_.count(); ++task)
      if (pass.active[static_cast<std::size_t>(task)])
        networks_.backward(task, pass.parameters, pass.inputs[task], pass.memory, pass.parameter_gradient,
                           pass.input_gradient.write(task), Reach::whole);
  }

 private:
  std::vector<std::string> task_names_;
  Networks<N> networks_;
};

}  // namespace polytask
