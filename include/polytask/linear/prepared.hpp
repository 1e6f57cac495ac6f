/// @file
/// A problem made ready for solving: centred, weighted, and with Gram matrices where these are smaller than the
/// samples.
#pragma once

#include "polytask/core/products.hpp"
#include "polytask/linear/problem.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace polytask::linear {

/// The losses of a problem as functions of coefficients W, features x tasks, and intercepts of centred features.
/// Made once for all strengths of a path.
///
/// A squared loss is 1/2 w'Gw - r'w + v/2 with the (weighted, centred) second moments G of the inputs, r of inputs and
/// labels, v of the labels: its intercept is mean(y) - mean(x)'w and no variable. With more samples than features G is
/// kept, unless it is asked not to be, else its root A, features x samples, with G = AA'.
class Prepared {
 public:
  /// Tasks on the same samples with the same loss.
  struct Group {
    Loss loss;
    std::vector<Index> tasks;
    Vector<double> mean;     ///< of the features; 0 without intercepts
    Matrix<double> gram;     ///< G; empty where `root` is kept
    Matrix<double> root;     ///< A; for a logistic loss the centred inputs
    Vector<double> weights;  ///< logistic loss: weight / N_t
    Matrix<double> labels;   ///< logistic loss: samples x tasks

    bool has_gram() const { return gram.size() > 0; }
    bool contiguous() const { return tasks.back() - tasks.front() + 1 == static_cast<Index>(tasks.size()); }
  };

  /// @param keep_moments whether G may be kept: all of it is made, which for many features is most of the work. Without
  ///                     it is made anew where it is needed: for one strength of a norm of rows, not for a path
  explicit Prepared(const Problem& problem, bool keep_moments = true)
      : features_(problem.features()),
        size_(problem.size()),
        intercepts_(problem.intercepts),
        correlations_(Matrix<double>::Zero(features_, size_)),
        label_means_(Vector<double>::Zero(size_)),
        label_squares_(Vector<double>::Zero(size_)),
        group_of_(static_cast<std::size_t>(size_)) {
    require(size_ > 0, "a linear problem needs at least one task");
    const auto& tasks = problem.tasks();
    double mean_weight = 0;
    for (const auto& task : tasks) mean_weight += task.samples->weights.sum() / static_cast<double>(size_);
    std::vector<bool> done(tasks.size());
    for (std::size_t first = 0; first < tasks.size(); ++first) {
      if (done[first]) continue;
      Group group{tasks[first].loss, {}, {}, {}, {}, {}, {}};
      const auto& samples = *tasks[first].samples;
      for (std::size_t task = first; task < tasks.size(); ++task)
        if (tasks[task].samples == tasks[first].samples && tasks[task].loss == tasks[first].loss) {
          done[task] = true;
          group_of_[task] = groups_.size();
          group.tasks.push_back(static_cast<Index>(task));
        }
      const double total = samples.weights.sum();
      const double divisor = problem.balance == Balance::tasks ? total : mean_weight;
      group.mean = Vector<double>::Zero(features_);
      if (intercepts_) group.mean = product_of(factor(samples.inputs), factor(samples.weights)) / total;
      group.weights = samples.weights / divisor;
      group.root = samples.inputs.colwise() - group.mean;
      // a constant feature is 0, not what rounding leaves of it
      const Vector<double> extents = group.root.cwiseAbs().rowwise().maxCoeff();
      for (Index feature = 0; feature < features_; ++feature)
        if (extents[feature] <= 1e-13 * std::abs(group.mean[feature])) group.root.row(feature).setZero();
      group.labels.resize(samples.inputs.cols(), static_cast<Index>(group.tasks.size()));
      for (std::size_t which = 0; which < group.tasks.size(); ++which)
        group.labels.col(static_cast<Index>(which)) = tasks[static_cast<std::size_t>(group.tasks[which])].labels;
      if (group.loss == Loss::squared)
        condense(group, keep_moments);
      else
        all_squared_ = false;
      groups_.push_back(std::move(group));
    }
  }

  Index features() const { return features_; }
  Index size() const { return size_; }  ///< number of tasks
  bool all_squared() const { return all_squared_; }
  const std::vector<Group>& groups() const { return groups_; }
  const Group& group_of(Index task) const { return groups_[group_of_[static_cast<std::size_t>(task)]]; }

  /// Of squared losses: r of every task, features x tasks, and v.
  const Matrix<double>& correlations() const { return correlations_; }
  const Vector<double>& label_squares() const { return label_squares_; }

  /// The largest second derivative of the losses in any direction, found anew at each call.
  double curvature() const {
    double largest = 0;
    for (const auto& group : groups_) largest = (std::max)(largest, curvature_of(group));
    return largest;
  }

