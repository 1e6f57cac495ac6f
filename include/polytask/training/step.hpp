/// @file
/// One training step, from the rows of a batch to the moved parameters.
#pragma once

#include "polytask/aggregation/any_aggregation.hpp"
#include "polytask/core/denormals.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/models/model.hpp"
#include "polytask/optimizers/any_optimizer.hpp"
#include "polytask/training/add_up.hpp"
#include "polytask/training/parameter_mover.hpp"
#include "polytask/training/penalties.hpp"
#include "polytask/training/separate_gradients.hpp"
#include "polytask/training/separate_ways_back.hpp"
#include "polytask/training/step_report.hpp"
#include "polytask/training/workers.hpp"
#include "polytask/weighting/any_weighting.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace polytask {

/// How a step is taken.
template <Scalar S>
struct StepPolicies {
  AnyOptimizer<S> optimizer;
  WeightingNeeds weighting = {};
  AggregationNeeds aggregation = {};
  double clip_norm = 0;             ///< the norm to which the gradient is shortened; 0: never
  bool combine_embeddings = false;  ///< whether embedding tables that tasks share take part in the aggregation
  bool record_gradients = false;    ///< whether the tasks' gradients are compared whatever the rules ask for
};

/// Takes training steps with a model.
///
/// A batch is worked in slices of 256 samples, so that what a slice touches stays in the cache; the slices are dealt
/// out to the workers, each of which adds up a gradient of its own, and these are summed in the workers' order. The
/// result is that of the batch in one piece, to rounding. Where samples are coupled (batch normalisation, some terms of
/// sharing policies) the whole batch is one slice.
template <Scalar S>
class Step {
 public:
  static constexpr Index slice_size = 256;

  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  /// @throws ArgumentError when a rule balances or combines gradients of shared parameters and the model has none
  static void check(const Model<S>& model, const StepPolicies<S>& policies) {
    bool has_layer = false;
    model.last_shared_layers([&](const std::string&) { has_layer = true; });
    require(has_layer || !policies.weighting.gradient_norms,
            "the weighting balances the gradients of the last shared layer, but sharing '", model.sharing_name(),
            "' has none here");
    const auto is_shared = [](const auto& one) { return one.owner == shared_owner; };
    const auto& segments = model.parameters.layout.segments();
    const bool combines =
        has_layer || std::any_of(segments.begin(), segments.end(), is_shared) ||
        (policies.combine_embeddings && std::any_of(model.embeddings.begin(), model.embeddings.end(), is_shared));
    require(combines || !(policies.aggregation.gram || policies.aggregation.gradients),
            "the aggregation combines the gradients of what the tasks share, but sharing '", model.sharing_name(),
            "' shares nothing here that it is to combine");
  }

  /// @param batch   most samples of a step
  /// @param trained one byte a task: whether it is trained at all
  /// @param regularizations kept by reference, as the other rules' states are
  /// @throws ArgumentError as check() does
  Step(Model<S>& model, AnyWeightingState& weighting, AnyAggregationState<S>& aggregation,
       const StepPolicies<S>& policies, OptimizerMemory<S>& memory, Workers& workers, Index batch,
       std::vector<std::uint8_t> trained, Span<AnyRegularizationState<S>> regularizations = {})
      : model_(model),
        weighting_(weighting),
        aggregation_(aggregation),
        policies_(policies),
        memory_(memory),
        workers_(workers),
        trained_(std::move(trained)),
        mover_(model, policies_.optimizer, memory),
        penalties_(model, regularizations),
        separate_(model, separation(policies), policies.combine_embeddings,
                  model.couples_samples() ? 1 : workers.count(), batch),
        label_weights_(model.label_offsets().back()) {
    check(model, policies);
    const Index capacity = model.couples_samples() ? batch : (std::min)(batch, slice_size);
    for (Index worker = 0; worker < (model.couples_samples() ? 1 : workers.count()); ++worker) {
      spaces_.push_back(model.workspace(capacity, true));
      spaces_.back().row_gradients = model.row_gradients(batch);  // of a worker's slices, then of all workers
    }
    for (std::size_t task = 0; task < model.size(); ++task) only_[task][task] = 1;
    labelled_.reserve(model.size());
    balanced_.reserve(model.size());
    balanced_losses_.reserve(model.size());
    for (auto* values :
         {&report_.losses, &report_.label_weights, &report_.weights, &report_.last_layer_norms, &report_.losses_after})
      values->resize(model.size());
    if (separate_.separation() != Separation::whole) return;
    report_.gradient_norms.resize(model.size());
    report_.cosines.resize(model.size() * model.size());
    report_.coefficients.resize(model.size());
  }

