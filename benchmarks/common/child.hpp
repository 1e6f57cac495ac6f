/// @file
/// Another program, run beside this one.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace benchmark {

/// What a program took that has ended.
struct Taken {
  int status = 0;        ///< 0: it ended well
  double seconds = 0;    ///< of processor time, of all its threads and children
  double megabytes = 0;  ///< the most that one of its processes had in memory
};

/// A program whose input and output are ours to write and read.
class Child {
 public:
  /// @param words       the program, looked for along PATH, and its arguments
  /// @param environment "NAME=VALUE", beside what this program has
  /// @throws std::runtime_error when no process can be made; a program that is not there ends with status 127
  explicit Child(const std::vector<std::string>& words, const std::vector<std::string>& environment = {}) {
    ::signal(SIGPIPE, SIG_IGN);  // of a program that has ended its answers tell
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) fail("pipe");
    process_ = ::fork();
    if (process_ < 0) fail("fork");
    if (process_ == 0) {
      ::signal(SIGPIPE, SIG_DFL);
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      for (const auto& setting : environment) ::putenv(const_cast<char*>(setting.c_str()));
      std::vector<char*> arguments;
      for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
      arguments.push_back(nullptr);
      ::execvp(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to_ = ::fdopen(in[1], "w");
    from_ = ::fdopen(out[0], "r");
    if (to_ == nullptr || from_ == nullptr) fail("fdopen");
  }

  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  ~Child() {
    if (process_ > 0) finish();
  }

  /// What is written to a program that has ended is lost.
  void write(const void* bytes, std::size_t count) { std::fwrite(bytes, 1, count, to_); }
  void write(const std::string& text) { write(text.data(), text.size()); }
  void flush() { std::fflush(to_); }

  /// @param line without its end; written
  /// @return whether there was one
  bool read_line(std::string& line) {
    line.clear();
    int letter;
    while ((letter = std::fgetc(from_)) != EOF && letter != '\n') line.push_back(static_cast<char>(letter));
    return letter != EOF || !line.empty();
  }

  /// All that it still has to say.
  std::string read_all() {
    std::string all;
    for (std::string line; read_line(line);) all += line + "\n";
    return all;
  }

  /// Ends its input and waits for its end.
  Taken finish() {
    std::fclose(to_);
    std::fclose(from_);
    int status = 0;
    rusage usage{};
    const pid_t process = std::exchange(process_, 0);
    while (::wait4(process, &status, 0, &usage) < 0 && errno == EINTR) continue;
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 1, seconds(usage.ru_utime) + seconds(usage.ru_stime),
            static_cast<double>(usage.ru_maxrss) / 1024};
  }

 private:
  [[noreturn]] static void fail(const char* call) {
    throw std::runtime_error(std::string(call) + ": " + std::strerror(errno));
  }

  pid_t process_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

/// Runs a program to its end; its output is not shown.
inline Taken run_program(const std::vector<std::string>& words) {
  Child child(words);
  child.read_all();
  return child.finish();
}

/// The Python that has what is compared with, as benchmarks/run has found it.
inline std::string python() {
  const char* const found = std::getenv("PYTHON");
  return found != nullptr ? found : "python3";
}

}  // namespace benchmark