  /// G = AA' of a root A
  static Matrix<double> moments(const Matrix<double>& root) {
    Matrix<double> gram = Matrix<double>::Zero(root.rows(), root.rows());
    gram.selfadjointView<Eigen::Lower>().rankUpdate(root);
    gram.triangularView<Eigen::StrictlyUpper>() = gram.transpose();
    return gram;
  }

  /// G of a squared group, kept or made anew.
  static Matrix<double> moments(const Group& group) { return group.has_gram() ? group.gram : moments(group.root); }

  /// The diagonal of G of a squared group.
  static Vector<double> diagonal(const Group& group) {
    if (group.has_gram()) return group.gram.diagonal();
    return group.root.rowwise().squaredNorm();
  }

  /// G times columns, for tasks of one squared group.
  static Matrix<double> multiply(const Group& group, const Factor<double>& columns) {
    if (group.has_gram()) return product_of(factor(group.gram), columns);
    return product_of(factor(group.root), factor(product_of(transposed(group.root), columns)));
  }

  /// Calls function(group, columns of `matrix` that belong to it, a copy).
  template <class Function>
  void by_group(const Matrix<double>& matrix, Function&& function) const {
    Matrix<double> columns;
    for (const auto& group : groups_) {
      if (group.contiguous())
        columns = matrix.middleCols(group.tasks.front(), static_cast<Index>(group.tasks.size()));
      else
        columns = matrix(Eigen::all, group.tasks);
      function(group, columns);
    }
  }

  /// G_t w_t of every task; all losses squared.
  Matrix<double> moments_times(const Matrix<double>& coefficients) const {
    Matrix<double> product(features_, size_);
    by_group(coefficients, [&](const Group& group, const Matrix<double>& columns) {
      product(Eigen::all, group.tasks) = multiply(group, factor(columns));
    });
    return product;
  }

  /// The sum of the losses, and its gradient.
  /// @param point    (features + 1) x tasks; the last row holds intercepts of centred features, which only logistic
  ///                 losses read
  /// @param gradient of the same shape, written
  double losses(const Matrix<double>& point, Matrix<double>& gradient) const {
    gradient.setZero(features_ + 1, size_);
    double value = 0;
    by_group(point, [&](const Group& group, const Matrix<double>& columns) {
      const auto coefficients = columns.topRows(features_);
      if (group.loss == Loss::squared) {
        const Matrix<double> product = multiply(group, factor(coefficients));
        for (std::size_t which = 0; which < group.tasks.size(); ++which) {
          const Index task = group.tasks[which];
          const auto own = coefficients.col(static_cast<Index>(which));
          gradient.col(task).head(features_) = product.col(static_cast<Index>(which)) - correlations_.col(task);
          // w'Gw / 2 - r'w + v / 2
          value += 0.5 * (own.dot(gradient.col(task).head(features_) - correlations_.col(task)) + label_squares_[task]);
        }
        return;
      }
      Matrix<double> scores = product_of(transposed(group.root), factor(coefficients));
      if (intercepts_) scores.rowwise() += columns.row(features_);
      // log(1 + e^z) - y z = max(z, 0) + log(1 + e^-|z|) - y z
      value +=
          ((((scores.array().max)(0.0) + (-scores.array().abs()).exp().log1p() - group.labels.array() * scores.array())
                .colwise() *
            group.weights.array()))
              .sum();
      const Matrix<double> slopes =
          ((scores.array().logistic() - group.labels.array()).colwise() * group.weights.array()).matrix();
      const Matrix<double> back = product_of(factor(group.root), factor(slopes));
      for (std::size_t which = 0; which < group.tasks.size(); ++which) {
        gradient.col(group.tasks[which]).head(features_) = back.col(static_cast<Index>(which));
        if (intercepts_) gradient(features_, group.tasks[which]) = slopes.col(static_cast<Index>(which)).sum();
      }
    });
    return value;
  }

  /// The losses of the best constant predictions, or of 0 without intercepts: of W = 0.
  double null_losses() const {
    Matrix<double> gradient;
    return losses(null_point(), gradient);
  }

  /// W = 0 with the best intercepts.
  Matrix<double> null_point() const {
    Matrix<double> point = Matrix<double>::Zero(features_ + 1, size_);
    for (const auto& group : groups_) {
      if (group.loss == Loss::squared || !intercepts_) continue;
      for (std::size_t which = 0; which < group.tasks.size(); ++which) {
        const double positive = group.weights.dot(group.labels.col(static_cast<Index>(which))) / group.weights.sum();
        const double inside = (std::min)((std::max)(positive, 1e-13), 1 - 1e-13);  // one class only: log odds of 30
        point(features_, group.tasks[which]) = std::log(inside / (1 - inside));
      }
    }
    return point;
  }

