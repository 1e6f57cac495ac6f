#include "polytask/core/replace_file.hpp"

#include "catch.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <stdexcept>
#include <string>

using namespace polytask;

namespace {

/// A directory of its own, removed in the end.
struct Directory {
  std::filesystem::path path;
  Directory() : path(std::filesystem::temp_directory_path() / ("polytask_replace_file_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
};

std::string read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

auto writing(const std::string& bytes) {
  return [=](std::ostream& stream) { stream << bytes; };
}

}  // namespace

TEST_CASE("a file is made or replaced as a whole, byte by byte, and nothing is left beside it") {
  const Directory directory;
  const auto path = directory.path / "numbers.bin";
  replace_file(path, writing("a longer text\r\n"));
  CHECK(read(path) == "a longer text\r\n");
  const std::string bytes("\0\n\r\xFF", 4);
  replace_file(path, writing(bytes));
  CHECK(read(path) == bytes);
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path), {}) == 1);
}

TEST_CASE("while a file is written, readers see the old one") {
  const Directory directory;
  const auto path = directory.path / "numbers.bin";
  replace_file(path, writing("old"));
  replace_file(path, [&](std::ostream& stream) {
    stream << "new" << std::flush;
    CHECK(read(path) == "old");
  });
  CHECK(read(path) == "new");
}

TEST_CASE("a failure leaves the old file and says which file it was") {
  const Directory directory;
  const auto path = directory.path / "numbers.bin";
  replace_file(path, writing("old"));
  const auto fails = [](std::ostream& stream) {
    stream << "half";
    throw std::out_of_range("no more");
  };
  CHECK_THROWS_AS(replace_file(path, fails), std::out_of_range);
  const auto breaks = [](std::ostream& stream) { stream.setstate(std::ios::failbit); };
  CHECK_THROWS_AS(replace_file(path, breaks), FileError);
  CHECK_THROWS_WITH(replace_file(path, breaks), containing("numbers.bin: the file could not be written completely"));
  CHECK(read(path) == "old");
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path), {}) == 1);
  CHECK_THROWS_WITH(replace_file(directory.path / "absent" / "numbers.bin", writing("new")),
                    containing("numbers.bin: the file cannot be written"));
  std::filesystem::create_directories(directory.path / "taken" / "inside");
  CHECK_THROWS_WITH(replace_file(directory.path / "taken", writing("new")),
                    containing("taken: the file cannot be written"));
}

TEST_CASE("a link, permissions and what is no file stay what they are") {
  namespace fs = std::filesystem;
  const Directory directory;
  const auto path = directory.path / "numbers.bin";
  const auto link = directory.path / "latest.bin";
  replace_file(path, writing("old"));
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("numbers.bin", link);
  replace_file(link, writing("new"));
  CHECK(fs::is_symlink(link));
  CHECK(read(path) == "new");
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  const auto pipe = directory.path / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int end = ::open(pipe.c_str(), O_RDWR | O_NONBLOCK);
  REQUIRE(end >= 0);
  replace_file(pipe, writing("through"));
  CHECK(fs::is_fifo(pipe));
  char received[16] = {};
  CHECK(::read(end, received, sizeof received) == 7);
  CHECK(std::string(received) == "through");
  ::close(end);
  CHECK(std::distance(fs::directory_iterator(directory.path), {}) == 3);
}
