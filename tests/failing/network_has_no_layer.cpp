// error: every part of a sequence must be a layer: see layers/layer.hpp
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

namespace pt = polytask;

/// A layer but for its backward pass.
struct Square {
  static constexpr std::string_view name = "square";
  static constexpr bool couples_samples = false;
  pt::Index width = 0;
  pt::Index connect(pt::Index inputs) { return width = inputs; }
  pt::Index inputs() const { return width; }
  pt::Index outputs() const { return width; }
  pt::Index memory_size(pt::Index) const { return 0; }
  template <class Visitor>
  void parameters(Visitor&&) const {}
  template <class Visitor>
  void statistics(Visitor&&) const {}
  template <class Self, class Visitor>
  static void configuration(Self&, Visitor&&) {}
  template <class S>
  void initialize(pt::Flat<S>, pt::Flat<S>, pt::Random&) const {}
  template <class S>
  void forward(const pt::Forward<S>&) const {}
#ifdef FIXED
  template <class S>
  void backward(const pt::Backward<S>&) const {}
#endif
};

auto model() {
  return pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::sequence(pt::dense(4), Square{})},
                              pt::task<"click">(pt::BinaryCrossEntropy{}));
}
