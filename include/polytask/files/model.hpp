/// @file
/// Saving a model and loading it.
///
/// The file holds the structure (widths, settings, vocabularies, scaling), every segment of parameters and statistics,
/// every embedding table, and a few sample rows with the model's predictions for them, by which a load checks that it
/// predicts what the model that was saved predicted. A matrix of weights, outputs x inputs column by column, is in
/// safetensors' order an inputs x outputs tensor.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/files/tensors.hpp"
#include "polytask/models/model.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace polytask {

inline constexpr Index file_version = 3;
inline constexpr Index sample_row_count = 8;

namespace files {

/// Calls function(name, shape, data) for every tensor of a model's numbers.
template <class ModelType, class Function>
void each_tensor(ModelType& model, Function&& function) {
  const auto each_segment = [&](auto& numbers, const std::string& prefix) {
    for (const auto& segment : numbers.layout.segments())
      function(prefix + segment.name, std::vector<Index>{segment.columns, segment.rows},
               numbers.values.data() + segment.offset);
  };
  each_segment(model.parameters, "parameters/");
  each_segment(model.statistics, "statistics/");
  for (auto& table : model.embeddings)
    function("tables/" + table.name, std::vector<Index>{table.rows, table.width}, table.values.data());
}

/// Sample rows with predictions, as tensors.
template <Scalar S>
struct SampleRows {
  Dataset<S> data;
  std::vector<Matrix<S>> predictions;  ///< one matrix a task

  Index size() const { return data.size(); }

  /// Predicts the samples anew.
  void predict(const Model<S>& model) {
    auto space = model.workspace((std::max)(size(), Index{1}));
    std::vector<Index> all(static_cast<std::size_t>(size()));
    for (std::size_t sample = 0; sample < all.size(); ++sample) all[sample] = static_cast<Index>(sample);
    if (size() > 0) model.predict(space, data, all);
    predictions.clear();
    for (std::size_t task = 0; task < model.size(); ++task) predictions.push_back(space.predictions(task));
  }

