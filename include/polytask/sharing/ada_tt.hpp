/// @file
/// The adaptive task-to-task fusion network (Li et al. 2023): experts of each task, and each task's fusion of all.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/sharing/extraction_levels.hpp"

#include <type_traits>
#include <utility>

namespace polytask {

struct AdaTTSettings {
  Index levels = 1;
  Index experts = 1;         ///< native experts a task and level
  Index shared_experts = 0;  ///< experts a level that are no task's; 0: AdaTT-sp, the version of task units only
  bool residual = true;      ///< whether a unit adds the combination of its native experts; false is for comparisons

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require(levels >= 1, "AdaTT needs at least one level: `levels` is ", levels);
    require(experts >= 1, "AdaTT needs at least one expert a task: `experts` is ", experts);
    require(shared_experts >= 0, "a number of experts is at least 0: `shared_experts` is ", shared_experts);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("levels", self.levels);
    visit("experts", self.experts);
    visit("shared_experts", self.shared_experts);
    visit("residual", self.residual);
    if constexpr (!std::is_const_v<Self>) self.check();
  }
};

/// Each task has experts of its own, its native ones, and a fusion unit: a gate mixes the experts of all tasks and the
/// shared ones (AllExpertGF), and a linear combination of the native ones is added (NativeExpertLF):
///
///   y_t = sum over all experts c of g_t,c(x_t) E_c + sum over native experts n of v_t,n E_n
///   g_t = softmax(W_t x_t + b_t);  v_t is learned and the same for all samples; with one native expert v_t = 1, fixed
///
/// At level 0 all read the inputs; at the others the experts and the gate of a task read what its fusion unit put out
/// one level below. Shared experts are one more branch with a fusion unit in the same way, but at the top, where
/// nothing would read it. Every task reads all experts, which so are shared parameters; a task's own are its gate and v
/// at the top.
///
/// The choices of every gate are, in this order, the shared experts, the first task's experts, the second's ... With
/// one level, one expert a task and no residual this is MixtureOfExperts with as many experts as tasks.
///
/// Source: Li, Zhang, Yuan, Gao, Zhang, Yang, Liu, Yang: AdaTT: Adaptive Task-to-Task Fusion Network for Multitask
/// Learning in Recommendations, KDD 2023. As the authors have it, v starts uniform in +-1/sqrt(native experts).
template <Network N>
struct AdaTT : ExtractionLevels<N> {
  static constexpr std::string_view name = "ada_tt";

  AdaTTSettings settings;

  AdaTT() = default;

  /// @param layers what each expert is made of, at every level
  /// @throws ArgumentError naming the setting that is out of range
  explicit AdaTT(N layers, AdaTTSettings with = {}) : ExtractionLevels<N>(std::move(layers)), settings(with) {
    settings.check();
  }

  void connect(Index inputs, Span<const std::string_view> task_names) {
    settings.check();
    this->connect_levels(inputs, task_names,
                         {.tasks = static_cast<Index>(task_names.size()),
                          .levels = settings.levels,
                          .task_experts = settings.experts,
                          .shared_experts = settings.shared_experts,
                          .mixes_all = true,
                          .adds_native = settings.residual});
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("settings", self.settings);
  }
};

}  // namespace polytask
