/// @file
/// What rules that look at single tasks' gradients add to a step with fixed weights.
#include "many_tasks.hpp"
#include "rows.hpp"

#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/aggregation/up_grad.hpp"
#include "polytask/weighting/grad_norm.hpp"

#include <string>

namespace benchmark {
namespace {

/// @param grad_norm_bar for GradNorm; the bar of the aggregations follows from the number of tasks: a way forward, and
/// one way back a task instead of one, each way back worth two ways forward
void measure_rules(const Arguments& arguments, pt::Model<float>& model, const pt::Dataset<float>& data,
                   Results& results, double grad_norm_bar) {
  const auto tasks = static_cast<double>(model.size());
  const double aggregation_bar = (1 + 2 * tasks) / 3;
  for (const Index batch : {256, 1024}) {
    if (arguments.check && batch != 256) continue;
    Training fixed(model, data, batch);
    const auto measure = [&](const std::string& name, const Rules& rules, double bar) {
      Training balanced(model, data, batch, 1, rules);
      results.add(name + " / fixed weights, " + std::to_string(model.size()) + " tasks, batch " + std::to_string(batch),
                  compare(arguments, balanced, fixed), bar);
    };
    measure("GradNorm", {.weighting = pt::AnyWeighting(pt::GradNorm{})}, grad_norm_bar);
    measure("UPGrad", {.aggregation = pt::AnyAggregation(pt::UpGrad{})}, aggregation_bar);
    measure("PCGrad", {.aggregation = pt::AnyAggregation(pt::PcGrad{})}, aggregation_bar);
  }
}

template <std::size_t Tasks>
void measure_tasks(const Arguments& arguments, Index inputs, Results& results, double grad_norm_bar) {
  auto model = network_of_tasks<Tasks>(pt::Features::dense(inputs));
  const auto data = random_data(inputs, Tasks);
  measure_rules(arguments, model, data, results, grad_norm_bar);
}

}  // namespace

void measure_balancing(const Arguments& arguments, Case& with, Results& results) {
  measure_rules(arguments, with.model, with.data, results, 1.20);
  if (!arguments.check) measure_tasks<4>(arguments, with.inputs, results, Results::no_bar);
  measure_tasks<8>(arguments, with.inputs, results, 1.80);
}

}  // namespace benchmark
