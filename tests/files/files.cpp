#include "catch.hpp"
#include "problem.hpp"

#include "polytask/files/checkpoint.hpp"
#include "polytask/files/model.hpp"
#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/metrics/log_loss.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/optimizers/momentum.hpp"
#include "polytask/regularization/l2.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/separate.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <unistd.h>

namespace pt = polytask;
using pt::Index;

namespace {

/// A directory of its own, removed in the end.
struct Directory {
  std::filesystem::path path;
  Directory() : path(std::filesystem::temp_directory_path() / ("polytask_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::filesystem::path operator/(const std::string& name) const { return path / name; }
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

auto normalised(const pt::Table& train) {
  return problem::model<float>(
      train, pt::HardSharing{pt::sequence(pt::dense<pt::Gelu>(8), pt::batch_normalization(), pt::dropout(0.1))});
}

template <class Model>
void same_predictions(const Model& left, const Model& right, const pt::Table& rows) {
  CHECK(left.template predict<"click">(rows) == right.template predict<"click">(rows));
  CHECK(left.template predict<"spend">(rows) == right.template predict<"spend">(rows));
  CHECK(left.template predict<"visits">(rows) == right.template predict<"visits">(rows));
  CHECK(left.template predict<"segment">(rows) == right.template predict<"segment">(rows));
}

/// Stops a run in the middle, with a checkpoint.
struct StopAfterThree {
  const std::filesystem::path& path;
  template <class Trainer>
  bool epoch_ended(const pt::EpochReport& report, Trainer& trainer) {
    if (report.epoch == 3) pt::save_checkpoint(path, trainer);
    return report.epoch == 3;
  }
};

}  // namespace

TEST_CASE("a model that is saved and loaded predicts the same") {
  const Directory directory;
  const auto train = problem::table(300);
  const auto test = problem::table(100, 2);
  auto model = normalised(train);
  pt::Trainer(model, pt::Adam{.rate = 0.01}).fit(train, {.epochs = 3});
  pt::save(directory / "model.safetensors", model, test);
  const auto loaded = pt::load<decltype(model)>(directory / "model.safetensors");
  same_predictions(model, loaded, test);
  CHECK(loaded.features().class_names("segment") == std::vector<std::string>{"casual", "loyal", "rare"});

  auto separate = problem::model<double>(train, pt::Separate{pt::mlp({5})});
  pt::save(directory / "separate.safetensors", separate, test);
  same_predictions(separate, pt::load<decltype(separate)>(directory / "separate.safetensors"), test);

  auto dense = pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::mlp({4})},
                                    pt::task<"a">(pt::Quantile{.levels = {0.2, 0.7}}));
  const auto data = pt::Dataset<float>::from(pt::Matrix<float>::Random(3, 20), pt::Matrix<float>::Random(1, 20));
  pt::save(directory / "dense.safetensors", dense, data);
  const auto dense_again = pt::load<decltype(dense)>(directory / "dense.safetensors");
  CHECK(dense_again.task<"a">().loss.levels == std::vector<double>{0.2, 0.7});
  CHECK(dense_again.predict<"a">(data) == dense.predict<"a">(data));
}

TEST_CASE("the file has the layout of safetensors") {
  const Directory directory;
  const auto train = problem::table(50);
  const auto model = problem::model<float>(train, pt::HardSharing{pt::mlp({5})});
  pt::save(directory / "model.safetensors", model, train);
  const std::string bytes = bytes_of(directory / "model.safetensors");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  CHECK(length % 8 == 0);
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  const auto& entry = header.at("parameters/shared/0/weights");
  CHECK(entry.at("dtype") == "F32");
  CHECK(entry.at("shape") == nlohmann::json::array({model.features().input_width(), 5}));
  const std::size_t first = entry.at("data_offsets")[0];
  float weight = 0;
  std::memcpy(&weight, bytes.data() + 8 + length + first + 4, 4);  // input 0, output 1
  CHECK(weight == model.parameters["shared/0/weights"](1, 0));
  for (const auto& [key, value] : header.at("__metadata__").items()) CHECK(value.is_string());
}

TEST_CASE("a damaged file is refused, whatever is wrong with it") {
  const Directory directory;
  const auto train = problem::table(60);
  const auto model = problem::model<float>(train, pt::HardSharing{pt::mlp({3})});
  using Model = std::remove_cv_t<decltype(model)>;
  const auto path = directory / "model.safetensors";
  pt::save(path, model, train);
  const std::string good = bytes_of(path);
  const auto damaged = directory / "damaged.safetensors";

  SECTION("every truncation") {
    for (std::size_t size = 0; size < good.size(); size += size < 400 ? 7 : 211) {
      write(damaged, good.substr(0, size));
      CHECK_THROWS_AS(pt::load<Model>(damaged), pt::FileError);
    }
    write(damaged, good.substr(0, good.size() - 1));
    CHECK_THROWS_WITH(pt::load<Model>(damaged), containing("damaged.safetensors") && containing("truncated"));
  }
  SECTION("every altered byte") {
    for (std::size_t place = 0; place < good.size(); place += 13) {
      std::string bytes = good;
      bytes[place] = static_cast<char>(bytes[place] ^ 0x11);
      write(damaged, bytes);
      CHECK_THROWS_AS(pt::load<Model>(damaged), pt::FileError);
    }
    std::string bytes = good;
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    write(damaged, bytes);
    CHECK_THROWS_WITH(pt::load<Model>(damaged), containing("the file was altered"));
  }
  SECTION("bytes behind the end, an empty file, no file") {
    write(damaged, good + "x");
    CHECK_THROWS_WITH(pt::load<Model>(damaged), containing("1 bytes too many"));
    write(damaged, "");
    CHECK_THROWS_WITH(pt::load<Model>(damaged), containing("truncated"));
    CHECK_THROWS_WITH(pt::load<Model>(directory / "absent"), containing("cannot be opened"));
  }
}

TEST_CASE("a file of another structure is refused with the place that differs") {
  const Directory directory;
  const auto train = problem::table(60);
  const auto path = directory / "model.safetensors";
  const auto model = problem::model<float>(train, pt::HardSharing{pt::mlp({3})});
  pt::save(path, model, train);
  using Separate = decltype(problem::model<float>(train, pt::Separate{pt::mlp({3})}));
  CHECK_THROWS_WITH(pt::load<Separate>(path),
                    containing("sharing: the file holds 'hard', the program expects 'separate'"));
  using Deeper = decltype(problem::model<float>(train, pt::HardSharing{pt::mlp({3, 3})}));
  CHECK_THROWS_WITH(pt::load<Deeper>(path), containing("sharing.network") && containing("'1'"));
  using Double = decltype(problem::model<double>(train, pt::HardSharing{pt::mlp({3})}));
  CHECK_THROWS_WITH(pt::load<Double>(path), containing("holds \"F32\", the program expects F64"));
  using Tanh = decltype(problem::model<float>(train, pt::HardSharing{pt::mlp<pt::Tanh>({3})}));
  CHECK_THROWS_WITH(pt::load<Tanh>(path), containing("model.safetensors: sharing.network.0: the file holds a dense "
                                                     "layer with activation 'relu', the program expects 'tanh'"));
  auto other =
      pt::multi_task_model(problem::fitted(train), pt::HardSharing{pt::mlp({3})}, pt::task<"click">(pt::Focal{}),
                           pt::task<"spend">(pt::SquaredError{}, pt::mlp<pt::Tanh>({4})),
                           pt::task<"visits">(pt::Poisson{}), pt::task<"segment">(pt::SoftmaxCrossEntropy{}));
  CHECK_THROWS_WITH(pt::load<decltype(other)>(path),
                    containing("tasks.click.loss: the file holds 'binary_cross_entropy'"));
}

TEST_CASE("a save that fails leaves the old file untouched") {
  const Directory directory;
  const auto train = problem::table(60);
  const auto model = problem::model<float>(train, pt::HardSharing{pt::mlp({3})});
  const auto path = directory / "model.safetensors";
  pt::save(path, model, train);
  const std::string good = bytes_of(path);
  CHECK_THROWS_WITH(pt::save(directory / "absent/model.safetensors", model, train), containing("cannot be written"));
  // a model that predicts nothing of use, and a name that is not UTF-8, must not replace a good file
  auto broken = model;
  broken.parameters["click/0/bias"].setConstant(std::numeric_limits<float>::quiet_NaN());
  CHECK_THROWS_WITH(pt::save(path, broken, train), containing("task 'click' predicts numbers that are not finite"));
  auto latin = problem::table(60);
  auto cities = latin.categories("city");
  cities.names[0] = "Z\xfcrich";
  pt::Table renamed;
  for (const auto& column : latin.columns())
    renamed.add(column.name, column.use, column.name == "city" ? pt::Table::Values(cities) : column.values);
  const auto of_latin = problem::model<float>(renamed, pt::HardSharing{pt::mlp({3})});
  CHECK_THROWS_WITH(pt::save(path, of_latin, renamed), containing("not UTF-8"));
  CHECK(bytes_of(path) == good);
  CHECK_THROWS_WITH(pt::replace_file(path, [](std::ostream& stream) { stream.setstate(std::ios::badbit); }),
                    containing("could not be written completely"));
  CHECK_THROWS_AS(pt::replace_file(path, [](std::ostream&) { throw std::bad_alloc(); }), std::bad_alloc);
  CHECK(bytes_of(path) == good);
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path), {}) == 1);
}

