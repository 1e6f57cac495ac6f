/// @file
/// Block coordinate descent with a working set and a duality gap, for squared losses and a norm of every row.
#pragma once

#include "polytask/core/products.hpp"
#include "polytask/linear/prepared.hpp"
#include "polytask/linear/solution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace polytask::linear {

/// Minimises the squared losses of some tasks + row_strength * sum over features of the norm of W's row + ridge / 2 *
/// ||W||^2, a row (one feature's coefficients for all tasks, found exactly) at a time. Rows outside the working set are
/// 0; those that should not be join it, at most as many as are there (Massias, Gramfort, Salmon 2018: Celer). The inner
/// rounds need the second moments of the working set alone; where Prepared keeps none, all are made when a quarter of
/// the rows is in it.
class RowDescent {
 public:
  /// @param tasks all in one group, or each in a group of its own
  RowDescent(const Prepared& prepared, std::vector<Index> tasks, double row_strength, double ridge)
      : prepared_(prepared),
        tasks_(std::move(tasks)),
        strength_(row_strength),
        ridge_(ridge),
        shared_(true),
        correlations_(prepared.correlations()(Eigen::all, tasks_)),
        label_squares_(prepared.label_squares()(tasks_).sum()) {
    for (const Index task : tasks_) shared_ = shared_ && &prepared.group_of(task) == &prepared.group_of(tasks_.front());
  }

  /// @param coefficients features x tasks: the start, and then the solution
  /// @return objective, accuracy, iterations (rounds over the working set), converged and objectives
  Solution solve(Matrix<double>& coefficients, const SolverOptions& options) {
    Solution solution;
    const Index features = prepared_.features();
    const double target = options.tolerance * 0.5 * label_squares_;
    std::vector<Index> working;
    std::vector<bool> inside(static_cast<std::size_t>(features), false);
    Matrix<double> slopes;  // minus the losses' gradient: r - Gw
    for (;;) {
      slopes = correlations_ - moments_times(coefficients, working_or_all(coefficients, working));
      const auto [objective, gap] = measure(coefficients, slopes, correlations_);
      solution.objective = objective;
      solution.objectives.push_back(objective);
      solution.accuracy = gap > 0 ? gap / (0.5 * label_squares_) : 0;
      solution.converged = gap <= target;
      if (solution.converged || solution.iterations >= options.iterations) return solution;
      const std::size_t before = working.size();
      enlarge(coefficients, slopes, working, inside);
      if (shared_ && 4 * static_cast<Index>(working.size()) > features) make_moments();
      const Index rounds =
          descend(coefficients, working,
                  (std::max)(0.3 * target, working.size() < static_cast<std::size_t>(features) ? 0.1 * gap : 0.0),
                  options.iterations - solution.iterations, solution.objectives);
      solution.iterations += (std::max)(rounds, Index{1});
      if (rounds == 0 && working.size() == before) return solution;  // as exact as rounding allows
    }
  }

 private:
  static constexpr std::size_t first_rows = 64;

  /// The rows that may differ from 0.
  std::vector<Index> working_or_all(const Matrix<double>& coefficients, const std::vector<Index>& working) const {
    if (!working.empty()) return working;
    std::vector<Index> rows;
    for (Index row = 0; row < coefficients.rows(); ++row)
      if (!coefficients.row(row).isZero(0)) rows.push_back(row);
    return rows;
  }

