/// @file
/// The multi-task model: features, a sharing policy, a link, tasks, and the numbers of all of them.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/models/link.hpp"
#include "polytask/models/model.hpp"
#include "polytask/models/task.hpp"
#include "polytask/models/task_heads.hpp"
#include "polytask/sharing/sharing.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace polytask {

/// A model with several tasks. It is a value: its parameters and const functions. Threads may predict from one const
/// model, each with a workspace of its own. What does not depend on its policies is in Model.
template <Scalar S, class SharingPolicy, Link LinkType, class... Tasks>
class MultiTaskModel final : public Model<S> {
  static_assert(sizeof...(Tasks) > 0, "a model needs at least one task");
  static_assert(Sharing<SharingPolicy>,
                "the second argument of a model must be a sharing policy: see sharing/sharing.hpp");
  static_assert(!Sharing<SharingPolicy> || has_penalty<SharingPolicy> || !means_penalty<SharingPolicy>,
                "the penalty of this sharing policy is not as sharing/sharing.hpp has it, and would count nothing");
  static_assert(sizeof...(Tasks) >= least_tasks<SharingPolicy>,
                "this sharing policy tells tasks apart: the model needs at least two");

 public:
  using sharing_type = SharingPolicy;
  using link_type = LinkType;
  static constexpr std::size_t task_count = sizeof...(Tasks);
  static constexpr bool has_link = LinkType::tasks.size() > 0;
  static constexpr const auto& task_names = TaskHeads<S, Tasks...>::names;

  static_assert(all_different(task_names), "two tasks of the model have the same name");

  /// Where the tasks of the link are among the tasks; task_count for a name that none has.
  static constexpr auto linked_tasks = [] {
    std::array<std::size_t, LinkType::tasks.size()> places{};
    for (std::size_t place = 0; place < places.size(); ++place)
      places[place] = static_cast<std::size_t>(std::find(task_names.begin(), task_names.end(), LinkType::tasks[place]) -
                                               task_names.begin());
    return places;
  }();
  static_assert(std::find(linked_tasks.begin(), linked_tasks.end(), task_count) == linked_tasks.end(),
                "the link names a task that the model does not have");
  static_assert(
      [] {
        constexpr std::array<bool, task_count> probability{predicts_probability<typename Tasks::loss_type>...};
        return std::all_of(linked_tasks.begin(), linked_tasks.end(),
                           [&](std::size_t task) { return task == task_count || probability[task]; });
      }(),
      "a link is between probabilities: its tasks need the loss BinaryCrossEntropy or Focal");

  using Model<S>::parameters;
  using Model<S>::statistics;
  using Model<S>::embeddings;
  using Model<S>::features;
  using Model<S>::encode;
  using Model<S>::encode_inputs;
  using Model<S>::predict;

  /// An empty model, to be loaded from a file.
  MultiTaskModel() = default;

  /// @throws ArgumentError when a loss does not suit its task's label columns
  MultiTaskModel(std::shared_ptr<const Features> fitted, SharingPolicy sharing, LinkType link, Tasks... tasks)
      : Model<S>(std::move(fitted)),
        sharing_(std::move(sharing)),
        link_(std::move(link)),
        heads_(std::tuple<Tasks...>(std::move(tasks)...)) {
    connect();
    initialize(1);
  }

  const SharingPolicy& sharing() const { return sharing_; }
  const LinkType& link() const { return link_; }
  const std::tuple<Tasks...>& tasks() const { return heads_.tasks(); }

  std::unique_ptr<Model<S>> clone() const override { return std::unique_ptr<Model<S>>(new MultiTaskModel(*this)); }
  Span<const std::string_view> names() const override { return task_names; }
  std::string_view sharing_name() const override { return SharingPolicy::name; }
  bool balances_own_copies() const override { return SharingPolicy::balances_own_copies; }
  bool linked() const override { return has_link; }
  bool couples_samples() const override { return sharing_.couples_samples() || TaskHeads<S, Tasks...>::couple_samples; }

  template <Name Asked>
  static constexpr std::size_t task_index() {
    return TaskNamed<Asked, Tasks::name...>::place;
  }

