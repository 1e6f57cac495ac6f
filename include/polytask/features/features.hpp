/// @file
/// From the columns of a table to the inputs of a network, everything fitted on training data.
#pragma once

#include "polytask/core/sort_places.hpp"
#include "polytask/data/codes.hpp"
#include "polytask/data/table.hpp"
#include "polytask/features/dataset.hpp"
#include "polytask/features/embeddings.hpp"
#include "polytask/features/feature_options.hpp"
#include "polytask/features/scaling.hpp"
#include "polytask/features/vocabulary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace polytask {

/// The fitted encoders of a table's feature columns and the class names of its label columns.
class Features {
 public:
  struct Number {
    std::string name;
    NumberScaler scaler;

    template <class Self, class Visitor>
    static void configuration(Self& self, Visitor&& visit) {
      visit("name", self.name);
      visit("scaler", self.scaler);
    }
  };

  struct FittedTable {
    std::string name;
    Index width = 0;
    Vocabulary vocabulary;

    template <class Self, class Visitor>
    static void configuration(Self& self, Visitor&& visit) {
      visit("name", self.name);
      visit("width", self.width);
      visit("vocabulary", self.vocabulary);
    }
  };

  struct Embedded {
    std::string name;
    Index table = 0;

    template <class Self, class Visitor>
    static void configuration(Self& self, Visitor&& visit) {
      visit("name", self.name);
      visit("table", self.table);
    }
  };

  /// A category column that becomes numbers: one for each row of its vocabulary, 1 where the sample has it.
  struct OneHot {
    std::string name;
    Vocabulary vocabulary;

    template <class Self, class Visitor>
    static void configuration(Self& self, Visitor&& visit) {
      visit("name", self.name);
      visit("vocabulary", self.vocabulary);
    }
  };

  struct Classes {
    std::string name;                ///< of the label column
    std::vector<std::string> names;  ///< class numbers are places in this list, which is sorted

    template <class Self, class Visitor>
    static void configuration(Self& self, Visitor&& visit) {
      visit("name", self.name);
      visit("names", self.names);
    }
  };

  /// No columns.
  Features() = default;

  /// Inputs that are numbers already: Dataset<S>::from(matrix, labels).
  static Features dense(Index count) {
    Features features;
    features.dense_count_ = count;
    features.place();
    return features;
  }

  /// Fits scalers, vocabularies and class names to a table of training data.
  /// @throws DataError when the table has no feature column or no row
  /// @throws ArgumentError when an option names a column that is not a feature
  static Features fit(const Table& table, const FeatureOptions& options = {}) {
    require<DataError>(table.size() > 0, table.place(), "there are no rows to fit features to");
    require(options.list_limit > 0, "list_limit must be at least 1, not ", options.list_limit);
    for (const auto& [name, ignored] : options.columns)
      require(table.column(name).use == Use::feature, "options are given for column '", name,
              "', which is not a feature");
    Features features;
    features.list_limit_ = options.list_limit;
    std::vector<const Table::Column*> embedded;
    for (const auto& column : table.columns()) {
      if (column.use == Use::label) features.fit_classes(column);
      if (column.use != Use::feature) continue;
      if (std::holds_alternative<NumberColumn>(column.values))
        features.fit_number(table, column, options);
      else if (is_one_hot(column, options))
        features.fit_one_hot(column, options);
      else
        embedded.push_back(&column);
    }
    features.fit_embedded(embedded, options);
    features.place();
    require<DataError>(features.input_width() > 0, table.place(), "there is no feature column");
    return features;
  }

  /// Rows of a network's input: the numbers, each followed by a flag if it was missing in training, then the one-hot
  /// columns, then the embedded ones.
  Index input_width() const { return input_width_; }

  /// Rows of Dataset::numbers.
  Index number_rows() const { return number_rows_; }

  const std::vector<Number>& numbers() const { return numbers_; }
  const std::vector<OneHot>& one_hot() const { return one_hot_; }
  const std::vector<FittedTable>& tables() const { return tables_; }
  const std::vector<Embedded>& categories() const { return categories_; }
  const std::vector<Embedded>& lists() const { return lists_; }
  const std::vector<EmbeddedColumn>& category_places() const { return category_places_; }
  const std::vector<EmbeddedColumn>& list_places() const { return list_places_; }