  /// Gw of every task, from the rows of W that differ from 0.
  Matrix<double> moments_times(const Matrix<double>& coefficients, const std::vector<Index>& rows) const {
    const Matrix<double> few = coefficients(rows, Eigen::all);
    const auto product = [&](const Prepared::Group& group, const Factor<double>& columns) -> Matrix<double> {
      if (rows.empty()) return Matrix<double>::Zero(prepared_.features(), columns.columns);
      if (gram(group).size() > 0) {
        const Matrix<double> moments = gram(group)(Eigen::all, rows);
        return product_of(factor(moments), columns);
      }
      const Matrix<double> root = group.root(rows, Eigen::all);
      return product_of(factor(group.root), factor(product_of(transposed(root), columns)));
    };
    if (shared_) return product(prepared_.group_of(tasks_.front()), factor(few));
    Matrix<double> all(prepared_.features(), few.cols());
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      const auto place = static_cast<Index>(task);
      const auto& group = prepared_.group_of(tasks_[task]);
      if (group.has_gram() && static_cast<Index>(rows.size()) == prepared_.features())
        all.col(place) = product_of(factor(group.gram), factor(coefficients.col(place)));
      else
        all.col(place) = product(group, factor(few.col(place)));
    }
    return all;
  }

  /// The objective and the duality gap. For the losses as 1/2 ||y - Aw||^2 the dual point is the residual, made smaller
  /// until no row of A'(residual) is longer than row_strength; the ridge is one more sample a feature, sqrt(ridge), of
  /// label 0.
  /// @param slopes r - Gw, of the same rows as the coefficients
  std::pair<double, double> measure(const Matrix<double>& coefficients, const Matrix<double>& slopes,
                                    const Matrix<double>& correlations) const {
    double longest = 0;
    double norms = 0;
    for (Index row = 0; row < coefficients.rows(); ++row) {
      longest = (std::max)(longest, (slopes.row(row) - ridge_ * coefficients.row(row)).norm());
      norms += coefficients.row(row).norm();
    }
    const double fit = correlations.cwiseProduct(coefficients).sum();  // y'Aw
    const double moved = ridge_ * coefficients.squaredNorm() - slopes.cwiseProduct(coefficients).sum();
    const double residual = (std::max)(0.0, label_squares_ - fit + moved);  // ||y - Aw||^2
    const double objective = 0.5 * residual + strength_ * norms;
    const double along = label_squares_ - fit;  // y'(y - Aw)
    const double most = longest > strength_ ? strength_ / longest : 1.0;
    const double scale = residual > 0 ? (std::min)(most, (std::max)(0.0, along / residual)) : most;
    return {objective, objective - (scale * along - 0.5 * scale * scale * residual)};
  }

  /// Adds the rows outside that break the optimality most: at most as many as are inside.
  void enlarge(const Matrix<double>& coefficients, const Matrix<double>& slopes, std::vector<Index>& working,
               std::vector<bool>& inside) const {
    std::vector<std::pair<double, Index>> outside;
    for (Index row = 0; row < coefficients.rows(); ++row) {
      if (inside[static_cast<std::size_t>(row)]) continue;
      const double norm = slopes.row(row).norm();
      if (!coefficients.row(row).isZero(0))
        outside.emplace_back(std::numeric_limits<double>::infinity(), row);
      else if (norm > strength_)
        outside.emplace_back(norm, row);
    }
    std::sort(outside.begin(), outside.end(), [](const auto& left, const auto& right) {
      return left.first > right.first || (left.first == right.first && left.second < right.second);
    });
    std::size_t count = 0;
    while (count < outside.size() &&
           (count < (std::max)(first_rows, working.size()) || std::isinf(outside[count].first)))
      ++count;
    for (std::size_t place = 0; place < count; ++place) {
      working.push_back(outside[place].second);
      inside[static_cast<std::size_t>(outside[place].second)] = true;
    }
  }

  /// Rounds over the working set until its own gap is small.
  /// @return the rounds; 0 when nothing moved
  Index descend(Matrix<double>& coefficients, const std::vector<Index>& working, double target, Index most,
                std::vector<double>& objectives) const {
    const auto count = static_cast<Index>(working.size());
    const auto tasks = static_cast<Index>(tasks_.size());
    if (count == 0) return 0;
    // Everything is kept tasks x rows, so that a row of W is contiguous.
    Matrix<double> rows = coefficients(working, Eigen::all).transpose();
    const Matrix<double> correlations = correlations_(working, Eigen::all);
    Matrix<double> moments;               // shared: rows x rows
    std::vector<Matrix<double>> of_task;  // else for each row j: tasks x rows, G_t(j, .)
    Matrix<double> slopes(tasks, count);
    if (shared_) {
      moments = block(prepared_.group_of(tasks_.front()), working);
      slopes = correlations.transpose() - product_of(factor(rows), factor(moments));
    } else {
      of_task.assign(working.size(), Matrix<double>(tasks, count));
      for (Index task = 0; task < tasks; ++task) {
        const Matrix<double> own = block(prepared_.group_of(tasks_[static_cast<std::size_t>(task)]), working);
        for (Index row = 0; row < count; ++row)
          of_task[static_cast<std::size_t>(row)].row(task) = own.col(row).transpose();
        const Vector<double> row = rows.row(task);
        slopes.row(task) = (correlations.col(task) - product_of(transposed(own), factor(row))).transpose();
      }
    }
    Vector<double> pull(tasks);
    Vector<double> step(tasks);
    Vector<double> bends(tasks);
    Index round = 0;
    for (; round < most; ++round) {
      double moved = 0;
      for (Index row = 0; row < count; ++row) {
        if (shared_)
          bends.setConstant(moments(row, row));
        else
          bends = of_task[static_cast<std::size_t>(row)].col(row);
        pull = slopes.col(row).array() + bends.array() * rows.col(row).array();
        solve_row(pull, bends, step);
        step -= rows.col(row);
        const double size = step.cwiseAbs2().dot(bends);
        if (size == 0 && step.isZero(0)) continue;
        moved = (std::max)(moved, size);
        rows.col(row) += step;
        if (shared_)
          for (Index other = 0; other < count; ++other) slopes.col(other) -= moments(other, row) * step;
        else
          slopes.array() -= of_task[static_cast<std::size_t>(row)].array().colwise() * step.array();
      }
      if (moved <= 1e-30 * label_squares_) break;
      if (round % 5 != 4 && round + 1 < most) continue;
      const auto [objective, gap] = measure(rows.transpose(), slopes.transpose(), correlations);
      objectives.push_back(objective);
      if (gap <= target) {
        ++round;
        break;
      }
    }
    coefficients(working, Eigen::all) = rows.transpose();
    return round;
  }

  /// The second moments of all features; empty where there are none.
  const Matrix<double>& gram(const Prepared::Group& group) const { return group.has_gram() ? group.gram : made_; }

  void make_moments() {
    const auto& group = prepared_.group_of(tasks_.front());
    if (gram(group).size() == 0 && group.root.cols() > group.root.rows()) made_ = Prepared::moments(group.root);
  }

  Matrix<double> block(const Prepared::Group& group, const std::vector<Index>& rows) const {
    if (gram(group).size() > 0) return gram(group)(rows, rows);
    const Matrix<double> root = group.root(rows, Eigen::all);
    return Prepared::moments(root);
  }

  /// argmin over w of 1/2 sum bends_t w_t^2 - pull'w + ridge/2 |w|^2 + strength |w|. Either 0, or with the norm n = |w|
  /// w_t = pull_t n / (n (bends_t + ridge) + strength), where n solves |pull / (n (bends + ridge) + strength)| = 1.
  /// Newton's method on 1 / that norm, which is concave in n, comes up from below and never passes the solution.
  void solve_row(const Vector<double>& pull, const Vector<double>& bends, Vector<double>& found) const {
    const double size = pull.norm();
    const double steepest = bends.maxCoeff() + ridge_;
    if (size <= strength_ || !(steepest > 0)) {
      found.setZero();
      return;
    }
    if (strength_ == 0) {
      found = (bends.array() + ridge_ > 0).select(pull.array() / (bends.array() + ridge_), 0.0);
      return;
    }
    double norm = (size - strength_) / steepest;
    if (!(shared_)) {
      for (int iteration = 0; iteration < 50; ++iteration) {
        const auto below = (norm * (bends.array() + ridge_) + strength_).inverse();
        const double squares = (pull.array() * below).square().sum();
        const double slope = ((pull.array() * below).square() * below * (bends.array() + ridge_)).sum();
        // f = squares^(-1/2) - 1, f' = squares^(-3/2) * slope
        const double next = norm + (std::sqrt(squares) - 1) * squares / slope;
        const bool settled = !(next > norm * (1 + 1e-15));
        if (std::isfinite(next)) norm = (std::max)(norm, next);
        if (settled || !std::isfinite(next)) break;
      }
    }
    found = pull.array() * norm / (norm * (bends.array() + ridge_) + strength_);
  }

  const Prepared& prepared_;
  std::vector<Index> tasks_;
  double strength_;
  double ridge_;
  bool shared_;
  Matrix<double> correlations_;
  double label_squares_;
  Matrix<double> made_ = {};  ///< the second moments of tasks on the same samples, where Prepared keeps none
};

