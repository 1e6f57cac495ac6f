/// @file
/// The container of all files of the library: safetensors (a length, a JSON header, the tensors' bytes), which any
/// safetensors reader can read. Scalars are little-endian.
#pragma once

#include "polytask/core/replace_file.hpp"
#include "polytask/core/views.hpp"
#include "polytask/files/structure.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace polytask {

static_assert(std::endian::native == std::endian::little, "files are written on little-endian machines only");

/// The name that safetensors has for a scalar type.
template <class S>
constexpr std::string_view dtype() {
  if constexpr (std::same_as<S, float>) return "F32";
  if constexpr (std::same_as<S, double>) return "F64";
  if constexpr (std::same_as<S, std::int32_t>) return "I32";
  if constexpr (std::same_as<S, std::int64_t>) return "I64";
}

/// A 64-bit checksum of bytes, fed in any portions.
class Checksum {
 public:
  void add(const void* data, std::size_t size) {
    const char* bytes = static_cast<const char*>(data);
    for (; size > 0 && filled_ > 0; --size) push(*bytes++);
    for (; size >= 8; size -= 8, bytes += 8) {
      std::uint64_t word;
      std::memcpy(&word, bytes, 8);
      mix(word);
    }
    for (; size > 0; --size) push(*bytes++);
  }

  /// Sixteen hexadecimal digits.
  std::string digits() const {
    Checksum last = *this;
    last.mix(last.partial_ ^ (static_cast<std::uint64_t>(last.filled_) << 56));
    std::string text(16, '0');
    for (int place = 15; place >= 0; --place, last.hash_ >>= 4)
      text[static_cast<std::size_t>(place)] = "0123456789abcdef"[last.hash_ & 15];
    return text;
  }

 private:
  void push(char byte) {
    partial_ |= static_cast<std::uint64_t>(static_cast<unsigned char>(byte)) << (8 * filled_);
    if (++filled_ == 8) {
      mix(partial_);
      partial_ = 0;
      filled_ = 0;
    }
  }

  void mix(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15u;
    hash_ ^= hash_ >> 32;
  }

  std::uint64_t hash_ = 0x243F6A8885A308D3u;
  std::uint64_t partial_ = 0;
  int filled_ = 0;
};

/// Collects tensors, then writes them. The tensors' memory must live until then.
class TensorWriter {
 public:
  /// @param shape in the order of C: the last index moves fastest
  template <class S>
  void add(std::string name, std::vector<Index> shape, const S* data) {
    std::size_t count = 1;
    for (const Index extent : shape) count *= static_cast<std::size_t>(extent);
    const std::size_t size = count * sizeof(S);
    require<FileError>(!header_.contains(name), "there are two tensors named '", name, "'");
    header_[name] = {{"dtype", dtype<S>()}, {"shape", shape}, {"data_offsets", {offset_, offset_ + size}}};
    parts_.emplace_back(data, size);
    offset_ += size;
  }

  /// @param metadata texts; "checksum" is added
  /// @throws FileError when the file cannot be written; a file that was there before is left as it was
  void write(const std::filesystem::path& path, Json metadata) const {
    static const std::string blank(16, '0');
    metadata["checksum"] = blank;
    Json header = Json::object();
    header["__metadata__"] = std::move(metadata);
    for (const auto& [name, entry] : header_.items()) header[name] = entry;
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    const auto length = static_cast<std::uint64_t>(text.size());
    Checksum checksum;
    checksum.add(&length, sizeof length);
    checksum.add(text.data(), text.size());
    for (const auto& [data, size] : parts_) checksum.add(data, size);
    const auto place = text.find("\"checksum\":\"" + blank) + 12;
    text.replace(place, 16, checksum.digits());
    replace_file(path, [&](std::ostream& stream) {
      stream.write(reinterpret_cast<const char*>(&length), sizeof length);
      stream.write(text.data(), static_cast<std::streamsize>(text.size()));
      for (const auto& [data, size] : parts_)
        stream.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
    });
  }

 private:
  Json header_ = Json::object();
  std::vector<std::pair<const void*, std::size_t>> parts_;
  std::size_t offset_ = 0;
};

/// Reads such a file and checks it whole before anything is taken from it.
class TensorReader {
 public:
  /// @throws FileError naming the file and what is wrong: absent, truncated, altered, no safetensors file
  explicit TensorReader(const std::filesystem::path& path) : name_(path.string()) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream stream(path, std::ios::binary);
    require<FileError>(!error && std::filesystem::is_regular_file(path) && stream.good(), name_,
                       ": the file cannot be opened");
    bytes_.resize(static_cast<std::size_t>(size));
    stream.read(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    require<FileError>(stream.good(), name_, ": the file cannot be read");
    std::uint64_t length = 0;
    require<FileError>(bytes_.size() >= sizeof length, name_, ": the file is truncated: it has ", bytes_.size(),
                       " bytes");
    std::memcpy(&length, bytes_.data(), sizeof length);
    require<FileError>(length <= bytes_.size() - sizeof length, name_,
                       ": the file is truncated, or is none in the safetensors layout: its header of ", length,
                       " bytes does not fit in ", bytes_.size());
    begin_ = sizeof length + static_cast<std::size_t>(length);
    std::string header(bytes_.data() + sizeof length, static_cast<std::size_t>(length));
    header_ = Json::parse(header, nullptr, false);
    require<FileError>(header_.is_object() && header_.contains("__metadata__") && header_["__metadata__"].is_object(),
                       name_, ": the file is damaged, or no file of this library: its header cannot be read");
    check_extents();
    check_sum(header);
  }

