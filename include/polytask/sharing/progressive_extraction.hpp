/// @file
/// Customised gate control (CGC) and progressive layered extraction (PLE), Tang et al. 2020: shared and own experts.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/sharing/extraction_levels.hpp"

#include <type_traits>
#include <utility>

namespace polytask {

struct ExtractionSettings {
  Index levels = 1;           ///< 1: customised gate control (CGC); more: progressive layered extraction (PLE)
  Index shared_experts = 1;   ///< experts a level that all tasks read
  Index private_experts = 2;  ///< experts a task and level

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require(levels >= 1, "extraction needs at least one level: `levels` is ", levels);
    require(shared_experts >= 0, "a number of experts is at least 0: `shared_experts` is ", shared_experts);
    require(private_experts >= 0, "a number of experts is at least 0: `private_experts` is ", private_experts);
    require(shared_experts > 0 || private_experts > 0,
            "extraction needs at least one expert: `shared_experts` and `private_experts` are 0");
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("levels", self.levels);
    visit("shared_experts", self.shared_experts);
    visit("private_experts", self.private_experts);
    if constexpr (!std::is_const_v<Self>) self.check();
  }
};

/// Experts that all tasks share beside experts of each task. A task's gate mixes the shared ones and its own:
///
///   y_t = sum over c of g_t,c(x_t) E_c,  g_t = softmax(W_t x_t + b_t),  c over the shared experts and those of task t
///
/// At level 0 all experts and gates read the inputs. At the others a task's private experts and its gate read what its
/// gate mixed one level below; the shared experts and a shared gate read what a shared gate mixed there of all experts
/// of all tasks. Through that gate all tasks move the private experts below the top, which so are shared parameters.
///
/// The choices of a task's gate are, in this order, the shared experts and its own. With one level this is
/// MixtureOfExperts when there are no private experts, HardSharing when there is but one shared expert, and Separate on
/// shared inputs when there is but one private expert a task.
///
/// Source: Tang, Liu, Zhao, Gong: Progressive Layered Extraction (PLE): A Novel Multi-Task Learning (MTL) Model for
/// Personalized Recommendations, RecSys 2020.
template <Network N>
struct ProgressiveExtraction : ExtractionLevels<N> {
  static constexpr std::string_view name = "progressive_extraction";

  ExtractionSettings settings;

  ProgressiveExtraction() = default;

  /// @param layers what each expert is made of, at every level
  /// @throws ArgumentError naming the setting that is out of range
  explicit ProgressiveExtraction(N layers, ExtractionSettings with = {})
      : ExtractionLevels<N>(std::move(layers)), settings(with) {
    settings.check();
  }

  void connect(Index inputs, Span<const std::string_view> task_names) {
    settings.check();
    this->connect_levels(inputs, task_names,
                         {.tasks = static_cast<Index>(task_names.size()),
                          .levels = settings.levels,
                          .task_experts = settings.private_experts,
                          .shared_experts = settings.shared_experts,
                          .mixes_all = false,
                          .adds_native = false});
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("settings", self.settings);
  }
};

}  // namespace polytask
