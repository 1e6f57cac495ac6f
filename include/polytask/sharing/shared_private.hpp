/// @file
/// Shared and private features, kept apart by an adversary (Liu, Qiu and Huang 2017).
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/sharing/networks.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/sharing/task_discriminator.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace polytask {

struct SharedPrivateSettings {
  double adversarial = 0.05;      ///< what the discriminator's gradient is multiplied by where it is reversed
  double orthogonality = 0.01;    ///< strength of the penalty on shared and private features that go together; 0: none
  Index discriminator_width = 0;  ///< of the discriminator's hidden tanh layer; 0: none, it is linear

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    const auto strength = [](double value, std::string_view of) {
      require(value >= 0 && std::isfinite(value), "shared and private features: the strength '", of,
              "' must be a finite number of at least 0, not ", value);
    };
    strength(adversarial, "adversarial");
    strength(orthogonality, "orthogonality");
    require(discriminator_width >= 0, "shared and private features: discriminator_width must be at least 0, not ",
            discriminator_width);
  }
};

/// One shared extractor and one private extractor a task, networks of one description. What the head of task k reads is
/// [shared(x); private_k(x)], first the shared features, then the private ones. Two terms are to keep in the shared
/// features only what the tasks have in common (Liu, Qiu and Huang, "Adversarial multi-task learning for text
/// classification", ACL 2017; strengths as there):
///
/// - A discriminator learns to tell from the shared features which task a sample has a label of, and the shared
///   extractor learns to prevent it, by the discriminator's gradient times -adversarial (gradient reversal, Ganin et
///   al. 2016). The discriminator itself learns at full strength, so that a weak adversary is not one that learns
///   slowly; the paper weakens both. With adversarial = 0 the discriminator only watches.
/// - orthogonality * sum_k || S_k P_k' / n_k ||^2 (Frobenius), S_k and P_k being the shared and private features
///   (features x samples) of the n_k samples of the batch with a label of task k. As in the paper the features are not
///   centred; it has no n_k, which makes the strength depend on the size of the batch. The term grows with the fourth
///   power of the features and the square of their number: wide networks may want less of it. With it a batch is worked
///   whole.
///
/// It is made for tasks with samples of their own. A sample with labels of m tasks counts 1/m for each: of samples that
/// all have labels of all tasks nothing can be told, and the adversary changes nothing once it knows that. A sample
/// without labels counts nothing.
///
/// What the tasks share are the shared extractor, the discriminator and the embeddings.
template <Network N>
struct SharedPrivate : SharingDefaults {
  static constexpr std::string_view name = "shared_private";
  static constexpr bool needs_membership = true;
  static constexpr std::size_t least_tasks = 2;  ///< with one there is nothing to tell apart

  N network;
  SharedPrivateSettings settings;

  SharedPrivate() = default;

  /// @throws ArgumentError when a strength is negative or not finite, or the discriminator's width is negative
  explicit SharedPrivate(N layers, SharedPrivateSettings with = {}) : network(std::move(layers)), settings(with) {
    settings.check();
  }

  bool couples_samples() const { return N::couples_samples || settings.orthogonality > 0; }

  /// @throws ArgumentError when a setting is out of range, or there is only one task
  void connect(Index inputs, Span<const std::string_view> task_names) {
    settings.check();
    require(task_names.size() >= least_tasks, "adversarial training tells tasks apart: it needs at least two, not ",
            task_names.size());
    task_names_.assign(task_names.begin(), task_names.end());
    shared_.connect(network, inputs, 1);
    private_.connect(network, inputs, static_cast<Index>(task_names.size()));
    discriminator_.connect(width(), task_count(), settings.discriminator_width);
  }

  /// The single-task models of the same widths.
  Separate<N> baseline() const { return Separate<N>(network); }

  /// Twice the width of an extractor.
  Index representation_width(Index) const { return 2 * width(); }

