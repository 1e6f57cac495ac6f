#include "polytask/core/cloned.hpp"

#include "catch.hpp"

#include <utility>

using namespace polytask;

namespace {

struct Animal {
  static inline int alive = 0;

  Animal() { ++alive; }
  Animal(const Animal&) { ++alive; }
  virtual ~Animal() { --alive; }
  virtual int legs() const = 0;
  virtual void lose_leg() = 0;
};

struct Dog final : Animal {
  int legs() const override { return left; }
  void lose_leg() override { --left; }

  int left = 4;
};

struct Bird final : Animal {
  int legs() const override { return 2; }
  void lose_leg() override {}
};

}  // namespace

TEST_CASE("A copy of what is held by its base class is a copy of the object") {
  {
    Cloned<Animal> one(new Dog);
    Cloned<Animal> other = one;
    one->lose_leg();
    CHECK(one->legs() == 3);
    CHECK((*other).legs() == 4);
    other = Cloned<Animal>(new Bird);
    CHECK(other->legs() == 2);
    CHECK(Animal::alive == 2);
    other = one;
    CHECK(other->legs() == 3);
    CHECK(Animal::alive == 2);
  }
  CHECK(Animal::alive == 0);
}

TEST_CASE("What is held by its base class changes its owner when it is moved") {
  {
    Cloned<Animal> one(new Dog);
    const Animal* const dog = &*one;
    Cloned<Animal> other = std::move(one);
    CHECK(&*other == dog);
    Cloned<Animal> empty = one;  // a copy of what was moved from
    CHECK(Animal::alive == 1);
    empty = std::move(other);
    CHECK(&*empty == dog);
    CHECK(Animal::alive == 1);
  }
  CHECK(Animal::alive == 0);
}