  /// @param samples positions in the data set
  /// @param random  noise of this step (dropout)
  /// @param rate    learning rate of this step
  /// @return valid until the next step
  /// @throws TrainingError naming task, step and rate when a loss, a weight or a coefficient is not finite; the
  /// parameters are not moved then, unless it is a loss after the step
  const StepReport& operator()(const Dataset<S>& data, Span<const Index> samples, Index epoch, Random random,
                               double rate) {
    const FlushDenormals flush;
    begin_report(rate);

    // A task takes part if the batch has a label for it, or for a task that depends on it. Its loss is divided by the
    // weight of all of the batch's labels.
    count_labels(data, samples);
    if (labelled_.empty()) return report_;  // no label at all: nothing moves
    const auto ranges = mover_.active_ranges(active_);

    // The weights are read, after a look at the losses where they depend on them.
    StepSignals signals{.step = report_.step, .epoch = epoch};
    const bool looks = policies_.weighting.losses_first;
    const bool goes_on = looks && slices(samples) <= spaces_.size();  // then each slice is where the look left it
    if (looks) {
      look(data, samples, ranges, random, goes_on, report_.losses);
      signals.losses = report_.losses;
    }
    weighting_.prepare(signals);
    read_weights();
    choose_balanced();

    // Each worker takes its share of the slices through the model and back.
    each_slice(samples, ranges, random, [&](std::size_t worker, Span<const Index> chosen, Random noise) {
      if (!goes_on) forward(spaces_[worker], data, chosen, samples, noise, model_.statistics.values);
      backward(worker, data, chosen);
    });
    auto& total = spaces_.front();
    add_up(Span(spaces_), workers_, ranges);
    mean_losses(report_.losses);
    check_own_terms();
    balance(total);

    // The penalty joins the gradient, the gradient is shortened if it is too long, and the parameters move.
    ++memory_.steps[0];
    for (std::size_t task = 0; task < model_.size(); ++task) memory_.steps[task + 1] += active_[task];
    penalties_.add_gradients(total, active_);
    model_.add_penalty_gradient(active_, view(total.gradient));
    mover_.clip(total, ranges, policies_.clip_norm, rate);
    mover_.step(total, ranges, rate);
    penalties_.shrink(total, active_, rate);

    // The rules learn what the step did.
    signals.losses = report_.losses;
    signals.weights = report_.weights;
    signals.gradient_norms = report_.last_layer_norms;
    if (policies_.weighting.losses_after) {
      look(data, samples, ranges, random, false, report_.losses_after);
      signals.losses_after = report_.losses_after;
    }
    weighting_.update(signals);
    return report_;
  }

  /// The penalty of all regularisations and of the sharing policy at the parameters as they stand; embedding tables are
  /// left out.
  double penalty() const { return model_.penalty() + penalties_.value(); }

 private:
  using Range = ParameterRange;

  static constexpr double largest_weight = 1e15;  ///< the square of a gradient so weighted is finite in float

  static Separation separation(const StepPolicies<S>& policies) {
    if (policies.aggregation.gram || policies.aggregation.gradients || policies.record_gradients)
      return Separation::whole;
    return policies.weighting.gradient_norms ? Separation::last_layer : Separation::none;
  }

  void begin_report(double rate) {
    report_.step = ++memory_.step;
    report_.rate = rate;
    report_.own_terms = 0;
    for (auto* values : {&report_.losses, &report_.last_layer_norms, &report_.losses_after, &report_.gradient_norms,
                         &report_.cosines, &report_.coefficients})
      std::fill(values->begin(), values->end(), std::numeric_limits<double>::quiet_NaN());
    read_weights();
  }