TEST_CASE("stopping and resuming equals running through, bit for bit") {
  const Directory directory;
  const auto train = problem::table(300);
  const auto validation = problem::table(200, 2);
  const auto path = directory / "run.checkpoint";
  const auto options = [&](Index epochs) {
    return pt::FitOptions<float>{
        .epochs = epochs, .batch = 64, .epoch_steps = 7, .validation = &validation, .patience = 20};
  };
  const auto check = [&](auto optimizer) {
    auto straight = normalised(train);
    pt::Trainer whole(straight, optimizer, pt::Fixed{{{"spend", 0.5}}});
    whole.fit(train, options(6));

    auto first = normalised(train);
    pt::Trainer half(first, optimizer, pt::Fixed{{{"spend", 0.5}}});
    StopAfterThree stop{path};
    half.fit(train, options(6), stop);

    auto second = normalised(train);
    second.initialize(77);
    pt::Trainer rest(second, optimizer, pt::Fixed{{{"spend", 0.5}}});
    pt::load_checkpoint(path, rest, second);
    const auto& history = rest.fit(train, options(6));
    CHECK(second.parameters.values == straight.parameters.values);
    CHECK(second.statistics.values == straight.statistics.values);
    for (std::size_t table = 0; table < second.embeddings.size(); ++table)
      CHECK(second.embeddings[table].values == straight.embeddings[table].values);
    REQUIRE(history.epochs.size() == whole.history().epochs.size());
    CHECK(history.best_epoch == whole.history().best_epoch);
    CHECK(history.epochs.back().validation_losses == whole.history().epochs.back().validation_losses);
    CHECK(history.steps == whole.history().steps);
  };
  check(pt::Adam{.rate = 0.01});
  check(pt::Momentum{.rate = 0.01});

  auto model = normalised(train);
  pt::Trainer other(model, pt::Adam{});
  CHECK_THROWS_WITH(pt::load_checkpoint(path, other, model),
                    containing("training.optimizer.type: the file has \"momentum\""));
  pt::Trainer equal(model, pt::Momentum{.rate = 0.01});
  CHECK_THROWS_WITH(pt::load_checkpoint(path, equal, model), containing("training.weighting: the file has \"fixed\""));
  pt::Trainer faster(model, pt::Momentum{.rate = 0.5}, pt::Fixed{});
  CHECK_THROWS_WITH(pt::load_checkpoint(path, faster, model), containing("training.optimizer.rate: the file has 0.01"));
  pt::Trainer penalised(model, pt::Momentum{.rate = 0.01}, pt::Fixed{}, pt::L2{.strength = 1});
  CHECK_THROWS_WITH(pt::load_checkpoint(path, penalised, model),
                    containing("training.regularizations: the file has 0"));
  auto wider = problem::model<float>(
      train, pt::HardSharing{pt::sequence(pt::dense<pt::Gelu>(9), pt::batch_normalization(), pt::dropout(0.1))});
  pt::Trainer wide(wider, pt::Momentum{}, pt::Fixed{});
  CHECK_THROWS_WITH(pt::load_checkpoint(path, wide, wider),
                    containing("run.checkpoint: model.sharing.network.0.outputs: the file has 8"));
  pt::Trainer reweighted(model, pt::Momentum{.rate = 0.01}, pt::Fixed{});
  CHECK_THROWS_WITH(pt::load_checkpoint(path, reweighted, model), containing("another setting of 'weights'"));
  pt::Trainer right(model, pt::Momentum{.rate = 0.01}, pt::Fixed{{{"spend", 0.5}}});
  pt::load_checkpoint(path, right, model);
  CHECK_THROWS_WITH(right.fit(train, {.batch = 32}), containing("training cannot go on from the checkpoint"));
  CHECK_THROWS_WITH(pt::load<decltype(model)>(path), containing("expected a file of format 'polytask model'"));
}

