/// @file
/// Structure to JSON and back: one list of settings a class, its configuration(), serves both ways.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/member_visitor.hpp"
#include "polytask/core/views.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

using Json = nlohmann::ordered_json;

/// The kind check of what is read.
inline void expect(bool kind, const Json& json, std::string_view expected, const std::string& place) {
  if (!kind) fail<FileError>({place, ": expected ", expected, ", found ", json.dump().substr(0, 60)});
}

/// Where long runs of numbers are written that do not belong into JSON.
class LongRuns {
 public:
  virtual ~LongRuns() = default;
  virtual void write(const std::string& name, const Buffer<float>& values) = 0;
  virtual void write(const std::string& name, const Buffer<double>& values) = 0;
  virtual void read(const std::string& name, Buffer<float>& values) const = 0;
  virtual void read(const std::string& name, Buffer<double>& values) const = 0;
};

/// Writes what it visits as JSON: numbers (null where not finite), texts, lists of them, and objects; an object whose
/// type has a name carries it as "type".
class JsonWriter final : public MemberVisitor {
 public:
  /// @param runs for buffers; null: they are written as lists
  explicit JsonWriter(LongRuns* runs = nullptr) : runs_(runs) {}

  /// What was visited.
  Json& json() { return levels_.front().json; }

  void visit(std::string_view key, bool& value) override { put(key, value); }
  void visit(std::string_view key, double& value) override { put(key, number(value)); }
  void visit(std::string_view key, std::int64_t& value) override { put(key, value); }
  void visit(std::string_view key, std::uint64_t& value) override { put(key, value); }
  void visit(std::string_view key, std::string& value) override { put(key, value); }
  void visit(std::string_view key, std::vector<double>& values) override { put(key, list(values)); }
  void visit(std::string_view key, Buffer<float>& values) override { run(key, values); }
  void visit(std::string_view key, Buffer<double>& values) override { run(key, values); }

  void enter(std::string_view key, std::string_view type) override {
    levels_.push_back({std::string(key), Json::object()});
    if (!type.empty()) levels_.back().json["type"] = std::string(type);
  }
  std::size_t enter_list(std::string_view key, std::size_t size) override {
    levels_.push_back({std::string(key), Json::array()});
    return size;
  }
  void leave() override {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    put(level.key, std::move(level.json));
  }

 private:
  struct Level {
    std::string key;
    Json json;
  };

  static Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
  template <class Values>
  static Json list(const Values& values) {
    Json json = Json::array();
    for (const auto value : values) json.push_back(number(static_cast<double>(value)));
    return json;
  }
  void put(std::string_view key, Json json) {
    Json& parent = levels_.back().json;
    if (parent.is_array())
      parent.push_back(std::move(json));
    else
      parent[std::string(key)] = std::move(json);
  }
  template <class Values>
  void run(std::string_view key, const Values& values) {
    if (runs_ == nullptr) return put(key, list(values));
    std::string name;
    for (const auto& level : levels_) name += level.key.empty() ? "" : level.key + "/";
    runs_->write(name + std::string(key), values);
  }

  LongRuns* runs_;
  std::vector<Level> levels_{{"", Json::object()}};
};

/// Reads what JsonWriter wrote.
class JsonReader final : public MemberVisitor {
 public:
  /// @param json  must live as long as this
  /// @param place where in the file, for messages: "sharing.network.0"
  JsonReader(const Json& json, std::string place, const LongRuns* runs = nullptr)
      : runs_(runs), levels_{{"", std::move(place), &json, 0, false}} {}

  /// Sets a value from all of the JSON.
  /// @throws FileError naming the place when something is absent, of another kind, or refused by what is read
  template <class T>
  void read_whole(T& value) {
    whole_ = true;
    placed([&] { (*this)("", value); });
  }

  /// Reads by a function; what is refused by the objects that it reads becomes a FileError that names the place.
  template <class Function>
  void placed(Function&& read) const {
    try {
      read();
    } catch (const FileError&) {
      throw;
    } catch (const Error& error) {
      fail<FileError>({levels_.back().place, ": ", error.what()});
    }
  }

  void visit(std::string_view key, bool& value) override {
    const Json& json = entry(key);
    expect(json.is_boolean(), json, "true or false", place(key));
    value = json.get<bool>();
  }
  void visit(std::string_view key, double& value) override { value = number(entry(key), place(key)); }
  void visit(std::string_view key, std::int64_t& value) override { whole(key, value); }
  void visit(std::string_view key, std::uint64_t& value) override { whole(key, value); }
  void visit(std::string_view key, std::string& value) override {
    const Json& json = entry(key);
    expect(json.is_string(), json, "a text", place(key));
    value = json.get<std::string>();
  }
  void visit(std::string_view key, std::vector<double>& values) override {
    const Json& json = entry(key);
    expect(json.is_array(), json, "a list", place(key));
    values.clear();
    for (std::size_t which = 0; which < json.size(); ++which)
      values.push_back(number(json[which], place(key) + "[" + std::to_string(which) + "]"));
  }
  void visit(std::string_view key, Buffer<float>& values) override { run(key, values); }
  void visit(std::string_view key, Buffer<double>& values) override { run(key, values); }

