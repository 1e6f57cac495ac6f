#include "polytask/regularization/arranged.hpp"

#include "catch.hpp"

#include <array>
#include <numeric>

using namespace polytask;

namespace {

constexpr std::array<std::string_view, 2> tasks{"click", "spend"};

/// Towers, heads, something shared, and a name that only begins like a task's.
Layout layout() {
  Layout made;
  made.add("shared/0/weights", shared_owner, 3, 2);
  made.add("click/tower/0/weights", 0, 2, 2);
  made.add("click/tower/0/bias", 0, 2, 1);
  made.add("spend/tower/0/weights", 1, 2, 2);
  made.add("spend/tower/0/bias", 1, 2, 1);
  made.add("clicks/0/weights", shared_owner, 2, 2);
  made.add("click/0/weights", 0, 1, 3);
  made.add("spend/0/weights", 1, 1, 3);
  return made;
}

Buffer<float> numbers(const Layout& of) {
  Buffer<float> made(static_cast<std::size_t>(of.size()));
  std::iota(made.begin(), made.end(), 0.0f);
  return made;
}

ArrangedSegments by_tasks(const Layout& of, std::string_view segments) {
  return ArrangedSegments(of, tasks, Arrangement::tasks, segments, "rule");
}
ArrangedSegments by_inputs(const Layout& of, std::string_view segments) {
  return ArrangedSegments(of, tasks, Arrangement::inputs, segments, "rule");
}

}  // namespace

TEST_CASE("by tasks, a column is all of a task's chosen segments, and what is no task's is left out") {
  const Layout all = layout();
  const auto arranged = by_tasks(all, "*weights");
  REQUIRE(arranged.rows() == 7);
  REQUIRE(arranged.columns() == 2);
  const auto values = numbers(all);
  Matrix<double> matrix(7, 2);
  arranged.gather(view(values), matrix);
  Matrix<double> expected(7, 2);
  for (Index place = 0; place < 7; ++place) {
    expected(place, 0) = place < 4 ? 16.0 + static_cast<double>(place) : 96.0 + static_cast<double>(place - 4);
    expected(place, 1) = place < 4 ? 48.0 + static_cast<double>(place) : 112.0 + static_cast<double>(place - 4);
  }
  CHECK(matrix == expected);
}

TEST_CASE("by inputs, a column is all that reads the input") {
  const Layout all = layout();
  const auto arranged = by_inputs(all, "shared/0/weights, */tower/0/weights");
  REQUIRE(arranged.rows() == 7);
  REQUIRE(arranged.columns() == 2);
  Matrix<double> matrix(7, 2);
  const auto values = numbers(all);
  arranged.gather(view(values), matrix);
  Matrix<double> expected(7, 2);
  expected << 0, 3, 1, 4, 2, 5, 16, 18, 17, 19, 48, 50, 49, 51;
  CHECK(matrix == expected);
}

TEST_CASE("a matrix is put back, or added, where numbers are moved, and nowhere else") {
  const Layout all = layout();
  const auto arranged = by_tasks(all, "*/0/weights");
  const auto before = numbers(all);
  Matrix<double> matrix(7, 2);
  arranged.gather(view(before), matrix);
  const auto of_spend = [](Index owner) { return owner == 1; };
  auto after = before;
  arranged.put<float>(2 * matrix, of_spend, view(after));
  auto added = before;
  arranged.add<float>(matrix, of_spend, view(added));
  CHECK(added == after);
  for (std::size_t place = 0; place < before.size(); ++place) {
    const bool moved = (place >= 48 && place < 52) || (place >= 112 && place < 115);
    CHECK(after[place] == (moved ? 2 : 1) * before[place]);
  }
}

TEST_CASE("segments that cannot be set side by side are refused by name") {
  const Layout all = layout();
  CHECK_THROWS_AS(by_tasks(all, "shared/*"), ArgumentError);
  CHECK_THROWS_WITH(by_tasks(all, "shared/*"),
                    containing("rule: no segment of a task is chosen by 'shared/*'; the tasks' segments are: "
                               "click/tower/0/weights, click/tower/0/bias, spend/tower/0/weights"));
  CHECK_THROWS_WITH(by_tasks(all, "click/*"), containing("rule: 'click/*' chooses 'click/tower/0/weights', but of task "
                                                         "'spend' no 'tower/0/weights'"));
  CHECK_THROWS_WITH(by_inputs(all, "share/*"), containing("rule: no segment is chosen by 'share/*'; the segments are: "
                                                          "shared/0/weights, click/tower/0/weights"));
  CHECK_THROWS_WITH(by_inputs(all, "*/0/weights"), containing("rule: 'shared/0/weights' reads 2 inputs, but "
                                                              "'click/0/weights' reads 3"));
  CHECK_THROWS_WITH(ArrangedSegments(all, Span(tasks).first(1), Arrangement::tasks, "*", "rule"),
                    containing("rule relates tasks to each other: it needs at least two, the model has 1"));
  Layout wider = layout();
  wider.add("click/1/weights", 0, 2, 4);
  CHECK_THROWS_WITH(by_tasks(wider, "*/weights"),
                    containing("'*/weights' chooses 'click/1/weights', but of task 'spend' no "
                               "'1/weights'; choose segments that all tasks have"));
  wider.add("spend/1/weights", 1, 2, 5);
  CHECK_THROWS_WITH(by_tasks(wider, "*/weights"),
                    containing("rule: 'click/1/weights' is 2 x 4, but 'spend/1/weights' is 2 x 5"));
  CHECK(by_tasks(wider, "*/0/weights").rows() == 7);
  // as many on both sides, but others
  Layout others;
  others.add("click/0/weights", 0, 1, 2);
  others.add("spend/1/weights", 1, 1, 2);
  CHECK_THROWS_WITH(by_tasks(others, "*"), containing("of task 'spend' no '0/weights'"));
}
