/// @file
/// A simulated shop in which a customer meets a product, session after session: the table that the examples learn from.
///
/// The process. Everything is drawn from one seed. Factors and signs of the sums stand in the functions named; N is a
/// standard normal number, "own" one that nothing else shows, "luck" a log-normal one of mean 1.
///
///   world.hpp: make_product, make_tastes, draw_history, draw_segment
///     quality    = prestige of the brand + price position + own         seen dimly in the rating
///     popularity = quality + own                                        seen dimly in the reviews
///     complexity = that of the category + own
///     habits     = N, eight of them, each seen in a column of the shop's books (log-normal, logistic or a count)
///     tempers    = 1.6 (|mixture of four habits| - 0.8)                 careful, restless, generous
///     tastes     = tempers + a habit + own                              thrift, demanding, patience, curiosity,
///                                                                       loyalty, giving
///     segment    ~ softmax(2.5 (thrift, loyalty, curiosity, giving) + bias)
///
///   session.hpp: make_session, mean_demand, appeal, prospect_of, draw_outcomes
///     who, what  ~ customers by activity, products by popularity; the mail by lot, each arm equally likely
///     appeal     = popularity + demanding x quality - thrift x price + curiosity x newness + style x style
///     demand     ~ Poisson(exp(city + popularity + quality - complexity - price + season) luck), of the next week
///     click      ~ logistic(appeal + curiosity - thrift + giving + loyalty - phone + news x curiosity)
///     purchase   ~ click and logistic(appeal + loyalty - thrift + giving - wait x impatience - complexity - phone
///                                     + discount letter x thrift)
///     spend      = units(giving, thrift) x price after discounts x luck, of a purchase
///     complaint  ~ logistic(-patience + demanding + thrift - quality + wait + complexity), of a purchase
///     hours      = exp(complexity - patience + demanding - loyalty) x luck, of a complaint
///
/// All seven tasks hang on the same few tempers and on the same product: what many clicks and the demand teach about
/// them helps segment, complaint and hours, for which labels are few. Weekday, hour, payment, age band and stock move
/// nothing: a shop has such columns.
///
/// Labels that are not known are missing: the segment but for one session of three customers in ten, the complaint
/// without a purchase, the hours without a complaint. Columns named true_... are keys: the probability or mean behind
/// each label (of a complaint if there were a purchase, of hours if there were a complaint), and how much each letter
/// adds to the probability of a purchase.
#pragma once

#include "session.hpp"

namespace polytask::examples {

/// The shop of a seed: the same for the same options, whatever the machine's threads.
/// @throws ArgumentError when an option is below 1
Shop simulate_shop(const ShopOptions& options);

}  // namespace polytask::examples
