/// @file
/// Shared and task-specific embeddings, STEM-Net (Su et al., AAAI 2024): tables of each task beside the shared ones,
/// and experts that every task reads but only their owner moves.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/sharing/gate.hpp"
#include "polytask/sharing/separate.hpp"

#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// How many experts there are.
struct StemSettings {
  Index shared_experts = 1;   ///< that read the shared tables
  Index private_experts = 1;  ///< of each task, that read the task's own tables

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require(shared_experts >= 0, "STEM needs a number of shared_experts of at least 0, not ", shared_experts);
    require(private_experts >= 0, "STEM needs a number of private_experts of at least 0, not ", private_experts);
    require(shared_experts + private_experts > 0,
            "STEM needs an expert: shared_experts and private_experts are both 0");
  }
};

/// Every embedding table is there once for all tasks and once for each task. Shared experts read the shared tables,
/// private experts their task's own. Each task mixes all experts by a gate of its own, those of other tasks too, but
/// its gradient is stopped at the experts of others: what belongs to a task is moved by its loss alone. So each task
/// keeps a taste of its own in its tables and lends it to all. A gate is one linear layer, here as in the other
/// policies, and reads the sum of the task's own and the shared inputs.
///
/// A forward pass computes all private experts if any task is active, since the active ones read them; with batch
/// normalisation the running statistics of inactive tasks' experts move, too.
///
/// The choices of every gate are the same, in this order: the shared experts, the first task's, the second's ...
template <Network N>
struct Stem : SharingDefaults {
  static constexpr std::string_view name = "stem";

  N network;  ///< of each expert
  StemSettings settings;

  Stem() = default;

  /// @throws ArgumentError when a number of experts is negative, or there is no expert at all
  explicit Stem(N expert, StemSettings with = {}) : network(std::move(expert)), settings(with) { settings.check(); }

  bool couples_samples() const { return N::couples_samples; }

  void connect(Index inputs, Span<const std::string_view> task_names) {
    settings.check();
    task_names_.assign(task_names.begin(), task_names.end());
    experts_.connect(network, inputs, settings.shared_experts + task_count() * settings.private_experts);
    gate_.connect(inputs, experts_.count());
  }

  /// The single-task models with one expert of the same widths.
  Separate<N> baseline() const { return Separate<N>(network); }

  /// Copy 0 is from the shared tables, copy 1 + k from the own tables of task k.
  Index input_copies() const { return 1 + task_count(); }
  Index input_copy_owner(Index copy) const { return copy == 0 ? shared_owner : copy - 1; }
  std::string input_copy_name(Index copy) const { return copy == 0 ? "" : prefix(copy - 1); }
  Index representation_width(Index) const { return experts_.outputs(); }