  Index memory_size(Index samples) const { return Places<float>(*this, Pieces<float>(nullptr), samples).size; }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    shared_.parameters("shared/extractor/", shared_owner, visit);
    discriminator_.parameters("shared/discriminator/", shared_owner, visit);
    for (Index task = 0; task < task_count(); ++task) private_.parameters(prefix(task), task, visit);
  }

  template <class Visitor>
  void statistics(Visitor&& visit) const {
    shared_.statistics("shared/extractor/", shared_owner, visit);
    for (Index task = 0; task < task_count(); ++task) private_.statistics(prefix(task), task, visit);
  }

  template <class Visitor>
  void last_shared_layers(Visitor&& visit) const {
    shared_.last_layer("shared/extractor/", visit);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("adversarial", self.settings.adversarial);
    visit("orthogonality", self.settings.orthogonality);
    visit("discriminator_width", self.settings.discriminator_width);
    if constexpr (!std::is_const_v<Self>) self.settings.check();
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    Parts<Flat<S>> all(*this, parameters);
    Pieces<S> pieces(statistics);
    const auto shared_statistics = pieces.flat(shared_.statistic_size());
    shared_.initialize(all.shared, shared_statistics, random);
    discriminator_.initialize(all.discriminator, random);
    private_.initialize(all.of_tasks, pieces.flat(private_.statistic_size()), random);
  }

  /// [shared; private]: 2 x width rows.
  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index task) const {
    return read_only<S>(Places<S>(*this, memory, samples).of_task(0, task));
  }

  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index task) const {
    return Places<S>(*this, memory, samples).of_task(1, task);
  }

  template <Scalar S>
  void forward(const SharingForward<S>& pass) const {
    const Index samples = pass.inputs.samples;
    Places<S> places(*this, pass.memory, samples);
    const Parts<ConstFlat<S>> parameters(*this, pass.parameters);
    Pieces<S> statistics(pass.statistics);
    const auto shared_statistics = statistics.flat(shared_.statistic_size());
    const auto task_statistics = statistics.flat(private_.statistic_size());
    shared_.forward(0, parameters.shared, pass.inputs[0], places.shared, shared_statistics, pass.random.stream(0),
                    pass.training);
    const auto shared = shared_.outputs(places.shared, samples, 0);
    for (Index task = 0; task < task_count(); ++task) {
      if (!pass.active[static_cast<std::size_t>(task)]) continue;
      private_.forward(task, parameters.of_tasks, pass.inputs[0], places.of_tasks, task_statistics,
                       pass.random.stream(1), pass.training);
      auto both = places.of_task(0, task);
      both.topRows(width()) = shared;
      both.bottomRows(width()) = private_.outputs(places.of_tasks, samples, task);
    }
    if (!pass.training) return;
    discriminator_.forward(parameters.discriminator, shared, pass.membership, pass.batch_samples, places.discriminator);
    if (settings.orthogonality > 0) find_overlaps(pass, places);
  }

  /// The terms as the extractors see them: orthogonality, less adversarial times the discriminator's cross-entropy.
  template <Scalar S>
  double own_terms(const Flat<S>& memory, Index samples) const {
    const double overlap =
        settings.orthogonality > 0 ? static_cast<double>(Places<S>(*this, memory, samples).overlap[0]) : 0.0;
    return settings.orthogonality * overlap - settings.adversarial * cross_entropy(memory, samples);
  }

  /// The discriminator's cross-entropy in the last training forward pass, divided by the samples of the whole batch:
  /// log(tasks) when it cannot tell them apart and every sample has a label.
  template <Scalar S>
  double cross_entropy(const Flat<S>& memory, Index samples) const {
    return discriminator_.cross_entropy(Places<S>(*this, memory, samples).discriminator, samples);
  }

  template <Scalar S>
  void backward(const SharingBackward<S>& pass) const {
    const Index samples = pass.inputs.samples;
    Places<S> places(*this, pass.memory, samples);
    const Parts<ConstFlat<S>> parameters(*this, pass.parameters);
    const Parts<Flat<S>> gradients(*this, pass.parameter_gradient);
    const bool last_layer = pass.reach == Reach::last_layer;
    GradientSum<S> input_gradient(pass.input_gradient.write(0), places.input_gradient);
    if (any_active(pass.active) || pass.own_terms) {
      const auto features = shared_.outputs(places.shared, samples, 0);
      auto gradient = shared_.gradient(places.shared, samples, 0);
      gradient.setZero();
      for (Index task = 0; task < task_count(); ++task)
        if (pass.active[static_cast<std::size_t>(task)]) gradient += places.of_task(1, task).topRows(width());
      if (pass.own_terms) {
        discriminator_.backward(parameters.discriminator, features, places.discriminator,
                                last_layer ? no_flat<S>() : gradients.discriminator, places.features);
        gradient -= static_cast<S>(settings.adversarial) * places.features;
        for (Index task = 0; task < task_count(); ++task)
          if (overlaps(places, task))
            add_overlap_gradient(places, task, places.product(task), private_.outputs(places.of_tasks, samples, task),
                                 gradient);
      }
      input_gradient.add([&](const Columns<S>& target) {
        shared_.backward(0, parameters.shared, pass.inputs[0], places.shared, gradients.shared, target, pass.reach);
      });
    }
    if (last_layer) return;
    for (Index task = 0; task < task_count(); ++task) {
      const bool active = pass.active[static_cast<std::size_t>(task)] != 0;
      const bool overlapping = pass.own_terms && overlaps(places, task);
      if (!active && !overlapping) continue;
      auto gradient = private_.gradient(places.of_tasks, samples, task);
      if (active)
        gradient = places.of_task(1, task).bottomRows(width());
      else
        gradient.setZero();
      if (overlapping)
        add_overlap_gradient(places, task, places.product(task).transpose(), shared_.outputs(places.shared, samples, 0),
                             gradient);
      input_gradient.add([&](const Columns<S>& target) {
        private_.backward(task, parameters.of_tasks, pass.inputs[0], places.of_tasks, gradients.of_tasks, target,
                          Reach::whole);
      });
    }
    input_gradient.finish();
  }

 private:
  Index width() const { return shared_.outputs(); }
  Index task_count() const { return private_.count(); }
  std::string prefix(Index task) const { return task_names_[static_cast<std::size_t>(task)] + "/private/"; }
  Index overlap_size() const { return settings.orthogonality > 0 ? piece_size(width() * width()) : 0; }

  /// The parameters, or their gradient.
  template <class View>
  struct Parts {
    Parts(const SharedPrivate& sharing, const View& all)
        : shared(slice(all, 0, sharing.shared_.parameter_size())),
          discriminator(slice(all, shared.size(), sharing.discriminator_.parameter_size())),
          of_tasks(slice(all, shared.size() + discriminator.size(), sharing.private_.parameter_size())) {}

    View shared;
    View discriminator;
    View of_tasks;
  };

  template <Scalar S>
  struct Places {
    Places(const SharedPrivate& from, Pieces<S> pieces, Index count)
        : sharing(from),
          samples(count),
          shared(pieces.flat(from.shared_.memory_size(count))),
          of_tasks(pieces.flat(from.private_.memory_size(count))),
          discriminator(pieces.flat(from.discriminator_.memory_size(count))),
          representations(pieces.flat(2 * from.task_count() * piece_size(2 * from.width() * count)).data()),
          features(pieces.matrix(from.width(), count)),
          input_gradient(pieces.matrix(from.shared_.inputs(), count)),
          members(pieces.matrix(count, from.task_count())),
          counts(pieces.flat(from.task_count())),
          overlap(pieces.flat(1)),
          products(pieces.flat(from.task_count() * from.overlap_size()).data()),
          size(pieces.size()) {}

    /// What a head reads (0), or its gradient (1).
    Columns<S> of_task(Index which, Index task) const {
      const Index apart = piece_size(2 * sharing.width() * samples);
      return Columns<S>(representations + (which * sharing.task_count() + task) * apart, 2 * sharing.width(), samples);
    }

    /// S_k P_k' / n_k
    Columns<S> product(Index task) const {
      return Columns<S>(products + task * sharing.overlap_size(), sharing.width(), sharing.width());
    }

    const SharedPrivate& sharing;
    Index samples;
    Flat<S> shared;
    Flat<S> of_tasks;
    Flat<S> discriminator;
    S* representations;
    Columns<S> features;        ///< scratch, as large as what an extractor puts out
    Columns<S> input_gradient;  ///< scratch
    Columns<S> members;         ///< samples x tasks: 1 where the sample has a label of the task
    Flat<S> counts;             ///< of the members, for each task
    Flat<S> overlap;            ///< sum of the products' squares
    S* products;
    Index size;
  };

  template <Scalar S>
  void find_overlaps(const SharingForward<S>& pass, Places<S>& places) const {
    places.overlap.setZero();
    places.counts.setZero();
    for (Index task = 0; task < task_count(); ++task) {
      if (!pass.active[static_cast<std::size_t>(task)]) continue;
      places.members.col(task) = pass.membership.row(task);
      const S count = places.counts[task] = places.members.col(task).sum();
      if (count == 0) continue;
      keep_members(places, task, private_.outputs(places.of_tasks, places.samples, task));
      auto product = places.product(task);
      product.noalias() = shared_.outputs(places.shared, places.samples, 0) * places.features.transpose();
      product /= count;
      places.overlap[0] += product.squaredNorm();
    }
  }

  /// places.features = the features of the task's samples, 0 for others
  template <Scalar S>
  void keep_members(Places<S>& places, Index task, const ConstColumns<S>& features) const {
    for (Index sample = 0; sample < places.samples; ++sample)
      places.features.col(sample) = places.members(sample, task) * features.col(sample);
  }

  template <Scalar S>
  bool overlaps(const Places<S>& places, Index task) const {
    return settings.orthogonality > 0 && places.counts[task] > 0;
  }

  /// Adds the gradient of orthogonality * |C|^2, C = S P' / n: for S it is 2 C P / n, for P it is 2 C' S / n.
  template <Scalar S, class Product>
  void add_overlap_gradient(Places<S>& places, Index task, const Product& product, const ConstColumns<S>& features,
                            Columns<S>& gradient) const {
    keep_members(places, task, features);
    gradient.noalias() += static_cast<S>(2 * settings.orthogonality) / places.counts[task] * product * places.features;
  }

  std::vector<std::string> task_names_;
  Networks<N> shared_;
  Networks<N> private_;
  TaskDiscriminator discriminator_;
};

}  // namespace polytask
