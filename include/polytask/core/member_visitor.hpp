/// @file
/// A visitor of what an object is made of, whatever the object: for files.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace polytask {

/// Something whose type has a name: a sharing policy, a layer, a loss.
template <class T>
concept Named = requires { typename std::bool_constant<(T::name.size() > 0)>; };

/// Reads or writes the members that a static configuration(self, visit) names: visit("key", self.member). It is one
/// type for all objects and all kinds of file, so that code which saves an object need not know what it is.
class MemberVisitor {
 public:
  virtual ~MemberVisitor() = default;

  virtual void visit(std::string_view key, bool& value) = 0;
  virtual void visit(std::string_view key, double& value) = 0;
  virtual void visit(std::string_view key, std::int64_t& value) = 0;
  virtual void visit(std::string_view key, std::uint64_t& value) = 0;
  virtual void visit(std::string_view key, std::string& value) = 0;
  virtual void visit(std::string_view key, std::vector<double>& value) = 0;
  virtual void visit(std::string_view key, Buffer<float>& value) = 0;   ///< as many numbers as before the visit
  virtual void visit(std::string_view key, Buffer<double>& value) = 0;  ///< as many numbers as before the visit

  /// The members of something that has a configuration() of its own come between enter() and leave().
  /// @param type its name; empty if it has none
  virtual void enter(std::string_view key, std::string_view type) = 0;
  virtual void leave() = 0;

  /// The items of a list come between enter_list() and leave(), under the keys 0, 1, ...
  /// @return how many there are to be
  virtual std::size_t enter_list(std::string_view key, std::size_t size) = 0;

  template <class T>
  void operator()(std::string_view key, T& value) {
    if constexpr (std::is_const_v<T>) {
      (*this)(key, const_cast<std::remove_const_t<T>&>(value));  // a visitor that assigns is given no const object
    } else if constexpr (requires { T::configuration(value, *this); }) {
      if constexpr (Named<T>)
        enter(key, T::name);
      else
        enter(key, "");
      T::configuration(value, *this);
      leave();
    } else if constexpr (requires { visit(key, value); }) {
      visit(key, value);
    } else if constexpr (std::unsigned_integral<T>) {
      as<std::uint64_t>(key, value);
    } else if constexpr (std::integral<T>) {
      as<std::int64_t>(key, value);
    } else if constexpr (std::floating_point<T>) {
      as<double>(key, value);
    } else {
      const std::size_t size = enter_list(key, value.size());
      if (size != value.size()) value.resize(size);
      for (std::size_t which = 0; which < size; ++which) (*this)(std::to_string(which), value[which]);
      leave();
    }
  }

 private:
  template <class Wide, class T>
  void as(std::string_view key, T& value) {
    const auto before = static_cast<Wide>(value);
    auto wide = before;
    visit(key, wide);
    if (wide == before) return;  // what is only written to a file is not touched
    value = static_cast<T>(wide);
    require(static_cast<Wide>(value) == wide || wide != wide, "'", key, "' is ", wide, ", which is out of range");
  }
};

/// The place of a word among the names that a setting can have.
/// @throws ArgumentError listing the names when it is none of them
inline std::size_t choice_named(std::string_view key, std::string_view word, Span<const std::string_view> names) {
  const auto found = std::find(names.begin(), names.end(), word);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  fail<ArgumentError>({"'", key, "' is '", word, "', which is none of: ", list_of(names)});
}

/// Visits an enumeration by the names of its values, which are in their order.
/// @throws ArgumentError when the visitor brings another word
template <class Visitor, class Enumeration>
void visit_choice(Visitor&& visit, std::string_view key, Enumeration& value, Span<const std::string_view> names) {
  std::string word(names[static_cast<std::size_t>(value)]);
  visit(key, word);
  if constexpr (!std::is_const_v<Enumeration>) value = static_cast<Enumeration>(choice_named(key, word, names));
}

/// Visits a setting in the state of a training run, which can only go on with the same.
/// @throws ArgumentError when the visitor brings another value
template <class Visitor, class T>
void visit_setting(Visitor&& visit, std::string_view key, const T& setting) {
  T found = setting;
  visit(key, found);
  require(found == setting, "the state was made with another setting of '", key, "'");
}

/// Visits numbers of which there must be as many afterwards as before.
/// @throws ArgumentError when the visitor brings another number of them
template <class Visitor, class T>
void visit_sized(Visitor&& visit, std::string_view key, T& values) {
  const auto size = values.size();
  visit(key, values);
  require(values.size() == size, "'", key, "' has ", values.size(), " numbers, not ", size);
}

}  // namespace polytask
