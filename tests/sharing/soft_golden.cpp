// Soft sharing follows a reference run.
#include "catch.hpp"
#include "golden.hpp"

#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/sharing/soft.hpp"
#include "polytask/training/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

/// What the reference run calls a segment of ours: "task1/tower/0/weights" is tower1.layer0.weight there.
std::string reference_name(const std::string& segment) {
  const bool tower = segment.find("/tower/") != std::string::npos;
  return (tower ? "tower" : "head") + segment.substr(4, 1) + (tower ? ".layer" + segment.substr(12, 1) : "") +
         (segment.ends_with("weights") ? ".weight" : ".bias");
}

pt::Matrix<double> reference(const golden::File& file, const std::string& when, const std::string& segment) {
  const auto& values = file[when + "." + reference_name(segment)];
  return segment.ends_with("bias") ? pt::Matrix<double>(values.transpose()) : values;
}

/// Remembers every step's losses.
struct Losses {
  std::vector<std::vector<double>> steps;

  void step_taken(const pt::StepReport& report) { steps.emplace_back(report.losses.begin(), report.losses.end()); }
};

double relative(double ours, double theirs) { return std::abs(ours - theirs) / (std::max)(1e-3, std::abs(theirs)); }

}  // namespace

TEST_CASE("three tasks with soft sharing follow the reference run") {
  constexpr double tolerance = 1e-10;
  const golden::File file("soft_sharing_sgd.txt");
  auto model = pt::multi_task_model<double>(pt::Features::dense(6), pt::SoftSharing{pt::mlp({8, 5}), {.strength = 0.1}},
                                            pt::task<"task0">(pt::SquaredError{}, {"a", "b", "c"}),
                                            pt::task<"task1">(pt::BinaryCrossEntropy{}),
                                            pt::task<"task2">(pt::SoftmaxCrossEntropy{.classes = 3}));
  pt::Matrix<double> labels(5, file["x"].rows());
  labels << file["y0"].transpose(), file["y1"].transpose(), file["y2"].transpose();
  const auto data = pt::Dataset<double>::from(file["x"].transpose(), labels);
  for (const auto& segment : model.parameters.layout.segments())
    model.parameters[segment.name] = reference(file, "initial", segment.name);
  const auto penalty = [&] { return model.sharing().penalty(pt::view(std::as_const(model.parameters.values))); };
  CHECK(relative(penalty(), file["penalty"](0, 0)) < tolerance);

  pt::Trainer trainer(model, pt::Sgd{.rate = 0.05});
  Losses losses;
  const Index steps = file["losses"].rows();
  const auto history = trainer.fit(data, {.epochs = steps, .batch = data.size()}, losses);

  double worst = 0;
  for (Index step = 0; step < steps; ++step)
    for (Index task = 0; task < 3; ++task)
      worst = (std::max)(worst, relative(losses.steps[step][task], file["losses"](step, task)));
  CHECK(worst < tolerance);
  worst = 0;
  for (Index step = 1; step < steps; ++step)  // an epoch is one step, and reports the penalty at its end
    worst = (std::max)(worst, relative(history.epochs[step - 1].penalty, file["penalty"](step, 0)));
  CHECK(worst < tolerance);
  CHECK(relative(penalty(), file["penalty"](0, 0)) > 0.1);
  worst = 0;
  for (const auto& segment : model.parameters.layout.segments()) {
    const pt::Matrix<double> ours = model.parameters[segment.name];
    const pt::Matrix<double> theirs = reference(file, "final", segment.name);
    for (Index place = 0; place < ours.size(); ++place)
      worst = (std::max)(worst, relative(ours.reshaped()[place], theirs.reshaped()[place]));
  }
  CHECK(worst < tolerance);
}
