/// @file
/// What one task knows is handed on to the next along a chain of events, as far as that task wants it: AITM.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/parameters.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"
#include "polytask/losses/sigmoid.hpp"
#include "polytask/models/link.hpp"
#include "polytask/models/transfer_unit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

namespace polytask {

/// A link along a chain of events, each of which happens only after the one before: AITM (Xi et al., KDD 2021). With
/// q_k the representation of step k as the sharing policy left it, its head reads
///   z_1 = q_1,  z_k = TransferUnit(z_{k-1}, q_k).
/// The authors' code has batch normalisation and dropout after the transfer layer, which are left out here, and one set
/// of matrices A, B and C for all steps, where here each step has its own; for a chain of two that is the same.
///
/// The behavioural expectation calibrator adds, as a step cannot happen without the one before,
///   calibration / n  sum over samples and pairs of max(sigmoid(logit_k) - sigmoid(logit_{k-1}), 0),
/// over all samples, with a label or not, as far along the chain as the batch has labels; n is the number of samples in
/// the batch. It makes such answers seldom, not impossible: see violation_share() in metrics/.
template <Name... Chain>
struct InformationTransfer {
  static constexpr std::string_view name = "information_transfer";
  static constexpr auto tasks = link_chain<Chain...>();
  static constexpr bool changes_representations = true;

  double calibration = 0.6;  ///< strength of the calibrator; 0: none
  Index width = 0;           ///< of the representations: set by connect()

  /// @throws ArgumentError when calibration is negative or not finite, or when the representations differ in width
  void connect(Span<const Index> widths) {
    require(calibration >= 0 && std::isfinite(calibration), "information transfer: calibration is ", calibration,
            "; it must be a finite number of at least 0");
    width = widths[0];
    for (std::size_t step = 1; step < tasks.size(); ++step)
      require(widths[step] == width, "information transfer needs representations of one width, but that of task '",
              tasks[0], "' has ", width, " and that of task '", tasks[step], "' has ", widths[step]);
  }

  /// The last step's unit is moved by its task alone, the others by later tasks, too.
  template <class Visitor>
  void parameters(Visitor&& visit) const {
    for (std::size_t step = 1; step < tasks.size(); ++step)
      unit().parameters(std::string(tasks[step]) + "/",
                        step + 1 < tasks.size() ? shared_owner : static_cast<Index>(step), visit);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("calibration", self.calibration);
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Random& random) const {
    for (std::size_t step = 1; step < tasks.size(); ++step)
      unit().initialize(part(parameters, step, unit().parameter_size()), random);
  }

  /// The representations and their gradients, then the units' memory.
  Index memory_size(Index samples) const {
    return 2 * steps * piece_size(width * samples) + (steps - 1) * unit().memory_size(samples);
  }

  /// What the head of a step reads: width x samples.
  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index step) const {
    return read_only<S>(matrix(memory, samples, step));
  }

  /// Where the head writes the gradient of that.
  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index step) const {
    return matrix(memory, samples, steps + step);
  }

  template <Scalar S>
  void forward_representations(const LinkPass<S>& pass) const {
    matrix(pass.memory, pass.samples, 0) = pass.tasks[0].representation;
    for (std::size_t step = 1; step < pass.tasks.size(); ++step)
      unit().forward(part(pass.parameters, step, unit().parameter_size()), before(pass, step),
                     pass.tasks[step].representation, unit_memory(pass, step),
                     matrix(pass.memory, pass.samples, static_cast<Index>(step)));
  }

  template <Scalar S>
  void forward_logits(const LinkPass<S>&) const {}

  bool has_own_terms() const { return calibration != 0; }

  template <Scalar S>
  double backward_logits(const LinkPass<S>& pass) const {
    double sum = 0;
    if (!pass.own_terms || calibration == 0) return sum;
    const S scale = static_cast<S>(calibration / static_cast<double>(pass.batch_samples));
    for (std::size_t step = 1; step < pass.tasks.size(); ++step) {
      const auto& earlier = pass.tasks[step - 1];
      const auto& later = pass.tasks[step];
      for_each_chunk(pass.samples, [&](Index first, Index size) {
        const Logistic<Chunk<S>> one(ChunkView<S>(earlier.logits.data() + first, size));
        const Logistic<Chunk<S>> other(ChunkView<S>(later.logits.data() + first, size));
        const Chunk<S> above = ((other.positive - one.positive).max)(S(0));
        sum += static_cast<double>(scale) * above.template cast<double>().sum();
        Chunk<S> counts(size);
        for (Index i = 0; i < size; ++i) counts[i] = above[i] > S(0) ? scale : S(0);
        add(earlier.logit_gradient, first, -counts * one.positive * one.negative);
        add(later.logit_gradient, first, counts * other.positive * other.negative);
      });
    }
    return sum;
  }

  template <Scalar S>
  void backward_representations(const LinkPass<S>& pass) const {
    for (std::size_t step = pass.tasks.size(); step-- > 1;)
      unit().backward(part(pass.parameters, step, unit().parameter_size()), before(pass, step),
                      pass.tasks[step].representation, unit_memory(pass, step),
                      read_only<S>(representation_gradient(pass.memory, pass.samples, static_cast<Index>(step))),
                      part(pass.parameter_gradient, step, unit().parameter_size()),
                      representation_gradient(pass.memory, pass.samples, static_cast<Index>(step) - 1),
                      pass.tasks[step].representation_gradient);
    Columns<S>(pass.tasks[0].representation_gradient) = representation_gradient(pass.memory, pass.samples, 0);
  }

 private:
  static constexpr Index steps = static_cast<Index>(sizeof...(Chain));

  TransferUnit unit() const { return TransferUnit(width); }

  /// What belongs to the unit of a step, the first of which is step 1.
  template <class View>
  static View part(const View& flat, std::size_t step, Index size) {
    return View(View(flat).data() + (static_cast<Index>(step) - 1) * size, size);
  }

  template <Scalar S>
  Columns<S> matrix(const Flat<S>& memory, Index samples, Index which) const {
    return Columns<S>(Flat<S>(memory).data() + which * piece_size(width * samples), width, samples);
  }

  template <Scalar S>
  ConstColumns<S> before(const LinkPass<S>& pass, std::size_t step) const {
    return representation(pass.memory, pass.samples, static_cast<Index>(step) - 1);
  }

  template <Scalar S>
  Flat<S> unit_memory(const LinkPass<S>& pass, std::size_t step) const {
    const Index begin = 2 * steps * piece_size(width * pass.samples);
    return part(Flat<S>(Flat<S>(pass.memory).data() + begin, pass.memory.size() - begin), step,
                unit().memory_size(pass.samples));
  }

  template <Scalar S, class Values>
  static void add(Columns<S> row, Index first, const Values& values) {
    Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>>(row.data() + first, values.size()) += values;
  }
};

}  // namespace polytask