  template <Name Asked>
  const auto& task() const {
    return std::get<task_index<Asked>()>(tasks());
  }

  void write_structure(MemberVisitor& visitor) const override { configuration(*this, visitor); }
  void read_structure(MemberVisitor& visitor) override { configuration(*this, visitor); }

  void initialize(std::uint64_t seed) override {
    Random random = Random(seed).stream(0);
    const auto numbers = view(parameters.values);
    const auto running = view(statistics.values);
    sharing_.initialize(sharing_part(numbers), slice(running, 0, heads_.first_statistic()), random);
    heads_.initialize(numbers, running, random);
    link_.initialize(link_part(numbers), random);
    for (auto& table : embeddings) table.initialize(random, this->embedding_deviation);
  }

  void activate_dependencies(std::vector<std::uint8_t>& active) const override {
    for (std::size_t place = linked_tasks.size(); place-- > 1;)
      active[linked_tasks[place - 1]] |= active[linked_tasks[place]];
  }

  void last_shared_layers(const std::function<void(const std::string&)>& visit) const override {
    sharing_.last_shared_layers(visit);
  }

  void forward(Workspace<S>& space, Flat<S> running, Random random, bool training) const override {
    sharing_.forward(SharingForward<S>{
        view(parameters.values), space.input_views(), space.active, space.sharing_memory(), running, random.stream(0),
        training, space.batch_samples,
        ConstColumns<S>(space.membership.data(), space.membership.empty() ? 0 : static_cast<Index>(task_count),
                        space.membership.empty() ? 0 : space.samples)});
    if constexpr (LinkType::changes_representations)
      with_link(space, false, [&](const LinkPass<S>& pass) { link_.forward_representations(pass); });
    heads_.forward(space, head_inputs(space), view(parameters.values), running, random, training);
    if constexpr (has_link) with_link(space, false, [&](const LinkPass<S>& pass) { link_.forward_logits(pass); });
  }

  double backward_heads(Workspace<S>& space, bool own_terms) const override {
    double terms = 0;
    if constexpr (has_link)
      with_link(space, own_terms, [&](const LinkPass<S>& pass) { terms = link_.backward_logits(pass); });
    heads_.backward(space, head_inputs(space), head_input_gradients(space), view(parameters.values));
    if constexpr (has_link)
      with_link(space, own_terms, [&](const LinkPass<S>& pass) { link_.backward_representations(pass); });
    return terms;
  }

  void backward_sharing(Workspace<S>& space, ActiveTasks active, Flat<S> gradient, Reach reach,
                        bool own_terms) const override {
    sharing_.backward(SharingBackward<S>{sharing_part(view(parameters.values)), space.input_views(), active,
                                         space.sharing_memory(), sharing_part(gradient), space.input_gradient_views(),
                                         reach, own_terms});
  }

  double evaluate_loss(std::size_t task, const LossPass<S>& pass) const override {
    return heads_.evaluate_loss(task, pass);
  }
  void predict_from_logits(std::size_t task, ConstColumns<S> logits, Columns<S> predictions) const override {
    heads_.predict_from_logits(task, logits, predictions);
  }
  std::string problem_with(std::size_t task, S label) const override { return heads_.problem_with(task, label); }

  void check_linked_labels([[maybe_unused]] const Dataset<S>& data) const override {
    if constexpr (requires { link_.check_labels(data, Span<const Index>()); }) {
      std::array<Index, linked_tasks.size()> rows;
      for (std::size_t place = 0; place < rows.size(); ++place)
        rows[place] = this->label_offsets()[linked_tasks[place]];
      link_.check_labels(data, rows);
    }
  }

  bool has_own_terms() const override { return sharing_has_own_terms || link_.has_own_terms(); }
  double own_terms([[maybe_unused]] Workspace<S>& space) const override {
    if constexpr (sharing_has_own_terms)
      return static_cast<double>(sharing_.own_terms(space.sharing_memory(), space.samples));
    else
      return 0;
  }
  double penalty() const override {
    if constexpr (has_penalty<SharingPolicy>)
      return sharing_.penalty(sharing_part(view(parameters.values)));
    else
      return 0;
  }
  void add_penalty_gradient([[maybe_unused]] ActiveTasks active, [[maybe_unused]] Flat<S> gradient) const override {
    if constexpr (has_penalty<SharingPolicy>)
      sharing_.add_penalty_gradient(sharing_part(view(parameters.values)), active, sharing_part(gradient));
  }