  /// All experts; for each task a gate, the representation and its gradient; the inputs of a gate and the gradient of
  /// the inputs of one reader.
  Index memory_size(Index samples) const { return Places<float>(*this, Pieces<float>(nullptr), samples).size(); }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    each_expert([&](const std::string& expert, Index owner) { experts_.parameters(expert, owner, visit); });
    for (Index task = 0; task < task_count(); ++task) gate_.parameters(prefix(task) + "gate/", task, visit);
  }

  template <class Visitor>
  void statistics(Visitor&& visit) const {
    each_expert([&](const std::string& expert, Index owner) { experts_.statistics(expert, owner, visit); });
  }

  template <class Visitor>
  void last_shared_layers(Visitor&& visit) const {
    each_expert([&](const std::string& expert, Index owner) {
      if (owner == shared_owner) experts_.last_layer(expert, visit);
    });
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("shared_experts", self.settings.shared_experts);
    visit("private_experts", self.settings.private_experts);
    if constexpr (!std::is_const_v<Self>) self.settings.check();
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    experts_.initialize(parameters, statistics, random);
    for (Index task = 0; task < task_count(); ++task) gate_.initialize(gate_parameters(parameters, task), random);
  }

  /// What a task's gate may choose from: all experts.
  Index gate_choices(Index) const { return gate_.choices(); }

  /// The name of a choice: "shared expert 0", "click's expert 0".
  std::string choice_name(Index, Index choice) const {
    const Index owner = expert_owner(choice);
    return (owner == shared_owner ? "shared" : task_names_[static_cast<std::size_t>(owner)] + "'s") + " expert " +
           std::to_string(expert_number(choice));
  }

  /// A task's shares of all experts in the last forward pass in which it was active: choices x samples.
  template <Scalar S>
  ConstColumns<S> gate(const Flat<S>& memory, Index samples, Index task) const {
    return gate_.shares(Places<S>(*this, memory, samples).gate(task), samples);
  }

  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index task) const {
    return read_only<S>(Places<S>(*this, memory, samples).mixture(task));
  }

  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index task) const {
    return Places<S>(*this, memory, samples).gradient(task);
  }

  template <Scalar S>
  void forward(const SharingForward<S>& pass) const {
    if (!any_active(pass.active)) return;
    const Index samples = pass.inputs.samples;
    Places<S> places(*this, pass.memory, samples);
    for (Index expert = 0; expert < experts_.count(); ++expert)
      experts_.forward(expert, pass.parameters, pass.inputs[copy_of(expert)], places.experts, pass.statistics,
                       pass.random, pass.training);
    for (Index task = 0; task < task_count(); ++task) {
      if (!pass.active[static_cast<std::size_t>(task)]) continue;
      places.gate_inputs = pass.inputs[0] + pass.inputs[1 + task];
      gate_.forward(gate_parameters(pass.parameters, task), read_only<S>(places.gate_inputs), places.gate(task));
      const auto shares = gate_.shares(places.gate(task), samples);
      auto mixture = places.mixture(task);
      mixture.setZero();
      for (Index expert = 0; expert < experts_.count(); ++expert)
        add_share(mixture, experts_.outputs(places.experts, samples, expert), shares, expert);
    }
  }

  /// All readers of the inputs add to their copies, so that this is right also where all copies are one matrix.
  template <Scalar S>
  void backward(const SharingBackward<S>& pass) const {
    const auto active = [&](Index task) { return pass.active[static_cast<std::size_t>(task)] != 0; };
    Places<S> places(*this, pass.memory, pass.inputs.samples);
    if (pass.reach != Reach::last_layer)
      for (Index copy = 0; copy < input_copies(); ++copy)
        if (copy == 0 || active(copy - 1)) pass.input_gradient.write(copy).setZero();
    if (!any_active(pass.active)) return;
    for (Index expert = 0; expert < experts_.count(); ++expert) {
      const Index owner = expert_owner(expert);
      if (owner == shared_owner)
        backward_expert(pass, places, expert, pass.reach);
      else if (active(owner) && pass.reach != Reach::last_layer)
        backward_expert(pass, places, expert, Reach::whole);
    }
    for (Index task = 0; task < task_count() && pass.reach != Reach::last_layer; ++task)
      if (active(task)) backward_gate(pass, places, task);
  }

 private:
  template <Scalar S>
  struct Places {
    Places(const Stem& sharing, Pieces<S> pieces, Index samples)
        : experts(pieces.flat(sharing.experts_.memory_size(samples))),
          gate_inputs(pieces.matrix(sharing.experts_.inputs(), samples)),
          scratch(pieces.matrix(sharing.experts_.inputs(), samples)),
          width_(sharing.experts_.outputs()),
          samples_(samples),
          step_(sharing.representation_size(samples)),
          gate_size_(sharing.gate_.memory_size(samples)),
          gates_(pieces.flat(sharing.task_count() * gate_size_).data()),
          mixtures_(pieces.flat(2 * sharing.task_count() * step_).data()),
          size_(pieces.size()) {}

    Flat<S> experts;
    Columns<S> gate_inputs;  ///< of the gate at hand
    Columns<S> scratch;      ///< the gradient of the inputs of one reader

    Flat<S> gate(Index task) const { return Flat<S>(gates_ + task * gate_size_, gate_size_); }
    Columns<S> mixture(Index task) const { return Columns<S>(mixtures_ + 2 * task * step_, width_, samples_); }
    Columns<S> gradient(Index task) const { return Columns<S>(mixtures_ + (2 * task + 1) * step_, width_, samples_); }

    Index size() const { return size_; }

   private:
    Index width_;
    Index samples_;
    Index step_;
    Index gate_size_;
    S* gates_;
    S* mixtures_;  ///< of each task the representation, then its gradient
    Index size_;
  };

  Index task_count() const { return static_cast<Index>(task_names_.size()); }
  std::string prefix(Index task) const { return task_names_[static_cast<std::size_t>(task)] + "/"; }
  Index representation_size(Index samples) const { return piece_size(experts_.outputs() * samples); }

  Index expert_owner(Index expert) const {
    return expert < settings.shared_experts ? shared_owner
                                            : (expert - settings.shared_experts) / settings.private_experts;
  }
  Index expert_number(Index expert) const {
    return expert < settings.shared_experts ? expert : (expert - settings.shared_experts) % settings.private_experts;
  }
  Index copy_of(Index expert) const { return 1 + expert_owner(expert); }

  template <class Visitor>
  void each_expert(Visitor&& visit) const {
    for (Index expert = 0; expert < experts_.count(); ++expert) {
      const Index owner = expert_owner(expert);
      const std::string place = owner == shared_owner ? "shared/" : prefix(owner);
      visit(place + "experts/" + std::to_string(expert_number(expert)) + "/", owner);
    }
  }

  /// The parameters of one task's gate; they lie behind those of all experts.
  template <class View>
  View gate_parameters(const View& all, Index task) const {
    const Index size = gate_.parameter_size();
    return slice(all, experts_.parameter_size() + task * size, size);
  }

  /// dL/dexpert = sum over the tasks that move it of share * dL/drepresentation, and from there on down.
  template <Scalar S>
  void backward_expert(const SharingBackward<S>& pass, const Places<S>& places, Index expert, Reach reach) const {
    const Index samples = pass.inputs.samples;
    const Index owner = expert_owner(expert);
    auto gradient = experts_.gradient(places.experts, samples, expert);
    gradient.setZero();
    for (Index task = 0; task < task_count(); ++task)
      if (pass.active[static_cast<std::size_t>(task)] && (owner == shared_owner || owner == task))
        add_share(gradient, read_only<S>(places.gradient(task)), gate_.shares(places.gate(task), samples), expert);
    const bool inputs_wanted = pass.input_gradient.data != nullptr && reach != Reach::last_layer;
    experts_.backward(expert, pass.parameters, pass.inputs[copy_of(expert)], places.experts, pass.parameter_gradient,
                      inputs_wanted ? places.scratch : no_columns<S>(), reach);
    if (inputs_wanted) pass.input_gradient.write(copy_of(expert)) += places.scratch;
  }

  /// The gate learns from all experts, whoever owns them. Its inputs are a sum: both copies have its gradient.
  template <Scalar S>
  void backward_gate(const SharingBackward<S>& pass, Places<S>& places, Index task) const {
    const Index samples = pass.inputs.samples;
    const auto share_gradient = gate_.share_gradient(places.gate(task), samples);
    for (Index expert = 0; expert < experts_.count(); ++expert)
      share_gradient_of(share_gradient, expert, experts_.outputs(places.experts, samples, expert),
                        read_only<S>(places.gradient(task)));
    places.gate_inputs = pass.inputs[0] + pass.inputs[1 + task];
    const bool inputs_wanted = pass.input_gradient.data != nullptr;
    gate_.backward(gate_parameters(pass.parameters, task), read_only<S>(places.gate_inputs), places.gate(task),
                   gate_parameters(pass.parameter_gradient, task), inputs_wanted ? places.scratch : no_columns<S>());
    if (!inputs_wanted) return;
    pass.input_gradient.write(0) += places.scratch;
    pass.input_gradient.write(1 + task) += places.scratch;
  }

  std::vector<std::string> task_names_;
  Networks<N> experts_;
  Gate gate_;
};

}  // namespace polytask
