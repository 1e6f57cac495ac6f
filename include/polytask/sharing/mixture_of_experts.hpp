/// @file
/// Experts that all tasks share, mixed for each task by a gate: MMoE (Ma et al. 2018), and OMoE, which has one gate.
#pragma once

#include "polytask/core/member_visitor.hpp"
#include "polytask/core/span.hpp"
#include "polytask/sharing/gate.hpp"
#include "polytask/sharing/separate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace polytask {

/// Whose gates mix the experts.
enum class MixtureGates {
  per_task,     ///< each task has its own (MMoE)
  one_for_all,  ///< all tasks read the same mixture (OMoE)
};

inline constexpr std::array<std::string_view, 2> mixture_gates_names{"per task", "one for all"};

struct MixtureSettings {
  Index experts = 8;  ///< networks to choose from
  MixtureGates gates = MixtureGates::per_task;
  Index top = 0;              ///< experts that a gate keeps for each sample; 0: all
  double balance = 0;         ///< strength of the term against gates that prefer a few experts
  double expert_dropout = 0;  ///< probability that training leaves an expert out of a sample's mixture

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require(experts >= 1, "a mixture needs at least one expert: `experts` is ", experts);
    require(top >= 0 && top <= experts, "mixture of experts: of ", experts, " experts a gate can keep 1 to ", experts,
            ", or all with 0: `top` is ", top);
    require(balance >= 0 && std::isfinite(balance),
            "the strength of load balance is a finite number of at least 0: `balance` is ", balance);
    require(expert_dropout >= 0 && expert_dropout < 1,
            "the probability of expert dropout is at least 0 and less than 1: `expert_dropout` is ", expert_dropout);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("experts", self.experts);
    visit_choice(visit, "gates", self.gates, mixture_gates_names);
    visit("top", self.top);
    visit("balance", self.balance);
    visit("expert_dropout", self.expert_dropout);
    if constexpr (!std::is_const_v<Self>) self.check();
  }
};

/// Several networks, the experts, read by all tasks: representation of a task = sum over the experts of
/// share(expert) * expert(inputs), the shares given for each sample by the softmax gate of the task or of all tasks,
/// linear in the inputs, with a bias. Experts and embeddings are shared; a task's gate is the task's.
///
/// With `top` a gate keeps the experts of the largest logits of each sample (Shazeer et al. 2017, without noise); all
/// experts are computed nevertheless. With `expert_dropout` each gate leaves each expert out of each sample's mixture
/// with this probability in training, and the other shares are brought to the sum 1; a mixture of which nothing would
/// be left stays as it is. With `balance` the loss has the importance term of Shazeer et al. (2017) for every gate of
/// the batch: balance * variance / mean^2, over the experts, of the shares summed over the batch, as they were mixed.
template <Network N>
struct MixtureOfExperts : SharingDefaults {
  static constexpr std::string_view name = "mixture_of_experts";

  N network;  ///< one expert
  MixtureSettings settings;

  MixtureOfExperts() = default;

  /// @throws ArgumentError naming the setting that is out of range
  explicit MixtureOfExperts(N layers, MixtureSettings with = {}) : network(std::move(layers)), settings(with) {
    settings.check();
  }

  /// The importance term is one of the whole batch, not a sum over its samples.
  bool couples_samples() const { return N::couples_samples || settings.balance > 0; }

  void connect(Index inputs, Span<const std::string_view> task_names) {
    settings.check();
    task_names_.assign(task_names.begin(), task_names.end());
    experts_.connect(network, inputs, settings.experts);
    gate_.connect(inputs, settings.experts, settings.top);
  }

  /// The single-task models of the same widths, with one expert.
  Separate<N> baseline() const { return Separate<N>(network); }

  Index representation_width(Index) const { return experts_.outputs(); }