  void read_weights() {
    const auto weights = weighting_.weights();
    require(weights.size() == model_.size(), "the weighting gives ", weights.size(), " weights for ", model_.size(),
            " tasks");
    for (std::size_t task = 0; task < model_.size(); ++task) {
      report_.weights[task] = weights[task];
      require<TrainingError>(weights[task] >= 0 && weights[task] <= largest_weight, "the weighting gives task '",
                             model_.names()[task], "' the weight ", weights[task], " in step ", report_.step,
                             "; it must be from 0 to ", largest_weight);
    }
  }

  /// What a label's weight and loss are multiplied by.
  S share_of(std::size_t task) const { return static_cast<S>(report_.weights[task] / report_.label_weights[task]); }

  /// A task without weight has no gradient: rules that balance gradients take it for one without a label.
  void choose_balanced() {
    balanced_.clear();
    balanced_losses_.clear();
    std::fill(weightless_.begin(), weightless_.end(), std::uint8_t{0});
    for (const Index task : labelled_)
      if (share_of(static_cast<std::size_t>(task)) > 0)
        balanced_.push_back(task);
      else
        weightless_[static_cast<std::size_t>(task)] = 1;
  }

  void count_labels(const Dataset<S>& data, Span<const Index> samples) {
    std::fill_n(label_weights_.data(), label_weights_.size(), 0.0);
    for (std::size_t place = 0; place < samples.size(); ++place) {
      prefetch_ahead(samples, place, data.weights);
      const S* const weights = data.weights.col(samples[place]).data();
      for (Index label = 0; label < label_weights_.size(); ++label)
        label_weights_[label] += static_cast<double>(weights[label]);
    }
    const auto& offsets = model_.label_offsets();
    labelled_.clear();
    for (std::size_t task = 0; task < model_.size(); ++task) {
      report_.label_weights[task] = trained_[task] ? std::accumulate(label_weights_.data() + offsets[task],
                                                                     label_weights_.data() + offsets[task + 1], 0.0)
                                                   : 0;
      active_[task] = report_.label_weights[task] > 0;
      if (active_[task]) labelled_.push_back(static_cast<Index>(task));
    }
    model_.activate_dependencies(active_);
  }

  std::size_t slices(Span<const Index> samples) const {
    const auto capacity = static_cast<std::size_t>(spaces_.front().capacity);
    return (samples.size() + capacity - 1) / capacity;
  }

  /// Makes a worker's sums zero.
  void begin(std::size_t worker, Span<const Range> ranges) {
    auto& space = spaces_[worker];
    for (const auto& range : ranges) std::fill_n(space.gradient.data() + range.begin, range.end - range.begin, S(0));
    for (auto& rows : space.row_gradients) rows.clear();
    space.active = active_;
    for (auto& head : space.heads) head.loss = 0;
    space.own_terms = 0;
    if (separate_.separation() != Separation::none) separate_.begin(worker, static_cast<Index>(balanced_.size()));
  }

  /// Every worker begins anew and calls work(worker, chosen, noise) for each of its slices of the batch.
  template <class Work>
  void each_slice(Span<const Index> samples, Span<const Range> ranges, Random random, const Work& work) {
    const auto capacity = static_cast<std::size_t>(spaces_.front().capacity);
    const std::size_t count = slices(samples);
    workers_.run([&](Index number) {
      const auto worker = static_cast<std::size_t>(number);
      if (worker >= spaces_.size()) return;
      begin(worker, ranges);
      for (std::size_t slice = worker; slice < count; slice += spaces_.size())
        work(worker, samples.subspan(slice * capacity, (std::min)(capacity, samples.size() - slice * capacity)),
             random.stream(slice));
    });
  }

  /// From the rows of a slice to its logits, and the labels beside them.
  /// @param samples    the batch of which it is a slice
  /// @param statistics of normalisation layers, which training moves
  void forward(Workspace<S>& space, const Dataset<S>& data, Span<const Index> chosen, Span<const Index> samples,
               Random noise, Buffer<S>& statistics) const {
    model_.gather(space, data, chosen, static_cast<Index>(samples.size()));
    model_.forward(space, view(statistics), noise, true);
    model_.gather_labels(space, data, chosen);
  }