/// RowDescent over all tasks together, or over each alone.
inline Solution row_descent(const Prepared& prepared, double row_strength, double ridge, bool together,
                            const SolverOptions& options, const Solution* start) {
  check(options);
  Solution solution;
  solution.coefficients = Matrix<double>::Zero(prepared.features(), prepared.size());
  if (start != nullptr) {
    prepared.check_start(start->coefficients);
    solution.coefficients = start->coefficients;
  }
  std::vector<std::vector<Index>> parts;
  if (together) {
    parts.emplace_back();
    for (Index task = 0; task < prepared.size(); ++task) parts.back().push_back(task);
  } else {
    for (Index task = 0; task < prepared.size(); ++task) parts.push_back({task});
  }
  solution.converged = true;
  for (const auto& tasks : parts) {
    Matrix<double> coefficients = solution.coefficients(Eigen::all, tasks);
    auto part = RowDescent(prepared, tasks, row_strength, ridge).solve(coefficients, options);
    solution.coefficients(Eigen::all, tasks) = coefficients;
    solution.objective += part.objective;
    solution.accuracy = (std::max)(solution.accuracy, part.accuracy);
    solution.iterations = (std::max)(solution.iterations, part.iterations);
    solution.converged = solution.converged && part.converged;
    if (parts.size() == 1) solution.objectives = std::move(part.objectives);
  }
  solution.intercepts = prepared.intercepts(solution.coefficients, Vector<double>::Zero(prepared.size()));
  return solution;
}

}  // namespace polytask::linear
