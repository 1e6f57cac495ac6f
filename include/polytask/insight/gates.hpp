/// @file
/// How a trained model uses its gates: which experts each task reads, and whether a gate has collapsed.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/data/table.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace polytask {

/// A sharing policy with a gate for each task that can be read: after a forward pass gate(memory, samples, task) has
/// the shares, gate_choices(task) x samples, and choice_name(task, choice) says of what.
template <class P>
concept Gated = Sharing<P> && requires(const P& sharing, const Flat<double>& memory, Index count) {
  { sharing.gate(memory, count, count) } -> std::same_as<ConstColumns<double>>;
  { sharing.gate_choices(count) } -> std::same_as<Index>;
  { sharing.choice_name(count, count) } -> std::convertible_to<std::string>;
};

/// What a gate does with one of its choices.
struct ChoiceUse {
  std::string name;
  double mean_share = 0;
  double largest = 0;  ///< fraction of the samples for which no other choice has a larger share (of equals the first)
};

/// How one task's gate chooses. Entropies are in nats, between 0 (one choice has everything) and ln(number of choices).
/// Low for the samples but high for the mean: the gate tells samples apart. Low for the mean: the gate has collapsed.
struct GateUse {
  std::string task;
  std::vector<ChoiceUse> choices;
  double mean_entropy = 0;     ///< mean over the samples of the entropy of their shares
  double entropy_of_mean = 0;  ///< entropy of the mean shares
};

/// -sum of share * ln(share), where 0 * ln(0) is 0.
inline double entropy_term(double share) { return share > 0 ? -share * std::log(share) : 0.0; }

/// How the gate of each task chooses on the samples of a data set.
/// @throws DataError when there is no sample, or the data set is not of the model's shape
template <class Model>
  requires Gated<typename Model::sharing_type>
std::vector<GateUse> gate_use(const Model& model, const Dataset<typename Model::scalar>& data) {
  require<DataError>(data.size() > 0, "the use of gates needs at least one sample");
  model.check(data, false);
  const auto& sharing = model.sharing();
  std::vector<GateUse> uses;
  for (const auto task : Model::task_names) {
    const auto place = static_cast<Index>(uses.size());
    GateUse& use = uses.emplace_back();
    use.task = task;
    for (Index choice = 0; choice < sharing.gate_choices(place); ++choice)
      use.choices.push_back({.name = sharing.choice_name(place, choice)});
  }
  // sums over the samples first
  auto space = model.workspace((std::min)(data.size(), Model::prediction_batch));
  Model::for_each_batch(data.size(), [&](Index, Span<const Index> chosen) {
    model.predict(space, data, chosen);
    for (std::size_t task = 0; task < uses.size(); ++task) {
      GateUse& use = uses[task];
      const auto shares = sharing.gate(space.sharing_memory(), space.samples, static_cast<Index>(task));
      for (Index sample = 0; sample < shares.cols(); ++sample) {
        Index best = 0;
        for (Index choice = 0; choice < shares.rows(); ++choice) {
          const auto share = static_cast<double>(shares(choice, sample));
          use.choices[static_cast<std::size_t>(choice)].mean_share += share;
          use.mean_entropy += entropy_term(share);
          if (share > static_cast<double>(shares(best, sample))) best = choice;
        }
        use.choices[static_cast<std::size_t>(best)].largest += 1;
      }
    }
  });
  const auto count = static_cast<double>(data.size());
  for (auto& use : uses) {
    use.mean_entropy /= count;
    for (auto& choice : use.choices) {
      choice.mean_share /= count;
      choice.largest /= count;
      use.entropy_of_mean += entropy_term(choice.mean_share);
    }
  }
  return uses;
}

/// The same on the rows of a table.
template <class Model>
  requires Gated<typename Model::sharing_type>
std::vector<GateUse> gate_use(const Model& model, const Table& table) {
  return gate_use(model, model.encode_inputs(table));
}

/// A small table: a line a choice, then the entropies.
inline std::ostream& operator<<(std::ostream& stream, const GateUse& use) {
  const auto number = [](double value, int digits) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(digits) << value;
    return text.str();
  };
  const std::string title = "gate of " + use.task;
  std::size_t width = title.size();
  for (const auto& choice : use.choices) width = (std::max)(width, choice.name.size());
  const auto line = [&](const std::string& name, const std::string& share, const std::string& largest) {
    stream << name << std::string(width - name.size(), ' ') << std::setw(12) << share << std::setw(13) << largest
           << '\n';
  };
  line(title, "mean share", "largest for");
  for (const auto& choice : use.choices)
    line(choice.name, number(choice.mean_share, 3), number(100 * choice.largest, 1) + " %");
  return stream << "entropy " << number(use.mean_entropy, 3) << " a sample, " << number(use.entropy_of_mean, 3)
                << " of the mean share, at most " << number(std::log(static_cast<double>(use.choices.size())), 3)
                << '\n';
}

/// The tables of all tasks.
inline std::ostream& operator<<(std::ostream& stream, const std::vector<GateUse>& uses) {
  for (std::size_t task = 0; task < uses.size(); ++task) stream << (task == 0 ? "" : "\n") << uses[task];
  return stream;
}

}  // namespace polytask
