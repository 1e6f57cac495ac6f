/// @file
/// What every model is, whatever its sharing policy and tasks: numbers, features, and the stages of a pass.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/member_visitor.hpp"
#include "polytask/core/parameters.hpp"
#include "polytask/core/span.hpp"
#include "polytask/features/features.hpp"
#include "polytask/losses/loss.hpp"
#include "polytask/models/labels.hpp"
#include "polytask/models/task.hpp"
#include "polytask/models/workspace.hpp"
#include "polytask/sharing/sharing.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// A model whatever its type. Training, evaluation and prediction are written for this class, so that a program
/// compiles them once and not once a model; a pass makes a handful of calls that are looked up when it runs. What is
/// made is a MultiTaskModel.
///
/// In the flat parameter buffer the sharing policy's segments come first, then each task's head, then the link.
template <Scalar S>
class Model {
 public:
  using scalar = S;
  static constexpr Index prediction_batch = 512;  ///< samples that are predicted at a time

  Parameters<S> parameters;
  Parameters<S> statistics;  ///< running statistics of normalisation layers
  std::vector<EmbeddingTable<S>> embeddings;

  virtual ~Model() = default;
  virtual std::unique_ptr<Model> clone() const = 0;

  const Features& features() const { return *features_; }
  /// The same, as the copies of a model share them.
  const std::shared_ptr<const Features>& shared_features() const { return features_; }
  const std::vector<TaskShape>& shapes() const { return shapes_; }
  std::size_t size() const { return shapes_.size(); }  ///< number of tasks

  virtual Span<const std::string_view> names() const = 0;  ///< of the tasks
  virtual std::string_view sharing_name() const = 0;
  virtual bool balances_own_copies() const = 0;  ///< see SharingDefaults
  virtual bool linked() const = 0;               ///< whether one task's answer depends on another's
  virtual bool couples_samples() const = 0;      ///< whether in training one sample's output depends on the others

  /// Visits the features. With what write_structure() adds they make two models of one structure. They are apart from
  /// it so that only programs which use files compile them.
  template <class Self, class Visitor>
  static void visit_features(Self& self, Visitor&& visit) {
    if constexpr (std::is_const_v<Self>) {
      visit("features", self.features());
    } else {
      Features found;
      visit("features", found);
      self.features_ = std::make_shared<const Features>(std::move(found));
    }
  }
  /// Everything but the features and the numbers.
  virtual void write_structure(MemberVisitor& visitor) const = 0;
  /// Takes over a structure, once the features are those that belong to it; all numbers are 0 afterwards.
  virtual void read_structure(MemberVisitor& visitor) = 0;

  /// Draws all parameters anew; the same for the same seed.
  virtual void initialize(std::uint64_t seed) = 0;

  /// Makes active what active tasks depend on: the earlier tasks of a link.
  virtual void activate_dependencies(std::vector<std::uint8_t>& active) const = 0;

  /// Visits the names of the last layers that tasks share: see Sharing.
  virtual void last_shared_layers(const std::function<void(const std::string&)>& visit) const = 0;

  // The stages of a pass, in their order: gather(), gather_labels() and forward(); then, from the gradients of the
  // logits, which the losses write, backward_heads(), backward_sharing() and backward_embeddings().

  /// The inputs of the chosen samples.
  /// @param chosen positions in the data set, at most the workspace's capacity
  /// @param batch_samples samples of the whole batch, if these are a slice of it
  void gather(Workspace<S>& space, const Dataset<S>& data, Span<const Index> chosen, Index batch_samples = 0) const {
    require(static_cast<Index>(chosen.size()) <= space.capacity, "a pass over ", chosen.size(),
            " samples needs a workspace of that size, not of ", space.capacity);
    space.samples = static_cast<Index>(chosen.size());
    space.batch_samples = batch_samples > 0 ? batch_samples : space.samples;
    const Index copies = space.input_stride > 0 ? static_cast<Index>(copy_owners_.size()) : 1;
    for (Index copy = 0; copy < copies; ++copy)
      if (space.input_stride == 0 || reads_copy(copy, space.active))  // stride 0: all copies are one matrix
        gather_inputs<S>(data, tables_of(copy), features().category_places(), features().list_places(), chosen,
                         space.input_views().write(copy));
    if (!space.membership.empty()) gather_membership(space, data, chosen);
  }

