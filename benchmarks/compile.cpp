/// @file
/// What the library costs to compile: processor time and memory of the README's program, of the largest example and of
/// each header, and the template instantiations that clang counts.
#include "compiler.hpp"
#include "results.hpp"

#include "polytask/core/errors.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {
namespace {

namespace pt = polytask;

const std::filesystem::path root = POLYTASK_ROOT;
const std::filesystem::path recorded_file = root / "benchmarks" / "compile" / "instantiations.txt";
constexpr const char* counting_compiler = "clang++-16";  ///< counts depend on it, and on the standard library
constexpr double slack = 0.05;
constexpr int skipped = 77;  ///< what a program returns that CTest is to take for skipped

std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory, std::string_view extension) {
  std::vector<std::filesystem::path> found;
  if (std::filesystem::is_directory(directory))
    for (const auto& entry : std::filesystem::directory_iterator(directory))
      if (entry.path().extension() == extension) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// The files of the example shop, its own and those that examples share.
std::vector<std::filesystem::path> shop_files() {
  const auto examples = root / "examples";
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"shop", "shop/sharing", "common", "simulation", "common/sharing"})
    for (const auto& file : files_in(examples / folder, ".cpp"))
      if (folder != std::string("common/sharing") ||
          !std::filesystem::exists(examples / "shop/sharing" / file.filename()))
        files.push_back(file);
  return files;
}

Taken checked(const Taken& taken, const std::string& what) {
  pt::require<std::runtime_error>(taken.status == 0, compiler(), " does not compile ", what);
  return taken;
}

void measure_programs(Results& results) {
  const Taken readme = checked(compile_text(readme_program(), {"-O2"}), "the README's program");
  results.add("the README's program, seconds", readme.seconds, 15);
  results.add("the README's program, megabytes", readme.megabytes, 700);

  const TemporaryDirectory directory;
  Taken shop;
  std::size_t count = 0;
  for (const auto& file : shop_files()) {
    const Taken one =
        checked(compile(file, directory.path() / "part.o",
                        {"-O2", "-I" + (root / "examples/shop").string(), "-I" + (root / "examples/common").string(),
                         "-I" + (root / "examples").string(), "-DPOLYTASK_ROOT=\"\""}),
                file.string());
    shop.seconds += one.seconds;
    shop.megabytes = std::max(shop.megabytes, one.megabytes);
    ++count;
  }
  results.add("the example shop, " + std::to_string(count) + " files, seconds together", shop.seconds);
  results.add("the example shop, its largest file, megabytes", shop.megabytes);
}

void measure_headers(Results& results) {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(root / "include/polytask"))
    if (entry.is_directory()) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  const auto measure = [&](const std::string& header) {
    const Taken taken = checked(compile_text("#include \"" + header + "\"\n", {"-fsyntax-only"}), header);
    results.add(header + ", seconds", taken.seconds);
    results.add(header + ", megabytes", taken.megabytes);
  };
  measure("polytask/polytask.hpp");
  for (const auto& folder : folders)
    for (const auto& header : files_in(folder, ".hpp"))
      measure("polytask/" + folder.filename().string() + "/" + header.filename().string());
}

/// Templates that clang instantiates in a program, classes and functions.
long instantiations(const std::string& program) {
  const TemporaryDirectory directory;
  const auto source = directory.path() / "program.cpp";
  const auto trace = directory.path() / "trace.json";
  std::ofstream(source) << program;
  const Taken taken =
      compile(source, directory.path() / "program.o",
              {"-fsyntax-only", "-ftime-trace=" + trace.string(), "-ftime-trace-granularity=0"}, counting_compiler);
  pt::require<std::runtime_error>(taken.status == 0, counting_compiler, " does not compile the program");
  std::ifstream stream(trace, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  long count = 0;
  for (const std::string_view event : {"\"name\":\"InstantiateClass\"", "\"name\":\"InstantiateFunction\""})
    for (auto at = text.find(event); at != std::string::npos; at = text.find(event, at + event.size())) ++count;
  return count;
}

/// The number in the file that a record is.
long recorded() {
  std::ifstream stream(recorded_file);
  for (std::string line; std::getline(stream, line);)
    if (!line.empty() && line[0] != '#') return std::stol(line);
  throw pt::FileError(recorded_file.string() + ": there is no number");
}

/// @param record whether the count is written to the file, not compared with it
/// @return what the program is to return
int count_instantiations(bool record) {
  if (run_program({counting_compiler, "--version"}).status != 0) {
    std::printf("SKIPPED: template instantiations are counted with %s, which is not here\n", counting_compiler);
    return skipped;
  }
  const long count = instantiations(readme_program());
  std::printf("The README's program: %ld template instantiations\n", count);
  if (record) {
    std::ofstream file(recorded_file);
    file
        << "# Template instantiations of the README's program, classes and functions, counted by " << counting_compiler
        << " -ftime-trace\n# with Debian 12's libstdc++ 12 and Eigen 3.4. `benchmarks/run compile --check` fails when there "
           "are more by 5 %,\n# `benchmarks/run compile --record` writes this file.\n"
        << count << "\n";
    pt::require<pt::FileError>(static_cast<bool>(file.flush()), recorded_file.string(), ": the file cannot be written");
    return 0;
  }
  const long before = recorded();
  const double growth = static_cast<double>(count) / static_cast<double>(before) - 1;
  std::printf("%ld are recorded in %s (%+.1f %%)\n", before, recorded_file.c_str(), 100 * growth);
  if (growth <= slack) return 0;
  std::printf("That is more than %.0f %% above. If they are worth it: benchmarks/run compile --record\n", 100 * slack);
  return 1;
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  using namespace benchmark;
  try {
    const auto arguments =
        benchmark::arguments(count, words, "What programs with the library cost to compile.",
                             {{"--check", "", "counts template instantiations; fails when there are more than recorded",
                               &Arguments::check, nullptr},
                              {"--record", "", "counts them and writes the record", &Arguments::record, nullptr}});
    if (arguments.check || arguments.record) return count_instantiations(arguments.record);
    std::printf(
        "%s: processor time, and memory of the largest process; programs with -O2, headers with -fsyntax-only\n\n",
        compiler().c_str());
    Results results(arguments);
    measure_programs(results);
    if (!arguments.quick) measure_headers(results);
    return results.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
