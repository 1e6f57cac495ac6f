/// @file
/// The unit that mixes the activations of several towers linearly (Misra et al. 2016; on subspaces: Ruder et al. 2019).
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/parameters.hpp"
#include "polytask/core/views.hpp"
#include "polytask/sharing/sharing.hpp"

#include <string>
#include <string_view>
#include <type_traits>

namespace polytask {

/// How towers are mixed.
struct Stitching {
  Index subspaces = 1;       ///< parts of equal width into which each tower's activations are split
  bool per_channel = false;  ///< whether each feature of a part has numbers of its own
  double own = 0.9;          ///< what a part takes of itself at the start; the others share the rest equally
  bool frozen = false;       ///< whether the numbers stay what they are: constants, not parameters
};

/// @throws ArgumentError naming the policy when `own` is not from 0 to 1
inline void require_own(double own, std::string_view policy) {
  require(own >= 0 && own <= 1, policy, ": own must be from 0 to 1, not ", own);
}

/// Matrices of one size at equal distances, one a tower.
template <class S>
struct TowerMatrices {
  S* data;
  Index rows;
  Index samples;
  Index stride;

  auto operator[](Index tower) const {
    using Plain = Matrix<std::remove_const_t<S>>;
    using View = Eigen::Map<std::conditional_t<std::is_const_v<S>, const Plain, Plain>>;
    return View(data + tower * stride, rows, samples);
  }
};

/// mixed_t = sum over s of alpha(t, s) x_s, t and s running over the parts of all towers: part a of tower i has the
/// number i * subspaces + a. alpha is one matrix, parts x parts; with a number a channel it is a matrix with a row a
/// channel and the column s * parts + t for alpha(t, s).
class StitchUnit {
 public:
  /// @throws ArgumentError when the width cannot be split into the subspaces
  void connect(const Stitching& how, Index towers, Index width) {
    require(width % how.subspaces == 0, "a hidden layer of width ", width, " cannot be split into ", how.subspaces,
            " subspaces of equal width");
    how_ = how;
    parts_ = towers * how.subspaces;
    part_width_ = width / how.subspaces;
  }

  Index rows() const { return how_.per_channel ? part_width_ : parts_; }
  Index columns() const { return how_.per_channel ? parts_ * parts_ : parts_; }
  Index parameter_size() const { return how_.frozen ? 0 : piece_size(rows() * columns()); }

  template <class Visitor>
  void parameters(const std::string& name, Visitor&& visit) const {
    if (!how_.frozen) visit(name, shared_owner, rows(), columns());
  }

  template <Scalar S>
  void initialize(Flat<S> alpha) const {
    if (how_.frozen) return;
    const Index channels = how_.per_channel ? part_width_ : 1;
    for (Index place = 0; place < parts_ * parts_; ++place)
      alpha.segment(place * channels, channels).setConstant(static_cast<S>(start(place % parts_, place / parts_)));
  }

  /// Writes the mixtures of the wanted towers.
  /// @param wanted one byte a tower; empty: all
  template <Scalar S>
  void forward(const ConstFlat<S>& alpha, const TowerMatrices<const S>& towers, const TowerMatrices<S>& mixed,
               ActiveTasks wanted) const {
    for (Index target = 0; target < parts_; ++target)
      if (is_wanted(target, wanted))
        for (Index source = 0; source < parts_; ++source)
          add(part(mixed, target), alpha, target, source, part(towers, source), source == 0);
  }

  /// Writes the gradient of what all towers put in, from the gradients of the wanted towers' mixtures, of which there
  /// must be one.
  template <Scalar S>
  void backward(const ConstFlat<S>& alpha, const TowerMatrices<const S>& mixed_gradient,
                const TowerMatrices<S>& tower_gradient, ActiveTasks wanted) const {
    for (Index source = 0; source < parts_; ++source) {
      bool first = true;
      for (Index target = 0; target < parts_; ++target) {
        if (!is_wanted(target, wanted)) continue;
        // dL/dx_s = sum over t of alpha(t, s) dL/dmixed_t
        add(part(tower_gradient, source), alpha, target, source, part(mixed_gradient, target), first);
        first = false;
      }
    }
  }

  /// Adds the gradient of alpha that comes from the wanted towers' mixtures.
  template <Scalar S>
  void add_gradient(Flat<S> alpha_gradient, const TowerMatrices<const S>& towers,
                    const TowerMatrices<const S>& mixed_gradient, ActiveTasks wanted) const {
    if (how_.frozen) return;
    for (Index target = 0; target < parts_; ++target) {
      if (!is_wanted(target, wanted)) continue;
      const auto gradient = part(mixed_gradient, target);
      for (Index source = 0; source < parts_; ++source) {
        // dL/dalpha(t, s) += <dL/dmixed_t, x_s>, over the samples and, with one number for all, the channels
        const auto input = part(towers, source);
        const Index place = source * parts_ + target;
        if (!how_.per_channel)
          alpha_gradient[place] += gradient.cwiseProduct(input).sum();
        else
          for (Index sample = 0; sample < towers.samples; ++sample)
            alpha_gradient.segment(place * part_width_, part_width_) +=
                gradient.col(sample).cwiseProduct(input.col(sample));
      }
    }
  }

 private:
  /// alpha(target, source) before training. All that a part takes sums to 1, so a part alone takes itself whole.
  double start(Index target, Index source) const {
    if (parts_ == 1) return 1;
    return target == source ? how_.own : (1 - how_.own) / static_cast<double>(parts_ - 1);
  }

  bool is_wanted(Index target, ActiveTasks wanted) const {
    return wanted.empty() || wanted[static_cast<std::size_t>(target / how_.subspaces)] != 0;
  }

  template <class S>
  auto part(const TowerMatrices<S>& towers, Index which) const {
    return towers[which / how_.subspaces].middleRows(which % how_.subspaces * part_width_, part_width_);
  }

  /// sum += alpha(target, source) * summand; the first summand is assigned.
  template <Scalar S, class Sum, class Summand>
  void add(Sum sum, const ConstFlat<S>& alpha, Index target, Index source, const Summand& summand, bool first) const {
    const Index place = source * parts_ + target;
    if (how_.per_channel && !how_.frozen) {
      const auto factors = alpha.segment(place * part_width_, part_width_).array();
      if (first)
        sum.array() = summand.array().colwise() * factors;
      else
        sum.array() += summand.array().colwise() * factors;
    } else {
      const S factor = how_.frozen ? static_cast<S>(start(target, source)) : alpha[place];
      if (first)
        sum = factor * summand;
      else
        sum += factor * summand;
    }
  }

  Stitching how_;
  Index parts_ = 0;
  Index part_width_ = 0;
};

}  // namespace polytask
