#include "polytask/weighting/scheduled.hpp"

#include "checks.hpp"

#include <atomic>
#include <thread>

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<Scheduled>);

TEST_CASE("scheduled weights follow functions of step and epoch, and a task that is not named counts once") {
  auto training =
      run(Scheduled{{{"spend", [](const TrainingTime& time) { return 1.0 / static_cast<double>(time.step); }},
                     {"visits", [](const TrainingTime& time) { return time.epoch < 2 ? 0.0 : 4.0; }}}});
  CHECK(training.take({9, 9, 9}, 1) == Three{1, 1, 0});
  CHECK(training.take({9, none, none}, 1) == Three{0.5, 1, 0});
  CHECK(training.take({9, 9, 9}, 2) == Three{1 / 3.0, 1, 4});
}

TEST_CASE("a piecewise linear weight goes straight from point to point and stays at its ends") {
  const auto weight = piecewise_linear({{2, 1}, {4, 0}, {9, 5}});
  const auto at = [&](Index epoch) { return weight(TrainingTime{100, epoch}); };
  CHECK(at(1) == 1);
  CHECK(at(2) == 1);
  CHECK(at(3) == 0.5);
  CHECK(at(4) == 0);
  CHECK(at(6) == Approx(2).epsilon(1e-14));
  CHECK(at(9) == 5);
  CHECK(at(1000) == 5);
  CHECK(piecewise_linear({{1, 0.3}})(TrainingTime{1, 5}) == 0.3);
}

TEST_CASE("a seasonal weight goes up and down about 1 and stays above 0") {
  const auto weight = seasonal(8, 0.5);
  const auto at = [&](Index epoch) { return weight(TrainingTime{1, epoch}); };
  CHECK(at(1) == 1);
  CHECK(at(3) == Approx(1.5).epsilon(1e-14));
  CHECK(at(5) == Approx(1).epsilon(1e-14));
  CHECK(at(7) == Approx(0.5).epsilon(1e-14));
  CHECK(at(11) == Approx(1.5).epsilon(1e-13));
  CHECK(seasonal(8, 0.5, 0.25)(TrainingTime{1, 1}) == Approx(1.5).epsilon(1e-14));
  const auto deep = seasonal(7.3, 0.999999, 0.1);
  double mean = 0;
  for (Index epoch = 1; epoch <= 730; ++epoch) {
    CHECK(deep(TrainingTime{1, epoch}) > 0);
    mean += deep(TrainingTime{1, epoch}) / 730;
  }
  CHECK(mean == Approx(1).epsilon(1e-9));
}

TEST_CASE("a scheduled weight can be changed by the program while training runs") {
  double urgency = 1;
  auto training = run(Scheduled{{{"click", [&urgency](const TrainingTime&) { return urgency; }}}});
  CHECK(training.take({1, 1, 1})[1] == 1);
  urgency = 2.5;  // as an observer of the training would
  CHECK(training.take({1, 1, 1})[1] == 2.5);
}

TEST_CASE("a scheduled weight can be changed from another thread") {
  std::atomic<double> urgency = 1;
  auto training = run(Scheduled{{{"click", [&urgency](const TrainingTime&) { return urgency.load(); }}}});
  CHECK(training.take({1, 1, 1})[1] == 1);
  std::thread other([&urgency] { urgency = 7; });
  Three weights{};
  for (int step = 0; step < 100000000 && weights[1] != 7; ++step) weights = training.take({1, 1, 1});
  other.join();
  CHECK(weights == Three{1, 7, 1});
}

TEST_CASE("a scheduled weight that is none is refused with its task and time") {
  auto training = run(Scheduled{{{"spend", [](const TrainingTime& time) {
                                    return time.step < 3 ? 1.0 : 2.0 - static_cast<double>(time.step);
                                  }}}});
  training.take({1, 1, 1}, 1);
  training.take({1, 1, 1}, 1);
  CHECK_THROWS_AS(training.take({1, 1, 1}, 2), ArgumentError);
  CHECK_THROWS_WITH(training.take({1, 1, 1}, 2),
                    "the scheduled weight of 'spend' is -2 in step 4, epoch 2; it must be finite and at least 0");
  auto nothing = run(Scheduled{{{"visits", [](const TrainingTime&) { return none; }}}});
  CHECK_THROWS_WITH(nothing.take({1, 1, 1}, 5),
                    containing("the scheduled weight of 'visits' is nan in step 1, epoch 5"));
  CHECK_THROWS_WITH((Scheduled{{{"visit", seasonal(7, 0.1)}}}.begin(tasks)),
                    "a scheduled weight is given for 'visit', which is no task; the tasks are: spend, click, visits");
  CHECK_THROWS_WITH((Scheduled{{{"click", WeightSchedule()}}}.begin(tasks)),
                    "the scheduled weight of 'click' is an empty function");
}

TEST_CASE("schedules that make no sense are refused") {
  CHECK_THROWS_WITH(piecewise_linear({}), containing("at least one point"));
  CHECK_THROWS_WITH(piecewise_linear({{1, 1}, {1, 2}}),
                    "piecewise_linear: point 2 is in epoch 1; epochs must be finite and rise");
  CHECK_THROWS_WITH(piecewise_linear({{1, 1}, {2, -1}}), containing("the weight of point 2 is -1"));
  CHECK_THROWS_WITH(seasonal(0, 0.5), containing("the period is 0"));
  CHECK_THROWS_WITH(seasonal(7, 1), containing("the amplitude is 1"));
  CHECK_THROWS_WITH(seasonal(7, 0.5, infinity), containing("the phase is inf"));
}

TEST_CASE("scheduled weights go on where they stopped") {
  resumes(Scheduled{{{"spend", piecewise_linear({{1, 0}, {4, 3}})}, {"click", seasonal(3, 0.5)}}});
  auto training = run(Scheduled{{{"spend", [](const TrainingTime&) { return 8.0; }}}});
  training.take({1, 1, 1});
  auto other = Scheduled{}.begin(tasks);
  restore(save(training.state), other);
  CHECK(other.weights()[0] == 8);  // the last weights are kept
}
