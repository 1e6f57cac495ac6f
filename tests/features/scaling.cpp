#include "polytask/features/scaling.hpp"

#include "catch.hpp"
#include "polytask/data/table.hpp"

#include <any>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace polytask;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Approx exactly(double value) { return Approx(value).epsilon(1e-12).margin(1e-14); }

constexpr std::array every_scaling{Scaling::none, Scaling::standard, Scaling::min_max, Scaling::log1p,
                                   Scaling::quantile};

/// Keeps what a configuration visits, and gives it back.
struct Store {
  std::map<std::string, std::any> values;

  template <class Object>
  void save(const Object& object) {
    Object::configuration(object,
                          [this](std::string_view name, const auto& value) { values[std::string(name)] = value; });
  }

  template <class Object>
  Object load() const {
    Object object;
    Object::configuration(object, [this]<class Value>(std::string_view name, Value& value) {
      value = std::any_cast<Value>(values.at(std::string(name)));
    });
    return object;
  }
};

}  // namespace

TEST_CASE("Standard scaling subtracts the mean and divides by the population deviation of the numbers present") {
  const std::vector<double> values{2, 4, missing, 4, 4, 5, 5, missing, 7, 9};  // mean 5, deviation 2
  const auto scaler = NumberScaler::fit(values, Scaling::standard);
  CHECK(scaler(9) == exactly(2));
  CHECK(scaler(2) == exactly(-1.5));
  CHECK(scaler(100) == exactly(47.5));
  CHECK(scaler(missing) == 0);
  CHECK(scaler.flags_missing());
  CHECK_FALSE(NumberScaler::fit(std::vector<double>{1, 2}, Scaling::standard).flags_missing());
}

TEST_CASE("Standard scaling keeps its digits far from zero and does not overflow") {
  const auto far = NumberScaler::fit(std::vector<double>{1e9 + 1, 1e9 + 3}, Scaling::standard);
  CHECK(far(1e9 + 3) == Approx(1).epsilon(1e-6));
  const auto huge = NumberScaler::fit(std::vector<double>{-1.5e308, 1.5e308, 1.5e308, -1.5e308}, Scaling::standard);
  CHECK(huge(1.5e308) == exactly(1));
  CHECK(huge(-0.75e308) == exactly(-0.5));
}

TEST_CASE("Minimum and maximum become 0 and 1, values outside stay on the line, a missing value is the mean") {
  const auto scaler = NumberScaler::fit(std::vector<double>{10, missing, 30, 20, 12}, Scaling::min_max);
  CHECK(scaler(10) == 0);
  CHECK(scaler(30) == 1);
  CHECK(scaler(15) == exactly(0.25));
  CHECK(scaler(40) == exactly(1.5));
  CHECK(scaler(missing) == exactly(0.4));
}

TEST_CASE("The logarithm is odd and standardised afterwards") {
  // log1p gives 0, 1, 3, 4 and their negatives' counterparts: mean 2, deviation sqrt(2.5)
  const double e = std::exp(1.0);
  const std::vector<double> values{0, e - 1, e * e * e - 1, e * e * e * e - 1};
  const auto scaler = NumberScaler::fit(values, Scaling::log1p);
  CHECK(scaler(0) == exactly(-2 / std::sqrt(2.5)));
  CHECK(scaler(e * e * e * e - 1) == exactly(2 / std::sqrt(2.5)));
  CHECK(scaler(1 - e) == exactly(-3 / std::sqrt(2.5)));
  CHECK(scaler(missing) == 0);
}

TEST_CASE("No scaling passes numbers on and fills the mean in where they are missing") {
  const auto scaler = NumberScaler::fit(std::vector<double>{1, missing, 5}, Scaling::none);
  CHECK(scaler(-7.25) == -7.25);
  CHECK(scaler(missing) == 3);
  const NumberScaler unfitted;
  CHECK(unfitted(2.5) == 2.5);
  CHECK(unfitted(missing) == 0);
}