  /// What predict(workspace, ...) left for one task: prediction rows x samples, in the label's own units.
  template <Name Asked>
  static ConstColumns<S> prediction(const Workspace<S>& space) {
    return space.predictions(task_index<Asked>());
  }

  /// Predictions of one task for every sample: see predict(number, data).
  template <Name Asked>
  Matrix<S> predict(const Dataset<S>& data) const {
    return predict(task_index<Asked>(), data);
  }

  template <Name Asked>
  Matrix<S> predict(const Table& table) const {
    return predict<Asked>(encode_inputs(table));
  }

  /// Visits everything but the features and the numbers.
  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("sharing", self.sharing_);
    if constexpr (has_link) visit("link", self.link_);
    visit.enter("tasks", "");
    self.heads_.configuration(self.heads_, visit);
    visit.leave();
    if constexpr (!std::is_const_v<Self>) self.connect();
  }

 private:
  static constexpr bool sharing_has_own_terms =
      requires(const SharingPolicy& sharing, Flat<S> memory) { sharing.own_terms(memory, Index{}); };

  bool needs_membership() const override { return SharingPolicy::needs_membership; }
  bool reads_copy(Index copy, ActiveTasks active) const override { return sharing_.reads_copy(copy, active); }

  void size_memory(Workspace<S>& space, Index capacity) const override {
    space.sharing.resize(static_cast<std::size_t>(sharing_.memory_size(capacity)));
    space.link.resize(static_cast<std::size_t>(link_.memory_size(capacity)));
    heads_.size_memory(space, capacity);
  }

  /// Infers all widths and lays out all numbers.
  void connect() {
    sharing_.connect(features().input_width(), task_names);
    Layout layout;
    Layout running;
    sharing_.parameters([&](const std::string& segment, Index owner, Index rows, Index columns) {
      layout.add(segment, owner, rows, columns);
    });
    sharing_.statistics([&](const std::string& segment, Index owner, Index rows, Index columns) {
      running.add(segment, owner, rows, columns);
    });
    std::array<Index, task_count> widths;
    for (std::size_t task = 0; task < task_count; ++task)
      widths[task] = sharing_.representation_width(static_cast<Index>(task));
    auto shapes = heads_.connect(widths, features(), layout, running);
    connect_link(widths, layout);
    std::vector<Index> copy_owners;
    std::vector<std::string> copy_names;
    for (Index copy = 0; copy < sharing_.input_copies(); ++copy) {
      copy_owners.push_back(sharing_.input_copy_owner(copy));
      copy_names.push_back(sharing_.input_copy_name(copy));
    }
    this->lay_out(std::move(layout), std::move(running), heads_.first_parameter(), std::move(shapes),
                  std::move(copy_owners), copy_names);
  }

  /// The numbers of the sharing policy among the model's.
  template <class View>
  View sharing_part(const View& numbers) const {
    return slice(numbers, 0, heads_.first_parameter());
  }
  template <class View>
  View link_part(const View& numbers) const {
    return slice(numbers, heads_.end_of_parameters(), link_size_);
  }

  void connect_link(const std::array<Index, task_count>& widths, Layout& layout) {
    std::array<Index, linked_tasks.size()> linked{};
    for (std::size_t place = 0; place < linked.size(); ++place) linked[place] = widths[linked_tasks[place]];
    link_.connect(linked);
    link_.parameters([&](const std::string& segment, Index place, Index rows, Index columns) {
      const Index owner =
          place == shared_owner ? shared_owner : static_cast<Index>(linked_tasks[static_cast<std::size_t>(place)]);
      layout.add("link/" + segment, owner, rows, columns);
    });
    link_size_ = layout.size() - heads_.end_of_parameters();
  }

  /// The place of a task in the link's chain; as many as the chain has if it is not part of it.
  static constexpr std::size_t chain_place(std::size_t task) {
    return static_cast<std::size_t>(std::find(linked_tasks.begin(), linked_tasks.end(), task) - linked_tasks.begin());
  }

  /// What the tasks' heads read: what the sharing policy has for each, or what the link made of that.
  std::array<ConstColumns<S>, task_count> head_inputs(Workspace<S>& space) const {
    return of_each_task([&](std::size_t task) -> ConstColumns<S> {
      if constexpr (LinkType::changes_representations)
        if (const auto place = chain_place(task); place < linked_tasks.size())
          return link_.representation(view(space.link), space.samples, static_cast<Index>(place));
      return sharing_.representation(space.sharing_memory(), space.samples, static_cast<Index>(task));
    });
  }
  std::array<Columns<S>, task_count> head_input_gradients(Workspace<S>& space) const {
    return of_each_task([&](std::size_t task) -> Columns<S> {
      if constexpr (LinkType::changes_representations)
        if (const auto place = chain_place(task); place < linked_tasks.size())
          return link_.representation_gradient(view(space.link), space.samples, static_cast<Index>(place));
      return sharing_.representation_gradient(space.sharing_memory(), space.samples, static_cast<Index>(task));
    });
  }

  template <class Function>
  static auto of_each_task(Function&& function) {
    return [&]<std::size_t... Task>(std::index_sequence<Task...>) {
      return std::array{function(Task)...};
    }(std::index_sequence_for<Tasks...>{});
  }

  /// Calls stage(pass) with the views of the link's tasks that take part, if any does.
  template <class Stage>
  void with_link(Workspace<S>& space, bool own_terms, Stage&& stage) const {
    std::size_t length = 0;
    for (std::size_t place = 0; place < linked_tasks.size(); ++place)
      if (space.active[linked_tasks[place]]) length = place + 1;
    if (length == 0) return;
    const auto one = [&](std::size_t task) {
      auto& head = space.heads[task];
      const auto row = [&](Buffer<S>& buffer) {
        return buffer.empty() ? no_columns<S>() : Columns<S>(buffer.data(), 1, space.samples);
      };
      return LinkedTask<S>{
          sharing_.representation(space.sharing_memory(), space.samples, static_cast<Index>(task)),
          sharing_.representation_gradient(space.sharing_memory(), space.samples, static_cast<Index>(task)),
          row(head.logits),
          row(head.logit_gradient),
          read_only<S>(row(head.labels)),
          read_only<S>(row(head.weights))};
    };
    const auto chain = [&]<std::size_t... Place>(std::index_sequence<Place...>) {
      return std::array<LinkedTask<S>, linked_tasks.size()>{one(linked_tasks[Place])...};
    }(std::make_index_sequence<linked_tasks.size()>{});
    stage(LinkPass<S>{link_part(view(parameters.values)), view(space.link), space.samples, Span(chain).first(length),
                      space.gradient.empty() ? no_flat<S>() : link_part(view(space.gradient)), space.batch_samples,
                      own_terms});
  }

  SharingPolicy sharing_;
  LinkType link_;
  TaskHeads<S, Tasks...> heads_;
  Index link_size_ = 0;
};

/// A model from fitted features, a sharing policy, a link between tasks if there is one, and tasks:
/// multi_task_model(features(train), HardSharing{mlp({64})}, task<"click">(BinaryCrossEntropy{})).
template <Scalar S = float, class SharingPolicy, Link LinkType, class... Tasks>
auto multi_task_model(Features features, SharingPolicy sharing, LinkType link, Tasks... tasks) {
  return MultiTaskModel<S, SharingPolicy, LinkType, Tasks...>(std::make_shared<const Features>(std::move(features)),
                                                              std::move(sharing), std::move(link), std::move(tasks)...);
}

template <Scalar S = float, class SharingPolicy, class... Tasks>
auto multi_task_model(Features features, SharingPolicy sharing, Tasks... tasks) {
  return multi_task_model<S>(std::move(features), std::move(sharing), NoLink{}, std::move(tasks)...);
}

}  // namespace polytask