  /// Calls function(name, shape, vector or matrix) for every tensor.
  template <class Function>
  void each_tensor(Span<const std::string_view> tasks, Function&& function) {
    const auto matrix = [&](const std::string& name, auto& values) {
      function(name, std::vector<Index>{values.cols(), values.rows()}, values.data());
    };
    matrix("samples/numbers", data.numbers);
    matrix("samples/categories", data.categories);
    for (std::size_t which = 0; which < data.lists.size(); ++which) {
      auto& lists = data.lists[which];
      const std::string prefix = "samples/lists/" + std::to_string(which);
      function(prefix + "/offsets", std::vector<Index>{static_cast<Index>(lists.offsets.size())}, lists.offsets.data());
      function(prefix + "/rows", std::vector<Index>{static_cast<Index>(lists.rows.size())}, lists.rows.data());
    }
    for (std::size_t task = 0; task < tasks.size(); ++task)
      matrix("samples/predictions/" + std::string(tasks[task]), predictions[task]);
  }
};

/// The first samples of a data set, without labels.
template <Scalar S>
Dataset<S> first_samples(const Dataset<S>& data) {
  const Index count = (std::min)(data.size(), sample_row_count);
  Dataset<S> part;
  part.numbers = data.numbers.leftCols(count);
  part.categories = data.categories.leftCols(count);
  for (const auto& lists : data.lists) {
    EncodedLists few;
    few.offsets.assign(lists.offsets.begin(), lists.offsets.begin() + count + 1);
    few.rows.assign(lists.rows.begin(), lists.rows.begin() + few.offsets.back());
    part.lists.push_back(std::move(few));
  }
  return part;
}

/// The feature columns of the first rows of a table, as JSON.
inline Json rows_to_json(const Table& table, const Features& features) {
  const Index count = (std::min)(table.size(), sample_row_count);
  Json columns = Json::array();
  const auto add = [&](const std::string& name, auto&& value_of) {
    Json values = Json::array();
    for (Index row = 0; row < count; ++row) values.push_back(value_of(row));
    columns.push_back({{"name", name}, {"values", std::move(values)}});
  };
  for (const auto& number : features.numbers())
    add(number.name,
        [&](Index row) { return to_json(table.numbers(number.name).values[static_cast<std::size_t>(row)]); });
  for (const auto& category : features.one_hot())
    add(category.name, [&](Index row) { return Json(std::string(table.categories(category.name).at(row))); });
  for (const auto& category : features.categories())
    add(category.name, [&](Index row) { return Json(std::string(table.categories(category.name).at(row))); });
  for (const auto& list : features.lists())
    add(list.name, [&](Index row) {
      const auto& column = table.lists(list.name);
      Json items = Json::array();
      for (const auto item : column.at(row)) items.push_back(column.names[static_cast<std::size_t>(item)]);
      return items;
    });
  return columns;
}

inline Table rows_from_json(const Json& columns, const Features& features, const std::string& place) {
  Table table(place);
  std::size_t at = 0;
  const auto next = [&](const std::string& name) -> const Json& {
    require<FileError>(columns.is_array() && at < columns.size() && columns[at].value("name", "") == name, place,
                       ": the sample rows do not have column '", name, "'");
    return columns[at++]["values"];
  };
  for (const auto& number : features.numbers()) {
    std::vector<double> values;
    from_json(next(number.name), values, place + ": " + number.name);
    table.add_numbers(number.name, std::move(values));
  }
  const auto add_categories = [&](const std::string& name) {
    std::vector<std::string> values;
    from_json(next(name), values, place + ": " + name);
    table.add_categories(name, values);
  };
  for (const auto& category : features.one_hot()) add_categories(category.name);
  for (const auto& category : features.categories()) add_categories(category.name);
  for (const auto& list : features.lists()) {
    std::vector<std::vector<std::string>> values;
    from_json(next(list.name), values, place + ": " + list.name);
    table.add_lists(list.name, values);
  }
  return table;
}

/// Runs a function; what the JSON library or memory throws over a file's strange contents becomes a FileError.
template <class Function>
auto guarded(const std::filesystem::path& path, Function&& function) {
  try {
    return function();
  } catch (const nlohmann::json::exception& error) {
    fail<FileError>({path.string(), ": the file is damaged, or holds text that is not UTF-8: ", error.what()});
  } catch (const std::length_error& error) {
    fail<FileError>({path.string(), ": the file is damaged: ", error.what()});
  } catch (const std::bad_alloc&) {
    fail<FileError>({path.string(), ": the file is damaged, or too large for this machine's memory"});
  } catch (const FileError&) {
    throw;
  } catch (const Error& error) {  // a setting that a layer, a loss or a feature refuses
    fail<FileError>({path.string(), ": ", error.what()});
  }
}

/// Whether two matrices agree to what other compilers and processors may change: 1e-3 relative in float, 1e-8 in
/// double.
template <class Left, class Right>
bool agree(const Left& left, const Right& right) {
  using S = typename Left::Scalar;
  const S tolerance = std::same_as<S, float> ? S(1e-3) : S(1e-8);
  if (left.rows() != right.rows() || left.cols() != right.cols()) return false;
  return ((left - right).cwiseAbs().array() <= tolerance * (left.cwiseAbs().cwiseMax(right.cwiseAbs()).array() + S(1)))
      .all();
}

/// What makes two models of one structure.
template <Scalar S>
Json structure_of(const Model<S>& model) {
  JsonWriter writer;
  Model<S>::visit_features(model, writer);
  model.write_structure(writer);
  return std::move(writer.json());
}

/// Writes a model's structure, numbers and sample rows, together with what `metadata` and `writer` hold already.
template <Scalar S>
void save(const std::filesystem::path& path, const Model<S>& model, const Dataset<S>& data, const Json& rows,
          std::string_view kind, Json metadata, TensorWriter& writer) {
  model.check(data, false);
  SampleRows<S> samples{first_samples(data), {}};
  samples.predict(model);
  for (std::size_t task = 0; task < model.size(); ++task)
    require(samples.predictions[task].allFinite(), "the model is not saved: task '", model.names()[task],
            "' predicts numbers that are not finite");
  each_tensor(model, [&](const std::string& name, const std::vector<Index>& shape, const S* values) {
    writer.add(name, shape, values);
  });
  samples.each_tensor(model.names(), [&](const std::string& name, const std::vector<Index>& shape, auto* values) {
    writer.add(name, shape, values);
  });
  const auto dumped = [&](const Json& json) { return guarded(path, [&] { return json.dump(); }); };
  metadata["format"] = "polytask " + std::string(kind);
  metadata["version"] = std::to_string(file_version);
  metadata["structure"] = dumped(structure_of(model));
  metadata["rows"] = dumped(rows);
  guarded(path, [&] { writer.write(path, std::move(metadata)); });
}

/// The first side of a tensor, which must have that many.
inline Index length(const TensorReader& reader, const std::string& tensor, std::size_t sides) {
  const auto shape = reader.shape(tensor);
  require<FileError>(shape.size() == sides, reader.name(), ": tensor '", tensor, "' has ", shape.size(),
                     " dimensions, the program expects ", sides);
  return shape.front();
}

/// Reads the numbers of a model whose structure is read already, and has it predict the sample rows.
template <Scalar S>
void load_numbers(const TensorReader& reader, Model<S>& model) {
  each_tensor(model, [&](const std::string& name, const std::vector<Index>& shape, S* values) {
    reader.read(name, shape, values);
  });
  SampleRows<S> samples;
  const auto size = length(reader, "samples/numbers", 2);
  samples.data.numbers.resize(model.features().number_rows(), size);
  samples.data.categories.resize(static_cast<Index>(model.features().categories().size()), size);
  for (std::size_t which = 0; which < model.features().lists().size(); ++which) {
    auto& lists = samples.data.lists.emplace_back();
    const std::string prefix = "samples/lists/" + std::to_string(which);
    lists.offsets.resize(static_cast<std::size_t>(length(reader, prefix + "/offsets", 1)));
    lists.rows.resize(static_cast<std::size_t>(length(reader, prefix + "/rows", 1)));
  }
  for (const auto& shape : model.shapes()) samples.predictions.emplace_back(shape.prediction_rows, size);
  samples.each_tensor(model.names(), [&](const std::string& name, const std::vector<Index>& shape, auto* values) {
    reader.read(name, shape, values);
  });
  model.check(samples.data, false);
  const auto expected = samples.predictions;
  const Json rows = reader.metadata_json("rows");
  if (!rows.empty()) {
    const Dataset<S> encoded =
        model.encode_inputs(rows_from_json(rows, model.features(), reader.name() + ": sample rows"));
    require<FileError>(agree(encoded.numbers, samples.data.numbers) && encoded.categories == samples.data.categories,
                       reader.name(), ": the sample rows are encoded otherwise than when the model was saved");
    samples.data = encoded;
  }
  samples.predict(model);
  for (std::size_t task = 0; task < model.size(); ++task)
    require<FileError>(agree(samples.predictions[task], expected[task]), reader.name(), ": task '", model.names()[task],
                       "' predicts the sample rows otherwise than when the model was saved");
}

/// Opens a file and checks that it is of the kind and version.
inline TensorReader open(const std::filesystem::path& path, std::string_view kind) {
  TensorReader reader(path);
  const std::string format = "polytask " + std::string(kind);
  require<FileError>(reader.metadata("format") == format, reader.name(), ": expected a file of format '", format,
                     "', found '", reader.metadata("format"), "'");
  require<FileError>(reader.metadata("version") == std::to_string(file_version), reader.name(), ": expected version ",
                     file_version, ", found version ", reader.metadata("version"));
  return reader;
}

}  // namespace files

