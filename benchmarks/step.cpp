/// @file
/// What a training step and a prediction cost, against the matrix products that they cannot do without.
#include "step/rows.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
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
  results.add(with.name("two threads / one, batch 1024"), compare(arguments, two, one), 0.60);

  // what the machine gives at the moment: the bare products, half of the batch on each thread
  Products all(with.inputs, 1024);
  std::array<Products, 2> halves{Products(with.inputs, 512), Products(with.inputs, 512)};
  pt::Workers workers(2);
  const auto both = [&] {
    workers.run([&](Index worker) { halves[static_cast<std::size_t>(worker)](); });
  };
  results.add(with.name("bare products on two threads / one, batch 1024"), compare(arguments, both, all));
}

void measure_prediction(const Arguments& arguments, Case& with, Results& results) {
  auto space = with.model.workspace(1);
  Index next = 0;
  const auto predict = [&] {
    const std::array<Index, 1> row{next};
    with.model.predict(space, with.data, row);
    next = (next + 1) % sample_count;
  };
  const Ratio taken = compare(arguments, predict, predict);
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
  results.add(with.name("allocations in ten steps, one thread"), allocations_of(one), 0);
  results.add(with.name("allocations in ten steps, two threads"), allocations_of(two), 0);
  auto space = with.model.workspace(256);
  std::vector<Index> rows(256);
  std::iota(rows.begin(), rows.end(), Index{0});
  results.add(with.name("allocations in ten predictions"),
              allocations_of([&] { with.model.predict(space, with.data, rows); }), 0);
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  using namespace benchmark;
  const auto arguments =
      benchmark::arguments(count, words, "A training step against its bare matrix products, and what else it costs.");
  std::printf("Shared layers of 128 and 64, heads of 8 and 4 outputs, float, Adam\n\n");
  Results results(arguments);
  Case narrow(32);
  Case wide(256);
  for (Case* with : {&narrow, &wide}) measure_steps(arguments, *with, results);
  measure_peak(arguments, wide, results);
  for (Case* with : {&narrow, &wide}) measure_batch_size(arguments, *with, results);
  for (Case* with : {&narrow, &wide}) measure_threads(arguments, *with, results);
  for (Case* with : {&narrow, &wide}) measure_prediction(arguments, *with, results);
  measure_balancing(arguments, wide, results);
  measure_adam(arguments, results);
  for (Case* with : {&narrow, &wide}) count_allocations(*with, results);
  results.finish();
}
