/// @file
/// Moves a model's parameters and embedding rows by an optimizer.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/runs.hpp"
#include "polytask/core/span.hpp"
#include "polytask/models/model.hpp"
#include "polytask/optimizers/any_optimizer.hpp"
#include "polytask/optimizers/clip.hpp"
#include "polytask/training/optimizer_memory.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace polytask {

/// A run of parameters, and by whom it is owned: 0 for the shared ones, 1 + task for a task's.
struct ParameterRange {
  Index begin;
  Index end;
  std::size_t owner;
};

/// Takes an optimizer's step with the numbers that a batch moves: the shared ones, those of its tasks, and the rows of
/// embedding tables that it touched. It allocates nothing after it is made.
template <Scalar S>
class ParameterMover {
 public:
  using Range = ParameterRange;

  ParameterMover(Model<S>& model, const AnyOptimizer<S>& optimizer, OptimizerMemory<S>& memory)
      : model_(model), optimizer_(optimizer), memory_(memory) {
    for (const auto& segment : model.parameters.layout.segments()) {
      const auto owner = static_cast<std::size_t>(segment.owner + 1);
      if (ranges_.empty() || ranges_.back().owner != owner) ranges_.push_back({segment.offset, segment.offset, owner});
      ranges_.back().end = segment.offset + piece_size(segment.size());
    }
    for (const auto& table : model.embeddings)
      for (auto& buffer : together_)
        buffer.resize((std::max)(buffer.size(), static_cast<std::size_t>(rows_together(table.width) * table.width)));
    moving_.reserve(ranges_.size());
    if (memory.steps.empty()) allocate(memory, model, optimizer.memory_per_parameter);
  }

  /// Every parameter, in runs of one owner.
  Span<const Range> ranges() const { return ranges_; }

  /// The runs of parameters that this batch moves: the shared ones and those of the tasks that have labels in it. Runs
  /// that lie side by side and were stepped as often are one.
  Span<const Range> active_ranges(ActiveTasks active) {
    moving_.clear();
    for (const auto& range : ranges_) {
      if (range.owner > 0 && !active[range.owner - 1]) continue;
      if (!moving_.empty() && moving_.back().end == range.begin &&
          memory_.steps[moving_.back().owner] == memory_.steps[range.owner])
        moving_.back().end = range.end;
      else
        moving_.push_back(range);
    }
    return moving_;
  }

  /// Shortens the gradient to a norm; with 0 it stays as it is.
  /// @throws TrainingError when it is not finite
  void clip(Workspace<S>& total, Span<const Range> ranges, double norm, double rate) const {
    if (!(norm > 0)) return;
    double sum = 0;
    for (const auto& range : ranges)
      sum += squared_norm(ConstFlat<S>(total.gradient.data() + range.begin, range.end - range.begin));
    for (const auto& rows : total.row_gradients) sum += rows.squared_norm();
    const double factor = clip_factor(sum, norm);
    require<TrainingError>(std::isfinite(factor), "the gradient is not finite in step ", memory_.step,
                           " with learning rate ", rate);
    if (factor == 1) return;
    for (const auto& range : ranges)
      scale_run(range.end - range.begin, static_cast<S>(factor), total.gradient.data() + range.begin);
    for (auto& rows : total.row_gradients) rows.scale(static_cast<S>(factor));
  }

  /// The optimizer's step.
  void step(Workspace<S>& total, Span<const Range> ranges, double rate) {
    for (const auto& range : ranges) move(total, range, rate);
    for (std::size_t table = 0; table < total.row_gradients.size(); ++table)
      move_rows(total.row_gradients[table], table, rate);
  }

 private:
  void move(Workspace<S>& total, const Range& range, double rate) {
    optimizer_.update(Update<S>{range.end - range.begin,
                                model_.parameters.values.data() + range.begin,
                                total.gradient.data() + range.begin,
                                {at(memory_.parameters[0], range.begin), at(memory_.parameters[1], range.begin)},
                                rate,
                                memory_.steps[range.owner]});
  }

  /// Rows of a table that are moved in one call: up to 4096 numbers.
  static Index rows_together(Index width) { return (std::max)(Index{1}, Index{4096} / width); }

  /// Touched rows are brought together, moved in one call and put back: an optimizer has much to work out before its
  /// first number, and rows are short.
  void move_rows(const RowGradients<S>& gradients, std::size_t which, double rate) {
    auto& table = model_.embeddings[which];
    const Index width = table.width;
    const std::array<S*, 3> homes{table.values.data(), at(memory_.tables[which][0], 0),
                                  at(memory_.tables[which][1], 0)};
    const Index touched = static_cast<Index>(gradients.rows().size());
    const Index most = rows_together(width);
    constexpr std::size_t ahead = 16;  // rows lie anywhere in memory
    for (Index first = 0; first < touched; first += most) {
      const auto rows = gradients.rows().subspan(static_cast<std::size_t>(first),
                                                 static_cast<std::size_t>((std::min)(most, touched - first)));
      const Index size = static_cast<Index>(rows.size()) * width;
      const auto each_row = [&](auto&& function) {
        for (std::size_t run = 0; run < homes.size(); ++run)
          for (std::size_t row = 0; homes[run] != nullptr && row < rows.size(); ++row) {
            if (row + ahead < rows.size()) __builtin_prefetch(homes[run] + rows[row + ahead] * width);
            function(homes[run] + rows[row] * width, together_[run].data() + static_cast<Index>(row) * width);
          }
      };
      each_row([&](const S* home, S* together) { copy_run(width, home, together); });
      optimizer_.update(Update<S>{size,
                                  together_[0].data(),
                                  gradients.gradient(first),
                                  {together_[1].data(), together_[2].data()},
                                  rate,
                                  memory_.steps[static_cast<std::size_t>(table.owner + 1)]});
      each_row([&](S* home, const S* together) { copy_run(width, together, home); });
    }
  }

  static S* at(Buffer<S>& buffer, Index place) { return buffer.empty() ? nullptr : buffer.data() + place; }

  Model<S>& model_;
  const AnyOptimizer<S>& optimizer_;
  OptimizerMemory<S>& memory_;
  std::vector<Range> ranges_;          ///< of all parameters, in order
  std::vector<Range> moving_;          ///< those that this batch moves
  std::array<Buffer<S>, 3> together_;  ///< rows of a table and what the optimizer remembers of them
};

}  // namespace polytask
