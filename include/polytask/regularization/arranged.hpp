/// @file
/// Chosen segments of a model, set side by side as one matrix.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/parameters.hpp"
#include "polytask/core/pattern.hpp"
#include "polytask/core/span.hpp"
#include "polytask/regularization/regularization.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// Where the numbers of chosen segments lie in a matrix.
///
/// By tasks, a segment is a task's if its name begins with the task's and a slash: heads ("click/0/weights"), towers
/// ("click/tower/0/weights"), gates, private experts. What a pattern chooses beside them is no task's, and left out. By
/// inputs, every segment that the pattern chooses takes part.
class ArrangedSegments {
  /// A segment, and the block of the matrix that holds it.
  struct Part {
    Index owner;
    Index offset;
    Index row;
    Index column;
    Index rows;
    Index columns;

    auto of(Matrix<double>& matrix) const { return matrix.block(row, column, rows, columns); }
    auto of(const Matrix<double>& matrix) const { return matrix.block(row, column, rows, columns); }
    template <Scalar S>
    auto of(Flat<S>& numbers) const {
      return Columns<S>(numbers.data() + offset, rows, columns);
    }
    template <Scalar S>
    auto of(const ConstFlat<S>& numbers) const {
      return ConstColumns<S>(numbers.data() + offset, rows, columns);
    }
  };

 public:
  /// @param segments pattern of their names
  /// @param rule     who asks, for messages
  /// @throws ArgumentError when the pattern chooses nothing, or what cannot be set side by side, naming the segments:
  /// by tasks, less than two tasks, a task that lacks what another has, and unequal shapes; by inputs, unequal numbers
  /// of inputs
  ArrangedSegments(const Layout& layout, Span<const std::string_view> tasks, Arrangement arrangement,
                   std::string_view segments, std::string_view rule) {
    if (arrangement == Arrangement::tasks)
      side_by_side(layout, tasks, segments, rule);
    else
      by_inputs(layout, segments, rule);
  }

  Index rows() const { return rows_; }
  Index columns() const { return columns_; }

  /// matrix = the numbers.
  template <Scalar S>
  void gather(const ConstFlat<S>& numbers, Matrix<double>& matrix) const {
    for (const auto& part : parts_) part.of(matrix) = part.of(numbers).template cast<double>();
  }

  /// numbers = matrix, for the owners of whom moves(owner) holds.
  template <Scalar S, class Moves>
  void put(const Matrix<double>& matrix, Moves&& moves, Flat<S> numbers) const {
    for (const auto& part : parts_)
      if (moves(part.owner)) part.of(numbers) = part.of(matrix).template cast<S>();
  }

  /// numbers += matrix, for the same.
  template <Scalar S, class Moves>
  void add(const Matrix<double>& matrix, Moves&& moves, Flat<S> numbers) const {
    for (const auto& part : parts_)
      if (moves(part.owner)) part.of(numbers) += part.of(matrix).template cast<S>();
  }

 private:
  void side_by_side(const Layout& layout, Span<const std::string_view> tasks, std::string_view segments,
                    std::string_view rule) {
    require(tasks.size() >= 2, rule, " relates tasks to each other: it needs at least two, the model has ",
            tasks.size());
    columns_ = static_cast<Index>(tasks.size());
    std::vector<std::vector<const Segment*>> chosen(tasks.size());  // of each task
    std::string known;
    for (const auto& segment : layout.segments()) {
      const auto task = static_cast<std::size_t>(
          std::find(tasks.begin(), tasks.end(), segment.name.substr(0, segment.name.find('/'))) - tasks.begin());
      if (task == tasks.size()) continue;
      if (matches(segments, segment.name)) chosen[task].push_back(&segment);
      known += (known.empty() ? "" : ", ") + segment.name;
    }
    const auto own_name = [&](std::size_t task, const Segment& segment) {
      return std::string_view(segment.name).substr(tasks[task].size() + 1);
    };
    // no task has more segments than this one: if all have what it has, all have the same
    const auto most = static_cast<std::size_t>(
        std::max_element(chosen.begin(), chosen.end(),
                         [](const auto& one, const auto& other) { return one.size() < other.size(); }) -
        chosen.begin());
    require(!chosen[most].empty(), rule, ": no segment of a task is chosen by '", segments,
            "'; the tasks' segments are: ", known);
    for (const Segment* model : chosen[most]) {
      for (std::size_t task = 0; task < tasks.size(); ++task) {
        const auto found = std::find_if(chosen[task].begin(), chosen[task].end(), [&](const Segment* segment) {
          return own_name(task, *segment) == own_name(most, *model);
        });
        require(found != chosen[task].end(), rule, ": '", segments, "' chooses '", model->name, "', but of task '",
                tasks[task], "' no '", own_name(most, *model), "'; choose segments that all tasks have");
        const Segment& segment = **found;
        require(segment.rows == model->rows && segment.columns == model->columns, rule, ": '", model->name, "' is ",
                model->rows, " x ", model->columns, ", but '", segment.name, "' is ", segment.rows, " x ",
                segment.columns, "; choose segments that have one shape for all tasks, by `segments`");
        parts_.push_back({segment.owner, segment.offset, rows_, static_cast<Index>(task), segment.size(), Index{1}});
      }
      rows_ += model->size();
    }
  }

  void by_inputs(const Layout& layout, std::string_view segments, std::string_view rule) {
    const Segment* first = nullptr;
    for (const auto& segment : layout.segments()) {
      if (!matches(segments, segment.name)) continue;
      if (first == nullptr) first = &segment;
      require(segment.columns == first->columns, rule, ": '", first->name, "' reads ", first->columns, " inputs, but '",
              segment.name, "' reads ", segment.columns, "; choose weights that read the same ones, by `segments`");
      parts_.push_back({segment.owner, segment.offset, rows_, Index{0}, segment.rows, segment.columns});
      rows_ += segment.rows;
    }
    require(first != nullptr, rule, ": no segment is chosen by '", segments, "'; the segments are: ", layout.names());
    columns_ = first->columns;
  }

  std::vector<Part> parts_;
  Index rows_ = 0;
  Index columns_ = 0;
};

}  // namespace polytask
