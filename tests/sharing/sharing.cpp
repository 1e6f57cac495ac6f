// What holds of every sharing policy.
#include "catch.hpp"
#include "passes.hpp"
#include "problem.hpp"

#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/separate.hpp"

#include <numeric>
#include <string>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

/// The gradients of all parameters and all tables, one after the other.
template <class Pass>
pt::Vector<double> whole_gradient(const Pass& pass) {
  pt::Vector<double> whole =
      pt::ConstFlat<double>(pass.space.gradient.data(), static_cast<Index>(pass.space.gradient.size()));
  for (std::size_t table = 0; table < pass.space.row_gradients.size(); ++table) {
    const pt::Vector<double> part = pass.table_gradient(table);
    whole.conservativeResize(whole.size() + part.size());
    whole.tail(part.size()) = part;
  }
  return whole;
}

template <class Model>
auto pass_of(const Model& model, const pt::Dataset<double>& data) {
  std::vector<Index> rows(static_cast<std::size_t>(data.size()));
  std::iota(rows.begin(), rows.end(), Index{0});
  return passes::Pass(model, data, rows, {1, 0.5, 2, 3});
}

auto layers() {
  return pt::sequence(pt::dense<pt::Tanh>(6), pt::dropout(0.3), pt::batch_normalization(), pt::dense<pt::Gelu>(4));
}

/// One forward pass and several ways back, each for some of the tasks: the gradients add up.
template <class SharingPolicy>
void gradients_add_up(SharingPolicy sharing) {
  const auto train = problem::table(60);
  const auto model = problem::model<double>(train, std::move(sharing));
  const auto data = model.encode(train);
  auto pass = pass_of(model, data);
  pass.loss();
  pass.clear();
  pass.backward();
  const pt::Vector<double> joint = whole_gradient(pass);

  pass.loss();
  pt::Vector<double> sum = pt::Vector<double>::Zero(joint.size());
  for (std::size_t task = 0; task < 4; ++task) {
    pass.space.active.assign(4, 0);
    pass.space.active[task] = 1;
    pass.clear();
    pass.backward();
    sum += whole_gradient(pass);
  }
  CHECK(joint.norm() > 1);
  CHECK((sum - joint).norm() < 1e-12 * joint.norm());

  pass.space.active = {1, 0, 0, 1};
  pass.clear();
  pass.backward();
  pass.space.active = {0, 1, 1, 0};
  pass.backward();  // without clear(): added
  CHECK((whole_gradient(pass) - joint).norm() < 1e-12 * joint.norm());
}

/// The gradient of one task alone in the model is that of a model with this task only active from the start, and moves
/// nothing that belongs to others.
template <class SharingPolicy>
void one_task_alone(SharingPolicy sharing) {
  const auto train = problem::table(60);
  const auto model = problem::model<double>(train, std::move(sharing));
  const auto data = model.encode(train);
  auto all = pass_of(model, data);
  all.loss();
  auto alone = pass_of(model, data);
  for (Index task = 0; task < 4; ++task) {
    const auto place = static_cast<std::size_t>(task);
    alone.space.active.assign(4, 0);
    alone.space.active[place] = 1;
    alone.loss();
    alone.clear();
    alone.backward();
    all.space.active = alone.space.active;
    all.clear();
    all.backward();
    CHECK(whole_gradient(all) == whole_gradient(alone));
    for (const auto& segment : model.parameters.layout.segments()) {
      INFO(segment.name << " in the gradient of task " << task);
      const double norm = pt::ConstFlat<double>(alone.space.gradient.data() + segment.offset, segment.size()).norm();
      CHECK((norm > 0) == (segment.owner == pt::shared_owner || segment.owner == task));
    }
    for (std::size_t table = 0; table < model.embeddings.size(); ++table) {
      const Index owner = model.embeddings[table].owner;
      CHECK((alone.table_gradient(table).norm() > 0) == (owner == pt::shared_owner || owner == task));
    }
  }
}

template <class SharingPolicy>
std::string segments_of(SharingPolicy sharing, Index inputs) {
  static constexpr std::array<std::string_view, 2> names{"click", "spend"};
  sharing.connect(inputs, names);
  std::string found;
  const auto add = [&](const std::string& name, Index owner, Index rows, Index columns) {
    found += name + " " + std::to_string(owner) + " " + std::to_string(rows) + "x" + std::to_string(columns) + "; ";
  };
  sharing.parameters(add);
  found += "| ";
  sharing.statistics(add);
  return found;
}

}  // namespace

