/// @file
/// scikit-learn, in the program benchmarks/linear_scale/scikit_learn.py.
#pragma once

#include "child.hpp"

#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"

#include <cstdint>
#include <sstream>
#include <string>

namespace benchmark {

/// Its MultiTaskLasso on one problem, on one core.
class ScikitLearn {
 public:
  /// @param inputs features x samples
  /// @param labels tasks x samples
  ScikitLearn(const polytask::Matrix<double>& inputs, const polytask::Matrix<double>& labels)
      : child_({python(), std::string(POLYTASK_BENCHMARKS) + "/linear_scale/scikit_learn.py"},
               {"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1"}) {
    child_.write(polytask::text(inputs.cols(), " ", inputs.rows(), " ", labels.rows(), "\n"));
    for (const auto* matrix : {&inputs, &labels})
      child_.write(matrix->data(), static_cast<std::size_t>(matrix->size()) * sizeof(double));
  }

  void choose(double strength, double tolerance) {
    std::ostringstream line;
    line.precision(17);
    line << "choose " << strength << " " << tolerance << "\n";
    child_.write(line.str());
  }

  /// Of so many fits.
  double seconds(std::int64_t calls) { return ask(polytask::text("run ", calls)); }

  /// Of the last fit.
  double objective() { return ask("objective"); }

 private:
  double ask(const std::string& line) {
    child_.write(line + "\n");
    child_.flush();
    std::string answer;
    polytask::require<std::runtime_error>(child_.read_line(answer),
                                          "scikit-learn has ended; is it there? (Debian: python3-sklearn)");
    return std::stod(answer);
  }

  Child child_;
};

}  // namespace benchmark