TEST_CASE("Quantile scaling gives the normal score of the middle rank and is linear between the knots") {
  SECTION("distinct values: middle ranks 1/6, 3/6, 5/6") {
    const auto scaler = NumberScaler::fit(std::vector<double>{100, 1, missing, 2}, Scaling::quantile);
    CHECK(scaler(1) == exactly(-0.9674215661017010));
    CHECK(std::abs(scaler(2)) < 1e-14);
    CHECK(scaler(100) == exactly(0.9674215661017010));
    CHECK(scaler(51) == exactly(0.9674215661017010 / 2));
    CHECK(scaler(1e300) == scaler(100));
    CHECK(scaler(-1e300) == scaler(1));
    CHECK(std::abs(scaler(missing)) < 1e-14);
  }
  SECTION("ties stand at the middle of their share: 0.35 and 0.85") {
    const auto scaler = NumberScaler::fit(std::vector<double>{0, 0, 0, 0, 0, 0, 0, 1, 1, 1}, Scaling::quantile);
    CHECK(scaler(0) == exactly(-0.3853204664075676));
    CHECK(scaler(1) == exactly(1.0364333894937896));
    CHECK(scaler(missing) == exactly(0.7 * -0.3853204664075676 + 0.3 * 1.0364333894937896));
  }
  SECTION("more values than quantiles: knots at equal steps of rank") {
    std::vector<double> values;
    for (int i = 1000; i >= 0; --i) values.push_back(i * i);  // sorted: 0, 1, 4, .., 1000000
    const auto scaler = NumberScaler::fit(values, Scaling::quantile, 5);
    for (const int rank : {0, 250, 500, 750, 1000})
      CHECK(scaler(rank * rank) == exactly(normal_quantile((rank + 0.5) / 1001)));
    const double between = (normal_quantile(500.5 / 1001) + normal_quantile(750.5 / 1001)) / 2;
    CHECK(scaler((500.0 * 500 + 750.0 * 750) / 2) == exactly(between));
  }
  SECTION("a value that takes several steps of rank is one knot") {
    std::vector<double> values(90, 0.0);
    for (int i = 1; i <= 10; ++i) values.push_back(i);
    const auto scaler = NumberScaler::fit(values, Scaling::quantile, 5);
    CHECK(scaler(0) == exactly(normal_quantile(0.45)));
    CHECK(scaler(10) == exactly(normal_quantile(0.995)));
    Store store;
    store.save(scaler);
    CHECK(std::any_cast<std::vector<double>>(store.values.at("knots")) == std::vector<double>{0, 10});
  }
  SECTION("the default finds every knot") {
    std::vector<double> values;
    for (int i = 0; i < 700; ++i) values.push_back(std::exp(0.01 * i));
    const auto scaler = NumberScaler::fit(values, Scaling::quantile);
    for (std::size_t rank = 0; rank < values.size(); ++rank)
      REQUIRE(scaler(values[rank]) == exactly(normal_quantile((static_cast<double>(rank) + 0.5) / 700)));
  }
  SECTION("the scores of a sample have mean 0 and deviation 1") {
    std::vector<double> values;
    for (int i = 0; i < 5000; ++i) values.push_back(std::pow(1.003, (i * 1237) % 5000));
    const auto scaler = NumberScaler::fit(values, Scaling::quantile);
    double sum = 0;
    double squares = 0;
    for (const double value : values) {
      sum += scaler(value);
      squares += scaler(value) * scaler(value);
    }
    CHECK(std::abs(sum / 5000) < 1e-3);
    CHECK(squares / 5000 == Approx(1).epsilon(0.005));
  }
}

TEST_CASE("A constant column becomes 0 whatever comes later") {
  const std::vector<double> values{0.1, 0.1, missing, 0.1};
  for (const auto scaling : {Scaling::standard, Scaling::min_max, Scaling::log1p, Scaling::quantile}) {
    CAPTURE(scaling_names[static_cast<std::size_t>(scaling)]);
    const auto scaler = NumberScaler::fit(values, scaling);
    CHECK(scaler(0.1) == 0);
    CHECK(scaler(1e6) == 0);
    CHECK(scaler(missing) == 0);
  }
  CHECK(NumberScaler::fit(values, Scaling::none)(0.1) == 0.1);
  CHECK(NumberScaler::fit(values, Scaling::none)(missing) == exactly(0.1));
  CHECK(NumberScaler::fit(std::vector<double>{0, 0}, Scaling::standard)(3) == 0);
}

