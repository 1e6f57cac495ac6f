// Training runs with relations between tasks that stop and go on, and models that keep their relations.
#include "catch.hpp"
#include "problem.hpp"

#include "polytask/files/checkpoint.hpp"
#include "polytask/insight/task_relations.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/regularization/group_lasso.hpp"
#include "polytask/regularization/l1.hpp"
#include "polytask/regularization/mean_tying.hpp"
#include "polytask/regularization/task_covariance.hpp"
#include "polytask/regularization/task_graph.hpp"
#include "polytask/regularization/trace_norm.hpp"
#include "polytask/sharing/hard.hpp"

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

namespace pt = polytask;
using pt::Index;

namespace {

template <pt::Scalar S>
auto model_of(const pt::Table& train) {
  return pt::multi_task_model<S>(problem::fitted(train), pt::HardSharing{pt::mlp<pt::Tanh>({6})},
                                 pt::task<"click">(pt::BinaryCrossEntropy{}), pt::task<"spend">(pt::SquaredError{}),
                                 pt::task<"visits">(pt::Poisson{}));
}

/// All relations at once.
template <class Model>
auto trainer_of(Model& model, Index every = 7, double edge = -0.5) {
  return pt::Trainer(model, pt::Adam{.rate = 0.01}, pt::L1{}, pt::TaskCovariance{.strength = 0.05, .every = every},
                     pt::GroupLasso{.strength = 0.01}, pt::TraceNorm{.strength = 0.01},
                     pt::TaskGraph{.strength = 0.05, .edges = {{"click", "spend"}, {"spend", "visits", edge}}},
                     pt::MeanTying{.strength = 0.02},
                     pt::TaskCovariance{.strength = 0.01, .segments = "shared/*, */bias"});
}

struct TemporaryFile {
  std::filesystem::path path = std::filesystem::temp_directory_path() / pt::text("polytask_relations_", ::getpid());
  TemporaryFile() = default;
  ~TemporaryFile() { std::filesystem::remove(path); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
};

}  // namespace

TEMPLATE_TEST_CASE("a run with relations that stops and goes on is the run that never stopped, bit for bit", "", float,
                   double) {
  const auto train = problem::table(60);
  const auto original = model_of<TestType>(train);
  const TemporaryFile file;
  const auto fit = [&](auto& trainer, Index epochs) { trainer.fit(train, {.epochs = epochs, .batch = 16}); };
  auto straight = original;
  auto never_stopped = trainer_of(straight);
  fit(never_stopped, 6);
  auto stopped = original;
  auto before = trainer_of(stopped);
  fit(before, 3);  // twelve steps: the covariance was learnt after the seventh, and is due in two steps
  pt::save_checkpoint(file.path, before);
  auto taken_up = original;
  auto after = trainer_of(taken_up);
  pt::load_checkpoint(file.path, after, taken_up);
  CHECK(after.relations().covariance == before.relations().covariance);
  fit(after, 6);
  CHECK(taken_up.parameters.values == straight.parameters.values);
  CHECK(taken_up.parameters.values != stopped.parameters.values);
  CHECK(after.relations(0).covariance == never_stopped.relations(0).covariance);
  CHECK(after.relations(1).covariance == never_stopped.relations(1).covariance);
  CHECK(after.relations(0).covariance != before.relations(0).covariance);
  CHECK(after.relations(0).covariance != after.relations(1).covariance);
  // another cadence, another edge
  auto slower = trainer_of(taken_up, 8);
  CHECK_THROWS_WITH(pt::load_checkpoint(file.path, slower, taken_up), containing("every"));
  auto other = trainer_of(taken_up, 7, -0.4);
  CHECK_THROWS_WITH(pt::load_checkpoint(file.path, other, taken_up), containing("edges"));
}

TEST_CASE("a model that is read from a file still tells how its tasks are related") {
  const auto train = problem::table(60);
  auto model = model_of<float>(train);
  pt::Trainer trainer(model, pt::Adam{.rate = 0.01}, pt::TaskCovariance{.every = 4});
  trainer.fit(train, {.epochs = 2, .batch = 16});  // eight steps
  const TemporaryFile file;
  pt::save(file.path, model, train);
  const auto loaded = pt::load<decltype(model)>(file.path);
  const auto relations = pt::task_relations(loaded);
  CHECK(relations.tasks == std::vector<std::string>{"click", "spend", "visits"});
  CHECK(relations.covariance == trainer.relations().covariance);
  CHECK(relations.correlation("click", "spend") == trainer.relations().correlation("click", "spend"));
}

TEST_CASE("a file whose relations cannot have been learnt is refused") {
  pt::Layout layout;
  layout.add("a/weights", 0, 2, 2);
  layout.add("b/weights", 1, 2, 2);
  constexpr std::array<std::string_view, 2> tasks{"a", "b"};
  const auto begin = [&](auto rule) { return pt::AnyRegularization<float>(rule).begin({layout, {}, tasks}); };
  auto state = begin(pt::TaskCovariance{});
  const pt::Json saved = pt::to_json(state);
  const auto read = [&](const pt::Json& json) { pt::from_json(json, state, "state"); };
  read(saved);
  const auto with = [&](const char* key, pt::Json value) {
    pt::Json changed = saved;
    changed["state"][key] = std::move(value);
    return changed;
  };
  read(with("covariance", {0.75, 0.25, 0.25, 0.25}));
  CHECK((*state.relations())(0, 1) == 0.25);
  const std::string wrong = "the relations of the tasks are not what training can have learnt";
  CHECK_THROWS_AS(read(with("covariance", {0.75, 0.25, -0.25, 0.25})), pt::FileError);
  CHECK_THROWS_WITH(read(with("covariance", {0.75, 0.25, -0.25, 0.25})), containing(wrong));  // not symmetric
  CHECK_THROWS_WITH(read(with("covariance", {0.75, 0.25, 0.25, 0.75})), containing(wrong));   // trace
  CHECK_THROWS_WITH(read(with("covariance", {0.75, 0.5, 0.5, 0.25})), containing(wrong));     // a negative eigenvalue
  CHECK_THROWS_WITH(read(with("covariance", {0.75, nullptr, nullptr, 0.25})), containing(wrong));
  CHECK_THROWS_WITH(read(with("covariance", {1.0})), containing("'covariance' has 1 numbers, not 4"));
  CHECK_THROWS_WITH(read(with("steps", 10)), containing(wrong));
  auto other = begin(pt::MeanTying{});
  CHECK_THROWS_WITH(pt::from_json(saved, other, "state"),
                    containing("the parameters were regularized by 'task_covariance', the program has 'mean_tying'"));
}