  void enter(std::string_view key, std::string_view type) override {
    const Json& json = entry(key);
    expect(json.is_object(), json, "an object", place(key));
    if (!type.empty()) {
      const std::string found = json.value("type", "nothing");
      require<FileError>(found == type, place(key), ": the file holds '", found, "', the program expects '", type, "'");
    }
    levels_.push_back({std::string(key), place(key), &json, 0, !type.empty()});
  }
  std::size_t enter_list(std::string_view key, std::size_t) override {
    const Json& json = entry(key);
    expect(json.is_array(), json, "a list", place(key));
    levels_.push_back({std::string(key), place(key), &json, 0, false});
    return json.size();
  }
  /// Checks that everything was read.
  void finish() const { check_all_read(levels_.back()); }

  void leave() override {
    check_all_read(levels_.back());
    levels_.pop_back();
  }

 private:
  struct Level {
    std::string key;
    std::string place;
    const Json* json;
    std::size_t members;  ///< visited so far
    bool named;           ///< one entry is the type's name
  };

  static void check_all_read(const Level& level) {
    const std::size_t named = level.named ? 1 : 0;
    require<FileError>(level.members + named == level.json->size(), level.place, ": the file has ",
                       level.json->size() - named, " entries, the program expects ", level.members);
  }

  std::string place(std::string_view key) const {
    const Level& level = levels_.back();
    if (whole_ && levels_.size() == 1) return level.place;
    if (level.json->is_array()) return level.place + "[" + std::string(key) + "]";
    return level.place + (levels_.size() == 1 ? ": " : ".") + std::string(key);  // the file's name, then the parts
  }

  const Json& entry(std::string_view key) {
    Level& level = levels_.back();
    if (whole_ && levels_.size() == 1) return *level.json;
    if (level.json->is_array()) return (*level.json)[level.members++];
    const auto found = level.json->find(std::string(key));
    require<FileError>(found != level.json->end(), level.place, ": the program expects '", key,
                       "', which the file does not have");
    ++level.members;
    return *found;
  }

  static double number(const Json& json, const std::string& place) {
    expect(json.is_number() || json.is_null(), json, "a number", place);
    return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
  }
  template <class T>
  void whole(std::string_view key, T& value) {
    const Json& json = entry(key);
    expect(json.is_number_integer(), json, "a whole number", place(key));
    value = json.get<T>();
  }
  template <class Values>
  void run(std::string_view key, Values& values) {
    std::string name;
    for (const auto& level : levels_) name += level.key.empty() ? "" : level.key + "/";
    if (runs_ != nullptr) return runs_->read(name + std::string(key), values);
    std::vector<double> found;
    visit(key, found);
    require<FileError>(found.size() == values.size(), place(key), ": expected ", values.size(), " numbers, found ",
                       found.size());
    std::copy(found.begin(), found.end(), values.begin());
  }

  const LongRuns* runs_;
  std::vector<Level> levels_;
  bool whole_ = false;
};

/// JSON of a value: see JsonWriter.
template <class T>
Json to_json(const T& value) {
  JsonWriter writer;
  writer("value", value);
  return std::move(writer.json()["value"]);
}

/// Sets a value from JSON.
/// @param place where in the file, for messages
/// @throws FileError naming the place when something is absent, of another kind, or refused by the value
template <class T>
void from_json(const Json& json, T& value, const std::string& place) {
  JsonReader reader(json, place);
  reader.read_whole(value);
}

/// Where two structures first differ, as a sentence; empty when they are the same, in whatever order their members
/// come.
inline std::string difference(const Json& file, const Json& program, const std::string& place) {
  if (file == program) return {};
  if (file.is_object() && program.is_object()) {
    for (const auto& [key, value] : program.items()) {
      if (!file.contains(key)) return text(place, ": the file does not have '", key, "'");
      if (std::string found = difference(file[key], value, place + "." + key); !found.empty()) return found;
    }
    for (const auto& [key, value] : file.items())
      if (!program.contains(key)) return text(place, ": the program does not have '", key, "'");
    return {};
  }
  if (file.is_array() && program.is_array()) {
    if (file.size() != program.size())
      return text(place, ": the file has ", file.size(), " entries, the program ", program.size());
    for (std::size_t which = 0; which < file.size(); ++which)
      if (std::string found = difference(file[which], program[which], place + "[" + std::to_string(which) + "]");
          !found.empty())
        return found;
    return {};
  }
  return text(place, ": the file has ", file.dump().substr(0, 60), ", the program ", program.dump().substr(0, 60));
}

}  // namespace polytask
