#include "golden.hpp"
#include "catch.hpp"

#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adagrad.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/optimizers/adamw.hpp"
#include "polytask/optimizers/momentum.hpp"
#include "polytask/optimizers/rmsprop.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/training/trainer.hpp"
#include "polytask/weighting/any_weighting.hpp"
#include "polytask/weighting/fixed.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/uncertainty.hpp"

#include <cmath>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

constexpr double tolerance = 1e-10;

/// What the reference run calls a segment of ours, and the other way round.
std::string reference_name(const std::string& segment) {
  const bool weights = segment.ends_with("weights");
  const std::string part = weights ? ".weight" : ".bias";
  if (segment.starts_with("shared/experts/")) return "expert" + segment.substr(15, 1) + part;
  if (segment.starts_with("shared/")) return "trunk" + segment.substr(7, 1) + part;
  if (segment.find("/gate/") != std::string::npos) return "gate" + segment.substr(4, 1) + part;
  return "head" + segment.substr(4, 1) + part;  // "task0/0/weights"
}

pt::Matrix<double> reference(const golden::File& file, const std::string& when, const std::string& segment) {
  const auto& values = file[when + "." + reference_name(segment)];
  return segment.ends_with("bias") ? pt::Matrix<double>(values.transpose()) : values;
}

/// Remembers what every step reports of each task.
struct Losses {
  std::vector<std::vector<double>> steps;
  std::vector<std::vector<double>> weights;
  std::vector<std::vector<double>> norms;
  void step_taken(const pt::StepReport& report) {
    steps.emplace_back(report.losses.begin(), report.losses.end());
    weights.emplace_back(report.weights.begin(), report.weights.end());
    norms.emplace_back(report.last_layer_norms.begin(), report.last_layer_norms.end());
  }
};

double relative(double ours, double theirs) { return std::abs(ours - theirs) / std::max(1e-3, std::abs(theirs)); }

/// Trains from the reference's start on its data and compares every loss and the final parameters.
template <class Model, class... Policies>
Losses compare(const golden::File& file, Model model, const pt::Vector<double>& sample_weights, Policies... policies) {
  pt::Matrix<double> labels(model.label_offsets().back(), file["x"].rows());
  for (std::size_t task = 0; task < Model::task_count; ++task) {
    const std::string number = std::to_string(task);
    const Index first = model.label_offsets()[task];
    labels.middleRows(first, model.label_offsets()[task + 1] - first) = file["y" + number].transpose();
    if (file.has("mask" + number))
      for (Index sample = 0; sample < labels.cols(); ++sample)
        if (file["mask" + number](sample, 0) == 0)
          labels.col(sample).segment(first, model.label_offsets()[task + 1] - first).setConstant(pt::missing);
  }
  const auto data = pt::Dataset<double>::from(file["x"].transpose(), labels, sample_weights);
  for (const auto& segment : model.parameters.layout.segments())
    model.parameters[segment.name] = reference(file, "initial", segment.name);

  pt::Trainer trainer(model, policies...);
  Losses losses;
  trainer.fit(data, {.epochs = file["losses"].rows(), .batch = data.size()}, losses);

  const auto agree = [&](const std::vector<std::vector<double>>& ours, const std::string& theirs) {
    double worst = 0;
    for (Index step = 0; step < file[theirs].rows(); ++step)
      for (Index task = 0; task < file[theirs].cols(); ++task)
        worst = std::max(worst, relative(ours[step][task], file[theirs](step, task)));
    INFO(theirs);
    CHECK(worst < tolerance);
  };
  agree(losses.steps, "losses");
  if (file.has("norms")) {
    agree(losses.norms, "norms");
    agree(losses.weights, "weights");
  }
  double worst = 0;
  for (const auto& segment : model.parameters.layout.segments()) {
    const pt::Matrix<double> ours = model.parameters[segment.name];
    const pt::Matrix<double> theirs = reference(file, "final", segment.name);
    for (Index place = 0; place < ours.size(); ++place)
      worst = std::max(worst, relative(ours.reshaped()[place], theirs.reshaped()[place]));
  }
  CHECK(worst < tolerance);
  return losses;
}

