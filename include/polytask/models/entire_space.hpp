/// @file
/// Probabilities along a chain of events, as products that are trained on all samples: ESMM, ESM2 and ESCM2.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/member_visitor.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"
#include "polytask/features/dataset.hpp"
#include "polytask/losses/sigmoid.hpp"
#include "polytask/models/link.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>

namespace polytask {

/// What brings the conditional probabilities of EntireSpace towards those of all samples.
enum class Counterfactual {
  none,                ///< ESMM, ESM2: nothing but the losses of the products
  inverse_propensity,  ///< ESCM2-IPS
  doubly_robust        ///< ESCM2-DR
};

inline constexpr std::array<std::string_view, 3> counterfactual_names{"none", "inverse_propensity", "doubly_robust"};

/// The log-odds u of sigmoid(v) sigmoid(z), for a chunk of v and z. From 1/p - 1 = (1 + e^-v) (1 + e^-z) - 1:
///   u = -log(e^-v + e^-z + e^-v-z), the largest of the three taken out of the sum.
/// It neither overflows nor is NaN for any finite v and z whose sum is finite. The error is a few units in the last
/// place of max(1, |u|), and u is never above v or z; that of the derivatives is a few units in their last place, times
/// |v - z| where that is above 1, down to derivatives of 1e-30.
template <Scalar S>
struct LogitOfProduct {
  Chunk<S> smaller;  ///< of v and z
  Chunk<S> larger;
  Chunk<S> distance;  ///< with a the smaller and b the larger, exp(-|b|)
  Chunk<S> rest;      ///< exp(a - max(b, 0))
  Chunk<S> sum;       ///< what the largest is multiplied by, 1 .. 3

  template <class First, class Second>
  LogitOfProduct(const Eigen::ArrayBase<First>& first, const Eigen::ArrayBase<Second>& second)
      : smaller((first.min)(second)),
        larger((first.max)(second)),
        distance((-larger.abs()).exp()),
        rest((smaller - (larger.max)(S(0))).exp()),
        sum(S(1) + distance + rest) {}

  /// b >= 0: the largest is e^-a, and u = a - log(1 + e^-b + e^(a-b)); else e^-a-b, and u = a + b - log(1 + e^b + e^a).
  Chunk<S> logit() const { return smaller + (larger.min)(S(0)) - sum.log(); }

  /// du/da = (e^-a + e^-a-b) / (e^-a + e^-b + e^-a-b)
  S slope_of_smaller(Index i) const { return (S(1) + distance[i]) / sum[i]; }
  S slope_of_larger(Index i) const { return ((larger[i] >= S(0) ? distance[i] : S(1)) + rest[i]) / sum[i]; }
};

/// A link along a chain of events, each of which happens only after the one before: view, click, cart, purchase. A
/// head's logit z_k is that of step k GIVEN step k - 1, and the task's answer is
///   p_k = sigmoid(z_1) .. sigmoid(z_k),
/// the probability that all steps up to k happen, which the task's own loss compares with its label on all samples, not
/// only on those where step k - 1 happened: ESMM (Ma et al., SIGIR 2018), for longer chains ESM2 (Wen et al., SIGIR
/// 2020). The labels say whether step k happened: 0, not missing, where an earlier one did not. predict<"purchase">
/// gives p_k; the conditional probability is the quotient of two predictions.
///
/// ESCM2 (Wang et al., SIGIR 2022) adds a term for each step k from the second on. With e the cross-entropy of the
/// label and sigmoid(z_k), o whether step k - 1 happened (its label), and the propensity p = max(p_{k-1},
/// least_propensity):
///   inverse_propensity: strength / n  sum o e / p
///   doubly_robust:      strength / n  sum (e' + o (e - e') / p) + strength / n  sum o (e - e')^2 / p
/// Given the right propensities the first sum of each is, in the mean over o, that of e over all samples. e' >= 0 is
/// what an imputation head of the step takes e for: softplus of a linear function of the task's representation, into
/// which its gradient flows as a head's does. Both sums of doubly_robust are minimised together, by e and by e', as in
/// the paper. The propensity is a constant: these terms have no gradient in the earlier steps' logits (a published
/// implementation holds it likewise for inverse_propensity, but not for doubly_robust).
///
/// Sums run over the samples with a label of both steps and count each by the weight of its label of step k; n is the
/// number of samples in the batch.
template <Name... Chain>
struct EntireSpace {
  static constexpr std::string_view name = "entire_space";
  static constexpr auto tasks = link_chain<Chain...>();
  static constexpr bool changes_representations = false;

