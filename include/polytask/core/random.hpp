/// @file
/// Random numbers that are the same on every standard library.
#pragma once

#include "polytask/core/normal_quantile.hpp"
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

  /// Standard normal, by inversion of one uniform number.
  double normal() {
    // 52 bits, so that the half behind them is exact and q is never 0.5
    const double q = (static_cast<double>(bits() >> 12) + 0.5) * 0x1.0p-52 - 0.5;
    return as_241::normal_score(q, 0.5 - std::abs(q));
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

  std::uint64_t key_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace polytask
