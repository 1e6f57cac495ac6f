/// @file
/// How the time of a training step grows with batch, width, tasks, experts, embedding columns and rows of their tables.
#include "curves/curve.hpp"
#include "curves/model_of_tasks.hpp"

#include "embedded.hpp"

#include "polytask/report/chart_grid.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"

#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace benchmark {
namespace {

constexpr Index inputs = 32;

void measure_batches(CurveMeter& meter) {
  meter.begin({.quantity = "batch"});
  const Index most = meter.most(65536, 1024);
  auto model = network(pt::Features::dense(inputs));
  const auto data = random_data(inputs, 12, most);
  for (Index batch = 1; batch <= most; batch *= 4) meter.point(batch, model, data, batch);
  meter.end();
}

void measure_widths(CurveMeter& meter) {
  meter.begin({.quantity = "width"});
  const auto data = random_data(inputs);
  for (Index width = 16; width <= meter.most(2048, 64); width *= 2) {
    auto model = pt::multi_task_model(pt::Features::dense(inputs), pt::HardSharing{pt::mlp({width, width})},
                                      first_task(), second_task());
    meter.point(width, model, data);
  }
  meter.end();
}

void measure_tasks(CurveMeter& meter) {
  meter.begin({.quantity = "tasks", .most = 1});
  const auto point = [&](Index tasks, std::unique_ptr<pt::Model<float>> model) {
    meter.point(tasks, *model, random_data(inputs, tasks));
  };
  point(1, model_of_tasks<1>(inputs));
  point(2, model_of_tasks<2>(inputs));
  point(4, model_of_tasks<4>(inputs));
  point(8, model_of_tasks<8>(inputs));
  point(16, model_of_tasks<16>(inputs));
  point(32, model_of_tasks<32>(inputs));
  point(64, model_of_tasks<64>(inputs));
  meter.end();
}

void measure_experts(CurveMeter& meter) {
  meter.begin({.quantity = "experts"});
  const auto data = random_data(inputs);
  for (Index experts = 1; experts <= meter.most(32, 4); experts *= 2) {
    auto model = pt::multi_task_model(pt::Features::dense(inputs),
                                      pt::MixtureOfExperts{pt::mlp({128, 64}), {.experts = experts}}, first_task(),
                                      second_task());
    meter.point(experts, model, data);
  }
  meter.end();
}

void measure_tables(CurveMeter& meter, Index x, const std::vector<Index>& rows) {
  auto model = network(embedded_features(inputs, rows, 16));
  meter.point(x, model, embedded_data(inputs, rows));
}

void measure_columns(CurveMeter& meter) {
  meter.begin({.quantity = "embedding columns", .most = 1});
  for (const Index columns : {1, 2, 5, 10, 20, 50, 100, 200})
    if (columns <= meter.most(200, 10))
      measure_tables(meter, columns, std::vector<Index>(static_cast<std::size_t>(columns), 10'000));
  meter.end();
}

/// Rows of large tables lie further apart in memory, which is all that they may cost.
void measure_rows(CurveMeter& meter) {
  meter.begin({.quantity = "table rows", .most = 0.05});
  for (Index rows = 1000; rows <= meter.most(10'000'000, 10'000); rows *= 10) measure_tables(meter, rows, {rows});
  meter.end();
}

void draw(const std::vector<Curve>& curves, const std::string& file) {
  pt::ChartGrid grid;
  grid.title = "The time of a training step";
  grid.subtitle = "In times of a step of 256 samples with 32 inputs, layers of 128 and 64, and two tasks";
  grid.columns = 3;
  for (const Curve& curve : curves) {
    char exponent[32];
    std::snprintf(exponent, sizeof exponent, "exponent %.2f", curve.exponent());
    pt::LineChart chart{
        .title = curve.quantity, .subtitle = exponent, .x_label = curve.quantity, .y_label = "time of a step"};
    chart.x_logarithmic = chart.y_logarithmic = true;
    auto& line = chart.lines.emplace_back();
    for (const auto& [x, cost] : curve.points) line.points.push_back({x, cost.median, cost.low, cost.high});
    grid.charts.push_back(std::move(chart));
  }
  pt::write_svg(file, grid);
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  using namespace benchmark;
  try {
    const auto arguments = benchmark::arguments(
        count, words, "How the time of a training step grows with the sizes of its model and data.",
        {{"--svg", "FILE", "draws the curves", nullptr, &Arguments::svg}});
    std::printf(
        "A step / a step of 256 samples with 32 inputs, layers of 128 and 64, heads of 8 and 4 outputs;\n"
        "in all else like it. Embeddings are 16 wide, tables of the row of columns have 10,000 rows.\n\n");
    Results results(arguments);
    CurveMeter meter(arguments, results);
    measure_batches(meter);
    measure_widths(meter);
    measure_tasks(meter);
    measure_experts(meter);
    measure_columns(meter);
    measure_rows(meter);
    if (!arguments.svg.empty()) draw(meter.curves(), arguments.svg);
    return results.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