TEST_CASE("A column without a number becomes 0") {
  for (const auto& values : {std::vector<double>{}, std::vector<double>{missing, missing}})
    for (const auto scaling : every_scaling) {
      CAPTURE(scaling_names[static_cast<std::size_t>(scaling)]);
      const auto scaler = NumberScaler::fit(values, scaling);
      CHECK(scaler(5) == 0);
      CHECK(scaler(missing) == 0);
      CHECK(scaler.flags_missing() == !values.empty());
    }
}

TEST_CASE("No scaling gives NaN or infinity, however extreme the numbers") {
  const std::vector<std::vector<double>> columns{
      {1, 2, 3}, {-1.7e308, 1.7e308, 0}, {-1.7e308, 1.7e308}, {5e-324, 0, 1e-310}, {1, 1, 1}, {-1e-300, 1e300}};
  for (const auto& column : columns)
    for (const auto scaling : every_scaling) {
      const auto scaler = NumberScaler::fit(column, scaling);
      for (const double value : {0.0, 1.0, 1e308, -1.7e308, 1.7e308, 5e-324, infinity, -infinity, missing}) {
        INFO(scaling_names[static_cast<std::size_t>(scaling)] << ' ' << column[0] << ' ' << value);
        CHECK(std::isfinite(scaler(value)));
        float single = 0;
        scaler.apply(std::vector<double>{value}, &single, 1);
        CHECK(std::isfinite(single));
      }
    }
}

TEMPLATE_TEST_CASE("A whole column is written into one row of a matrix", "", float, double) {
  const std::vector<double> values{1, 5, missing, 2, 2, 80, -3};
  for (const auto scaling : every_scaling) {
    CAPTURE(scaling_names[static_cast<std::size_t>(scaling)]);
    const auto scaler = NumberScaler::fit(values, scaling);
    Matrix<TestType> inputs = Matrix<TestType>::Constant(3, 7, 42);
    scaler.apply(values, inputs.data() + 1, inputs.rows());
    for (Index sample = 0; sample < 7; ++sample) {
      CHECK(inputs(1, sample) == static_cast<TestType>(scaler(values[static_cast<std::size_t>(sample)])));
      CHECK(inputs(0, sample) == 42);
      CHECK(inputs(2, sample) == 42);
    }
  }
}

TEST_CASE("A file keeps a scaling by its name") {
  Store store;
  store.save(NumberScaler::fit(std::vector<double>{1, 2}, Scaling::log1p));
  CHECK(std::any_cast<std::string>(store.values["scaling"]) == "log1p");
  store.values["scaling"] = std::string("sqrt");
  CHECK_THROWS_WITH(store.load<NumberScaler>(),
                    "'scaling' is 'sqrt', which is none of: none, standard, min_max, log1p, quantile");
}

TEST_CASE("A scaling cannot be fitted to infinite numbers or with one quantile") {
  const std::vector<double> values{1, missing, -infinity};
  CHECK_THROWS_AS(NumberScaler::fit(values, Scaling::standard), DataError);
  CHECK_THROWS_WITH(NumberScaler::fit(values, Scaling::standard),
                    containing("row 2 (counted from 0): expected a finite number, got -inf"));
  CHECK_THROWS_AS(NumberScaler::fit(std::vector<double>{1, 2}, Scaling::quantile, 1), ArgumentError);
  CHECK_THROWS_WITH(NumberScaler::fit(std::vector<double>{1, 2}, Scaling::quantile, 1),
                    containing("at least 2 quantiles, not 1"));
}

TEST_CASE("A fitted scaling is saved and loaded whole") {
  const std::vector<double> values{1, 5, missing, 2, 2, 80, -3};
  for (const auto scaling : every_scaling) {
    CAPTURE(scaling_names[static_cast<std::size_t>(scaling)]);
    const auto scaler = NumberScaler::fit(values, scaling);
    Store store;
    store.save(scaler);
    const auto loaded = store.load<NumberScaler>();
    CHECK(loaded == scaler);
    CHECK(loaded(3.5) == scaler(3.5));
    CHECK(loaded(missing) == scaler(missing));
  }
  Store damaged;
  damaged.save(NumberScaler::fit(values, Scaling::quantile));
  damaged.values["scores"] = std::vector<double>{1};
  CHECK_THROWS_AS(damaged.load<NumberScaler>(), ArgumentError);
  CHECK_THROWS_WITH(damaged.load<NumberScaler>(), containing("has 5 knots and 1 scores"));
}