  /// What the norms of gradients are measured by: that of the gradient at W = 0. Where all labels are of one class, the
  /// best constants leave but rounding of it: then a millionth of how long the inputs are, the constant 1 among them.
  double gradient_scale() const {
    double inputs = 0;
    for (const auto& group : groups_)
      if (group.loss == Loss::logistic)
        inputs += static_cast<double>(group.tasks.size()) *
                  (product_of(factor(Matrix<double>(group.root.cwiseAbs2())), factor(group.weights)).sum() +
                   group.weights.sum());
    return (std::max)(null_gradient().norm(), 1e-6 * std::sqrt(inputs));
  }

  /// The losses' gradient at W = 0, features x tasks, from which follows the strength at which all stays 0.
  Matrix<double> null_gradient() const {
    Matrix<double> gradient;
    losses(null_point(), gradient);
    return gradient.topRows(features_);
  }

  /// The intercepts of features that are not centred.
  /// @param centred intercepts of centred features, read for logistic losses
  Vector<double> intercepts(const Matrix<double>& coefficients, const Vector<double>& centred) const {
    Vector<double> found = Vector<double>::Zero(size_);
    if (!intercepts_) return found;
    for (Index task = 0; task < size_; ++task) {
      const auto& group = group_of(task);
      found[task] =
          (group.loss == Loss::squared ? label_means_[task] : centred[task]) - group.mean.dot(coefficients.col(task));
    }
    return found;
  }

  /// The other way round.
  Vector<double> centred_intercepts(const Matrix<double>& coefficients, const Vector<double>& intercepts) const {
    Vector<double> centred = intercepts;
    for (Index task = 0; task < size_; ++task) centred[task] += group_of(task).mean.dot(coefficients.col(task));
    return centred;
  }

  /// @throws ArgumentError unless coefficients to start from have the problem's shape
  void check_start(const Matrix<double>& coefficients) const {
    require(coefficients.rows() == features_ && coefficients.cols() == size_, "the start has ", coefficients.rows(),
            " x ", coefficients.cols(), " coefficients, the problem ", features_, " features and ", size_, " tasks");
  }

 private:
  /// From centred inputs and labels to second moments.
  void condense(Group& group, bool keep_moments) {
    const Vector<double> roots = group.weights.cwiseSqrt();
    for (std::size_t which = 0; which < group.tasks.size(); ++which) {
      auto labels = group.labels.col(static_cast<Index>(which));
      if (intercepts_) {
        const double mean = group.weights.dot(labels) / group.weights.sum();
        label_means_[group.tasks[which]] = mean;
        labels.array() -= mean;
      }
      labels.array() *= roots.array();
      label_squares_[group.tasks[which]] = labels.squaredNorm();
    }
    for (Index sample = 0; sample < group.root.cols(); ++sample) group.root.col(sample) *= roots[sample];
    correlations_(Eigen::all, group.tasks) = product_of(factor(group.root), factor(group.labels));
    if (keep_moments && group.root.cols() > features_) {
      group.gram = Prepared::moments(group.root);
      group.root.resize(0, 0);
    }
    group.labels.resize(0, 0);
    group.weights.resize(0);
  }

  /// The largest eigenvalue of the second moments, by the power method, which may miss it by a little from below: who
  /// steps by it must check the step.
  double curvature_of(const Group& group) const {
    Vector<double> direction = Vector<double>::LinSpaced(features_, 1.0, 1.5);
    double value = 0;
    for (int step = 0; step < 30; ++step) {
      const double norm = direction.norm();
      if (!(norm > 0)) break;
      direction /= norm;
      Vector<double> next;
      if (group.loss == Loss::squared) {
        next = multiply(group, factor(direction));
      } else {  // the second derivative of the logistic loss is at most 1/4
        Vector<double> scores = product_of(transposed(group.root), factor(direction));
        scores = 0.25 * scores.cwiseProduct(group.weights);
        next = product_of(factor(group.root), factor(scores));
      }
      value = direction.dot(next);
      direction = std::move(next);
    }
    if (group.loss == Loss::logistic) value = (std::max)(value, 0.25 * group.weights.sum());
    return value;
  }

  Index features_;
  Index size_;
  bool intercepts_;
  bool all_squared_ = true;
  Matrix<double> correlations_;
  Vector<double> label_means_;
  Vector<double> label_squares_;
  std::vector<std::size_t> group_of_;
  std::vector<Group> groups_;
};

}  // namespace polytask::linear