TEST_CASE("a training run does not go on under other metrics or groups") {
  const Directory directory;
  const auto train = problem::table(200);
  const auto validation = problem::table(100, 2);
  const auto path = directory / "run.checkpoint";
  const auto go_on = [&](const pt::FitOptions<float>& options) {
    auto model = normalised(train);
    pt::Trainer trainer(model, pt::Adam{.rate = 0.01});
    if (std::filesystem::exists(path)) pt::load_checkpoint(path, trainer, model);
    StopAfterThree stop{path};
    trainer.fit(train, options, stop);
  };
  pt::FitOptions<float> options{.epochs = 6, .batch = 64, .validation = &validation, .stop_on = "click"};
  go_on(options);
  auto other = options;
  other.metrics = {{"click", pt::metrics::log_loss}};
  CHECK_THROWS_WITH(go_on(other), containing("with other settings: metrics (auc "));
  other = options;
  other.group = "customer";
  other.batch = 32;
  CHECK_THROWS_WITH(go_on(other),
                    containing("with other settings: batch (64 then, 32 now), group ( then, customer now)"));
  CHECK_NOTHROW(go_on(options));
}

TEST_CASE("a run that an exception ended in the middle of an epoch leaves no checkpoint") {
  const Directory directory;
  const auto train = problem::table(200);
  auto model = normalised(train);
  pt::Trainer trainer(model, pt::Adam{.rate = 0.01});
  struct Break {
    void step_taken(const pt::StepReport& report) const {
      if (report.step == 6) throw std::runtime_error("the power is gone");
    }
  };
  Break observer;
  CHECK_THROWS_WITH(trainer.fit(train, {.epochs = 3, .batch = 50}, observer), containing("the power is gone"));
  CHECK_THROWS_WITH(pt::save_checkpoint(directory / "run.checkpoint", trainer),
                    containing("ended in the middle of epoch 2 by an exception"));
  trainer.fit(train, {.epochs = 1, .batch = 50, .keep_best = false});
  CHECK_NOTHROW(pt::save_checkpoint(directory / "run.checkpoint", trainer));
}

