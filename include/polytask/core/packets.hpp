/// @file
/// Eigen's packets: what one instruction works at a time.
#pragma once

#include "polytask/core/views.hpp"

namespace polytask {

// g++ warns that a vector register as a template argument loses its attributes; nothing here depends on them.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

/// As many numbers as the widest vector register holds.
template <Scalar S>
using FullPacket = typename Eigen::internal::packet_traits<S>::type;

/// Half as many, or the same where there is no smaller register.
template <Scalar S>
using HalfPacket = typename Eigen::internal::unpacket_traits<FullPacket<S>>::half;

/// A quarter, or the smallest there is.
template <Scalar S>
using QuarterPacket = typename Eigen::internal::unpacket_traits<HalfPacket<S>>::half;

template <class Packet>
inline constexpr Index packet_size = Eigen::internal::unpacket_traits<Packet>::size;

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

}  // namespace polytask
