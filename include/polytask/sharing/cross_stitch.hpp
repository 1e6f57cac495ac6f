/// @file
/// Cross-stitch networks (Misra, Shrivastava, Gupta, Hebert, CVPR 2016).
#pragma once

#include "polytask/core/member_visitor.hpp"
#include "polytask/core/span.hpp"
#include "polytask/sharing/stitched_towers.hpp"

#include <string>
#include <utility>

namespace polytask {

/// What CrossStitch can be told.
struct CrossStitchSettings {
  bool per_channel = false;        ///< numbers of its own for each feature of a level, else one matrix a level
  double own = 0.9;                ///< what a tower takes of itself at the start; the others share the rest equally
  bool frozen = false;             ///< the units stay what they are at the start: constants, not parameters
  Tables tables = Tables::shared;  ///< whether the towers read the same embedding tables

  /// @throws ArgumentError naming the setting that is out of range
  void check() const { require_own(own, "cross_stitch"); }
};

/// A tower a task; after each hidden layer (with what belongs to it, see split_levels()) every task goes on with a
/// learned linear mixture of all towers' activations: mixed_t = sum over s of alpha(t, s) x_s. A task's head reads its
/// mixture after the last level.
///
/// The numbers of a level are the segment "shared/units/<level>", tasks x tasks with row t for what task t takes, or
/// with per_channel width x tasks * tasks with column s * tasks + t for alpha(t, s). Frozen units have none, so that no
/// optimizer and no weight decay moves them; frozen with own = 1, and with own tables, the towers know nothing of each
/// other: for a batch with labels of all tasks that is Separate. (Where a task has none, Separate leaves its tower
/// alone, and here it runs.)
template <Network N>
struct CrossStitch : StitchedTowers<N> {
  static constexpr std::string_view name = "cross_stitch";

  CrossStitchSettings settings;

  CrossStitch() = default;

  /// @throws ArgumentError when settings.own is not from 0 to 1
  explicit CrossStitch(N layers, CrossStitchSettings with = {}) : StitchedTowers<N>(std::move(layers)), settings(with) {
    settings.check();
  }

  void connect(Index inputs, Span<const std::string_view> task_names) {
    settings.check();
    this->connect_towers({.per_channel = settings.per_channel, .own = settings.own, .frozen = settings.frozen},
                         settings.tables, inputs, task_names);
  }

  Index representation_width(Index) const { return this->level(last).width; }
  Index memory_size(Index samples) const { return this->tower_memory_size(samples); }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    this->tower_parameters(visit);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("per_channel", self.settings.per_channel);
    visit("own", self.settings.own);
    visit("frozen", self.settings.frozen);
    visit_choice(visit, "tables", self.settings.tables, tables_names);
    if constexpr (!std::is_const_v<Self>) self.settings.check();
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    this->initialize_towers(parameters, statistics, random);
  }

  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index task) const {
    return read_only<S>(Places<S>(*this, memory, samples).mixed(last)[task]);
  }

  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index task) const {
    return Places<S>(*this, memory, samples).gradient(last)[task];
  }

  template <Scalar S>
  void forward(const SharingForward<S>& pass) const {
    this->forward_towers(pass);
  }

  template <Scalar S>
  void backward(const SharingBackward<S>& pass) const {
    this->backward_towers(pass, Places<S>(*this, pass.memory, pass.inputs.samples), [](Index) {});
  }

 private:
  static constexpr Index last = StitchedTowers<N>::level_count - 1;

  template <Scalar S>
  using Places = typename StitchedTowers<N>::template Places<S>;
};

}  // namespace polytask