/// Saves a model.
/// @param rows a table with a few rows to predict (the first 8 are kept): a load checks the whole way from these rows
/// to
///             their predictions
/// @throws FileError when the file cannot be written; a file that was there before is left as it was
template <Scalar S>
void save(const std::filesystem::path& path, const Model<S>& model, const Table& rows) {
  std::vector<Index> few;
  for (Index row = 0; row < (std::min)(rows.size(), sample_row_count); ++row) few.push_back(row);
  const Table first = rows.rows(few);
  TensorWriter writer;
  const Json sample_rows = files::rows_to_json(first, model.features());
  files::save<S>(path, model, model.encode_inputs(first), sample_rows, "model", Json::object(), writer);
}

/// Saves a model whose inputs are matrices.
template <Scalar S>
void save(const std::filesystem::path& path, const Model<S>& model, const Dataset<S>& samples) {
  TensorWriter writer;
  files::save<S>(path, model, samples, Json::array(), "model", Json::object(), writer);
}

/// Loads a file into a model of the same types; widths, vocabularies and settings are those of the file.
/// @throws FileError naming the file and what is wrong: it is truncated, altered, of another version or structure, or
/// its predictions for the sample rows are not those that were saved. The model is then not to be used.
template <Scalar S>
void load_into(const std::filesystem::path& path, Model<S>& model) {
  files::guarded(path, [&] {
    const auto reader = files::open(path, "model");
    const Json structure = reader.metadata_json("structure");
    JsonReader members(structure, reader.name());
    members.placed([&] {
      Model<S>::visit_features(model, members);
      model.read_structure(members);
    });
    members.finish();
    files::load_numbers<S>(reader, model);
  });
}

/// Loads a model of the given type: load<decltype(model)>("shop.safetensors"); see load_into().
template <class ModelType>
ModelType load(const std::filesystem::path& path) {
  ModelType model;
  load_into<typename ModelType::scalar>(path, model);
  return model;
}

}  // namespace polytask
