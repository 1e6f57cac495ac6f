/// @file
/// What the machine can do at most: multiplications and additions a second, and bytes moved a second.
#include "rows.hpp"

#include "polytask/core/buffer.hpp"

#include <array>
#include <cstring>
#include <string>

namespace benchmark {
namespace {

/// Multiply-adds in registers alone, as many at once as hide each other's latency. The packet is the one with which
/// Eigen's products work.
class Peak {
 public:
  /// @param count multiply-adds of single numbers in a call, about
  explicit Peak(double count) : rounds_(static_cast<long>(count / (chains * lanes))) {}

  double count() const { return static_cast<double>(rounds_) * chains * lanes; }

  void operator()() {
    const Packet factor = Eigen::internal::pset1<Packet>(0.5f);
    const Packet added = Eigen::internal::pset1<Packet>(static_cast<float>(start_));
    Packet sums[chains];
    for (auto& sum : sums)
      sum = Eigen::internal::pset1<Packet>(static_cast<float>(start_));  // read anew: no two are known to be alike
    for (long round = 0; round < rounds_; ++round)
      for (auto& sum : sums) sum = Eigen::internal::pmadd(sum, factor, added);
    Packet all = sums[0];
    for (int chain = 1; chain < chains; ++chain) all = Eigen::internal::padd(all, sums[chain]);
    result_ = Eigen::internal::predux(all);
  }

 private:
  using Packet = Eigen::internal::packet_traits<float>::type;
  static constexpr int lanes = Eigen::internal::packet_traits<float>::size;
  static constexpr int chains = 12;

  long rounds_;
  volatile float start_ = 1;  // not known to the compiler
  volatile float result_ = 0;
};

/// Adam's step over a run of numbers, and a copy that reads and writes as many bytes: Adam reads the parameters, their
/// gradient and two memories, and writes all but the gradient.
void measure_adam(const Arguments& arguments, Results& results, const std::string& name, Index count, int rounds) {
  const auto size = static_cast<std::size_t>(count);
  pt::Buffer<float> parameters(size, 0.1f);
  pt::Buffer<float> gradient(size, 0.01f);
  std::array<pt::Buffer<float>, 2> memory{pt::Buffer<float>(size, 0.01f), pt::Buffer<float>(size, 0.01f)};
  const std::size_t bytes = 7 * size / 2 * sizeof(float);
  pt::Buffer<float> from(7 * size / 2, 1.0f);
  pt::Buffer<float> to(7 * size / 2, 0.0f);
  const pt::Adam adam;
  const auto step = [&] {
    adam.update(
        pt::Update<float>{count, parameters.data(), gradient.data(), {memory[0].data(), memory[1].data()}, 1e-3, 100});
  };
  const auto copy = [&] { std::memcpy(to.data(), from.data(), bytes); };
  results.add("Adam's pass / a copy of the same bytes, " + name,
              rounds > 0 && !arguments.quick ? alternate(step, copy, rounds, 0.01) : compare(arguments, step, copy),
              1.3);
}

}  // namespace

void measure_peak(const Arguments& arguments, const Case& with, Results& results) {
  for (const Index batch : {32, 256, 1024}) {
    Products products(with.inputs, batch);
    Peak peak(products.multiplications());
    const Ratio share = compare(arguments, peak, products);
    if (batch == 1024) results.add("peak, billions of multiply-adds a second", peak.count() / share.first / 1e9);
    results.add(with.name("bare products, share of the peak, batch " + std::to_string(batch)), share);
  }
}

void measure_adam(const Arguments& arguments, Results& results) {
  measure_adam(arguments, results, "42 thousand numbers", 42'000, 0);
  if (arguments.check) return;
  const Index many = arguments.quick ? Index{1} << 20 : Index{1} << 25;
  measure_adam(arguments, results, std::to_string(many / 1'000'000) + " million numbers", many, 31);
}

}  // namespace benchmark
