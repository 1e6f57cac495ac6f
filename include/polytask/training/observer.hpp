/// @file
/// Observers of a training run: objects that are told what happens.
#pragma once

#include "polytask/training/history.hpp"
#include "polytask/training/step_report.hpp"

#include <concepts>
#include <memory>
#include <type_traits>

namespace polytask {

/// Whether an object answers at least one event of a training run:
///   training_started(const History&), epoch_started(Index epoch), step_taken(const StepReport&),
///   epoch_ended(const EpochReport&) or epoch_ended(const EpochReport&, const Trainer&), training_ended(const
///   History&).
template <class T, class TrainerType>
concept ObserverOf = requires(T& observer, const History& history, const EpochReport& epoch, const StepReport& step,
                              const TrainerType& trainer) {
  requires requires { observer.training_started(history); } || requires { observer.epoch_started(Index{}); } ||
               requires { observer.step_taken(step); } || requires { observer.epoch_ended(epoch); } ||
               requires { observer.epoch_ended(epoch, trainer); } || requires { observer.training_ended(history); };
};

/// An observer whatever its type, so that training is compiled once for all of them. It must outlive this view.
class ObserverView {
 public:
  /// @param trainer that is handed to epoch_ended(report, trainer)
  template <class T, class TrainerType>
    requires ObserverOf<T, TrainerType>
  ObserverView(T& observer, const TrainerType& trainer)
      : observer_(const_cast<void*>(static_cast<const void*>(std::addressof(observer)))),
        trainer_(&trainer),
        training_started_([](void* of, const History& history) {
          if constexpr (requires(T& to) { to.training_started(history); })
            static_cast<T*>(of)->training_started(history);
        }),
        epoch_started_([](void* of, Index epoch) {
          if constexpr (requires(T& to) { to.epoch_started(epoch); }) static_cast<T*>(of)->epoch_started(epoch);
        }),
        step_taken_([](void* of, const StepReport& report) {
          if constexpr (requires(T& to) { to.step_taken(report); }) static_cast<T*>(of)->step_taken(report);
        }),
        epoch_ended_([](void* of, const EpochReport& report, const void* from) {
          const auto stops = [](auto&& call) {
            if constexpr (std::is_convertible_v<decltype(call()), bool>)
              return static_cast<bool>(call());
            else
              return call(), false;
          };
          auto& to = *static_cast<T*>(of);
          [[maybe_unused]] const auto& trained_by = *static_cast<const TrainerType*>(from);
          if constexpr (requires { to.epoch_ended(report, trained_by); })
            return stops([&] { return to.epoch_ended(report, trained_by); });
          else if constexpr (requires { to.epoch_ended(report); })
            return stops([&] { return to.epoch_ended(report); });
          else
            return static_cast<void>(to), false;
        }),
        training_ended_([](void* of, const History& history) {
          if constexpr (requires(T& to) { to.training_ended(history); }) static_cast<T*>(of)->training_ended(history);
        }) {}

  void training_started(const History& history) const { training_started_(observer_, history); }
  void epoch_started(Index epoch) const { epoch_started_(observer_, epoch); }
  void step_taken(const StepReport& report) const { step_taken_(observer_, report); }

  /// Whether training is to stop.
  bool epoch_ended(const EpochReport& report) const { return epoch_ended_(observer_, report, trainer_); }
  void training_ended(const History& history) const { training_ended_(observer_, history); }

 private:
  void* observer_;
  const void* trainer_;
  void (*training_started_)(void*, const History&);
  void (*epoch_started_)(void*, Index);
  void (*step_taken_)(void*, const StepReport&);
  bool (*epoch_ended_)(void*, const EpochReport&, const void*);
  void (*training_ended_)(void*, const History&);
};

}  // namespace polytask
