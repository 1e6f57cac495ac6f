/// @file
/// An object of a derived class, held as a value.
#pragma once

#include <utility>

namespace polytask {

/// Owns an object of a class derived from Base; copying it copies the object. It stands for a smart pointer of the
/// standard library, of which the compiler works out one for every Base.
/// @tparam Base has a virtual destructor and `Base* clone() const`, which makes a copy with new
template <class Base>
class Cloned {
 public:
  /// @param object from new
  explicit Cloned(Base* object) : object_(object) {}

  Cloned(const Cloned& other) : object_(other.object_ == nullptr ? nullptr : other.object_->clone()) {}
  Cloned(Cloned&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Cloned& operator=(const Cloned& other) { return *this = Cloned(other); }
  Cloned& operator=(Cloned&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Cloned() { delete object_; }

  Base& operator*() const { return *object_; }
  Base* operator->() const { return object_; }

 private:
  Base* object_;  ///< null after it was moved from
};

}  // namespace polytask
