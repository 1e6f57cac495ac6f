/// @file
/// The exceptions of the library. Each message names the place (file and row, column, task, segment), what was expected
/// and what came.
#pragma once

#include <functional>
#include <initializer_list>
#include <locale>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace polytask {

/// Where the data came from, for the front of a message: "file.csv: ", or nothing if that is not known. A view.
struct SourceName {
  std::string_view name;

  friend std::ostream& operator<<(std::ostream& stream, const SourceName& source) {
    return source.name.empty() ? stream : stream << source.name << ": ";
  }
};

/// What every exception of the library derives from.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The data is wrong: a short row, text in a number column, an unknown column, labels that a loss cannot take.
struct DataError : Error {
  using Error::Error;
};

/// The call is wrong: a width that does not fit, a batch larger than its workspace, an option out of range.
struct ArgumentError : Error {
  using Error::Error;
};

/// Training cannot go on: a loss that is not finite.
struct TrainingError : Error {
  using Error::Error;
};

/// A file of the library cannot be written, is damaged, or holds another structure.
struct FileError : Error {
  using Error::Error;
};

/// A part of a message: anything that can be written to a stream. It refers to its value, which must outlive it.
class MessagePart {
 public:
  template <class Value>
  MessagePart(const Value& value)  // NOLINT: implicit, so that a message is a list of its parts
      : value_(&value), write_([](std::ostream& stream, const void* to) {
          const auto& part = *static_cast<const Value*>(to);
          if constexpr (std::is_floating_point_v<Value>)
            if (part != part) {  // whose sign says nothing
              stream << "nan";
              return;
            }
          stream << part;
        }) {}
  MessagePart(const char* value)  // NOLINT: implicit; not a type for each length of a literal
      : value_(value), write_([](std::ostream& stream, const void* to) { stream << static_cast<const char*>(to); }) {}

  friend std::ostream& operator<<(std::ostream& stream, const MessagePart& part) {
    part.write_(stream, part.value_);
    return stream;
  }

 private:
  const void* value_;
  void (*write_)(std::ostream&, const void*);
};

/// The parts, one after the other, as one string.
inline std::string text_of(std::initializer_list<MessagePart> parts) {
  std::ostringstream stream;
  stream.imbue(std::locale::classic());  // numbers without grouping, whatever the program's locale
  for (const MessagePart& part : parts) stream << part;
  return stream.str();
}

/// The parts, one after the other, as one string.
template <class... Parts>
std::string text(const Parts&... parts) {
  return text_of({MessagePart(parts)...});
}

/// Names between commas, for the end of a message: "click, purchase".
/// @param name_of gives the name of one of the things
template <class Things, class NameOf = std::identity>
std::string list_of(const Things& things, const NameOf& name_of = {}) {
  std::string list;
  for (const auto& thing : things) list.append(list.empty() ? "" : ", ").append(std::invoke(name_of, thing));
  return list;
}

/// Throws `Exception` with the parts as its message.
template <class Exception>
[[noreturn, gnu::cold, gnu::noinline]] void fail(std::initializer_list<MessagePart> parts) {
  throw Exception(text_of(parts));
}

/// Throws `Exception` with the parts as its message unless the condition holds.
template <class Exception = ArgumentError, class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) [[unlikely]]
    fail<Exception>({MessagePart(parts)...});
}

}  // namespace polytask
