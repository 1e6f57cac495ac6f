/// @file
/// The same work in PyTorch: the same network with the same first parameters, the same samples in the same order.
#include "pytorch.hpp"

#include "embedded.hpp"
#include "many_tasks.hpp"
#include "rows.hpp"

#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/weighting/grad_norm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace benchmark {
namespace {

constexpr int compared_steps = 20;
constexpr double loss_tolerance = 1e-3;  ///< relative, of the losses in single precision after so many steps

/// A row of the table.
struct Row {
  std::string name;
  double bar = Results::no_bar;
  std::string settings = {};  ///< of the worker's training
  Rules rules = {};
  Index batch = 256;
  int threads = 1;
  int rounds = 61;
};

/// The orders in which PCGrad goes through the tasks in the first steps, an order a column: drawn as PcGrad draws them.
pt::CategoryRows pc_grad_orders(Index tasks) {
  constexpr Index steps = 256;
  pt::CategoryRows orders(tasks, steps * tasks);
  for (Index step = 0; step < steps; ++step) {
    pt::Random random = pt::Random(pt::PcGrad{}.seed).stream(static_cast<std::uint64_t>(step + 1));
    std::vector<std::int32_t> order(static_cast<std::size_t>(tasks));
    std::iota(order.begin(), order.end(), 0);
    for (Index task = 0; task < tasks; ++task) {
      random.shuffle(order);
      std::copy(order.begin(), order.end(), orders.col(step * tasks + task).data());
    }
  }
  return orders;
}

/// The opponents, one a thread count, and what both sides are timed with.
class Opponents {
 public:
  Opponents(const Arguments& arguments, Results& results)
      : arguments_(arguments), results_(results), workers_{pytorch_worker(1), pytorch_worker(2)} {
    results_.title("Against " + workers_[0].ask("version") + " (eager), one thread unless it says two");
  }

  /// Compares the losses of the first steps, then times both in turn.
  void measure(pt::Model<float>& model, const pt::Dataset<float>& data, const Row& row) {
    Worker& worker = workers_[static_cast<std::size_t>(row.threads - 1)];
    model.initialize(1);
    Training training(model, data, row.batch, row.threads, row.rules);
    worker.ask("forget");
    worker.send_start(model);
    worker.send_data(data);
    using Order = Eigen::Map<const Eigen::Matrix<Index, Eigen::Dynamic, 1>>;
    worker.send("order", Order(training.order().data(), static_cast<Index>(training.order().size())));
    worker.send("orders", pc_grad_orders(static_cast<Index>(model.size())));
    worker.begin("training batch=" + std::to_string(row.batch) + " " + tasks_of(model) + row.settings);
    compare_losses(row, training, worker);
    results_.add(row.name, in_turn(training, worker, row.rounds, row.threads > 1 ? Time::passing : Time::processor),
                 row.bar);
  }

  void tell_difference() {
    std::printf("All losses of the first %d steps are those of PyTorch to %.0e of their size.\n", compared_steps,
                largest_difference_);
  }

  void measure_prediction(Case& with, Index batch, double bar) {
    Worker& worker = workers_[0];
    worker.ask("forget");
    worker.send_start(with.model);
    worker.send_data(with.data);
    worker.begin("prediction batch=" + std::to_string(batch) + " " + tasks_of(with.model));
    Prediction predict(with, batch);
    results_.add(
        with.name("prediction of " + (batch == 1 ? "one row" : std::to_string(batch) + " rows") + " / PyTorch's"),
        in_turn(predict, worker, 61, Time::processor), bar);
  }

 private:
  template <class Work>
  Ratio in_turn(Work& work, Worker& worker, int rounds, Time time) const {
    return arguments_.quick ? alternate(work, worker, 3, 0.0005, time) : alternate(work, worker, rounds, 0.01, time);
  }