  /// The losses of the batch, and nothing else.
  /// @param moves_statistics whether the statistics of normalisation layers move, as in the pass of a step
  void look(const Dataset<S>& data, Span<const Index> samples, Span<const Range> ranges, Random random,
            bool moves_statistics, std::vector<double>& found) {
    if (!moves_statistics) kept_statistics_ = model_.statistics.values;
    auto& statistics = moves_statistics ? model_.statistics.values : kept_statistics_;
    each_slice(samples, ranges, random, [&](std::size_t worker, Span<const Index> chosen, Random noise) {
      forward(spaces_[worker], data, chosen, samples, noise, statistics);
      add_losses(spaces_[worker]);
    });
    for (std::size_t worker = 1; worker < spaces_.size(); ++worker)
      for (std::size_t task = 0; task < model_.size(); ++task)
        spaces_.front().heads[task].loss += spaces_[worker].heads[task].loss;
    mean_losses(found);
  }

  /// A task's loss; its gradient by the logits goes to where it is wanted, if that is not empty.
  double loss_of(Workspace<S>& space, std::size_t task, Columns<S> gradient) const {
    return model_.evaluate_loss(task, LossPass<S>{read_only<S>(space.logits(task)), read_only<S>(space.labels(task)),
                                                  read_only<S>(space.weights(task)), share_of(task), gradient});
  }

  void add_losses(Workspace<S>& space) const {
    for (const Index labelled : labelled_) {
      const auto task = static_cast<std::size_t>(labelled);
      space.heads[task].loss += loss_of(space, task, no_columns<S>());
    }
  }

  /// The same, with the gradients of the logits; 0 for a task that takes part without a label.
  void add_losses_with_gradients(Workspace<S>& space) const {
    clear_logit_gradients(space);
    for (const Index labelled : labelled_) {
      const auto task = static_cast<std::size_t>(labelled);
      space.heads[task].loss += loss_of(space, task, space.logit_gradient(task));
    }
  }

  /// From the logits of a slice to its gradients.
  void backward(std::size_t worker, const Dataset<S>& data, Span<const Index> chosen) {
    auto& space = spaces_[worker];
    space.own_terms += model_.own_terms(space);
    if (separate_.separation() == Separation::none) {
      add_losses_with_gradients(space);
      space.own_terms += model_.backward(space, data, chosen);
      return;
    }
    const SeparateWaysBack<S> ways{.model = model_,
                                   .separate = separate_,
                                   .worker = worker,
                                   .tasks = balanced_,
                                   .only = only_,
                                   .weightless = weightless_,
                                   .space = space,
                                   .data = data,
                                   .chosen = chosen};
    if (!model_.linked()) {
      add_losses_with_gradients(space);
      space.own_terms += ways.through_heads_at_once();
      return;
    }
    add_losses(space);
    space.own_terms +=
        ways.through_heads_for_each([&](std::size_t task) { loss_of(space, task, space.logit_gradient(task)); });
    space.active = active_;
  }

