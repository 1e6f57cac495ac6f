/// @file
/// A sharing policy of an example.
#pragma once

#include "polytask/compiled.hpp"
#include "polytask/insight/gates.hpp"
#include "polytask/models/model.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// One sharing policy of an example. Each model is compiled in a file of its own; what is done with it is written for
/// any Model, and compiled once.
struct Policy {
  std::string name;
  bool shares;  ///< whether tasks have parameters in common
  std::function<std::unique_ptr<Model<float>>(const Features&)> make;

  /// What the gates of such a model choose; empty where there are none.
  std::function<std::vector<GateUse>(const Model<float>&, const Dataset<float>&)> gates = {};
};

/// The policy of a function that makes the model of an example's features.
template <class Make>
Policy policy(std::string name, Make make) {
  using Made = decltype(make(std::declval<const Features&>()));
  Policy made{std::move(name), Made::sharing_type::shares_parameters,
              [make](const Features& features) { return make(features).clone(); }};
  if constexpr (Gated<typename Made::sharing_type>)
    made.gates = [](const Model<float>& model, const Dataset<float>& data) {
      return gate_use(static_cast<const Made&>(model), data);
    };
  return made;
}

/// How many experts the models of an example have.
struct Experts {
  Index mixture;  ///< of a mixture
  Index shared;   ///< of progressive extraction: those of all tasks
  Index own;      ///< of progressive extraction: those of each task
};

}  // namespace polytask::examples