TEST_CASE("a task may be named as the parts of a file are") {
  const Directory directory;
  pt::Table train;
  train.add_numbers("x", {1, 2, 3, 4});
  for (const char* name : {"type", "features", "sharing", "tasks", "link"})
    train.add_numbers(name, {1, 0, 3, 2}, pt::Use::label);
  const auto model =
      pt::multi_task_model(pt::features(train), pt::HardSharing{pt::mlp({3})}, pt::task<"type">(pt::SquaredError{}),
                           pt::task<"features">(pt::Huber{}), pt::task<"sharing">(pt::SquaredError{}),
                           pt::task<"tasks">(pt::SquaredError{}), pt::task<"link">(pt::SquaredError{}));
  pt::save(directory / "model.safetensors", model, train);
  auto copy = pt::load<std::remove_const_t<decltype(model)>>(directory / "model.safetensors");
  CHECK(copy.predict<"type">(train) == model.predict<"type">(train));
  CHECK(copy.predict<"link">(train) == model.predict<"link">(train));
  pt::Trainer trainer(copy, pt::Adam{});
  trainer.fit(train, {.epochs = 1, .keep_best = false});
  pt::save_checkpoint(directory / "run.checkpoint", trainer);
  CHECK_NOTHROW(pt::load_checkpoint(directory / "run.checkpoint", trainer, copy));
}

