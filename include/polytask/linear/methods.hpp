/// @file
/// Every linear method by its name, with one strength each.
#pragma once

#include "polytask/core/named_list.hpp"
#include "polytask/linear/clustered.hpp"
#include "polytask/linear/dirty.hpp"
#include "polytask/linear/elastic_net.hpp"
#include "polytask/linear/go_mtl.hpp"
#include "polytask/linear/l21.hpp"
#include "polytask/linear/lasso.hpp"
#include "polytask/linear/mean_regularized.hpp"
#include "polytask/linear/mtrl.hpp"
#include "polytask/linear/pooled.hpp"
#include "polytask/linear/ridge.hpp"
#include "polytask/linear/robust.hpp"
#include "polytask/linear/solve.hpp"
#include "polytask/linear/task_graph.hpp"
#include "polytask/linear/trace_norm.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace polytask::linear {

/// Any of the methods. Each is an aggregate with a `strength`; with what else it has stays as it is when a strength is
/// chosen.
using Method = std::variant<Ridge, Pooled, Lasso, L21, ElasticNet, TraceNorm, MeanRegularized, TaskGraph, Dirty, Robust,
                            Clustered, Mtrl, GoMtl>;

inline std::string_view name_of(const Method& method) {
  return std::visit([](const auto& one) { return one.name; }, method);
}

inline double strength_of(const Method& method) {
  return std::visit([](const auto& one) { return one.strength; }, method);
}

inline Method with_strength(Method method, double strength) {
  std::visit([&](auto& one) { one.strength = strength; }, method);
  return method;
}

/// The strength from which on all coefficients are 0, where there is one; else one at which the penalty all but rules.
inline double largest_strength(const Prepared& prepared, const Method& method) {
  return std::visit([&](const auto& one) { return one.largest_strength(prepared); }, method);
}

/// The smallest strength that is worth trying, as a part of the largest: a thousandth of that at which a norm leaves
/// nothing, as is usual; a millionth of that at which a square all but rules.
inline double smallest_part(const Method& method) {
  return std::visit([](const auto& one) { return one.smallest_part; }, method);
}

/// Solves a problem by any method.
/// @param start a solution of nearly the same problem to start from; null: from 0
/// @throws ArgumentError naming a setting that is out of range
inline Solution solve(const Prepared& prepared, const Method& method, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  return std::visit([&](const auto& one) { return solve(prepared, one, options, start); }, method);
}

inline Solution solve(const Problem& problem, const Method& method, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  return std::visit([&](const auto& one) { return solve(problem, one, options, start); }, method);
}

/// The methods of a variant.
template <class Variant>
struct MethodList;

template <class... Methods>
struct MethodList<std::variant<Methods...>> : NamedList<Method, Methods...> {};

/// The names of all methods.
inline std::vector<std::string> method_names() { return MethodList<Method>::names(); }

/// The method of that name with its default settings.
/// @throws ArgumentError naming the known ones when there is none
inline Method method_named(std::string_view name) { return MethodList<Method>::named("linear method", name); }

}  // namespace polytask::linear
