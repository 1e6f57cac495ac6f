/// @file
/// Arithmetic on a vector register of numbers, written as on one number.
///
/// What a rule does to every number alike (an optimizer's step, a loss, an activation) is one loop: all that it reads
/// is read once, and stays in registers until it is written. As one expression of Eigen after the other it is read and
/// written several times, and each costs the compiler a dozen types (Adam alone: 3.5 seconds at -O2).
#pragma once

#include "polytask/core/packets.hpp"
#include "polytask/core/views.hpp"

#include <concepts>

namespace polytask {

// g++ warns that a vector register as a template argument loses its attributes; nothing here depends on them.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

/// The numbers of one of Eigen's packets, or a single one. The functions are named as those of Eigen's arrays, so that
/// a formula can be written for both. Accurate as Eigen's arrays are.
template <class Packet>
struct Lanes {
  using Scalar = typename Eigen::internal::unpacket_traits<Packet>::type;
  static constexpr Index count = packet_size<Packet>;

  Packet packet;

  /// A number, in every lane.
  [[gnu::always_inline]] Lanes(Scalar number) : packet(Eigen::internal::pset1<Packet>(number)) {}
  [[gnu::always_inline]] Lanes(Packet numbers)
    requires(!std::same_as<Packet, Scalar>)
      : packet(numbers) {}

  [[gnu::always_inline]] static Lanes read(const Scalar* from) { return Eigen::internal::ploadu<Packet>(from); }
  [[gnu::always_inline]] void write(Scalar* to) const { Eigen::internal::pstoreu<Scalar>(to, packet); }

  [[gnu::always_inline]] friend Lanes operator+(Lanes a, Lanes b) { return Eigen::internal::padd(a.packet, b.packet); }
  [[gnu::always_inline]] friend Lanes operator-(Lanes a, Lanes b) { return Eigen::internal::psub(a.packet, b.packet); }
  [[gnu::always_inline]] friend Lanes operator*(Lanes a, Lanes b) { return Eigen::internal::pmul(a.packet, b.packet); }
  [[gnu::always_inline]] friend Lanes operator/(Lanes a, Lanes b) { return Eigen::internal::pdiv(a.packet, b.packet); }
  [[gnu::always_inline]] friend Lanes operator-(Lanes a) { return Eigen::internal::pnegate(a.packet); }

  [[gnu::always_inline]] Lanes cwiseMin(Lanes other) const { return Eigen::internal::pmin(packet, other.packet); }
  [[gnu::always_inline]] Lanes cwiseMax(Lanes other) const { return Eigen::internal::pmax(packet, other.packet); }
  [[gnu::always_inline]] Lanes abs() const { return Eigen::internal::pabs(packet); }
  [[gnu::always_inline]] Lanes square() const { return *this * *this; }
  [[gnu::always_inline]] Lanes cube() const { return *this * *this * *this; }
  [[gnu::always_inline]] Lanes inverse() const { return Lanes(Scalar(1)) / *this; }
  [[gnu::always_inline]] Lanes sqrt() const { return by<Eigen::internal::scalar_sqrt_op<Scalar>>(); }
  [[gnu::always_inline]] Lanes exp() const { return by<Eigen::internal::scalar_exp_op<Scalar>>(); }
  [[gnu::always_inline]] Lanes log() const { return by<Eigen::internal::scalar_log_op<Scalar>>(); }
  [[gnu::always_inline]] Lanes tanh() const { return by<Eigen::internal::scalar_tanh_op<Scalar>>(); }

  /// In every lane: `yes` where this number is below the other, else `no`; `no` where either is NaN.
  [[gnu::always_inline]] Lanes below(Lanes other, Lanes yes, Lanes no) const {
    return Eigen::internal::pselect(Eigen::internal::pcmp_lt(packet, other.packet), yes.packet, no.packet);
  }

  [[gnu::always_inline]] Scalar sum() const { return Eigen::internal::predux(packet); }

 private:
  /// One of Eigen's functions: in the register, or number by number where Eigen has it for numbers only.
  template <class Function>
  [[gnu::always_inline]] Lanes by() const {
    const Function function;
    if constexpr (count == 1) {
      return function(packet);
    } else if constexpr (Eigen::internal::functor_traits<Function>::PacketAccess) {
      return function.packetOp(packet);
    } else {
      Scalar numbers[count];
      write(numbers);
      for (Scalar& number : numbers) number = function(number);
      return read(numbers);
    }
  }
};

/// 1 / (1 + exp(-z)) for Lanes or an array z, to a few units in the last place, and so in the order of z to rounding.
/// (Eigen's logistic() of floats is off by a thousandth where z is about -9, and goes up and down.)
template <class Numbers>
[[gnu::always_inline]] inline auto sigmoid(const Numbers& z) {
  using S = typename Numbers::Scalar;
  return ((-z).exp() + S(1)).inverse();
}

/// Where a loop is: at some neighbouring numbers, the same ones of every run.
template <class Packet>
struct Place {
  using Scalar = typename Lanes<Packet>::Scalar;

  Index begin;

  [[gnu::always_inline]] Lanes<Packet> read(const Scalar* run) const { return Lanes<Packet>::read(run + begin); }
  [[gnu::always_inline]] void write(Scalar* run, Lanes<Packet> numbers) const { numbers.write(run + begin); }
};

/// Calls `work` at places that cover 0 .. size - 1 once each, in order: whole registers, then halves and quarters of
/// one where there are such, so that a row of an embedding table, 4 to 64 numbers, is worked in registers, then single
/// numbers. `work` is to be inlined by force too, `[=](auto at) __attribute__((always_inline)) {}`: left to themselves,
/// compilers call it at every place and read all settings anew there (measured for Adam: 1.35 times the time).
template <Scalar S, class Work>
[[gnu::always_inline]] inline void for_each_place(Index size, const Work& work) {
  using Full = FullPacket<S>;
  using Half = HalfPacket<S>;
  using Quarter = QuarterPacket<S>;
  Index begin = 0;
  for (; begin + Lanes<Full>::count <= size; begin += Lanes<Full>::count) work(Place<Full>{begin});
  if constexpr (!std::same_as<Half, Full>)
    for (; begin + Lanes<Half>::count <= size; begin += Lanes<Half>::count) work(Place<Half>{begin});
  if constexpr (!std::same_as<Quarter, Half>)
    for (; begin + Lanes<Quarter>::count <= size; begin += Lanes<Quarter>::count) work(Place<Quarter>{begin});
  if constexpr (Lanes<Quarter>::count > 1)
    for (; begin < size; ++begin) work(Place<S>{begin});
}

/// Sum of work(at) over all places, in the type of the numbers: four registers of sums, each of every fourth place, so
/// that no addition waits for the one before.
template <Scalar S, class Work>
[[gnu::always_inline]] inline S sum_over_places(Index size, const Work& work) {
  using Full = Lanes<FullPacket<S>>;
  constexpr Index count = Full::count;
  Full first(0), second(0), third(0), fourth(0);
  Index begin = 0;
  const auto at = [&](Index later) __attribute__((always_inline)) {
    return work(Place<decltype(first.packet)>{begin + later * count});
  };
  for (; begin + 4 * count <= size; begin += 4 * count) {
    first = first + at(0);
    second = second + at(1);
    third = third + at(2);
    fourth = fourth + at(3);
  }
  for (; begin + count <= size; begin += count) first = first + at(0);
  S sum = ((first + second) + (third + fourth)).sum();
  for (; begin < size; ++begin) sum += work(Place<S>{begin}).sum();
  return sum;
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

}  // namespace polytask
