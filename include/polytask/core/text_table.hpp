/// @file
/// Tables of text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// Lines of cells, written with columns of even width. The first line is the head. What is wider than a page goes on
/// below: further columns, beside the left ones again.
class TextTable {
 public:
  /// @param left  columns at the left that are flush left; the others are flush right
  /// @param width of the page, in characters
  explicit TextTable(std::size_t left, std::size_t width = 120) : left_(left), width_(width) {}

  void add(std::vector<std::string> line) { lines_.push_back(std::move(line)); }

  /// A rule below the last line that was added.
  void rule() { rules_.push_back(lines_.size()); }

  friend std::ostream& operator<<(std::ostream& stream, const TextTable& table) {
    const auto widths = table.column_widths();
    const std::size_t left = (std::min)(table.left_, widths.size());
    std::size_t left_width = 0;
    for (std::size_t column = 0; column < left; ++column) left_width += widths[column] + 2;
    std::size_t first = left;
    do {
      std::size_t end = first;
      std::size_t width = left_width;
      while (end < widths.size() && (end == first || width + widths[end] <= table.width_)) width += widths[end++] + 2;
      if (first > left) stream << '\n';
      table.write(stream, widths, first, end);
      first = end;
    } while (first < widths.size());
    return stream;
  }

 private:
  std::vector<std::size_t> column_widths() const {
    std::vector<std::size_t> widths;
    for (const auto& line : lines_) {
      widths.resize((std::max)(widths.size(), line.size()), 0);
      for (std::size_t column = 0; column < line.size(); ++column)
        widths[column] = (std::max)(widths[column], line[column].size());
    }
    return widths;
  }

  /// All lines, of the left columns and of those from `first` to before `end`.
  void write(std::ostream& stream, const std::vector<std::size_t>& widths, std::size_t first, std::size_t end) const {
    for (std::size_t which = 0; which < lines_.size(); ++which) {
      std::string text;
      for (std::size_t column = 0; column < end; ++column) {
        if (column >= left_ && column < first) continue;
        const std::string cell = column < lines_[which].size() ? lines_[which][column] : "";
        const std::string blank(widths[column] - cell.size(), ' ');
        text += (column == 0 ? "" : "  ") + (column < left_ ? cell + blank : blank + cell);
      }
      stream << text << '\n';
      if (std::find(rules_.begin(), rules_.end(), which + 1) != rules_.end())
        stream << std::string(text.size(), '-') << '\n';
    }
  }

  std::size_t left_;
  std::size_t width_;
  std::vector<std::vector<std::string>> lines_;
  std::vector<std::size_t> rules_;
};

}  // namespace polytask
