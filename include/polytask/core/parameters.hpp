/// @file
/// One flat buffer for all parameters of a model, cut into named segments.
///
/// With one buffer the optimizer is one call a step, soft sharing is a distance between segments, an all-reduce is one
/// call and a checkpoint is one write.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/errors.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

/// The owner of a segment that all tasks share; any other owner is the number of a task.
inline constexpr Index shared_owner = -1;

/// One matrix of parameters inside the flat buffer, column-major.
struct Segment {
  std::string name;  ///< for example "shared/0/weights" or "click/1/bias"
  Index owner;       ///< shared_owner, or the number of the task whose loss alone moves it
  Index offset;      ///< of the first number, in numbers; a multiple of 16
  Index rows;
  Index columns;

  Index size() const { return rows * columns; }
};

/// Where every segment lies. Segments are added in the order in which `Pieces` hands the buffer out.
class Layout {
 public:
  /// @throws ArgumentError when there is a segment of this name, for example because a task is called "shared"
  void add(std::string name, Index owner, Index rows, Index columns) {
    for (const auto& segment : segments_)
      require(segment.name != name, "there are two segments named '", name,
              "'; a task cannot have the name of another part");
    segments_.push_back({std::move(name), owner, size_, rows, columns});
    size_ += piece_size(rows * columns);
  }

  const std::vector<Segment>& segments() const { return segments_; }

  /// Numbers in the buffer, padding between the segments included.
  Index size() const { return size_; }

  /// Numbers that are parameters, padding left out.
  Index parameter_count() const {
    Index count = 0;
    for (const auto& segment : segments_) count += segment.size();
    return count;
  }

  /// @throws ArgumentError naming the known segments when there is none of this name
  const Segment& segment(std::string_view name) const {
    for (const auto& segment : segments_)
      if (segment.name == name) return segment;
    fail<ArgumentError>({"there is no segment '", name, "'; there are: ", names()});
  }

  /// The segments' names, for a message.
  std::string names() const { return list_of(segments_, &Segment::name); }

 private:
  std::vector<Segment> segments_;
  Index size_ = 0;
};

/// A layout and the numbers in it. A value: copying it copies the numbers.
template <Scalar S>
struct Parameters {
  Layout layout;
  Buffer<S> values;

  Parameters() = default;
  explicit Parameters(Layout from) : layout(std::move(from)), values(static_cast<std::size_t>(layout.size()), S(0)) {}

  Columns<S> operator[](std::string_view name) {
    const Segment& segment = layout.segment(name);
    return Columns<S>(values.data() + segment.offset, segment.rows, segment.columns);
  }
  ConstColumns<S> operator[](std::string_view name) const {
    const Segment& segment = layout.segment(name);
    return ConstColumns<S>(values.data() + segment.offset, segment.rows, segment.columns);
  }
};

}  // namespace polytask