  Index memory_size(Index samples) const { return Places<float>(*this, Pieces<float>(nullptr), samples).size(); }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    for (Index expert = 0; expert < experts_.count(); ++expert)
      experts_.parameters(expert_name(expert), shared_owner, visit);
    for (Index gate = 0; gate < gates(); ++gate)
      gate_.parameters((own_gates() ? task_names_[static_cast<std::size_t>(gate)] : "shared") + "/gate/",
                       own_gates() ? gate : shared_owner, visit);
  }

  template <class Visitor>
  void statistics(Visitor&& visit) const {
    for (Index expert = 0; expert < experts_.count(); ++expert)
      experts_.statistics(expert_name(expert), shared_owner, visit);
  }

  /// The last layer of every expert.
  template <class Visitor>
  void last_shared_layers(Visitor&& visit) const {
    for (Index expert = 0; expert < experts_.count(); ++expert) experts_.last_layer(expert_name(expert), visit);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("settings", self.settings);
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    experts_.initialize(parameters, statistics, random);
    for (Index gate = 0; gate < gates(); ++gate) gate_.initialize(of_gate(parameters, gate), random);
  }

  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index task) const {
    return read_only<S>(Places<S>(*this, memory, samples).mixture(gate_of(task)));
  }

  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index task) const {
    return Places<S>(*this, memory, samples).gradient(task);
  }

  /// The shares of the experts in a task's mixture, after a forward pass in which the task was active: experts x
  /// samples, each column sums to 1.
  template <Scalar S>
  ConstColumns<S> gate(const Flat<S>& memory, Index samples, Index task) const {
    return gate_.shares(Places<S>(*this, memory, samples).gate(gate_of(task)), samples);
  }

  Index gate_choices(Index) const { return experts_.count(); }
  std::string choice_name(Index, Index choice) const { return "expert " + std::to_string(choice); }

  template <Scalar S>
  void forward(const SharingForward<S>& pass) const {
    const Index samples = pass.inputs.samples;
    Places<S> places(*this, pass.memory, samples);
    for (Index gate = 0; gate < gates(); ++gate) places.took_part[gate] = active(gate, pass.active) ? S(1) : S(0);
    if (!any_active(pass.active)) return;
    for (Index expert = 0; expert < experts_.count(); ++expert)
      experts_.forward(expert, pass.parameters, pass.inputs[0], places.experts, pass.statistics, pass.random,
                       pass.training);
    for (Index gate = 0; gate < gates(); ++gate) {
      if (!active(gate, pass.active)) continue;
      const auto memory = places.gate(gate);
      const auto stream = static_cast<std::uint64_t>(experts_.count() + gate);  // the experts have those before
      gate_.forward(of_gate(pass.parameters, gate), pass.inputs[0], memory);
      if (pass.training && settings.expert_dropout > 0)
        gate_.leave_out(settings.expert_dropout, pass.random.stream(stream), memory, samples);
      auto mixture = places.mixture(gate);
      mixture.setZero();
      for (Index expert = 0; expert < experts_.count(); ++expert)
        add_share(mixture, experts_.outputs(places.experts, samples, expert), gate_.shares(memory, samples), expert);
    }
  }

  template <Scalar S>
  void backward(const SharingBackward<S>& pass) const {
    const Index samples = pass.inputs.samples;
    const bool whole_way = pass.reach != Reach::last_layer;
    Places<S> places(*this, pass.memory, samples);
    GradientSum<S> input_sum(whole_way ? pass.input_gradient.write(0) : no_columns<S>(), places.scratch);
    if (any_active(pass.active)) {
      if (!own_gates()) gather_gradients(pass.active, places);
      // one way back an expert, for all mixtures it is in: dL/dexpert = sum over gates of share * dL/dmixture
      for (Index expert = 0; expert < experts_.count(); ++expert) {
        auto gradient = experts_.gradient(places.experts, samples, expert);
        gradient.setZero();
        for (Index gate = 0; gate < gates(); ++gate) {
          if (!active(gate, pass.active)) continue;
          const auto memory = places.gate(gate);
          const auto arriving = read_only<S>(places.gradient(first_reader(gate, pass.active)));
          add_share(gradient, arriving, gate_.shares(memory, samples), expert);
          if (whole_way)
            share_gradient_of(gate_.share_gradient(memory, samples), expert,
                              experts_.outputs(places.experts, samples, expert), arriving);
        }
        input_sum.add([&](const Columns<S>& target) {
          experts_.backward(expert, pass.parameters, pass.inputs[0], places.experts, pass.parameter_gradient, target,
                            pass.reach);
        });
      }
    }
    if (!whole_way) return;
    for (Index gate = 0; gate < gates(); ++gate) {
      const bool balanced = pass.own_terms && settings.balance > 0 && places.took_part[gate] != 0;
      if (!balanced && !active(gate, pass.active)) continue;
      const auto memory = places.gate(gate);
      if (!active(gate, pass.active)) gate_.share_gradient(memory, samples).setZero();
      if (balanced) add_balance_gradient(memory, samples);
      input_sum.add([&](const Columns<S>& target) {
        gate_.backward(of_gate(pass.parameters, gate), pass.inputs[0], memory, of_gate(pass.parameter_gradient, gate),
                       target);
      });
    }
    input_sum.finish();
  }

  /// The importance terms of the gates that took part in the last forward pass.
  template <Scalar S>
  double own_terms(const Flat<S>& memory, Index samples) const {
    if (settings.balance == 0) return 0;
    const Places<S> places(*this, memory, samples);
    double sum = 0;
    for (Index gate = 0; gate < gates(); ++gate) {
      if (places.took_part[gate] == 0) continue;
      for (Index expert = 0; expert < experts_.count(); ++expert) {
        const double excess = excess_importance(places.gate(gate), samples, expert);
        sum += excess * excess;
      }
    }
    return settings.balance * sum / static_cast<double>(experts_.count());
  }

 private:
  bool own_gates() const { return settings.gates == MixtureGates::per_task; }
  Index tasks() const { return static_cast<Index>(task_names_.size()); }
  Index gates() const { return own_gates() ? tasks() : 1; }
  Index gate_of(Index task) const { return own_gates() ? task : 0; }
  Index representation_size(Index samples) const { return piece_size(experts_.outputs() * samples); }
  std::string expert_name(Index expert) const { return "shared/experts/" + std::to_string(expert) + "/"; }

  /// Whether an active task reads a gate's mixture.
  bool active(Index gate, ActiveTasks tasks) const {
    return own_gates() ? tasks[static_cast<std::size_t>(gate)] != 0 : any_active(tasks);
  }

  /// The first active task that reads a gate's mixture.
  Index first_reader(Index gate, ActiveTasks tasks) const {
    if (own_gates()) return gate;
    return std::find_if(tasks.begin(), tasks.end(), [](std::uint8_t one) { return one != 0; }) - tasks.begin();
  }

  /// A gate's part of the flat buffer of parameters: they come after those of the experts.
  template <class View>
  View of_gate(const View& all, Index gate) const {
    return slice(all, experts_.parameter_size() + gate * gate_.parameter_size(), gate_.parameter_size());
  }

  /// With one gate all gradients arrive at one mixture: their sum, in the place of the first active task.
  template <class AllPlaces>
  void gather_gradients(ActiveTasks active, const AllPlaces& places) const {
    const Index first = first_reader(0, active);
    for (Index task = first + 1; task < tasks(); ++task)
      if (active[static_cast<std::size_t>(task)]) places.gradient(first) += places.gradient(task);
  }

  /// An expert's importance over the mean importance, less 1. Shares sum to 1, so the mean is samples / experts.
  template <Scalar S>
  double excess_importance(const Flat<S>& memory, Index samples, Index expert) const {
    const double importance = gate_.shares(memory, samples).row(expert).template cast<double>().sum();
    return importance * static_cast<double>(experts_.count()) / static_cast<double>(samples) - 1;
  }

  /// The term is balance / experts * sum over experts of excess^2; d excess / d share = experts / samples.
  template <Scalar S>
  void add_balance_gradient(const Flat<S>& memory, Index samples) const {
    auto gradient = gate_.share_gradient(memory, samples);
    for (Index expert = 0; expert < experts_.count(); ++expert)
      gradient.row(expert).array() += static_cast<S>(2 * settings.balance * excess_importance(memory, samples, expert) /
                                                     static_cast<double>(samples));
  }

  /// Where the parts lie in the memory of a pass.
  template <Scalar S>
  class Places {
   public:
    Places(const MixtureOfExperts& sharing, Pieces<S> pieces, Index samples)
        : experts(pieces.flat(sharing.experts_.memory_size(samples))),
          took_part(pieces.flat(sharing.gates())),
          scratch(pieces.matrix(sharing.experts_.inputs(), samples)),
          gate_count_(sharing.gates()),
          gate_size_(sharing.gate_.memory_size(samples)),
          gates_(pieces.flat(gate_count_ * gate_size_).data()),
          width_(sharing.experts_.outputs()),
          samples_(samples),
          representations_(pieces.flat((gate_count_ + sharing.tasks()) * sharing.representation_size(samples)).data()),
          size_(pieces.size()) {}

    Flat<S> experts;
    Flat<S> gate(Index which) const { return Flat<S>(gates_ + which * gate_size_, gate_size_); }
    Flat<S> took_part;  ///< 1 for each gate that the last forward pass went through
    Columns<S> scratch;
    Columns<S> mixture(Index gate) const { return representation(gate); }
    Columns<S> gradient(Index task) const { return representation(gate_count_ + task); }

    Index size() const { return size_; }

   private:
    Columns<S> representation(Index which) const {
      return Columns<S>(representations_ + which * piece_size(width_ * samples_), width_, samples_);
    }

    Index gate_count_;
    Index gate_size_;
    S* gates_;
    Index width_;
    Index samples_;
    S* representations_;
    Index size_;
  };

  std::vector<std::string> task_names_;
  Networks<N> experts_;
  Gate gate_;
};

}  // namespace polytask
