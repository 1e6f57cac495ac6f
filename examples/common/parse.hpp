/// @file
/// Reads the arguments of an example from the command line.
#pragma once

#include "arguments.hpp"

#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace polytask::examples {

/// What --weighting and --aggregation may name; trials.cpp has the rules themselves.
std::vector<std::string> known_weightings();
std::vector<std::string> known_aggregations();

/// The command line of an example: the arguments that all take, with the values that are there as defaults, and its
/// own.
class CommandLine {
 public:
  /// @param sharing_names the policies that the example knows
  CommandLine(const std::string& description, Arguments& arguments, const std::vector<std::string>& sharing_names);
  ~CommandLine();

  void add(const std::string& name, Index& value, const std::string& help);  ///< above 0
  void add(const std::string& name, double& value, const std::string& help, double least, double most);
  void add(const std::string& name, std::uint64_t& value, const std::string& help);
  void add(const std::string& name, std::string& value, const std::string& help);

  /// On a mistake says what is wrong and ends the program with 2.
  void parse(int count, char** words);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// Runs an example; an error becomes a sentence and exit code 1.
template <class Run>
int guarded(Run&& run) {
  try {
    run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace polytask::examples
