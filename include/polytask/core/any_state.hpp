/// @file
/// What a rule remembers in a training run, whatever the rule.
#pragma once

#include "polytask/core/cloned.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/member_visitor.hpp"

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace polytask {

/// Holds the state of any one rule of a kind. Copying it copies what the rule remembers.
/// @tparam Held the abstract class of such states. Besides what the kind asks of them it has `void
///              visit(MemberVisitor&)`, and as `held_by` the beginning of the sentence "the weights were those of
///              'famo', the program has 'equal'"
template <class Held>
class AnyState {
 public:
  /// @throws ArgumentError when the visitor brings the state of another rule, or one made with other settings
  template <class Self, class Visitor>
    requires std::derived_from<std::remove_cvref_t<Visitor>, MemberVisitor>
  static void configuration(Self& self, Visitor&& visit) {
    std::string rule(self.rule_);
    visit("rule", rule);
    require(rule == self.rule_, Held::held_by, " '", rule, "', the program has '", self.rule_, "'");
    visit.enter("state", "");
    if constexpr (std::is_const_v<Self>)
      AnyState(self).held_->visit(visit);  // a visitor may write
    else
      self.held_->visit(visit);
    visit.leave();
  }

 protected:
  /// @param rule  its name, which must live as long as this: a literal
  /// @param held  from new
  template <class Holding>
  AnyState(std::string_view rule, Holding* held) : rule_(rule), held_(held) {}

  Held& held() { return *held_; }
  const Held& held() const { return *held_; }

 private:
  std::string_view rule_;
  Cloned<Held> held_;
};

}  // namespace polytask
