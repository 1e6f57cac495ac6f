// error: the first argument of task<.*must be a loss: see losses/loss.hpp
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

namespace pt = polytask;

/// Looks like a loss, but lacks predict().
struct Almost {
  static constexpr std::string_view name = "almost";
  static constexpr pt::LossKind kind = pt::LossKind::regression;
  void connect(pt::Index, pt::Index) {}
  pt::Index outputs() const { return 1; }
  pt::Index label_rows() const { return 1; }
  pt::Index prediction_rows() const { return 1; }
  template <class S>
  double evaluate(const pt::LossPass<S>&) const {
    return 0;
  }
#ifdef FIXED
  template <class S>
  void predict(const pt::ConstColumns<S>&, pt::Columns<S>) const {}
#endif
  template <class S>
  std::string problem_with(S) const {
    return {};
  }
  template <class Self, class Visitor>
  static void configuration(Self&, Visitor&&) {}
};

auto model() {
  return pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::mlp({4})}, pt::task<"click">(Almost{}));
}
