#include "parse.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>

namespace polytask::examples {

namespace {

const CLI::Range at_least_one(Index{1}, Index{1'000'000'000});

}  // namespace

struct CommandLine::Parser {
  explicit Parser(const std::string& description) : app(description) {}
  CLI::App app;
};

CommandLine::CommandLine(const std::string& description, Arguments& arguments,
                         const std::vector<std::string>& sharing_names)
    : parser_(std::make_unique<Parser>(description)) {
  CLI::App& app = parser_->app;
  const auto known = [](const std::vector<std::string>& names) {
    std::string list;
    for (const auto& one : names) list += (list.empty() ? "" : ", ") + one;
    return CLI::Validator(
        [names, list](const std::string& asked) {
          for (const auto& name : split_names(asked))
            if (std::find(names.begin(), names.end(), name) == names.end())
              return "there is no '" + name + "'; there are: " + list;
          return std::string();
        },
        list);
  };
  app.option_defaults()->always_capture_default();
  auto* const data = app.add_option("--data", arguments.data, "directory of the data")->type_name("DIR");
  app.add_flag("--simulated", arguments.simulated, "simulated data, even where real ones are found")->excludes(data);
  const auto several = [&](const char* option, std::string& names, const char* what, std::vector<std::string> all) {
    all.emplace_back("all");
    app.add_option(option, names, std::string(what) + ": one name, or several with commas, or all")->check(known(all));
  };
  several("--sharing", arguments.sharing, "how the tasks share", sharing_names);
  several("--weighting", arguments.weighting, "how their losses are weighted", known_weightings());
  several("--aggregation", arguments.aggregation, "how their gradients are combined", known_aggregations());
  app.add_flag("--rules", arguments.rules,
               "every weighting, every aggregation and tuned fixed weights, one after the other");
  app.add_flag("--tune-optimizer", arguments.tune_optimizer,
               "the learning rate, a half, a quarter, twice or four times that: what is best on validation rows");
  app.add_option("--epochs", arguments.epochs, "most epochs of a training run")->check(at_least_one);
  app.add_option("--seeds", arguments.seeds, "runs of the comparison")->check(at_least_one);
  app.add_option("--threads", arguments.threads, "runs at the same time")->check(CLI::Range(1, 1024));
  app.add_flag("--with-xgboost", arguments.with_xgboost, "gradient-boosted trees beside the single tasks");
  app.add_flag("--check", arguments.check,
               "fail unless the decision is worth more than the simple ones, or, without one, tasks gain");
  app.add_option("--json", arguments.json, "write the comparison to a file")->type_name("FILE");
  app.add_option("--save", arguments.save, "save the trained model to a file")->type_name("FILE");
  app.add_option("--report", arguments.report, "write a page about the run to a file")->type_name("FILE.html");
  app.add_option("--picture", arguments.picture, "write the decision's chart to a file")->type_name("FILE.svg");
}

CommandLine::~CommandLine() = default;

void CommandLine::add(const std::string& name, Index& value, const std::string& help) {
  parser_->app.add_option(name, value, help)->check(at_least_one);
}
void CommandLine::add(const std::string& name, double& value, const std::string& help, double least, double most) {
  parser_->app.add_option(name, value, help)->check(CLI::Range(least, most));
}
void CommandLine::add(const std::string& name, std::uint64_t& value, const std::string& help) {
  parser_->app.add_option(name, value, help);
}
void CommandLine::add(const std::string& name, std::string& value, const std::string& help) {
  parser_->app.add_option(name, value, help);
}

void CommandLine::parse(int count, char** words) {
  try {
    parser_->app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    std::exit(parser_->app.exit(error) == 0 ? 0 : 2);
  }
}

}  // namespace polytask::examples