  /// The labels of the chosen samples and their weights, of active tasks, for the losses of a workspace for training.
  void gather_labels(Workspace<S>& space, const Dataset<S>& data, Span<const Index> chosen) const {
    for (std::size_t column = 0; column < chosen.size(); ++column) {
      prefetch_ahead(chosen, column, data.labels, data.weights);
      const Index first = chosen[column] * data.labels.rows();
      for (std::size_t task = 0; task < size(); ++task) {
        if (!space.active[task]) continue;
        auto& head = space.heads[task];
        const Index from = first + label_offsets_[task];
        const Index to = static_cast<Index>(column) * head.label_rows;
        copy_run(head.label_rows, data.labels.data() + from, head.labels.data() + to);
        copy_run(head.label_rows, data.weights.data() + from, head.weights.data() + to);
      }
    }
  }

  /// From the inputs to the logits of every active task.
  /// @param running the statistics that normalisation layers read, and in training move
  virtual void forward(Workspace<S>& space, Flat<S> running, Random random, bool training) const = 0;

  /// The way back through the heads of all active tasks and the link: from the gradients of the logits (zero where a
  /// task has no label) to those of the representations.
  /// @return the value of the link's own terms in the loss, 0 unless own_terms
  virtual double backward_heads(Workspace<S>& space, bool own_terms) const = 0;

  /// The way back through the sharing policy.
  /// @param active   the tasks whose gradients are taken together; the representations' gradients of others stay
  /// @param gradient of the flat parameter buffer, or of its beginning as far as the sharing policy's segments go:
  /// added
  virtual void backward_sharing(Workspace<S>& space, ActiveTasks active, Flat<S> gradient, Reach reach,
                                bool own_terms) const = 0;

  /// The way back into the embedding tables.
  /// @param active    the tasks that the way back through the sharing policy was taken for
  /// @param own_terms whether it was taken for the policy's own terms, too
  /// @param rows      of the embedding tables: added
  void backward_embeddings(Workspace<S>& space, const Dataset<S>& data, Span<const Index> chosen, ActiveTasks active,
                           bool own_terms, Span<RowGradients<S>> rows) const {
    if (embeddings.empty()) return;
    for (std::size_t copy = 0; copy < copy_owners_.size(); ++copy) {
      const Index owner = copy_owners_[copy];
      if (owner == shared_owner ? own_terms || any_active(active) : active[static_cast<std::size_t>(owner)] != 0)
        scatter_gradient<S>(data, rows.subspan(first_table(static_cast<Index>(copy)), features().tables().size()),
                            features().category_places(), features().list_places(), chosen,
                            space.input_gradient_views()[static_cast<Index>(copy)]);
    }
  }

  /// The whole way back for all active tasks together, into the workspace's gradients.
  /// @return the value of the link's own terms in the loss
  double backward(Workspace<S>& space, const Dataset<S>& data, Span<const Index> chosen) const {
    const double terms = backward_heads(space, true);
    backward_sharing(space, space.active, view(space.gradient), Reach::whole, true);
    backward_embeddings(space, data, chosen, space.active, true, space.row_gradients);
    return terms;
  }

  // What one task's loss says; tasks are numbered in their order.

  /// See Loss::evaluate.
  virtual double evaluate_loss(std::size_t task, const LossPass<S>& pass) const = 0;

  /// From logits to predictions in the label's own units.
  virtual void predict_from_logits(std::size_t task, ConstColumns<S> logits, Columns<S> predictions) const = 0;

  /// Why a label cannot be one of the task's; empty if it can.
  virtual std::string problem_with(std::size_t task, S label) const = 0;

  /// Throws DataError unless the labels of linked tasks agree with each other.
  virtual void check_linked_labels(const Dataset<S>&) const {}