  /// @throws std::runtime_error when both do not do the same work
  void compare_losses(const Row& row, Training& training, Worker& worker) {
    const auto theirs = worker.losses(compared_steps);
    std::size_t place = 0;
    for (int step = 0; step < compared_steps; ++step)
      for (const double ours : training().losses) {
        pt::require<std::runtime_error>(place < theirs.size(), row.name, ": PyTorch tells ", theirs.size(), " losses");
        const double apart = std::abs(ours - theirs[place]) / std::abs(ours);
        pt::require<std::runtime_error>(apart <= loss_tolerance, row.name, ": in step ", step + 1, " a task's loss is ",
                                        ours, ", in PyTorch ", theirs[place]);
        largest_difference_ = std::max(largest_difference_, apart);
        ++place;
      }
  }

  const Arguments& arguments_;
  Results& results_;
  std::array<Worker, 2> workers_;
  double largest_difference_ = 0;  ///< relative, of all losses compared
};

std::string with_batch(Index batch) { return ", batch " + std::to_string(batch); }

void measure_embeddings(const Arguments& arguments, Opponents& opponents) {
  // 26 tables whose sizes lie evenly on a logarithmic scale
  constexpr Index columns = 26;
  const double most = arguments.quick ? 1e4 : 1e6;
  std::vector<Index> rows;
  for (Index column = 0; column < columns; ++column)
    rows.push_back(static_cast<Index>(
        std::lround(1000 * std::pow(most / 1000, static_cast<double>(column) / static_cast<double>(columns - 1)))));
  auto model = network(embedded_features(13, rows, 16));
  const auto data = embedded_data(13, rows);
  for (const Index batch : {256, 1024})
    opponents.measure(model, data,
                      {.name = "26 embedded columns / PyTorch's sparse ones" + with_batch(batch),
                       .settings = " network=embeddings",
                       .batch = batch});
  opponents.measure(model, data,
                    {.name = "26 embedded columns / PyTorch's default ones" + with_batch(256),
                     .settings = " network=embeddings sparse=no",
                     .rounds = 5});
}

}  // namespace

void measure_pytorch(const Arguments& arguments, Case& narrow, Case& wide, Results& results) {
  if (!arguments.pytorch) {
    results.title("Against PyTorch: left out; --with-pytorch measures it");
    return;
  }
  Opponents opponents(arguments, results);
  for (Case* with : {&narrow, &wide})
    for (const Index batch : {32, 256, 1024})
      opponents.measure(with->model, with->data,
                        {.name = with->name("step / PyTorch's" + with_batch(batch)),
                         .bar = batch == 32 ? 0.10 : 0.40,
                         .batch = batch});
  for (Case* with : {&narrow, &wide}) opponents.measure_prediction(*with, 1, 0.02);
  for (Case* with : {&narrow, &wide}) opponents.measure_prediction(*with, 100, Results::no_bar);
  for (Case* with : {&narrow, &wide})
    opponents.measure(
        with->model, with->data,
        {.name = with->name("step / PyTorch's, two threads" + with_batch(1024)), .batch = 1024, .threads = 2});
  opponents.measure(wide.model, wide.data,
                    {.name = wide.name("GradNorm / PyTorch's" + with_batch(256)),
                     .settings = " rule=gradnorm",
                     .rules = {.weighting = pt::AnyWeighting(pt::GradNorm{})}});
  auto three = network_of_tasks<3>(pt::Features::dense(wide.inputs));
  const auto three_data = random_data(wide.inputs, 3);
  opponents.measure(three, three_data,
                    {.name = wide.name("PCGrad of 3 tasks / PyTorch's" + with_batch(256)),
                     .settings = " rule=pcgrad",
                     .rules = {.aggregation = pt::AnyAggregation(pt::PcGrad{})}});
  auto mixture =
      pt::multi_task_model(pt::Features::dense(wide.inputs), pt::MixtureOfExperts{pt::mlp({128, 64}), {.experts = 8}},
                           first_task(), second_task());
  opponents.measure(
      mixture, wide.data,
      {.name = wide.name("MMoE of 8 experts / PyTorch's" + with_batch(256)), .settings = " network=mixture"});
  measure_embeddings(arguments, opponents);
  opponents.tell_difference();
}

}  // namespace benchmark