  Counterfactual counterfactual = Counterfactual::none;
  double strength = 0.1;           ///< of the counterfactual terms; the paper's lambda_c
  double least_propensity = 0.05;  ///< smaller propensities count as this: no sample counts more than 20 times
  std::array<Index, sizeof...(Chain)> widths = {};  ///< of the representations along the chain: set by connect()

  /// @throws ArgumentError when strength is negative or not finite, or least_propensity not between 1e-6 and 1
  void connect(Span<const Index> representations) {
    require(strength >= 0 && std::isfinite(strength), "entire space: strength is ", strength,
            "; it must be a finite number of at least 0");
    require(least_propensity >= 1e-6 && least_propensity <= 1, "entire space: least_propensity is ", least_propensity,
            "; it must be between 0.000001 and 1");
    std::copy(representations.begin(), representations.end(), widths.begin());
  }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    for (std::size_t step = 1; imputes() && step < tasks.size(); ++step) {
      const std::string prefix = std::string(tasks[step]) + "/imputation/";
      visit(prefix + "weights", static_cast<Index>(step), Index{1}, widths[step]);
      visit(prefix + "bias", static_cast<Index>(step), Index{1}, Index{1});
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_choice(visit, "counterfactual", self.counterfactual, counterfactual_names);
    visit("strength", self.strength);
    visit("least_propensity", self.least_propensity);
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Random& random) const {
    Pieces<S> pieces(parameters);
    for (std::size_t step = 1; imputes() && step < tasks.size(); ++step) {
      const double limit = std::sqrt(6.0 / static_cast<double>(1 + widths[step]));
      for (S& weight : pieces.flat(widths[step])) weight = static_cast<S>(random.uniform(-limit, limit));
      pieces.flat(1).setZero();
    }
  }

  /// What the heads put out and, for an imputation, its logits or their gradient; a row a step.
  Index memory_size(Index samples) const {
    return (imputes() ? 2 : 1) * static_cast<Index>(tasks.size()) * piece_size(samples);
  }

  template <Scalar S>
  void forward_logits(const LinkPass<S>& pass) const {
    for (std::size_t step = 0; step < pass.tasks.size(); ++step) {
      S* const logits = writable(pass.tasks[step].logits);
      S* const own = row(pass, step);
      std::copy_n(logits, pass.samples, own);
      if (step == 0) continue;  // p_1 = sigmoid(z_1)
      const S* const before = pass.tasks[step - 1].logits.data();
      for_each_chunk(pass.samples, [&](Index first, Index size) {
        Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>>(logits + first, size) =
            LogitOfProduct<S>(ChunkView<S>(before + first, size), ChunkView<S>(own + first, size)).logit();
      });
    }
  }

  /// A step cannot have happened where the one before did not, and its label is 0 there: training on the entire space
  /// would take the rows in which it is missing for rows that could be anything.
  /// @param rows the label rows of the chain's tasks
  /// @throws DataError naming the tasks, and the sample where labels contradict each other
  template <Scalar S>
  static void check_labels(const Dataset<S>& data, Span<const Index> rows) {
    for (std::size_t step = 1; step < tasks.size(); ++step) {
      const Index before = rows[step - 1];
      const Index own = rows[step];
      Index stopped = 0;  // samples in which the step before did not happen
      Index told = 0;     // of these, those with a label of this step
      bool any = false;   // whether this step has labels at all
      for (Index sample = 0; sample < data.size(); ++sample) {
        const bool labelled = data.weights(own, sample) > 0;
        any = any || labelled;
        if (!(data.weights(before, sample) > 0) || data.labels(before, sample) != S(0)) continue;
        ++stopped;
        told += labelled;
        require<DataError>(!labelled || data.labels(own, sample) == S(0), "sample ", sample, ": '", tasks[step],
                           "' happened, but '", tasks[step - 1], "', which comes before it in the chain, did not");
      }
      require<DataError>(!any || stopped == 0 || told > 0, "'", tasks[step], "' has no label where '", tasks[step - 1],
                         "' did not happen; along the chain of entire space it is 0 there, not missing");
    }
  }

  bool has_own_terms() const { return counterfactual != Counterfactual::none; }