  // Terms of the sharing policy's own in the loss: see Sharing; those of a link are what backward_heads() returns.

  virtual bool has_own_terms() const = 0;                   ///< whether sharing policy or link add any
  virtual double own_terms(Workspace<S>& space) const = 0;  ///< of the samples of the last training forward pass
  virtual double penalty() const = 0;                       ///< of the parameters alone
  virtual void add_penalty_gradient(ActiveTasks active, Flat<S> gradient) const = 0;

  /// Numbers at the beginning of the flat parameter buffer that belong to the sharing policy.
  Index sharing_size() const { return sharing_size_; }

  /// Numbers that training can move: parameters and embedding tables.
  Index parameter_count() const {
    Index count = parameters.layout.parameter_count();
    for (const auto& table : embeddings) count += table.rows * table.width;
    return count;
  }

  /// Rows of Dataset::labels, all tasks together, and where each task's begin; the last is how many there are.
  const std::vector<Index>& label_offsets() const { return label_offsets_; }

  /// The samples of a table with their labels.
  /// @throws DataError naming a column that is absent, and the row of a label that its task's loss cannot take
  Dataset<S> encode(const Table& table) const {
    Dataset<S> data = encode_inputs(table);
    encode_labels(table, features(), shapes_, label_offsets_, problems(), data);
    return data;
  }

  /// The samples of a table without labels.
  Dataset<S> encode_inputs(const Table& table) const { return features().template encode<S>(table); }

  /// Throws unless a data set has the numbers, categories and lists that this model takes; looks at no sample.
  void check_shape(const Dataset<S>& data) const {
    require<DataError>(data.numbers.rows() == features().number_rows(), "the model takes ", features().number_rows(),
                       " numbers a sample, the data set has ", data.numbers.rows());
    require<DataError>(data.categories.rows() == static_cast<Index>(features().categories().size()), "the model takes ",
                       features().categories().size(), " categories a sample, the data set has ",
                       data.categories.rows());
    require<DataError>(data.lists.size() == features().lists().size(), "the model takes ", features().lists().size(),
                       " lists a sample, the data set has ", data.lists.size());
    require<DataError>(data.categories.cols() == data.size() || data.categories.rows() == 0,
                       "the data set has numbers of ", data.size(), " samples and categories of ",
                       data.categories.cols());
  }

  /// Throws unless a data set has this model's shape, and in every sample what the model can take.
  /// @param labelled whether labels are needed
  void check(const Dataset<S>& data, bool labelled) const {
    check_shape(data);
    if (labelled) {
      require<DataError>(data.labels.rows() == label_offsets_.back() && data.weights.rows() == label_offsets_.back(),
                         "the model's tasks have ", label_offsets_.back(), " labels a sample, the data set has ",
                         data.labels.rows(), " and ", data.weights.rows(), " weights of labels");
      require<DataError>(data.labels.cols() == data.size() && data.weights.cols() == data.size(),
                         "the data set has numbers of ", data.size(), " samples, labels of ", data.labels.cols(),
                         " and weights of ", data.weights.cols());
    }
    features().check_rows(data);
    if (!labelled) return;
    polytask::check_labels(data, shapes_, label_offsets_, problems());
    check_linked_labels(data);
  }