auto three_tasks() {
  return pt::multi_task_model<double>(
      pt::Features::dense(6), pt::HardSharing{pt::mlp({8, 5})}, pt::task<"task0">(pt::SquaredError{}, {"a", "b", "c"}),
      pt::task<"task1">(pt::BinaryCrossEntropy{}), pt::task<"task2">(pt::SoftmaxCrossEntropy{.classes = 3}));
}

template <class OptimizerType>
void compare_fixed(const std::string& name, OptimizerType optimizer) {
  compare(golden::File("fixed_weights_" + name + ".txt"), three_tasks(), {},
          pt::Fixed{{{"task1", 0.5}, {"task2", 2.0}}}, optimizer);
}

}  // namespace

TEST_CASE("two regressions trained by Adam follow the reference run") {
  compare(golden::File("seed_network_adam.txt"),
          pt::multi_task_model<double>(pt::Features::dense(6), pt::HardSharing{pt::mlp({8, 5})},
                                       pt::task<"task0">(pt::SquaredError{}, {"a", "b", "c"}),
                                       pt::task<"task1">(pt::SquaredError{})),
          {}, pt::Adam{.rate = 0.01});
}

TEST_CASE("three tasks with fixed weights follow the reference run of every optimizer") {
  compare_fixed("adam", pt::Adam{.rate = 0.01});
  compare_fixed("adamw", pt::AdamW{.rate = 0.01, .weight_decay = 0.05});
  compare_fixed("adagrad", pt::Adagrad{.rate = 0.05});
  compare_fixed("rmsprop", pt::RmsProp{.rate = 0.005});
  compare_fixed("momentum", pt::Momentum{.rate = 0.02});
}

TEST_CASE("uncertainty weighting follows the reference run") {
  const golden::File file("uncertainty_adam.txt");
  const auto run = compare(file, three_tasks(), {}, pt::Uncertainty{.rate = 0.01}, pt::Adam{.rate = 0.01});
  double worst = 0;
  for (Index step = 0; step < file["log_variances"].rows(); ++step)
    for (Index task = 0; task < 3; ++task)  // task 0 is a regression
      worst = std::max(worst, relative(run.weights[step][task],
                                       (task == 0 ? 0.5 : 1.0) * std::exp(-file["log_variances"](step, task))));
  CHECK(worst < tolerance);
}

TEST_CASE("GradNorm follows the reference run") {
  compare(golden::File("gradnorm_alpha1.5.txt"), three_tasks(), {}, pt::GradNorm{.alpha = 1.5}, pt::Sgd{.rate = 0.05});
  compare(golden::File("gradnorm_alpha0.5.txt"), three_tasks(), {}, pt::AnyWeighting(pt::GradNorm{.alpha = 0.5}),
          pt::Sgd{.rate = 0.05});
}

TEST_CASE("a mixture of experts with a gate a task follows the reference run") {
  compare(golden::File("mmoe_adam.txt"),
          pt::multi_task_model<double>(pt::Features::dense(6), pt::MixtureOfExperts{pt::mlp({5}), {.experts = 3}},
                                       pt::task<"task0">(pt::SquaredError{}, {"a", "b", "c"}),
                                       pt::task<"task1">(pt::BinaryCrossEntropy{})),
          {}, pt::Adam{.rate = 0.01});
}

TEST_CASE("missing labels and sample weights follow the reference run") {
  const golden::File file("missing_labels_sgd.txt");
  compare(file,
          pt::multi_task_model<double>(pt::Features::dense(6), pt::HardSharing{pt::mlp({8, 5})},
                                       pt::task<"task0">(pt::SquaredError{}, {"a", "b", "c"}),
                                       pt::task<"task1">(pt::BinaryCrossEntropy{})),
          file["sample_weight"].col(0), pt::Sgd{.rate = 0.05});
}