TEST_CASE("a checkpoint is only taken where training stands, and only taken up if it is sound") {
  const Directory directory;
  const auto train = problem::table(100);
  auto model = problem::model<float>(train, pt::HardSharing{pt::mlp({3})});
  const auto path = directory / "run.checkpoint";
  pt::Trainer trainer(model, pt::Adam{});
  CHECK_THROWS_WITH(pt::save_checkpoint(path, trainer), containing("there is no training run to save"));
  trainer.fit(train, {.epochs = 3});
  pt::save_checkpoint(path, trainer);  // without validation data the model is where training ended
  auto other = problem::model<float>(train, pt::HardSharing{pt::mlp({3})});
  pt::Trainer longer(other, pt::Adam{});
  pt::load_checkpoint(path, longer, other);
  longer.fit(train, {.epochs = 5});
  auto straight = problem::model<float>(train, pt::HardSharing{pt::mlp({3})});
  pt::Trainer(straight, pt::Adam{}).fit(train, {.epochs = 5});
  CHECK(other.parameters.values == straight.parameters.values);

  // the best epoch is not the last: the parameters of the last are gone
  const auto noise = problem::table(100, 3);
  pt::Trainer wild(model, pt::Adam{.rate = 0.3});
  wild.fit(train, {.epochs = 40, .batch = 10, .validation = &noise});
  REQUIRE(wild.history().best_epoch < 40);
  CHECK_THROWS_WITH(pt::save_checkpoint(path, wild), containing("parameters of the best epoch"));

  auto run = longer.run();
  CHECK_NOTHROW(pt::files::check_run(run, 4, "file"));
  const auto unsound = [&](auto&& change) {
    auto changed = run;
    change(changed);
    CHECK_THROWS_WITH(pt::files::check_run(changed, 4, "file"), containing("not one that training can have"));
  };
  unsound([](auto& changed) { changed.weighting.emplace("wrong", pt::ConstantWeights(std::vector<double>(42, 1.0))); });
  unsound([](auto& changed) { changed.history.best_epoch = 99; });
  unsound([](auto& changed) { changed.history.epochs.front().validation_losses = {1.0}; });
  unsound([](auto& changed) { changed.memory.step = -1; });
  unsound([](auto& changed) { changed.memory.steps.pop_back(); });
}

TEST_CASE("what is no file of the library, or would be none, is refused") {
  const Directory directory;
  const auto train = problem::table(30);
  using Model = decltype(problem::model<float>(train, pt::HardSharing{pt::mlp({3})}));
  CHECK_THROWS_WITH(pt::load<Model>(directory.path), containing("cannot be opened"));
  CHECK_THROWS_WITH(pt::multi_task_model(pt::Features::dense(2), pt::HardSharing{pt::mlp({3})},
                                         pt::task<"shared">(pt::SquaredError{})),
                    containing("two segments named 'shared/0/weights'"));
}

