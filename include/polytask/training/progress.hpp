/// @file
/// An observer that shows how training goes on.
#pragma once

#include "polytask/training/history.hpp"

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <ostream>
#include <sstream>
#include <string>

namespace polytask {

/// Shows each epoch's metrics (or losses, without validation data). On a terminal one line is written over and over;
/// elsewhere, so that a log stays readable, one line is written an epoch, or every so many.
class Progress {
 public:
  /// @param stream   std::cerr is a terminal when the process's error output is
  /// @param label    written in front
  /// @param every    epochs from one line to the next where the output is no terminal
  explicit Progress(std::ostream& stream = std::cerr, std::string label = "", Index every = 1)
      : stream_(stream), label_(std::move(label)), every_(every), terminal_(&stream == &std::cerr && isatty(2) == 1) {}

  void training_started(const History& history) { history_ = &history; }

  void epoch_ended(const EpochReport& report) {
    const std::string line = describe(report);
    if (terminal_)
      stream_ << '\r' << line << std::string(width_ > line.size() ? width_ - line.size() : 0, ' ') << std::flush;
    else if (report.epoch % (std::max)(every_, Index{1}) == 0)
      stream_ << line << '\n';
    width_ = (std::max)(width_, line.size());
  }

  void training_ended(const History&) {
    if (terminal_ && width_ > 0) stream_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
  }

 private:
  std::string describe(const EpochReport& report) const {
    std::ostringstream line;
    line << label_ << (label_.empty() ? "" : " ") << "epoch " << report.epoch << std::setprecision(4);
    const bool judged = !report.metrics.empty();
    const auto& values = judged ? report.metrics : report.training_losses;
    for (std::size_t task = 0; task < values.size(); ++task)
      if (!std::isnan(values[task]))
        line << "  " << history_->tasks[task] << ' ' << (judged ? history_->metrics[task] : "loss") << ' '
             << values[task];
    if (report.best) line << "  *";
    return line.str();
  }

  std::ostream& stream_;
  std::string label_;
  Index every_;
  bool terminal_;
  std::size_t width_ = 0;
  const History* history_ = nullptr;
};

}  // namespace polytask
