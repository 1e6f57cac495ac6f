#include "decision.hpp"

#include "polytask/core/errors.hpp"
#include "polytask/core/text_table.hpp"
#include "polytask/training/comparison_table.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace polytask::examples {

std::vector<double> Judged::values(std::size_t measure) const {
  std::vector<double> found;
  for (const auto& one : seeds) found.push_back(one[measure].value);
  return found;
}

const SimpleDecision& baseline(const Decision& decision) {
  require(!decision.simple.empty(), "the decision '", decision.question, "' has no simple one to be held against");
  const auto value = [&](const SimpleDecision& one) {
    return decision.higher_is_better ? one.measures.front().value : -one.measures.front().value;
  };
  return *std::max_element(decision.simple.begin(), decision.simple.end(),
                           [&](const auto& one, const auto& other) { return value(one) < value(other); });
}

bool beats_baseline(const Decision& decision, const Judged& judged) {
  const double gain = mean_of(judged.values(0)) - baseline(decision).measures.front().value;
  return decision.higher_is_better ? gain > 0 : gain < 0;
}

std::vector<std::vector<std::string>> decision_lines(const Decision& decision, const std::vector<Judged>& judged) {
  std::vector<std::vector<std::string>> lines{{""}};
  const std::size_t measures = judged.front().seeds.front().size();
  for (const auto& measure : judged.front().seeds.front()) lines.front().push_back(measure.name);
  const auto add = [&](const std::string& name, const std::vector<std::vector<double>>& values) {
    lines.push_back({name});
    for (const auto& numbers : values)
      lines.back().push_back(std::isnan(mean_of(numbers)) ? "" : mean_text(numbers, decision.digits));
    lines.back().resize(measures + 1);
  };
  for (const auto& one : decision.simple) {
    std::vector<std::vector<double>> values;
    for (const auto& measure : one.measures) values.push_back({measure.value});
    add(one.name, values);
  }
  for (const auto& one : judged) {
    std::vector<std::vector<double>> values;
    for (std::size_t measure = 0; measure < measures; ++measure) values.push_back(one.values(measure));
    add(one.name, values);
  }
  return lines;
}

std::string decision_table(const Decision& decision, const std::vector<Judged>& judged) {
  TextTable table(1);
  const auto lines = decision_lines(decision, judged);
  for (std::size_t line = 0; line < lines.size(); ++line) {
    table.add(lines[line]);
    if (line == 0) table.rule();
  }
  std::ostringstream stream;
  stream << decision.question << '\n'
         << "The first column is the decision's value: " << decision.unit << ", "
         << (decision.higher_is_better ? "higher" : "lower") << " is better.\n"
         << table;
  return stream.str();
}

}  // namespace polytask::examples
