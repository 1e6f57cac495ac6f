/// @file
/// A program that does the same work as this one and is timed in turn with it: PyTorch, or the library with another
/// back end of Eigen.
#pragma once

#include "child.hpp"

#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"
#include "polytask/models/model.hpp"

#include <cstdint>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace benchmark {

namespace pt = polytask;
using pt::Index;

/// Speaks with a worker in lines: it takes matrices ("matrix NAME TYPE ROWS COLUMNS", then the numbers, column after
/// column), makes ready for a work ("work NAME SETTING=VALUE...", answered by "ready"), and does it ("run CALLS",
/// answered by the seconds that it took; "losses CALLS", answered by the tasks' losses of each call).
class Worker {
 public:
  /// @param name  for messages
  /// @param words and environment as in Child
  Worker(std::string name, const std::vector<std::string>& words, const std::vector<std::string>& environment)
      : name_(std::move(name)), child_(words, environment) {}

  template <class Matrix>
  void send(const std::string& name, const Matrix& matrix) {
    using Number = typename Matrix::Scalar;
    static_assert(std::is_same_v<Number, float> || std::is_integral_v<Number>);
    const std::string type = std::is_same_v<Number, float> ? "float32" : "int" + std::to_string(8 * sizeof(Number));
    child_.write(pt::text("matrix ", name, " ", type, " ", matrix.rows(), " ", matrix.cols(), "\n"));
    child_.write(matrix.data(), static_cast<std::size_t>(matrix.size()) * sizeof(Number));
  }

  /// The parameters of a model by their names, its embedding tables as "embeddings/NUMBER" (width x rows).
  void send_start(const pt::Model<float>& model) {
    for (const auto& segment : model.parameters.layout.segments())
      send(segment.name,
           pt::ConstColumns<float>(model.parameters.values.data() + segment.offset, segment.rows, segment.columns));
    for (std::size_t which = 0; which < model.embeddings.size(); ++which) {
      const auto& table = model.embeddings[which];
      send("embeddings/" + std::to_string(which),
           pt::ConstColumns<float>(table.values.data(), table.width, table.rows));
    }
  }

  void send_data(const pt::Dataset<float>& data) {
    send("numbers", data.numbers);
    send("labels", data.labels);
    if (data.categories.rows() > 0) send("categories", data.categories);
  }

  /// Makes ready for a work with what was sent.
  void begin(const std::string& work) {
    const auto answer = ask("work " + work);
    pt::require<std::runtime_error>(answer == "ready", name_, ": expected 'ready', got '", answer, "'");
  }

  /// Does the work so many times.
  double seconds(std::int64_t calls) { return std::stod(ask("run " + std::to_string(calls))); }

  /// Does the work so many times and tells the losses, of all tasks for each call.
  std::vector<double> losses(int calls) {
    std::istringstream answer(ask("losses " + std::to_string(calls)));
    std::vector<double> found;
    for (double loss; answer >> loss;) found.push_back(loss);
    return found;
  }

  /// Its answer to one line.
  std::string ask(const std::string& line) {
    child_.write(line + "\n");
    child_.flush();
    std::string answer;
    pt::require<std::runtime_error>(child_.read_line(answer), name_, " ended at '", line, "'");
    return answer;
  }

 private:
  std::string name_;
  Child child_;
};

}  // namespace benchmark