  template <Scalar S>
  double backward_logits(const LinkPass<S>& pass) const {
    double terms = 0;
    for (std::size_t step = pass.tasks.size(); step-- > 1;) {
      // u_k depends on u_{k-1} and z_k
      const S* const before = pass.tasks[step - 1].logits.data();
      const S* const own = row(pass, step);
      S* const before_gradient = writable(pass.tasks[step - 1].logit_gradient);
      S* const gradient = writable(pass.tasks[step].logit_gradient);
      for_each_chunk(pass.samples, [&](Index first, Index size) {
        const LogitOfProduct<S> product(ChunkView<S>(before + first, size), ChunkView<S>(own + first, size));
        for (Index i = 0; i < size; ++i) {
          const bool before_is_smaller = before[first + i] <= own[first + i];
          const S smaller = product.slope_of_smaller(i) * gradient[first + i];
          const S larger = product.slope_of_larger(i) * gradient[first + i];
          before_gradient[first + i] += before_is_smaller ? smaller : larger;
          gradient[first + i] = before_is_smaller ? larger : smaller;
        }
      });
      if (pass.own_terms && counterfactual != Counterfactual::none) terms += add_counterfactual(pass, step);
    }
    return terms;
  }

  template <Scalar S>
  void backward_representations(const LinkPass<S>& pass) const {
    if (!pass.own_terms || !imputes()) return;
    for (std::size_t step = 1; step < pass.tasks.size(); ++step) {
      const auto& task = pass.tasks[step];
      const ConstFlat<S> gradient(row(pass, tasks.size() + step), pass.samples);
      Pieces<S> gradients(Flat<S>(pass.parameter_gradient).data() + offset(step));
      gradients.flat(widths[step]).noalias() += task.representation * gradient;
      gradients.flat(1)[0] += gradient.sum();
      Columns<S>(task.representation_gradient).noalias() +=
          ConstFlat<S>(pass.parameters.data() + offset(step), widths[step]) * gradient.transpose();
    }
  }

 private:
  bool imputes() const { return counterfactual == Counterfactual::doubly_robust; }

  /// Where the numbers of a step's imputation begin.
  Index offset(std::size_t step) const {
    Index sum = 0;
    for (std::size_t earlier = 1; earlier < step; ++earlier) sum += piece_size(widths[earlier]) + piece_size(1);
    return sum;
  }

  template <Scalar S>
  static S* writable(Columns<S> view) {
    return view.data();
  }

  template <Scalar S>
  static S* row(const LinkPass<S>& pass, std::size_t which) {
    return Flat<S>(pass.memory).data() + static_cast<Index>(which) * piece_size(pass.samples);
  }

  /// The term of a step. Its gradient is added to that of the step's logit; that of the imputation's logit is left in
  /// memory.
  template <Scalar S>
  double add_counterfactual(const LinkPass<S>& pass, std::size_t step) const {
    const auto& before = pass.tasks[step - 1];
    const auto& task = pass.tasks[step];
    S* const gradient = writable(task.logit_gradient);
    S* const imputation = imputes() ? row(pass, tasks.size() + step) : nullptr;
    if (imputes()) {
      Pieces<const S> pieces(pass.parameters.data() + offset(step));
      const auto weights = pieces.flat(widths[step]);
      Flat<S>(imputation, pass.samples).noalias() = task.representation.transpose() * weights;
      Flat<S>(imputation, pass.samples).array() += pieces.flat(1)[0];
    }
    const S scale = static_cast<S>(strength / static_cast<double>(pass.batch_samples));
    const S least = static_cast<S>(least_propensity);
    double sum = 0;
    for_each_chunk(pass.samples, [&](Index first, Index size) {
      const auto chunk = [&](const S* values) { return ChunkView<S>(values + first, size); };
      Chunk<S> shares(size);
      for (Index i = 0; i < size; ++i)
        shares[i] = before.weights.data()[first + i] > S(0) ? scale * task.weights.data()[first + i] : S(0);
      const auto labels = chunk(task.labels.data());
      const Logistic<Chunk<S>> chance(chunk(row(pass, step)));
      const Chunk<S> errors = labels * chance.positive_surprise + (S(1) - labels) * chance.negative_surprise;
      const Chunk<S> slopes = chance.positive - labels;  // de/dz
      // o / p
      const Chunk<S> inverse = chunk(before.labels.data()) / (sigmoid(chunk(before.logits.data())).max)(least);
      Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>> target(gradient + first, size);
      if (!imputes()) {
        sum += (shares * inverse * errors).template cast<double>().sum();
        target += shares * inverse * slopes;
      } else {
        const Logistic<Chunk<S>> guess(chunk(imputation));  // e' = softplus(s), de'/ds = sigmoid(s)
        const Chunk<S> apart = errors - guess.negative_surprise;
        // e' + o/p (d + d^2) with d = e - e'
        sum += (shares * (guess.negative_surprise + inverse * apart * (S(1) + apart))).template cast<double>().sum();
        const Chunk<S> pull = inverse * (S(1) + S(2) * apart);
        target += shares * pull * slopes;
        Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>>(imputation + first, size) =
            shares * (S(1) - pull) * guess.positive;
      }
    });
    return sum;
  }
};

}  // namespace polytask