  /// A text of the metadata.
  std::string metadata(const std::string& key) const {
    const auto& all = header_["__metadata__"];
    require<FileError>(all.contains(key) && all[key].is_string(), name_, ": the file has no '", key, "'");
    return all[key].get<std::string>();
  }

  Json metadata_json(const std::string& key) const {
    Json json = Json::parse(metadata(key), nullptr, false);
    require<FileError>(!json.is_discarded(), name_, ": '", key, "' of the file cannot be read");
    return json;
  }

  bool has(const std::string& tensor) const { return header_.contains(tensor); }

  /// The numbers of a tensor.
  /// @throws FileError when it is absent, or of another type or shape
  template <class S>
  void read(const std::string& tensor, const std::vector<Index>& shape, S* data) const {
    require<FileError>(has(tensor), name_, ": the file has no tensor '", tensor, "'");
    const Json& entry = header_[tensor];
    require<FileError>(entry["dtype"] == std::string(dtype<S>()), name_, ": tensor '", tensor, "' holds ",
                       entry["dtype"].dump(), ", the program expects ", dtype<S>());
    require<FileError>(entry["shape"] == Json(shape), name_, ": tensor '", tensor, "' has shape ",
                       entry["shape"].dump(), ", the program expects ", Json(shape).dump());
    const auto [first, last] = extent(entry);
    if (last > first) std::memcpy(data, bytes_.data() + begin_ + first, last - first);
  }

  /// The shape of a tensor.
  std::vector<Index> shape(const std::string& tensor) const {
    require<FileError>(has(tensor), name_, ": the file has no tensor '", tensor, "'");
    return header_[tensor]["shape"].get<std::vector<Index>>();
  }

  const std::string& name() const { return name_; }

 private:
  static std::pair<std::size_t, std::size_t> extent(const Json& entry) {
    return {entry["data_offsets"][0].get<std::size_t>(), entry["data_offsets"][1].get<std::size_t>()};
  }

  /// Every tensor's entry has the right form and lies in the file; together they are all of it.
  void check_extents() const {
    std::size_t end = 0;
    for (const auto& [tensor, entry] : header_.items()) {
      if (tensor == "__metadata__") continue;
      const bool formed = entry.is_object() && entry.contains("dtype") && entry["dtype"].is_string() &&
                          entry.contains("shape") && entry["shape"].is_array() && entry.contains("data_offsets") &&
                          entry["data_offsets"].is_array() && entry["data_offsets"].size() == 2 &&
                          entry["data_offsets"][0].is_number_unsigned() &&
                          entry["data_offsets"][1].is_number_unsigned();
      require<FileError>(formed, name_, ": the file is damaged: the entry of tensor '", tensor, "' is ",
                         entry.dump().substr(0, 60));
      const std::string type = entry["dtype"].get<std::string>();
      std::size_t size = type == "F64" || type == "I64" ? 8 : 4;
      for (const auto& side : entry["shape"]) {
        require<FileError>(side.is_number_unsigned() && side.get<std::size_t>() <= bytes_.size(), name_,
                           ": the file is damaged: the shape of tensor '", tensor, "' is ", entry["shape"].dump());
        size *= side.get<std::size_t>();
      }
      const auto [first, last] = extent(entry);
      require<FileError>(first == end && last >= first && last - first == size, name_,
                         ": the file is damaged: tensor '", tensor, "' does not lie where it should");
      end = last;
    }
    require<FileError>(bytes_.size() - begin_ >= end, name_, ": the file is truncated: ", begin_ + end,
                       " bytes are expected, it has ", bytes_.size());
    require<FileError>(bytes_.size() - begin_ == end, name_, ": the file is damaged: it has ",
                       bytes_.size() - begin_ - end, " bytes too many");
  }

  void check_sum(std::string header) const {
    const std::string stored = metadata("checksum");
    const auto place = header.find("\"checksum\":\"");
    require<FileError>(stored.size() == 16 && place != std::string::npos, name_, ": the file has no checksum");
    header.replace(place + 12, 16, 16, '0');
    Checksum checksum;
    checksum.add(bytes_.data(), sizeof(std::uint64_t));
    checksum.add(header.data(), header.size());
    checksum.add(bytes_.data() + begin_, bytes_.size() - begin_);
    require<FileError>(checksum.digits() == stored, name_, ": the file was altered: its checksum is ",
                       checksum.digits(), ", not ", stored);
  }

  std::string name_;
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  Json header_;
};

}  // namespace polytask