TEST_CASE("a layer of a file has settings that a program could have given it") {
  const auto read = [](auto layer, const char* key, double value) {
    pt::Json json = pt::to_json(layer);
    json[key] = value;
    pt::from_json(json, layer, "sharing.network.1");
    return layer;
  };
  CHECK(read(pt::dropout(0.1), "rate", 0.75).rate() == 0.75);
  CHECK_THROWS_AS(read(pt::dropout(0.1), "rate", 1), pt::FileError);
  CHECK_THROWS_WITH(read(pt::dropout(0.1), "rate", 1),
                    "sharing.network.1: the rate of dropout is at least 0 and less than 1, not 1");
  CHECK_THROWS_WITH(read(pt::dropout(0.1), "rate", -0.5), containing("not -0.5"));
  CHECK(pt::to_json(read(pt::batch_normalization(), "pace", 1)) == pt::to_json(pt::batch_normalization(1)));
  CHECK_THROWS_AS(read(pt::batch_normalization(), "pace", 0), pt::FileError);
  CHECK_THROWS_WITH(
      read(pt::batch_normalization(), "pace", 0),
      containing("sharing.network.1: the pace of batch normalisation is more than 0 and at most 1, not 0"));
  CHECK_THROWS_WITH(read(pt::batch_normalization(), "pace", 1.5), containing("not 1.5"));
}

TEST_CASE("initialisation is part of the structure") {
  const Directory directory;
  const auto model = pt::multi_task_model(pt::Features::dense(3),
                                          pt::HardSharing{pt::sequence(pt::dense(4, pt::Initialization::glorot))},
                                          pt::task<"a">(pt::SquaredError{}));
  const auto data = pt::Dataset<float>::from(pt::Matrix<float>::Random(3, 4), pt::Matrix<float>::Random(1, 4));
  pt::save(directory / "model", model, data);
  auto loaded = pt::load<std::remove_cv_t<decltype(model)>>(directory / "model");
  auto again = model;
  loaded.initialize(5);
  again.initialize(5);
  CHECK(loaded.parameters.values == again.parameters.values);
}

TEST_CASE("two structures are the same in whatever order their members come") {
  const auto file = pt::Json::parse(R"({"model": "linear", "tasks": [{"name": "a", "rows": 1}], "width": 2})");
  const auto program = pt::Json::parse(R"({"width": 2, "tasks": [{"rows": 1, "name": "a"}], "model": "linear"})");
  REQUIRE(file != program);
  CHECK(pt::difference(file, program, "model") == "");
  auto wider = program;
  wider["tasks"][0]["rows"] = 3;
  CHECK(pt::difference(file, wider, "model") == "model.tasks[0].rows: the file has 1, the program 3");
  wider["tasks"].push_back("b");
  CHECK(pt::difference(file, wider, "model") == "model.tasks: the file has 1 entries, the program 2");
  wider.erase("tasks");
  CHECK(pt::difference(file, wider, "model") == "model: the program does not have 'tasks'");
  CHECK(pt::difference(wider, file, "model") == "model: the file does not have 'tasks'");
}

TEST_CASE("a model that is loaded into a copy leaves the original its features") {
  const Directory directory;
  const auto original = problem::model<float>(problem::table(20), pt::HardSharing{pt::mlp({3})});
  const auto table = problem::table(300);
  const auto other = problem::model<float>(table, pt::HardSharing{pt::mlp({3})});
  const auto before = pt::to_json(original.features());
  REQUIRE(before != pt::to_json(other.features()));
  pt::save(directory / "other", other, table);
  auto copy = original;
  pt::load_into(directory / "other", copy);
  CHECK(pt::to_json(copy.features()) == pt::to_json(other.features()));
  CHECK(pt::to_json(original.features()) == before);
}
