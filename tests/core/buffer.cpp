#include "polytask/core/buffer.hpp"

#include "catch.hpp"
#include "polytask/core/parameters.hpp"

#include <cstdint>
#include <utility>

using namespace polytask;

namespace {

bool aligned(const void* memory) { return reinterpret_cast<std::uintptr_t>(memory) % 64 == 0; }

}  // namespace

TEMPLATE_TEST_CASE("buffers start on 64-byte boundaries, also after growing, copying and moving", "", float, double) {
  for (const std::size_t size : {1u, 3u, 17u, 1000u}) {
    Buffer<TestType> buffer(size, TestType(2));
    CHECK(aligned(buffer.data()));
    buffer.push_back(TestType(3));
    CHECK(aligned(buffer.data()));
    const auto copy = buffer;
    CHECK(aligned(copy.data()));
    CHECK(copy == buffer);
    CHECK(copy.data() != buffer.data());
    const auto moved = std::move(buffer);
    CHECK(aligned(moved.data()));
    CHECK(moved.back() == 3);
  }
}

#ifdef __linux__
TEST_CASE("a large buffer starts on a huge page, a small one does not take one") {
  const auto place = [](const Buffer<float>& buffer) {
    return reinterpret_cast<std::uintptr_t>(buffer.data()) % (std::uintptr_t{1} << 21);
  };
  Buffer<float> large(std::size_t{1} << 17, 1.0f);
  CHECK(place(large) == 0);
  large.push_back(2.0f);
  CHECK(place(large) == 0);
  CHECK(large.front() == 1.0f);
  CHECK(large.back() == 2.0f);
  const Buffer<float> one((std::size_t{1} << 17) - 1);
  const Buffer<float> other((std::size_t{1} << 17) - 1);
  CHECK((place(one) != 0 || place(other) != 0));
}
#endif

TEST_CASE("a view of a buffer shows its numbers") {
  Buffer<float> buffer{1, 2, 3};
  view(buffer)[1] = 7;
  CHECK(buffer[1] == 7);
  CHECK(view(std::as_const(buffer)).sum() == 11);
  CHECK(view(buffer).size() == 3);
  Buffer<double> none;
  CHECK(view(none).size() == 0);
}

TEST_CASE("a piece takes the next multiple of 16 numbers") {
  STATIC_REQUIRE(piece_size(0) == 0);
  STATIC_REQUIRE(piece_size(1) == 16);
  STATIC_REQUIRE(piece_size(16) == 16);
  STATIC_REQUIRE(piece_size(17) == 32);
  STATIC_REQUIRE(piece_size(1000) == 1008);
}

TEMPLATE_TEST_CASE("pieces lie where the layout says, each on a 64-byte boundary", "", float, double) {
  Layout layout;
  layout.add("a/weights", shared_owner, 3, 7);
  layout.add("a/bias", shared_owner, 3, 1);
  layout.add("b/weights", 0, 16, 2);
  layout.add("b/none", 0, 5, 0);
  layout.add("b/bias", 1, 1, 1);
  Parameters<TestType> parameters(layout);
  Pieces<TestType> pieces(view(parameters.values));
  const Pieces<const TestType> reading(view(std::as_const(parameters.values)));
  auto read = reading;
  for (const auto& segment : layout.segments()) {
    const auto piece = segment.columns == 1
                           ? decltype(pieces.matrix(1, 1))(pieces.flat(segment.rows).data(), segment.rows, 1)
                           : pieces.matrix(segment.rows, segment.columns);
    CHECK(piece.data() == parameters.values.data() + segment.offset);
    CHECK(piece.rows() == segment.rows);
    CHECK(piece.cols() == segment.columns);
    CHECK(aligned(piece.data()));
    CHECK(segment.offset % 16 == 0);
    CHECK(read.matrix(segment.rows, segment.columns).data() == piece.data());
  }
  CHECK(pieces.flat(0).data() == parameters.values.data() + layout.size());  // all is handed out
}

TEST_CASE("pieces of nothing are nothing") {
  Pieces<float> pieces(static_cast<float*>(nullptr));
  CHECK(pieces.flat(100).data() == nullptr);
  CHECK(pieces.matrix(2, 3).data() == nullptr);
}