TEST_CASE("with hard sharing the gradients of single tasks add up to the joint gradient") {
  gradients_add_up(pt::HardSharing{layers()});
  gradients_add_up(pt::HardSharing{pt::Sequence<>{}});
}

TEST_CASE("without sharing the gradients of single tasks add up to the joint gradient") {
  gradients_add_up(pt::Separate{layers()});
}

TEST_CASE("with hard sharing a task alone moves what is shared and its own head") {
  one_task_alone(pt::HardSharing{layers()});
}

TEST_CASE("without sharing a task alone moves its own network, tables and head") {
  one_task_alone(pt::Separate{layers()});
}

TEST_CASE("a backward pass without an active task adds nothing") {
  const auto train = problem::table(30);
  const auto model = problem::model<double>(train, pt::HardSharing{layers()});
  const auto data = model.encode(train);
  auto pass = pass_of(model, data);
  pass.loss();
  pass.clear();
  pass.space.active.assign(4, 0);
  for (Index task = 0; task < 4; ++task)  // left over from another batch
    model.sharing().representation_gradient(pass.space.sharing_memory(), 30, task).setOnes();
  model.backward_sharing(pass.space, pass.space.active, pt::view(pass.space.gradient), pt::Reach::whole, true);
  CHECK(pt::view(pass.space.gradient).isZero(0));
}

TEST_CASE("a policy names its segments and their owners") {
  const auto network = pt::sequence(pt::dense<pt::Relu>(4), pt::batch_normalization());
  CHECK(segments_of(pt::HardSharing{network}, 3) ==
        "shared/0/weights -1 4x3; shared/0/bias -1 4x1; shared/1/gain -1 4x1; shared/1/shift -1 4x1; "
        "| shared/1/mean -1 4x1; shared/1/variance -1 4x1; ");
  CHECK(segments_of(pt::Separate{pt::sequence(pt::dense<pt::Relu>(4))}, 3) ==
        "click/network/0/weights 0 4x3; click/network/0/bias 0 4x1; "
        "spend/network/0/weights 1 4x3; spend/network/0/bias 1 4x1; | ");
}

TEST_CASE("hard sharing has one representation for all tasks, separate networks one each") {
  const auto train = problem::table(20);
  const auto check = [&](const auto& model, bool shared) {
    const auto data = model.encode(train);
    auto pass = pass_of(model, data);
    pass.loss();
    const auto memory = pass.space.sharing_memory();
    const auto first = model.sharing().representation(memory, 20, 0);
    const auto last = model.sharing().representation(memory, 20, 3);
    CHECK((first.data() == last.data()) == shared);
    CHECK((first == last) == shared);
    // the gradients are places of their own in either case
    CHECK(model.sharing().representation_gradient(memory, 20, 0).data() !=
          model.sharing().representation_gradient(memory, 20, 3).data());
  };
  check(problem::model<double>(train, pt::HardSharing{layers()}), true);
  check(problem::model<double>(train, pt::Separate{layers()}), false);
}

TEST_CASE("an inactive task moves no statistics of its own network") {
  const auto train = problem::table(40);
  const auto model = problem::model<double>(train, pt::Separate{layers()});
  const auto data = model.encode(train);
  auto pass = pass_of(model, data);
  pass.space.active = {0, 1, 0, 1};
  model.gather(pass.space, data, pass.chosen);
  auto statistics = model.statistics;
  model.forward(pass.space, pt::view(statistics.values), pt::Random(1), true);
  for (const auto& segment : statistics.layout.segments())
    CHECK((statistics[segment.name] == model.statistics[segment.name]) == (segment.owner == 0 || segment.owner == 2));
}

TEST_CASE("the baseline of hard sharing is the same network for each task") {
  const auto train = problem::table(40);
  const auto model = problem::model<double>(train, pt::HardSharing{pt::mlp({7, 5})});
  const auto baseline = problem::model<double>(train, model.sharing().baseline());
  STATIC_REQUIRE(decltype(baseline)::sharing_type::name == "separate");
  CHECK(baseline.parameters["visits/network/1/weights"].rows() == 5);
  CHECK(baseline.parameters["visits/network/1/weights"].cols() == 7);
}
