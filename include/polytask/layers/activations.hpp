/// @file
/// Activation functions, as types that a dense layer takes: `dense<Gelu>(64)`.
///
/// Each has value(z), for Lanes of numbers, and slope(kept), its derivative from what the layer keeps: the activation's
/// output, or its input where `keeps_input` says that the output does not tell.
#pragma once

#include "polytask/core/lanes.hpp"

#include <array>
#include <string_view>

namespace polytask {

/// How far apart the first weights of a layer lie.
enum class Initialization {
  by_activation,  ///< He for ReLU, leaky ReLU and GELU; Glorot for the others
  he,             ///< normal, variance 2 / inputs (He et al. 2015)
  glorot          ///< uniform, variance 2 / (inputs + outputs) (Glorot and Bengio 2010)
};

inline constexpr std::array<std::string_view, 3> initialization_names{"by_activation", "he", "glorot"};

struct Identity {
  static constexpr std::string_view name = "identity";
  static constexpr bool keeps_input = false;
  static constexpr Initialization initialization = Initialization::glorot;
  template <class Z>
  static Z value(const Z& z) {
    return z;
  }
  template <class A>
  static A slope(const A&) {
    return 1;
  }
};

struct Relu {
  static constexpr std::string_view name = "relu";
  static constexpr bool keeps_input = false;
  static constexpr Initialization initialization = Initialization::he;
  template <class Z>
  static Z value(const Z& z) {
    return z.cwiseMax(0);
  }
  template <class A>
  static A slope(const A& a) {
    return A(0).below(a, 1, 0);
  }
};

/// max(z, 0.01 z)
struct LeakyRelu {
  static constexpr std::string_view name = "leaky_relu";
  static constexpr bool keeps_input = false;
  static constexpr Initialization initialization = Initialization::he;
  static constexpr double leak = 0.01;
  template <class Z>
  static Z value(const Z& z) {
    return z.cwiseMax(z * typename Z::Scalar(leak));
  }
  template <class A>
  static A slope(const A& a) {
    return A(0).below(a, 1, typename A::Scalar(leak));
  }
};

struct Tanh {
  static constexpr std::string_view name = "tanh";
  static constexpr bool keeps_input = false;
  static constexpr Initialization initialization = Initialization::glorot;
  template <class Z>
  static Z value(const Z& z) {
    return z.tanh();
  }
  template <class A>
  static A slope(const A& a) {
    return typename A::Scalar(1) - a.square();
  }
};

struct Sigmoid {
  static constexpr std::string_view name = "sigmoid";
  static constexpr bool keeps_input = false;
  static constexpr Initialization initialization = Initialization::glorot;
  template <class Z>
  static Z value(const Z& z) {
    return sigmoid(z);
  }
  template <class A>
  static A slope(const A& a) {
    return a * (typename A::Scalar(1) - a);
  }
};

/// z * Phi(z) in its tanh form (Hendrycks and Gimpel 2016): z / 2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3)))
struct Gelu {
  static constexpr std::string_view name = "gelu";
  static constexpr bool keeps_input = true;
  static constexpr Initialization initialization = Initialization::he;
  static constexpr double root = 0.7978845608028653558799;  // sqrt(2 / pi)
  static constexpr double cubic = 0.044715;
  template <class Z>
  static Z value(const Z& z) {
    using S = typename Z::Scalar;
    return z * (((z + z.cube() * S(cubic)) * S(root)).tanh() + S(1)) * S(0.5);
  }
  template <class Z>
  static Z slope(const Z& z) {
    using S = typename Z::Scalar;
    // with t = tanh(u): (1 + t) / 2 + z (1 - t^2) u' / 2
    const Z t = ((z + z.cube() * S(cubic)) * S(root)).tanh();
    return (t + S(1)) * S(0.5) + z * (S(1) - t.square()) * (z.square() * S(3 * cubic) + S(1)) * S(0.5 * root);
  }
};

}  // namespace polytask