  /// Memory for passes of up to `capacity` samples.
  /// @param training whether for backward passes too
  Workspace<S> workspace(Index capacity, bool training = false) const {
    require(capacity > 0, "a workspace is for at least one sample, not ", capacity);
    const auto sized = [&](Index rows) { return Buffer<S>(static_cast<std::size_t>(piece_size(rows * capacity))); };
    Workspace<S> space;
    space.capacity = capacity;
    space.input_width = features().input_width();
    const Index copies = embeddings.empty() ? 1 : static_cast<Index>(copy_owners_.size());
    if (copies > 1) space.input_stride = piece_size(space.input_width * capacity);
    space.inputs.resize(static_cast<std::size_t>(copies * piece_size(space.input_width * capacity)));
    if (training && !embeddings.empty()) space.input_gradient.resize(space.inputs.size());
    space.active.assign(size(), 1);
    for (const auto& shape : shapes_) {
      typename Workspace<S>::Head head{shape.label_rows, shape.outputs, shape.prediction_rows, {}, {}, {}, {}, {}, {}};
      head.logits = sized(head.outputs);
      head.predictions = sized(head.prediction_rows);
      if (training) {
        head.logit_gradient = sized(head.outputs);
        head.labels = sized(head.label_rows);
        head.weights = sized(head.label_rows);
      }
      space.heads.push_back(std::move(head));
    }
    size_memory(space, capacity);
    if (training) {
      if (needs_membership()) space.membership = sized(static_cast<Index>(size()));
      space.gradient.assign(parameters.values.size(), S(0));
      space.row_gradients = row_gradients(capacity);
    }
    return space;
  }

  /// Memory for the gradients of the rows that up to so many samples touch, one a table.
  std::vector<RowGradients<S>> row_gradients(Index samples) const {
    std::vector<RowGradients<S>> gradients;
    for (std::size_t which = 0; which < embeddings.size(); ++which) {
      const auto& table = embeddings[which];
      gradients.emplace_back(table.width)
          .reserve((std::min)(
              table.rows, samples * features().touched_rows(static_cast<Index>(which % features().tables().size()))));
    }
    return gradients;
  }

  /// Predictions of all active tasks for the chosen samples, left in the workspace: prediction<"click">(workspace).
  /// What active tasks depend on becomes active.
  /// @throws DataError when the data set has not this model's shape, or not these samples
  void predict(Workspace<S>& space, const Dataset<S>& data, Span<const Index> chosen) const {
    check_shape(data);
    for (const Index sample : chosen)
      require<DataError>(sample >= 0 && sample < data.size(), "a prediction was asked for sample ", sample,
                         ", but the data set has ", data.size());
    activate_dependencies(space.active);
    gather(space, data, chosen);
    auto& numbers = const_cast<Buffer<S>&>(statistics.values);  // a prediction only reads them
    forward(space, view(numbers), Random(), false);
    for (std::size_t task = 0; task < size(); ++task)
      if (space.active[task]) predict_from_logits(task, read_only<S>(space.logits(task)), space.predictions(task));
  }

  /// Predictions of one task, by its number, for every sample: prediction rows x samples, in the label's own units (a
  /// probability, an amount, one probability a class, one amount a quantile).
  Matrix<S> predict(std::size_t asked, const Dataset<S>& data) const {
    require(asked < size(), "there is no task ", asked, "; there are ", size());
    check(data, false);
    auto space = workspace((std::max)(Index{1}, (std::min)(data.size(), prediction_batch)));
    auto& head = space.heads[asked];
    Matrix<S> predictions(head.prediction_rows, data.size());
    std::fill(space.active.begin(), space.active.end(), std::uint8_t{0});
    space.active[asked] = 1;
    activate_dependencies(space.active);
    for_each_batch(data.size(), [&](Index first, Span<const Index> chosen) {
      predict(space, data, chosen);
      std::copy_n(head.predictions.data(), head.prediction_rows * space.samples, predictions.col(first).data());
    });
    return predictions;
  }

  /// The same by the task's name, for every row of a table.
  Matrix<S> predict(std::string_view task, const Table& table) const {
    return predict(place_of(task, "predict"), encode_inputs(table));
  }

  /// Calls function(first, positions) for consecutive runs of positions 0 .. count - 1, each as long as a batch of
  /// prediction.
  template <class Function>
  static void for_each_batch(Index count, Function&& function) {
    std::vector<Index> positions(static_cast<std::size_t>((std::min)(count, prediction_batch)));
    for (Index first = 0; first < count; first += prediction_batch) {
      const auto samples = static_cast<std::size_t>((std::min)(prediction_batch, count - first));
      std::iota(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(samples), first);
      function(first, Span<const Index>(positions.data(), samples));
    }
  }

