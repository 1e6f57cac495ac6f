#include "simulation.hpp"

#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"
#include "polytask/data/table.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <numbers>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace polytask::examples {

namespace {

/// A session with what it belongs to.
struct Row {
  const Session& session;
  const Customer& customer;
  const Product& product;
  const City& city;
};

/// Makes a column of one number, text or list a session.
class ShopColumns {
 public:
  explicit ShopColumns(const Shop& shop) : shop_(shop) {}

  /// A column of what a function says of each row.
  template <class Value>
    requires std::invocable<Value, const Row&>
  ShopColumns& add(std::string name, Use use, Value value) {
    std::vector<std::decay_t<std::invoke_result_t<Value, const Row&>>> values;
    values.reserve(shop_.visits.size());
    for (const Session& session : shop_.visits) {
      const Customer& customer = shop_.customer_of(session);
      values.push_back(value(Row{session, customer, shop_.product_of(session), shop_.city_of(customer)}));
    }
    using Kind = typename decltype(values)::value_type;
    if constexpr (std::is_arithmetic_v<Kind>)
      table_.add_numbers(std::move(name), {values.begin(), values.end()}, use);
    else if constexpr (std::is_same_v<Kind, std::string>)
      table_.add_categories(std::move(name), values, use);
    else
      table_.add_lists(std::move(name), values, use);
    return *this;
  }

  /// A column of a member of the session, the customer, the product or the city.
  template <class Whole, class Value>
  ShopColumns& add(std::string name, Use use, Value Whole::*member) {
    return add(std::move(name), use, [member](const Row& row) {
      if constexpr (std::is_same_v<Whole, Session>)
        return row.session.*member;
      else if constexpr (std::is_same_v<Whole, Customer>)
        return row.customer.*member;
      else if constexpr (std::is_same_v<Whole, Product>)
        return row.product.*member;
      else
        return row.city.*member;
    });
  }

  Table take() { return std::move(table_); }

 private:
  const Shop& shop_;
  Table table_{"the simulated shop"};
};

void add_keys(ShopColumns& columns) {
  columns.add("customer", Use::key, &Customer::name).add("week", Use::key, &Session::week);
}

void add_features(ShopColumns& columns) {
  constexpr Use use = Use::feature;
  constexpr double turn = 2 * std::numbers::pi;
  columns.add("account_days", use, &Customer::account_days)
      .add("past_orders", use, &Customer::past_orders)
      .add("days_since_order", use, &Customer::days_since_order)
      .add("average_basket", use, &Customer::average_basket)
      .add("bargain_share", use, &Customer::bargain_share)
      .add("return_share", use, &Customer::return_share)
      .add("wish_list", use, &Customer::wish_list)
      .add("past_contacts", use, &Customer::past_contacts)
      .add("pages", use, &Session::pages)
      .add("minutes", use, &Session::minutes)
      .add("hour_sine", use, [](const Row& row) { return std::sin(turn * row.session.hour / 24); })
      .add("hour_cosine", use, [](const Row& row) { return std::cos(turn * row.session.hour / 24); })
      .add("season", use, [](const Row& row) { return season(row.session.week); })
      .add("price", use, &Product::price)
      .add("discount", use, &Session::discount)
      .add("next_discount", use, &Session::next_discount)
      .add("rating", use, &Product::rating)
      .add("reviews", use, &Product::reviews)
      .add("product_days", use, &Product::age_days)
      .add("stock", use, &Session::stock)
      .add("delivery_days", use, &Session::delivery_days)
      .add("sold_last_week", use, &Session::sold_last_week);
  columns.add("city", use, &City::name)
      .add("age_band", use, &Customer::age_band)
      .add("device", use, &Customer::device)
      .add("payment", use, &Customer::payment)
      .add("channel", use, &Session::channel)
      .add("weekday", use, &Session::weekday)
      .add("mail", use, [](const Row& row) { return std::string(name_of(row.session.mail)); })
      .add("product", use, &Product::name)
      .add("brand", use, &Product::brand)
      .add("category", use, &Product::category)
      .add("viewed", use, &Session::viewed);
}

void add_labels(ShopColumns& columns) {
  constexpr Use use = Use::label;
  columns
      .add("segment", use,
           [](const Row& row) { return std::string(row.session.survey ? segment_names[row.customer.segment] : ""); })
      .add("click", use, &Session::click)
      .add("purchase", use, &Session::purchase)
      .add("spend", use, &Session::spend)
      .add("demand", use, &Session::demand)
      .add("complaint", use,
           [](const Row& row) { return row.session.purchase ? static_cast<double>(row.session.complaint) : missing; })
      .add("hours", use, &Session::hours);
}

/// What the shop will never know: to measure models against.
void add_truth(ShopColumns& columns) {
  constexpr Use use = Use::key;
  const auto uplift = [](const Row& row, Mail mail) {
    return prospect_of(row.customer, row.product, row.session, mail).purchase() -
           prospect_of(row.customer, row.product, row.session, Mail::none).purchase();
  };
  columns.add("true_click", use, [](const Row& row) { return row.session.prospect.click; })
      .add("true_purchase", use, [](const Row& row) { return row.session.prospect.purchase(); })
      .add("true_spend", use,
           [](const Row& row) { return row.session.prospect.purchase() * row.session.prospect.spend; })
      .add("true_demand", use, &Session::true_demand)
      .add("true_complaint", use, [](const Row& row) { return row.session.prospect.complaint; })
      .add("true_hours", use, [](const Row& row) { return row.session.prospect.hours; })
      .add("true_uplift_discount", use, [uplift](const Row& row) { return uplift(row, Mail::discount); })
      .add("true_uplift_news", use, [uplift](const Row& row) { return uplift(row, Mail::news); });
  for (std::size_t segment = 0; segment < segment_names.size(); ++segment) {
    std::string name = text("true_", segment_names[segment]);
    std::replace(name.begin(), name.end(), ' ', '_');
    columns.add(std::move(name), use, [segment](const Row& row) { return row.customer.segment_chances[segment]; });
  }
}

}  // namespace

Shop simulate_shop(const ShopOptions& options) {
  require(options.customers > 0 && options.products > 0 && options.sessions > 0 && options.weeks > 0,
          "a shop needs at least one customer, product, session and week, not ", options.customers, ", ",
          options.products, ", ", options.sessions, " and ", options.weeks);
  Shop shop;
  shop.cities = make_cities(options.seed);
  Wheel products;
  for (Index number = 0; number < options.products; ++number) {
    shop.products.push_back(make_product(options.seed, number));
    products.add(std::exp(0.8 * shop.products.back().popularity));
  }
  Wheel customers;
  for (Index number = 0; number < options.customers; ++number) {
    shop.customers.push_back(make_customer(options.seed, shop.cities, number));
    customers.add(std::exp(0.4 * shop.customers.back().habits.activity));
  }
  shop.visits.reserve(static_cast<std::size_t>(options.sessions));
  for (Index number = 0; number < options.sessions; ++number) {
    shop.visits.push_back(make_session(options, shop, customers, products, number));
    draw_outcomes(options, shop, shop.visits.back(), number);
  }
  draw_surveys(options, shop);

  ShopColumns columns(shop);
  add_keys(columns);
  add_features(columns);
  add_labels(columns);
  add_truth(columns);
  shop.sessions = columns.take();
  return shop;
}

}  // namespace polytask::examples