  /// The most rows of a table that one sample can touch.
  Index touched_rows(Index table) const {
    Index rows = 0;
    for (const auto& column : categories_) rows += column.table == table;
    for (const auto& column : lists_) rows += column.table == table ? list_limit_ : 0;
    return rows;
  }

  /// Whether a column is among the inputs.
  bool reads(std::string_view column) const {
    const auto among = [&](const auto& columns) {
      return std::any_of(columns.begin(), columns.end(), [&](const auto& one) { return one.name == column; });
    };
    return among(numbers_) || among(one_hot_) || among(categories_) || among(lists_);
  }

  /// The class names of a label column; empty when its labels are numbers.
  const std::vector<std::string>& class_names(std::string_view label) const {
    static const std::vector<std::string> none;
    for (const auto& classes : classes_)
      if (classes.name == label) return classes.names;
    return none;
  }

  /// The inputs of every row of a table; labels are left empty.
  /// @throws DataError naming a column that is absent or of another kind, and the row of an infinite number
  template <Scalar S>
  Dataset<S> encode(const Table& table) const {
    require(dense_count_ == 0, "these features take matrices, not tables");
    Dataset<S> data;
    data.numbers.resize(number_rows_, table.size());
    Index row = 0;
    for (const auto& number : numbers_) {
      const auto& values = table.numbers(number.name).values;
      for (std::size_t sample = 0; sample < values.size(); ++sample)
        if (std::isinf(values[sample]))
          fail<DataError>({table.place(), "column '", number.name, "', ", table.row_name(static_cast<Index>(sample)),
                           ": expected a finite number, got ", values[sample]});
      number.scaler.apply(values, data.numbers.data() + row++, number_rows_);
      if (!number.scaler.flags_missing()) continue;
      for (std::size_t sample = 0; sample < values.size(); ++sample)
        data.numbers(row, static_cast<Index>(sample)) = std::isnan(values[sample]) ? S(1) : S(0);
      ++row;
    }
    for (const auto& column : one_hot_) {
      const auto rows = column.vocabulary.encode(table.categories(column.name));
      for (std::size_t sample = 0; sample < rows.size(); ++sample) {
        S* const places = data.numbers.col(static_cast<Index>(sample)).data() + row;
        std::fill_n(places, column.vocabulary.size(), S(0));
        places[rows[sample]] = S(1);
      }
      row += column.vocabulary.size();
    }
    data.categories.resize(static_cast<Index>(categories_.size()), table.size());
    for (std::size_t which = 0; which < categories_.size(); ++which) {
      const auto rows = vocabulary(categories_[which]).encode(table.categories(categories_[which].name));
      for (std::size_t sample = 0; sample < rows.size(); ++sample)
        data.categories(static_cast<Index>(which), static_cast<Index>(sample)) = rows[sample];
    }
    for (const auto& column : lists_) {
      const auto& lists = table.lists(column.name);
      const auto translation = vocabulary(column).rows_of(lists.names);
      auto& encoded = data.lists.emplace_back();
      for (Index sample = 0; sample < table.size(); ++sample) {
        auto items = lists.at(sample);
        if (static_cast<Index>(items.size()) > list_limit_) items = items.last(static_cast<std::size_t>(list_limit_));
        for (const auto item : items) encoded.rows.push_back(translation[static_cast<std::size_t>(item)]);
        encoded.offsets.push_back(static_cast<std::int64_t>(encoded.rows.size()));
      }
    }
    return data;
  }

  /// The numbers of a label column, class names as class numbers; NaN where missing.
  /// @throws DataError naming the row of a class that did not occur in training
  std::vector<double> labels(const Table& table, const std::string& name) const {
    const auto& column = table.column(name);
    if (const auto* numbers = std::get_if<NumberColumn>(&column.values)) return numbers->values;
    const auto& categories = table.categories(name);
    const auto& known = class_names(name);
    std::vector<double> translation;
    for (const auto& class_name : categories.names) {
      const auto found = std::lower_bound(known.begin(), known.end(), class_name);
      translation.push_back(found == known.end() || *found != class_name ? -1.0
                                                                         : static_cast<double>(found - known.begin()));
    }
    std::vector<double> values;
    values.reserve(categories.codes.size());
    for (std::size_t row = 0; row < categories.codes.size(); ++row) {
      const auto code = categories.codes[row];
      values.push_back(code == missing_code ? missing : translation[static_cast<std::size_t>(code)]);
      if (values.back() < 0)
        fail<DataError>({table.place(), "column '", name, "', ", table.row_name(static_cast<Index>(row)),
                         ": the class '", categories.at(static_cast<Index>(row)), "' did not occur in training"});
    }
    return values;
  }

