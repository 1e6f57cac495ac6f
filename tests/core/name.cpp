#include "polytask/core/name.hpp"

#include "catch.hpp"

#include <string>

using namespace polytask;

namespace {

template <Name Text>
struct Carrier {
  static constexpr std::string_view view = Text.view();
};

static_assert(Name("click") == Name("click"));
static_assert(!(Name("click") == Name("clicks")));
static_assert(!(Name("click") == Name("Click")));
static_assert(!(Name("") == Name("a")));
static_assert(Name("a b/c").view() == "a b/c");
static_assert(std::same_as<Carrier<"click">, Carrier<"click">>);
static_assert(!std::same_as<Carrier<"click">, Carrier<"spend">>);

}  // namespace

TEST_CASE("a name that is a template argument can be read when the program runs") {
  CHECK(Carrier<"click">::view == "click");
  CHECK(std::string(Carrier<"Länge">::view) == "Länge");
  CHECK(Carrier<"">::view.empty());
}
