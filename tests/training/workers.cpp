#include "polytask/training/workers.hpp"

#include "catch.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace polytask;

TEST_CASE("a round calls the function once for every worker, the first one in the calling thread") {
  for (const Index count : {1, 2, 5}) {
    Workers workers(count);
    CHECK(workers.count() == count);
    std::vector<int> calls(static_cast<std::size_t>(count), 0);
    std::vector<std::thread::id> threads(static_cast<std::size_t>(count));
    for (int round = 1; round <= 200; ++round) {
      workers.run([&](Index worker) {
        ++calls[static_cast<std::size_t>(worker)];
        threads[static_cast<std::size_t>(worker)] = std::this_thread::get_id();
      });
      REQUIRE(calls == std::vector<int>(static_cast<std::size_t>(count), round));  // all are done when run() returns
    }
    CHECK(threads.front() == std::this_thread::get_id());
    for (std::size_t worker = 1; worker < threads.size(); ++worker) CHECK(threads[worker] != threads.front());
  }
}

TEST_CASE("workers work at the same time") {
  Workers workers(3);
  std::atomic<int> present{0};
  workers.run([&](Index) {
    ++present;
    while (present < 3) std::this_thread::yield();  // ends only if all three are here at once
  });
  CHECK(present == 3);
}

TEST_CASE("workers that have fallen asleep take the next round") {
  Workers workers(3);
  std::atomic<int> calls{0};
  for (int round = 1; round <= 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    workers.run([&](Index) { ++calls; });
    CHECK(calls == 3 * round);
  }
}

#ifdef __linux__
TEST_CASE("there are never more threads than asked for") {
  const auto threads = [] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  const auto before = threads();
  Workers workers(4);
  CHECK(threads() == before + 3);
  workers.run([](Index) {});
  CHECK(threads() == before + 3);
}
#endif

TEST_CASE("an exception of any worker is passed on when all are done, and the next round runs") {
  Workers workers(3);
  for (Index bad = 0; bad < 3; ++bad) {
    std::atomic<int> done{0};
    const auto round = [&] {
      workers.run([&](Index worker) {
        if (worker == bad) throw std::out_of_range("worker " + std::to_string(worker));
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        ++done;
      });
    };
    CHECK_THROWS_WITH(round(), "worker " + std::to_string(bad));
    CHECK(done == 2);
    CHECK_THROWS_AS(round(), std::out_of_range);
  }
  int calls = 0;
  workers.run([&](Index worker) {
    if (worker == 0) ++calls;
  });
  CHECK(calls == 1);
}

TEST_CASE("when several workers throw, one exception is passed on and none is left for the next round") {
  Workers workers(3);
  CHECK_THROWS_WITH(workers.run([](Index worker) { throw std::runtime_error("worker " + std::to_string(worker)); }),
                    "worker 0");
  CHECK_NOTHROW(workers.run([](Index) {}));
}

TEST_CASE("one worker passes its exception on") {
  Workers workers(1);
  CHECK_THROWS_AS(workers.run([](Index) { throw std::logic_error("alone"); }), std::logic_error);
  CHECK_NOTHROW(workers.run([](Index) {}));
}

TEST_CASE("workers can be destroyed without a round, and a number that is none is refused") {
  { const Workers workers(4); }
  CHECK_THROWS_AS(Workers(0), ArgumentError);
  CHECK_THROWS_WITH(Workers(-1), "the number of threads is 1 to 1024, not -1");
  CHECK_THROWS_WITH(Workers(1025), containing("not 1025"));
}