  /// Whether a sample has a label of a task.
  bool has_label(const Dataset<S>& data, Index sample, std::size_t task) const {
    const S* const weights = data.weights.col(sample).data();
    return std::any_of(weights + label_offsets_[task], weights + label_offsets_[task + 1],
                       [](S weight) { return weight > S(0); });
  }

  /// The place of a task.
  /// @param what is asked, for the message
  /// @throws ArgumentError with the known names
  std::size_t place_of(std::string_view task, std::string_view what) const {
    for (std::size_t place = 0; place < size(); ++place)
      if (shapes_[place].name == task) return place;
    fail<ArgumentError>({what, " names '", task, "', which is no task; the tasks are: ", list_of(names())});
  }

 protected:
  Model() = default;
  explicit Model(std::shared_ptr<const Features> features) : features_(std::move(features)) {}
  Model(const Model&) = default;  // copied as what it is, not as a Model
  Model(Model&&) = default;
  Model& operator=(const Model&) = default;
  Model& operator=(Model&&) = default;

  static constexpr double embedding_deviation = 0.05;

  virtual bool needs_membership() const = 0;
  virtual bool reads_copy(Index copy, ActiveTasks active) const = 0;

  /// Sizes what the sharing policy, the link and the heads need in a pass.
  virtual void size_memory(Workspace<S>& space, Index capacity) const = 0;

  /// Takes over what was inferred: embedding tables are made, zero.
  /// @throws ArgumentError when a task's label is among the features
  /// @param copy_owners, copy_names  of the copies of the inputs, see Sharing
  void lay_out(Layout layout, Layout running, Index sharing_size, std::vector<TaskShape> shapes,
               std::vector<Index> copy_owners, const std::vector<std::string>& copy_names) {
    parameters = Parameters<S>(std::move(layout));
    statistics = Parameters<S>(std::move(running));
    sharing_size_ = sharing_size;
    shapes_ = std::move(shapes);
    label_offsets_.assign(1, 0);
    for (const auto& shape : shapes_) label_offsets_.push_back(label_offsets_.back() + shape.label_rows);
    for (const auto& shape : shapes_)
      for (const auto& label : shape.labels)
        require(!features().reads(label), "column '", label, "' holds the labels of task '", shape.name,
                "' and is a feature, too: it must be added to its table with Use::label");
    copy_owners_ = std::move(copy_owners);
    embeddings.clear();
    for (std::size_t copy = 0; copy < copy_owners_.size(); ++copy)
      for (const auto& table : features().tables()) {
        const Index rows = table.vocabulary.size();
        embeddings.push_back({copy_names[copy] + "embeddings/" + table.name, copy_owners_[copy], table.width, rows,
                              Buffer<S>(static_cast<std::size_t>(rows * table.width), S(0))});
      }
  }

 private:
  LabelProblem<S> problems() const {
    return [this](std::size_t task, S label) { return problem_with(task, label); };
  }

  std::size_t first_table(Index copy) const { return static_cast<std::size_t>(copy) * features().tables().size(); }

  Span<const EmbeddingTable<S>> tables_of(Index copy) const {
    return Span(embeddings).subspan(embeddings.empty() ? 0 : first_table(copy), features().tables().size());
  }

  /// Which of the chosen samples has a label of which task.
  void gather_membership(Workspace<S>& space, const Dataset<S>& data, Span<const Index> chosen) const {
    Columns<S> membership(space.membership.data(), static_cast<Index>(size()), space.samples);
    for (Index sample = 0; sample < space.samples; ++sample)
      for (std::size_t task = 0; task < size(); ++task)
        membership(static_cast<Index>(task), sample) =
            has_label(data, chosen[static_cast<std::size_t>(sample)], task) ? S(1) : S(0);
  }

  std::shared_ptr<const Features> features_ = std::make_shared<const Features>();
  std::vector<TaskShape> shapes_;
  std::vector<Index> label_offsets_{0};
  std::vector<Index> copy_owners_;  ///< of the copies of the inputs
  Index sharing_size_ = 0;
};

}  // namespace polytask