  /// @throws DataError unless every category and list item of a data set has a row in its table
  template <Scalar S>
  void check_rows(const Dataset<S>& data) const {
    const auto inside = [&](std::int32_t row, const Embedded& column, Index sample) {
      const Index rows = tables_[static_cast<std::size_t>(column.table)].vocabulary.size();
      require<DataError>(row >= 0 && row < rows, "column '", column.name, "', sample ", sample, ": row ", row,
                         " of an embedding table with ", rows);
    };
    for (Index sample = 0; sample < data.categories.cols(); ++sample)
      for (Index which = 0; which < data.categories.rows(); ++which)
        inside(data.categories(which, sample), categories_[static_cast<std::size_t>(which)], sample);
    for (std::size_t which = 0; which < data.lists.size(); ++which) {
      const auto& lists = data.lists[which];
      require<DataError>(static_cast<Index>(lists.offsets.size()) == data.size() + 1 && lists.offsets.front() == 0 &&
                             std::is_sorted(lists.offsets.begin(), lists.offsets.end()) &&
                             lists.offsets.back() == static_cast<std::int64_t>(lists.rows.size()),
                         "list column '", lists_[which].name, "': the offsets do not fit ", data.size(),
                         " samples with ", lists.rows.size(), " items");
      for (Index sample = 0; sample < data.size(); ++sample)
        for (const auto row : lists.at(sample)) inside(row, lists_[which], sample);
    }
  }

