#include "networks.hpp"

#include "many_tasks.hpp"

#include "polytask/sharing/cross_stitch.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/sharing/progressive_extraction.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/sharing/soft.hpp"

namespace benchmark {
namespace {

template <class SharingPolicy>
std::unique_ptr<pt::Model<float>> network_of(Index inputs, SharingPolicy sharing) {
  return [&]<std::size_t... Number>(std::index_sequence<Number...>) {
    auto model = pt::multi_task_model(pt::Features::dense(inputs), std::move(sharing),
                                      pt::task<task_name<Number>>(pt::SquaredError{})...);
    return std::make_unique<decltype(model)>(std::move(model));
  }(std::make_index_sequence<scm20d_target_count>{});
}

auto layers() { return pt::mlp({128, 64}); }

}  // namespace

std::vector<SharingNetwork> scm20d_networks() {
  return {
      {"separate", [](Index inputs) { return network_of(inputs, pt::Separate{layers()}); }},
      {"hard", [](Index inputs) { return network_of(inputs, pt::HardSharing{layers()}); }},
      {"soft",
       [](Index inputs) {
         return network_of(inputs, pt::SoftSharing{layers(), {.strength = 1e-3}});
       }},
      {"cross_stitch", [](Index inputs) { return network_of(inputs, pt::CrossStitch{layers()}); }},
      {"mixture_of_experts",
       [](Index inputs) {
         return network_of(inputs, pt::MixtureOfExperts{layers(), {.experts = 4}});
       }},
      {"progressive_extraction", [](Index inputs) {
         return network_of(inputs, pt::ProgressiveExtraction{layers(), {.shared_experts = 2, .private_experts = 1}});
       }}};
}

}  // namespace benchmark