  /// What the rules make of the tasks' gradients becomes the gradient of what they share.
  void balance(Workspace<S>& total) {
    if (separate_.separation() == Separation::none) return;
    const auto tasks = static_cast<Index>(balanced_.size());
    for (const Index task : balanced_) balanced_losses_.push_back(report_.losses[static_cast<std::size_t>(task)]);
    separate_.add_up(tasks);
    if (policies_.weighting.gradient_norms)
      for (Index rank = 0; rank < tasks; ++rank) {
        const auto task = static_cast<std::size_t>(balanced_[static_cast<std::size_t>(rank)]);
        report_.last_layer_norms[task] = finite(separate_.last_layer_norm(rank), task);
      }
    if (separate_.separation() == Separation::last_layer) {
      separate_.add_last_layers(view(total.gradient), tasks);
      return;
    }
    for (const auto& range : mover_.ranges())
      if (!model_.balances_own_copies())
        separate_.hand_over(range.owner, range.begin, range.end, view(total.gradient), tasks);
    const ConstColumns<double> gram = separate_.gram(tasks);
    record(gram);
    const StepGradients gradients{balanced_, balanced_losses_, gram, report_.step,
                                  static_cast<double>(std::numeric_limits<S>::epsilon())};
    const bool combines = policies_.aggregation.gram || policies_.aggregation.gradients;
    const auto coefficients =
        combines ? separate_.combine(aggregation_, gradients) : separate_.sum(tasks);  // else they are only recorded
    for (Index rank = 0; rank < tasks; ++rank) {
      const auto task = static_cast<std::size_t>(balanced_[static_cast<std::size_t>(rank)]);
      report_.coefficients[task] = coefficients[rank];
      require<TrainingError>(std::isfinite(static_cast<S>(coefficients[rank])),
                             "the aggregation gives the gradient of task '", model_.names()[task], "' the coefficient ",
                             coefficients[rank], " in step ", report_.step);
    }
    const auto& direction = separate_.direction();
    const S square = inner_product(direction.size(), direction.data(), direction.data());  // in S, as optimizers do
    require<TrainingError>(std::isfinite(square),
                           "the gradient that the aggregation makes is not finite, or its square, in step ",
                           report_.step, " with learning rate ", report_.rate);
    separate_.add_direction(total, tasks);
  }

  /// Norms and cosines of the tasks' gradients.
  void record(ConstColumns<double> gram) {
    for (Index one = 0; one < gram.cols(); ++one) {
      const auto task = static_cast<std::size_t>(balanced_[static_cast<std::size_t>(one)]);
      report_.gradient_norms[task] = finite(std::sqrt(gram(one, one)), task);
      for (Index other = 0; other < gram.cols(); ++other) {
        const double size = std::sqrt(gram(one, one)) * std::sqrt(gram(other, other));
        if (size > 0)
          report_.cosines[task * model_.size() + static_cast<std::size_t>(balanced_[static_cast<std::size_t>(other)])] =
              gram(one, other) / size;
      }
    }
  }

  double finite(double norm, std::size_t task) const {
    require<TrainingError>(std::isfinite(norm), "the gradient of task '", model_.names()[task],
                           "' is not finite in step ", report_.step, " with learning rate ", report_.rate);
    return norm;
  }

  void check_own_terms() {
    report_.own_terms = spaces_.front().own_terms;
    require<TrainingError>(std::isfinite(report_.own_terms), "the terms that sharing '", model_.sharing_name(),
                           "' and the link add to the loss are ", report_.own_terms, " in step ", report_.step,
                           " with learning rate ", report_.rate);
  }

  void mean_losses(std::vector<double>& found) const {
    for (const Index labelled : labelled_) {
      const auto task = static_cast<std::size_t>(labelled);
      found[task] = spaces_.front().heads[task].loss / report_.label_weights[task];
      require<TrainingError>(std::isfinite(found[task]), "the loss of task '", model_.names()[task], "' is ",
                             found[task], " in step ", report_.step, " with learning rate ", report_.rate,
                             "; a smaller rate, clip_norm or another scaling of inputs or labels may help");
    }
  }

  Model<S>& model_;
  AnyWeightingState& weighting_;
  AnyAggregationState<S>& aggregation_;
  StepPolicies<S> policies_;
  OptimizerMemory<S>& memory_;
  Workers& workers_;
  std::vector<std::uint8_t> trained_;
  ParameterMover<S> mover_;
  Penalties<S> penalties_;
  SeparateGradients<S> separate_;
  Vector<double> label_weights_;
  Buffer<S> kept_statistics_ = model_.statistics.values;
  std::vector<Workspace<S>> spaces_;
  std::vector<std::uint8_t> active_ = std::vector<std::uint8_t>(model_.size());  ///< tasks that take part
  std::vector<std::vector<std::uint8_t>> only_ = {model_.size(), active_};       ///< each task alone
  std::vector<Index> labelled_;                                                  ///< tasks with a label in this batch
  std::vector<Index> balanced_;                     ///< of these, those with a weight above 0
  std::vector<std::uint8_t> weightless_ = active_;  ///< and those without
  std::vector<double> balanced_losses_;
  StepReport report_;
};

}  // namespace polytask
