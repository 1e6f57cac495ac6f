/// @file
/// Sluice networks (Ruder, Bingel, Augenstein, Søgaard, "Latent multi-task architecture learning", AAAI 2019).
#pragma once

#include "polytask/core/member_visitor.hpp"
#include "polytask/core/span.hpp"
#include "polytask/sharing/stitched_towers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <type_traits>
#include <utility>

namespace polytask {

/// How the mixtures of all levels become what a task's head reads.
enum class LevelMixture {
  concatenation,  ///< one below the other, each times its number: for levels of any widths
  sum             ///< their weighted sum, as in the article: for levels of equal width
};

inline constexpr std::array<std::string_view, 2> level_mixture_names{"concatenation", "sum"};

/// What Sluice can be told.
struct SluiceSettings {
  Index subspaces = 2;          ///< parts of equal width into which each hidden layer of each tower is split
  double orthogonality = 0.01;  ///< strength of the term that keeps the subspaces of a layer apart; 0: none
  double own = 0.9;             ///< what a subspace takes of itself at the start; all others share the rest equally
  bool frozen = false;          ///< alpha and beta stay what they are at the start: constants, not parameters
  LevelMixture mixture = LevelMixture::concatenation;  ///< how levels are put together
  Tables tables = Tables::shared;                      ///< whether the towers read the same embedding tables

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require(subspaces > 0, "sluice: subspaces must be at least 1, not ", subspaces);
    require(orthogonality >= 0 && std::isfinite(orthogonality),
            "sluice: orthogonality must be a finite number of at least 0, not ", orthogonality);
    require_own(own, "sluice");
  }
};

/// A tower a task, its hidden layers split into subspaces. After each layer every subspace of every task goes on with a
/// learned mixture of all subspaces of all tasks (alpha), and a task's head reads what its tower has after all levels,
/// each times a learned number (beta).
///
/// alpha of a level is the segment "shared/units/<level>" over the parts task * subspaces + subspace; row t is what
/// part t takes. beta of a task is "<task>/mixture", a number a level, which that task's loss alone moves; at first 1
/// each, or with a sum 1 / levels each. Frozen they are no parameters at all.
///
/// The article's mixture is a sum, which needs levels of equal width; a concatenation takes any and is the default. A
/// head that reads it can form every such sum.
///
/// Omega = orthogonality * sum over tasks, levels and pairs a < b of subspaces of |W_a W_b'|^2 (Frobenius), W_a being
/// the rows of the level's weight matrix (outputs x inputs) that make subspace a. With G = W', a column an output, it
/// is the article's |G_a' G_b|^2: what one subspace reads of its inputs is orthogonal to what the others read. (W_a'
/// W_b would depend on the order of the outputs within a subspace.)
template <Network N>
struct Sluice : StitchedTowers<N> {
  static constexpr std::string_view name = "sluice";

  SluiceSettings settings;

  Sluice() = default;

  /// @throws ArgumentError when a setting is out of its range
  explicit Sluice(N layers, SluiceSettings with = {}) : StitchedTowers<N>(std::move(layers)), settings(with) {
    settings.check();
  }

  /// @throws ArgumentError when a setting is out of range, a level cannot be split into the subspaces, or levels of
  ///         different widths are to be summed
  void connect(Index inputs, Span<const std::string_view> task_names) {
    settings.check();
    this->connect_towers({.subspaces = settings.subspaces, .own = settings.own, .frozen = settings.frozen},
                         settings.tables, inputs, task_names);
    width_ = 0;
    for (Index which = 0; which < levels; ++which) {
      const auto& level = this->level(which);
      require(level.weight_rows % settings.subspaces == 0, "a weight matrix of ", level.weight_rows,
              " rows cannot be split into ", settings.subspaces, " subspaces of equal width");
      require(settings.mixture != LevelMixture::sum || level.width == this->level(0).width,
              "sluice: the sum of levels needs hidden layers of one width, not ", this->level(0).width, " and ",
              level.width, "; a concatenation takes any");
      width_ = settings.mixture == LevelMixture::sum ? level.width : width_ + level.width;
    }
  }

