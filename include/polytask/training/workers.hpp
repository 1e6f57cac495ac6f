/// @file
/// A few threads that share the slices of a batch.
#pragma once

#include "polytask/core/denormals.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"

#include <atomic>
#include <exception>
#include <memory>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace polytask {

/// Runs one function on every worker at once; the calling thread is worker 0, so one worker means no other thread.
/// A round allocates nothing. Between rounds that follow each other closely, as in training, a worker stays awake and
/// gives way to whoever else wants its processor; after that it sleeps.
class Workers {
 public:
  /// @throws ArgumentError unless count is 1 .. 1024
  explicit Workers(Index count)
      : errors_(static_cast<std::size_t>(checked(count))), threads_(static_cast<std::size_t>(count - 1)) {
    try {
      for (Index worker = 1; worker < count; ++worker)
        threads_[static_cast<std::size_t>(worker - 1)] =
            std::jthread([this, worker](const std::stop_token& stop) { serve(worker, stop); });
    } catch (...) {
      stop();
      throw;
    }
  }

  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  ~Workers() { stop(); }

  Index count() const { return static_cast<Index>(errors_.size()); }

  /// Calls function(worker) for every worker and returns when all are done; the first exception is passed on.
  template <class Function>
  void run(Function&& function) {
    if (threads_.empty()) return function(Index{0});
    using Plain = std::remove_reference_t<Function>;
    context_ = const_cast<void*>(static_cast<const void*>(std::addressof(function)));
    call_ = [](void* context, Index worker) { (*static_cast<Plain*>(context))(worker); };
    working_.store(static_cast<int>(threads_.size()), std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    attempt(0);
    for (int left = working_.load(std::memory_order_acquire); left > 0;) left = wait(working_, left);
    std::exception_ptr first;
    for (auto& error : errors_) {  // none may be left for the next round
      const auto thrown = std::exchange(error, nullptr);
      if (!first) first = thrown;
    }
    if (first) std::rethrow_exception(first);
  }

 private:
  static Index checked(Index count) {
    require(count >= 1 && count <= 1024, "the number of threads is 1 to 1024, not ", count);
    return count;
  }

  void stop() {
    for (auto& thread : threads_) thread.request_stop();
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    threads_.clear();  // joins
  }

  /// Waits until a number is another one than it was, and returns it.
  template <class Number>
  static Number wait(const std::atomic<Number>& number, Number before) {
    constexpr int turns_awake = 256;  // about 0.1 ms where nobody else wants the processor
    for (int turn = 0; turn < turns_awake; ++turn) {
      if (const Number now = number.load(std::memory_order_acquire); now != before) return now;
      std::this_thread::yield();
    }
    number.wait(before, std::memory_order_acquire);
    return number.load(std::memory_order_acquire);
  }

  void attempt(Index worker) {
    try {
      call_(context_, worker);
    } catch (...) {
      errors_[static_cast<std::size_t>(worker)] = std::current_exception();
    }
  }

  void serve(Index worker, const std::stop_token& stop) {
    const FlushDenormals flush;
    for (unsigned seen = 0;;) {
      while (wait(round_, seen) == seen) continue;
      ++seen;  // the next round begins only after this worker is done
      if (stop.stop_requested()) return;
      attempt(worker);
      if (working_.fetch_sub(1, std::memory_order_acq_rel) == 1) working_.notify_one();
    }
  }

  std::atomic<unsigned> round_{0};
  std::atomic<int> working_{0};
  void (*call_)(void*, Index) = nullptr;
  void* context_ = nullptr;
  std::vector<std::exception_ptr> errors_;
  std::vector<std::jthread> threads_;
};

}  // namespace polytask