  /// Visits what a file keeps.
  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("dense_count", self.dense_count_);
    visit("list_limit", self.list_limit_);
    visit("numbers", self.numbers_);
    visit("one_hot", self.one_hot_);
    visit("tables", self.tables_);
    visit("categories", self.categories_);
    visit("lists", self.lists_);
    visit("classes", self.classes_);
    if constexpr (!std::is_const_v<Self>) {
      require(self.dense_count_ >= 0 && self.list_limit_ >= 1, "features have ", self.dense_count_,
              " dense inputs and lists of at most ", self.list_limit_);
      for (const auto& table : self.tables_)
        require(table.width >= 1 && table.width <= 65536, "table '", table.name, "' is ", table.width, " wide");
      self.place();
    }
  }

 private:
  void fit_classes(const Table::Column& column) {
    if (const auto* classes = std::get_if<CategoryColumn>(&column.values))
      classes_.push_back({column.name, class_names(*classes)});
  }

  void fit_number(const Table& table, const Table::Column& column, const FeatureOptions& options) {
    const auto scaling = options.own(column.name).scaling.value_or(options.scaling);
    try {
      numbers_.push_back({column.name, NumberScaler::fit(std::get<NumberColumn>(column.values).values, scaling)});
    } catch (const DataError& error) {
      fail<DataError>({table.place(), "column '", column.name, "': ", error.what()});
    }
  }

  /// Whether a column of texts becomes numbers.
  static bool is_one_hot(const Table::Column& column, const FeatureOptions& options) {
    const bool single = std::holds_alternative<CategoryColumn>(column.values);
    const auto own = options.own(column.name);
    require(single || !own.one_hot.value_or(false), "column '", column.name, "' holds lists, which cannot be one_hot");
    const bool found = single && own.one_hot.value_or(options.one_hot);
    require(!found || (own.table.empty() && !own.embedding_width), "column '", column.name,
            "' is one_hot, and can have no embedding table");
    return found;
  }

  void fit_one_hot(const Table::Column& column, const FeatureOptions& options) {
    one_hot_.push_back(
        {column.name, Vocabulary::fit({CodedTexts::of(column)}, options.vocabulary(options.own(column.name)))});
  }

  /// Embedding tables, in the order of their first columns, and which of them each column reads.
  void fit_embedded(const std::vector<const Table::Column*>& columns, const FeatureOptions& options) {
    std::vector<std::int32_t> tables;  // of each column
    std::vector<std::string> names;    // of the tables
    Codes codes(names);
    for (const auto* column : columns) {
      const auto own = options.own(column->name);
      tables.push_back(codes.code(own.table.empty() ? column->name : own.table));
      (std::holds_alternative<CategoryColumn>(column->values) ? categories_ : lists_)
          .push_back({column->name, static_cast<Index>(tables.back())});
    }
    for (std::size_t table = 0; table < names.size(); ++table) {
      std::vector<CodedTexts> texts;
      ColumnOptions together;
      for (std::size_t place = 0; place < columns.size(); ++place) {
        if (static_cast<std::size_t>(tables[place]) != table) continue;
        texts.push_back(CodedTexts::of(*columns[place]));
        const auto own = options.own(columns[place]->name);
        join(together.embedding_width, own.embedding_width, names[table], "embedding_width");
        join(together.minimum_count, own.minimum_count, names[table], "minimum_count");
        join(together.hash_buckets, own.hash_buckets, names[table], "hash_buckets");
      }
      auto vocabulary = Vocabulary::fit(texts, options.vocabulary(together));
      Index width = together.embedding_width.value_or(options.embedding_width);
      if (width == 0) width = width_for(vocabulary.size());
      require(width > 0, "the embedding width of '", names[table], "' must be at least 1, not ", width);
      tables_.push_back({std::move(names[table]), width, std::move(vocabulary)});
    }
  }

  /// Makes a column's option that of the table which it shares.
  static void join(std::optional<Index>& table, const std::optional<Index>& own, std::string_view name,
                   std::string_view option) {
    if (!own) return;
    require(table.value_or(*own) == *own, "the columns of the embedding table '", name, "' are to have ", option, " ",
            table.value_or(0), " and ", *own);
    table = own;
  }

  /// The width of an embedding table that is not told any: twice the fourth root of its rows.
  static Index width_for(Index rows) {
    return std::clamp<Index>(static_cast<Index>(std::lround(2 * std::pow(static_cast<double>(rows), 0.25))), 2, 32);
  }

  static std::vector<std::string> class_names(const CategoryColumn& column) {
    std::vector<bool> seen(column.names.size());
    for (const auto code : column.codes)
      if (code != missing_code) seen[static_cast<std::size_t>(code)] = true;
    std::vector<std::size_t> codes;
    for (std::size_t code = 0; code < seen.size(); ++code)
      if (seen[code]) codes.push_back(code);
    sort_places(codes, [&](std::size_t left, std::size_t right) { return column.names[left] < column.names[right]; });
    std::vector<std::string> names;
    for (const auto code : codes) names.push_back(column.names[code]);
    return names;
  }

  const Vocabulary& vocabulary(const Embedded& column) const {
    return tables_[static_cast<std::size_t>(column.table)].vocabulary;
  }

  /// Settles where each column goes in the input.
  void place() {
    number_rows_ = dense_count_;
    for (const auto& number : numbers_) number_rows_ += number.scaler.flags_missing() ? 2 : 1;
    for (const auto& column : one_hot_) number_rows_ += column.vocabulary.size();
    input_width_ = number_rows_;
    const auto places = [&](const std::vector<Embedded>& columns) {
      std::vector<EmbeddedColumn> found;
      for (const auto& column : columns) {
        require(column.table >= 0 && column.table < static_cast<Index>(tables_.size()), "column '", column.name,
                "' reads table ", column.table, " of ", tables_.size());
        found.push_back({column.table, input_width_});
        input_width_ += tables_[static_cast<std::size_t>(column.table)].width;
      }
      return found;
    };
    category_places_ = places(categories_);
    list_places_ = places(lists_);
  }

  Index dense_count_ = 0;
  Index list_limit_ = 50;
  std::vector<Number> numbers_;
  std::vector<OneHot> one_hot_;
  std::vector<FittedTable> tables_;
  std::vector<Embedded> categories_;
  std::vector<Embedded> lists_;
  std::vector<Classes> classes_;
  // what follows from the above
  Index number_rows_ = 0;
  Index input_width_ = 0;
  std::vector<EmbeddedColumn> category_places_;
  std::vector<EmbeddedColumn> list_places_;
};

/// Fits features to a table of training data.
inline Features features(const Table& train, const FeatureOptions& options = {}) {
  return Features::fit(train, options);
}

}  // namespace polytask