  Index representation_width(Index) const { return width_; }

  /// That of the towers, and a representation and a gradient of it for each task.
  Index memory_size(Index samples) const {
    return this->tower_memory_size(samples) + 2 * this->tasks() * piece_size(width_ * samples);
  }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    this->tower_parameters(visit);
    for (Index task = 0; task < this->tasks() && !settings.frozen; ++task)
      visit(this->task_name(task) + "/mixture", task, levels, Index{1});
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("subspaces", self.settings.subspaces);
    visit("orthogonality", self.settings.orthogonality);
    visit("own", self.settings.own);
    visit("frozen", self.settings.frozen);
    visit_choice(visit, "mixture", self.settings.mixture, level_mixture_names);
    visit_choice(visit, "tables", self.settings.tables, tables_names);
    if constexpr (!std::is_const_v<Self>) self.settings.check();
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    this->initialize_towers(parameters, statistics, random);
    for (Index task = 0; task < this->tasks() && !settings.frozen; ++task)
      beta_of(parameters, task).setConstant(static_cast<S>(start()));
  }

  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index task) const {
    return read_only<S>(representations<S>(Places<S>(*this, memory, samples))[task]);
  }

  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index task) const {
    return representations<S>(Places<S>(*this, memory, samples))[this->tasks() + task];
  }

  template <Scalar S>
  void forward(const SharingForward<S>& pass) const {
    this->forward_towers(pass);
    const Places<S> places(*this, pass.memory, pass.inputs.samples);
    for (Index task = 0; task < this->tasks(); ++task) {
      if (!pass.active[static_cast<std::size_t>(task)]) continue;
      auto representation = representations<S>(places)[task];
      if (settings.mixture == LevelMixture::sum) representation.setZero();
      each_block([&](Index which, Index first, Index width) {
        auto block = representation.middleRows(first, width);
        const S beta = beta_at(pass.parameters, task, which);
        if (settings.mixture == LevelMixture::sum)
          block += beta * places.mixed(which)[task];
        else
          block = beta * places.mixed(which)[task];
      });
    }
  }

  template <Scalar S>
  void backward(const SharingBackward<S>& pass) const {
    const Places<S> places(*this, pass.memory, pass.inputs.samples);
    if (pass.reach != Reach::last_layer && !settings.frozen) add_beta_gradient(pass, places);
    this->backward_towers(pass, places, [&](Index level) {
      for (Index task = 0; task < this->tasks(); ++task) {
        if (!pass.active[static_cast<std::size_t>(task)]) continue;
        const auto gradient = representations<S>(places)[this->tasks() + task];
        each_block([&](Index which, Index first, Index width) {
          if (which != level) return;
          // representation = beta h (one block of it), so dL/dh += beta dL/drepresentation
          auto target = places.gradient(level)[task];
          if (level == levels - 1) target.setZero();
          target += beta_at(pass.parameters, task, level) * gradient.middleRows(first, width);
        });
      }
    });
  }

  /// Omega (see above); the term of the parameters alone in the loss.
  template <Scalar S>
  double penalty(ConstFlat<S> parameters) const {
    double sum = 0;
    each_tile(parameters, [&](const Tile<S>& product, Index, Index, const Rows&, const Rows&) {
      sum += static_cast<double>(product.squaredNorm());
    });
    return settings.orthogonality * sum;
  }

  /// Adds its gradient for all towers, whichever tasks are active: every task's loss moves every tower.
  template <Scalar S>
  void add_penalty_gradient(ConstFlat<S> parameters, ActiveTasks, Flat<S> gradient) const {
    const auto factor = static_cast<S>(2 * settings.orthogonality);
    each_tile(parameters, [&](Tile<S>& product, Index which, Index task, const Rows& rows, const Rows& others) {
      const auto weights = this->weights(parameters, which, task);
      auto weight_gradient = this->weights(gradient, which, task);
      product *= factor;
      // d|A B'|^2 / dA = 2 A B' B and d|A B'|^2 / dB = 2 B A' A
      rows.of(weight_gradient).noalias() += product * others.of(weights);
      others.of(weight_gradient).noalias() += product.transpose() * rows.of(weights);
    });
  }

 private:
  static constexpr Index levels = StitchedTowers<N>::level_count;

  template <Scalar S>
  using Places = typename StitchedTowers<N>::template Places<S>;

  /// A part of a product of weights that fits on the stack, for a pass must not allocate.
  static constexpr Index tile = 32;
  template <Scalar S>
  using Tile = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, tile, tile>;

  struct Rows {
    Index first;
    Index size;

    auto of(auto& matrix) const { return matrix.middleRows(first, size); }
  };

  double start() const { return settings.mixture == LevelMixture::sum ? 1.0 / static_cast<double>(levels) : 1.0; }

  /// The numbers of a task's levels, among all parameters or a gradient of them.
  template <class View>
  View beta_of(const View& parameters, Index task) const {
    return slice(parameters, this->parameter_size() + task * piece_size(levels), levels);
  }

  template <Scalar S>
  S beta_at(const ConstFlat<S>& parameters, Index task, Index which) const {
    return settings.frozen ? static_cast<S>(start()) : beta_of(parameters, task)[which];
  }

  /// The representations of all tasks, then the gradients of them.
  template <Scalar S>
  TowerMatrices<S> representations(const Places<S>& places) const {
    return {places.end, width_, places.samples, piece_size(width_ * places.samples)};
  }

  /// Calls function(level, first, width) with the rows of a representation that a level fills.
  template <class Function>
  void each_block(Function&& function) const {
    Index first = 0;
    for (Index which = 0; which < levels; ++which) {
      function(which, first, this->level(which).width);
      if (settings.mixture == LevelMixture::concatenation) first += this->level(which).width;
    }
  }

  template <Scalar S>
  void add_beta_gradient(const SharingBackward<S>& pass, const Places<S>& places) const {
    for (Index task = 0; task < this->tasks(); ++task) {
      if (!pass.active[static_cast<std::size_t>(task)]) continue;
      const auto gradient = representations<S>(places)[this->tasks() + task];
      auto beta_gradient = beta_of(pass.parameter_gradient, task);
      each_block([&](Index which, Index first, Index width) {
        // dL/dbeta += <dL/drepresentation, h>
        beta_gradient[which] += gradient.middleRows(first, width).cwiseProduct(places.mixed(which)[task]).sum();
      });
    }
  }

  /// Calls function(product, level, task, rows, others) for small blocks of rows of one subspace and of a later one and
  /// the product of their weights, rows * others'.
  template <Scalar S, class Function>
  void each_tile(const ConstFlat<S>& parameters, Function&& function) const {
    if (settings.orthogonality == 0) return;
    for (Index which = 0; which < levels; ++which) {
      const Index end = this->level(which).weight_rows;
      const Index size = end / settings.subspaces;
      for (Index task = 0; task < this->tasks(); ++task) {
        const auto weights = this->weights(parameters, which, task);
        for (Index row = 0; row < end; row += step(row, size))
          for (Index other = (row / size + 1) * size; other < end; other += step(other, size)) {
            const Rows rows{row, step(row, size)};
            const Rows others{other, step(other, size)};
            Tile<S> product(rows.size, others.size);
            product.noalias() = rows.of(weights) * others.of(weights).transpose();
            function(product, which, task, rows, others);
          }
      }
    }
  }

  /// Rows from here to the end of the subspace, but no more than a tile has.
  static Index step(Index row, Index size) { return (std::min)(Index{tile}, size - row % size); }

  Index width_ = 0;
};

}  // namespace polytask
