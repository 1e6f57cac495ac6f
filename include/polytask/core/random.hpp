/// @file
/// Random numbers that are the same on every standard library.
#pragma once

#include "polytask/core/views.hpp"

#include <cmath>
#include <cstdint>
#include <utility>

namespace polytask {

/// A counter-based generator: the n-th number of a stream is a function of (key, n) alone, so that a stream can be
/// saved as two integers, continued anywhere, and read from the middle by several threads.
///
/// The function is the finaliser of SplitMix64 (Steele, Lea, Flood 2014) over a Weyl sequence. Independent purposes use
/// independent streams of one seed: `Random(seed).stream(2)`.
class Random {
 public:
  explicit Random(std::uint64_t seed = 0) : key_(mix(seed + weyl)) {}

  /// A generator of its own for one purpose; the same for the same seed and number, whatever has been drawn from here.
  Random stream(std::uint64_t number) const {
    Random other;
    other.key_ = mix(key_ + (number + 1) * stream_step);
    return other;
  }

  /// The number at a place of the stream, without moving on.
  std::uint64_t at(std::uint64_t place) const { return mix(key_ + (place + 1) * weyl); }

  /// The next 64 random bits.
  std::uint64_t bits() { return at(count_++); }

  /// Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Uniform in 0 .. bound - 1, without bias (Lemire 2019).
  /// @param bound at least 1
  std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    auto product = static_cast<Wide>(bits()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
      const std::uint64_t threshold = (0 - bound) % bound;
      while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(bits()) * bound;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  /// Standard normal, by inversion of one uniform number (Wichura 1988, algorithm AS 241, about 16 digits).
  double normal() {
    // 52 bits, so that the half behind them is exact and q is never 0.5
    const double q = (static_cast<double>(bits() >> 12) + 0.5) * 0x1.0p-52 - 0.5;
    if (std::abs(q) <= 0.425) {
      const double r = 0.180625 - q * q;
      return q * ratio(r, central);
    }
    const double tail = std::sqrt(-std::log(q < 0 ? q + 0.5 : 0.5 - q));
    const double value = tail <= 5 ? ratio(tail - 1.6, middle) : ratio(tail - 5, far);
    return q < 0 ? -value : value;
  }

  double normal(double mean, double deviation) { return mean + deviation * normal(); }

  /// True with the given probability.
  bool chance(double probability) { return uniform() < probability; }

  /// Every order of what has size() and [] equally likely (Fisher and Yates).
  template <class Items>
  void shuffle(Items& items) {
    for (std::size_t last = items.size(); last > 1; --last) std::swap(items[last - 1], items[below(last)]);
  }

  /// The two numbers from which from_state() makes the same generator again.
  std::pair<std::uint64_t, std::uint64_t> state() const { return {key_, count_}; }

  static Random from_state(std::pair<std::uint64_t, std::uint64_t> state) {
    Random random;
    random.key_ = state.first;
    random.count_ = state.second;
    return random;
  }

 private:
  static constexpr std::uint64_t weyl = 0x9E3779B97F4A7C15u;
  static constexpr std::uint64_t stream_step = 0xD1342543DE82EF95u;  // not weyl: streams are apart from numbers

  static constexpr std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }

  /// Numerator and denominator of a rational approximation, lowest power first.
  struct Rational {
    double numerator[8];
    double denominator[8];
  };

  static constexpr Rational central{
      {3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
       4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3},
      {1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
       3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3}};
  static constexpr Rational middle{
      {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
       1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
      {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
       1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};
  static constexpr Rational far{
      {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
       2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
      {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
       1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}};

  static double ratio(double x, const Rational& rational) {
    double numerator = 0;
    double denominator = 0;
    for (int power = 7; power >= 0; --power) {
      numerator = numerator * x + rational.numerator[power];
      denominator = denominator * x + rational.denominator[power];
    }
    return numerator / denominator;
  }

  std::uint64_t key_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace polytask
