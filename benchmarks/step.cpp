/// @file
/// What a training step and a prediction cost, against the matrix products that they cannot do without, and against the
/// same work in PyTorch: the table of the library's bars.
#include "step/rows.hpp"

#include "compiler.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = alignment <= alignof(std::max_align_t)
                           ? std::malloc(size)
                           : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Every allocation of the program but Eigen's packing buffers, which come from malloc.
void* operator new(std::size_t size) { return counted(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace benchmark {
namespace {

void measure_steps(const Arguments& arguments, Case& with, Results& results) {
  for (const Index batch : {32, 256, 1024}) {
    Training step(with.model, with.data, batch);
    Products products(with.inputs, batch);
    results.add(with.name("step / its eight products, batch " + std::to_string(batch)),
                compare(arguments, step, products), batch == 32 ? 1.30 : 1.15);
  }
}

void measure_batch_size(const Arguments& arguments, Case& with, Results& results) {
  Training whole(with.model, with.data, sample_count);
  Training part(with.model, with.data, 256);
  const auto parts = [&] {
    for (Index done = 0; done < sample_count; done += 256) part();
  };
  results.add(with.name("step of batch 8192 / 32 steps of 256"), compare(arguments, whole, parts), 1.05);
}

void measure_threads(const Arguments& arguments, Case& with, Results& results) {
  Training two(with.model, with.data, 1024, 2);
  Training one(with.model, with.data, 1024);
  results.add(with.name("two threads / one, batch 1024"), compare(arguments, two, one, Time::passing), 0.60);
}

/// What the machine gives at the moment: the bare products, half of the batch on each thread.
void measure_threads_of_products(const Arguments& arguments, Case& with, Results& results) {
  Products all(with.inputs, 1024);
  std::array<Products, 2> halves{Products(with.inputs, 512), Products(with.inputs, 512)};
  pt::Workers workers(2);
  const auto both = [&] { workers.run([&](Index worker) { halves[static_cast<std::size_t>(worker)](); }); };
  results.add(with.name("bare products on two threads / one, batch 1024"),
              compare(arguments, both, all, Time::passing));
}

/// Against reading all parameters once, which a prediction of one row cannot do without.
void measure_prediction(const Arguments& arguments, Case& with, Results& results) {
  Prediction predict(with, 1);
  ParameterReader read(with.model);
  const Ratio taken = compare(arguments, predict, read);
  results.add(with.name("prediction of one row / reading the parameters"), taken);
  results.add(with.name("prediction of one row, microseconds"), taken.first * 1e6);
}

/// Allocations in ten calls after the first.
template <class Work>
double allocations_of(Work&& work) {
  work();
  const long before = allocations;
  for (int call = 0; call < 10; ++call) work();
  return static_cast<double>(allocations - before);
}

void count_allocations(Case& with, Results& results) {
  Training one(with.model, with.data, 1024);
  Training two(with.model, with.data, 1024, 2);
  Prediction predict(with, 256);
  results.add(with.name("allocations in ten steps, one thread"), allocations_of(one), 0);
  results.add(with.name("allocations in ten steps, two threads"), allocations_of(two), 0);
  results.add(with.name("allocations in ten predictions"), allocations_of(predict), 0);
}

void measure_compilation(const Arguments& arguments, Results& results) {
  if (arguments.quick) return;
  const Taken taken = compile_text(readme_program(), {"-O2"});
  pt::require<std::runtime_error>(taken.status == 0, compiler(), " does not compile the README's program");
  results.add("compiling the README's program, " + compiler() + " -O2, seconds", taken.seconds, 15);
  results.add("compiling the README's program, megabytes", taken.megabytes, 700);
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  using namespace benchmark;
  try {
    const auto arguments = benchmark::arguments(
        count, words, "A training step against its bare matrix products and against PyTorch, and what else it costs.",
        {with_pytorch,
         {"--check", "", "what has a bar, in ten seconds; fails when a ratio is far above it", &Arguments::check,
          nullptr}});
    std::printf(
        "Shared layers of 128 and 64, heads of 8 and 4 outputs, float, Adam, one thread unless it says two\n\n");
    Results results(arguments);
    Case narrow(32);
    Case wide(256);
    const auto measure = [&](auto measure_case) {
      for (Case* with : {&narrow, &wide}) measure_case(arguments, *with, results);
    };
    measure(measure_steps);
    measure(measure_batch_size);
    measure_balancing(arguments, wide, results);
    for (Case* with : {&narrow, &wide}) count_allocations(*with, results);
    measure_adam(arguments, results);
    if (!arguments.check) {  // two threads want a quiet machine; compilation has a check of its own
      measure(measure_threads);
      measure_compilation(arguments, results);
      measure_pytorch(arguments, narrow, wide, results);
      results.title("Besides");
      measure(measure_threads_of_products);
      measure_peak(arguments, wide, results);
      measure(measure_prediction);
    }
    return results.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
