/// @file
/// An object of a derived class, held as a value.
#pragma once

#include <utility>

namespace polytask {

/// Owns an object of a class derived from Base; copying it copies the object. Used instead of std::unique_ptr, which
/// costs compile time for every Base, and knows no copies.
/// @tparam Base has a virtual destructor
template <class Base>
class Cloned {
 public:
  /// @param object from new; of the type with which it was made
  template <class Object>
  explicit Cloned(Object* object)
      : object_(object),
        copy_([](const Base* from) -> Base* { return new Object(*static_cast<const Object*>(from)); }) {}

  Cloned(const Cloned& other)
      : object_(other.object_ == nullptr ? nullptr : other.copy_(other.object_)), copy_(other.copy_) {}
  Cloned(Cloned&& other) noexcept : object_(std::exchange(other.object_, nullptr)), copy_(other.copy_) {}
  Cloned& operator=(const Cloned& other) { return *this = Cloned(other); }
  Cloned& operator=(Cloned&& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(copy_, other.copy_);
    return *this;
  }
  ~Cloned() { delete object_; }

  Base& operator*() const { return *object_; }
  Base* operator->() const { return object_; }

 private:
  Base* object_;  ///< null after it was moved from
  Base* (*copy_)(const Base*);
};

}  // namespace polytask
