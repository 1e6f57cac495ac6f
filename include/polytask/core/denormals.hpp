/// @file
/// Numbers too small to be normal, with which processors are slow.
#pragma once

#include <cstdint>

#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace polytask {

/// While one of these lives, its thread takes numbers below the smallest normal one (1.2e-38 in float) for 0, and
/// writes 0 in their place; afterwards it does as before. The momentum of a unit that no sample reaches any more
/// shrinks into that range and stays there: without this a step of one sample was measured to take seven times as long
/// (Adam, after a thousand such steps). On processors other than x86-64 and 64-bit ARM nothing changes.
class FlushDenormals {
 public:
  FlushDenormals() : before_(read()) { write(before_ | flush); }
  ~FlushDenormals() { write(before_); }

  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE2__) || defined(_M_X64)
  static constexpr std::uint64_t flush = 0x8040;  // of MXCSR: results to zero, operands as zero
  static std::uint64_t read() { return _mm_getcsr(); }
  static void write(std::uint64_t control) { _mm_setcsr(static_cast<unsigned>(control)); }
#elif defined(__aarch64__) && defined(__GNUC__)
  static constexpr std::uint64_t flush = std::uint64_t{1} << 24;  // of FPCR: both
  static std::uint64_t read() {
    std::uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    return control;
  }
  static void write(std::uint64_t control) { __asm__ volatile("msr fpcr, %0" : : "r"(control)); }
#else
  static constexpr std::uint64_t flush = 0;
  static std::uint64_t read() { return 0; }
  static void write(std::uint64_t) {}
#endif

  std::uint64_t before_;
};

}  // namespace polytask
