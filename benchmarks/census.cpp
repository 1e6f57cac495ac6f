/// @file
/// Census-Income (KDD) from the files to the AUC of both tasks, against the same in pandas and PyTorch.
#include "compiler.hpp"
#include "network.hpp"
#include "pytorch.hpp"
#include "real_data.hpp"
#include "results.hpp"

#include "polytask/compiled.hpp"
#include "polytask/data/csv.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/training/evaluate.hpp"
#include "polytask/training/training.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {
namespace {

const std::vector<std::string> numbers{"age",
                                       "wage_per_hour",
                                       "capital_gains",
                                       "capital_losses",
                                       "dividends_from_stocks",
                                       "num_persons_worked_for_employer",
                                       "weeks_worked_in_year"};
const std::vector<std::string> labels{"income", "marital_stat"};

/// What a run took and reached.
struct Found {
  static constexpr std::array<const char*, 4> stages{"reading", "encoding", "training", "evaluating"};
  std::array<double, 4> seconds{};
  std::array<double, 2> auc{};
};

/// Writes a file of the data set, unpacked, to a place; of a short run the first rows alone.
/// @return whether the data set is here
bool unpack(const Arguments& arguments, const std::string& part, const std::filesystem::path& place) {
  auto bytes = read_real_data(arguments.data, "census_income_kdd",
                              {"census-income." + part + ".csv.xz", "census-income." + part + ".csv"});
  if (!bytes) return false;
  if (arguments.quick) bytes->resize(bytes->rfind('\n', std::size_t{1} << 20) + 1);
  pt::require<pt::FileError>(static_cast<bool>((std::ofstream(place) << *bytes).flush()), place.string(),
                             ": the file cannot be written");
  return true;
}

pt::Table read(const std::filesystem::path& file) {
  pt::CsvColumns columns{.numbers = numbers, .keys = labels};
  std::string header;
  std::ifstream stream(file);
  std::getline(stream, header);
  std::istringstream names(header);
  for (std::string name; std::getline(names, name, ',');)
    if (std::find(numbers.begin(), numbers.end(), name) == numbers.end() &&
        std::find(labels.begin(), labels.end(), name) == labels.end())
      columns.categories.push_back(name);
  pt::Table table = pt::read_csv(file, columns);
  const auto add_label = [&](const std::string& label, const std::string& column, const std::string& value) {
    const auto& from = table.categories(column);
    const auto code = std::find(from.names.begin(), from.names.end(), value) - from.names.begin();
    std::vector<double> values;
    for (const auto one : from.codes) values.push_back(one == code ? 1 : 0);
    table.add_numbers(label, std::move(values), pt::Use::label);
  };
  add_label("over_50k", "income", "50000+.");
  add_label("never_married", "marital_stat", "Never married");
  return table;
}

/// The library's side. A call is a whole run.
struct Pipeline {
  std::filesystem::path train_file, test_file;
  Index epochs;
  Found found = {};

  void operator()() {
    std::array<double, 5> times{};
    std::size_t stage = 0;
    const auto mark = [&] { times[stage++] = now(Time::processor); };
    mark();
    const auto train = read(train_file);
    const auto test = read(test_file);
    mark();
    auto model = pt::multi_task_model(pt::features(train, {.scaling = pt::Scaling::log1p, .embedding_width = 4}),
                                      pt::HardSharing{pt::mlp({117})},
                                      pt::task<"over_50k">(pt::BinaryCrossEntropy{}, pt::mlp({8})),
                                      pt::task<"never_married">(pt::BinaryCrossEntropy{}, pt::mlp({8})));
    const auto train_data = model.encode(train);
    const auto test_data = model.encode(test);
    mark();
    pt::Training<float>(model, {pt::AnyOptimizer<float>(pt::Adam{.rate = 1e-3}), {}, {}, {}})
        .fit(train_data, {.epochs = epochs, .batch = 1024});
    mark();
    const auto scores = pt::evaluate(model, test_data);
    mark();
    for (std::size_t which = 0; which < found.seconds.size(); ++which)
      found.seconds[which] = times[which + 1] - times[which];
    for (std::size_t task = 0; task < found.auc.size(); ++task) found.auc[task] = scores[task].value;
  }
};

/// The other side; what the last run took is asked for after it.
struct Opponent {
  Worker& worker;
  Found found = {};

  double seconds(std::int64_t calls) {
    const double taken = worker.seconds(calls);
    std::istringstream answer(worker.ask("found"));
    for (double& stage : found.seconds) answer >> stage;
    for (double& auc : found.auc) answer >> auc;
    return taken;
  }
};

/// One stage of a pipeline that is run over and over: its time in each run.
template <class Side>
struct Recorded {
  Side& side;
  std::array<std::vector<double>, 4> seconds_of = {};

  double seconds(std::int64_t calls) {
    const double taken = benchmark::seconds(side, calls) * static_cast<double>(calls);
    for (std::size_t stage = 0; stage < seconds_of.size(); ++stage)
      seconds_of[stage].push_back(side.found.seconds[stage]);
    return taken;
  }
};

void print(const std::string& side, const Found& found) {
  std::printf("%s: AUC of the test rows %.4f and %.4f;", side.c_str(), found.auc[0], found.auc[1]);
  for (std::size_t stage = 0; stage < Found::stages.size(); ++stage)
    std::printf(" %s %.2f s%s", Found::stages[stage], found.seconds[stage],
                stage + 1 < Found::stages.size() ? "," : "\n");
}

void run(const Arguments& arguments) {
  const TemporaryDirectory here;
  Pipeline ours{here.path() / "train.csv", here.path() / "test.csv", arguments.quick ? Index{1} : Index{5}};
  if (!unpack(arguments, "train", ours.train_file) || !unpack(arguments, "test", ours.test_file)) return;
  std::printf("Census-Income, %ld epochs in batches of 1024, one thread; times are the processor's\n\n",
              static_cast<long>(ours.epochs));
  if (!arguments.pytorch) {
    if (!arguments.json.empty()) throw std::runtime_error("--json is for the ratios of --with-pytorch");
    ours();
    print("polytask", ours.found);
    std::printf("Against pandas and PyTorch: left out; --with-pytorch measures it\n");
    return;
  }
  Worker worker("PyTorch",
                {python(), std::string(POLYTASK_BENCHMARKS) + "/pytorch/census.py", ours.train_file.string(),
                 ours.test_file.string(), std::to_string(ours.epochs)},
                {"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1"});
  const std::string version = worker.ask("version");
  Opponent theirs{worker};
  Results results(arguments);
  Recorded<Pipeline> first{ours};
  Recorded<Opponent> second{theirs};
  results.add("the whole / " + version, alternate(first, second, arguments.quick ? 1 : 7, 0.001), 0.25);
  for (std::size_t stage = 0; stage < Found::stages.size(); ++stage) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < first.seconds_of[stage].size(); ++round)
      ratios.push_back(first.seconds_of[stage][round] / second.seconds_of[stage][round]);
    results.add(Found::stages[stage], {quantile(first.seconds_of[stage], 0.5), quantile(second.seconds_of[stage], 0.5),
                                       quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75)});
  }
  std::printf("\n");
  print("polytask", ours.found);
  print(version, theirs.found);
  results.finish();
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  using namespace benchmark;
  try {
    run(benchmark::arguments(
        count, words, "Census-Income from the files to the AUC, against pandas and PyTorch.",
        {with_pytorch, {"--data", "DIR", "where census_income_kdd lies", nullptr, &Arguments::data}}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
