#include "catch.hpp"

#include "polytask/report/colours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

namespace pt = polytask;

namespace {

using Triple = std::array<double, 3>;

/// Linear red, green and blue of "#rrggbb".
Triple linear(std::string_view colour) {
  Triple found{};
  for (std::size_t part = 0; part < 3; ++part) {
    const double value = std::stoi(std::string(colour.substr(1 + 2 * part, 2)), nullptr, 16) / 255.0;
    found[part] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  }
  return found;
}

double luminance(std::string_view colour) {
  const auto parts = linear(colour);
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

/// Contrast as the guidelines for accessible pages (WCAG 2) have it, from 1 to 21.
double contrast(std::string_view one, std::string_view other) {
  const double light = std::max(luminance(one), luminance(other));
  const double dark = std::min(luminance(one), luminance(other));
  return (light + 0.05) / (dark + 0.05);
}

/// CIE L*a*b*.
Triple lab(Triple parts) {
  for (double& part : parts) part = std::clamp(part, 0.0, 1.0);
  const auto curve = [](double value) { return value > 0.008856 ? std::cbrt(value) : 7.787 * value + 16.0 / 116; };
  const double x = curve((0.4124 * parts[0] + 0.3576 * parts[1] + 0.1805 * parts[2]) / 0.95047);
  const double y = curve(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]);
  const double z = curve((0.0193 * parts[0] + 0.1192 * parts[1] + 0.9505 * parts[2]) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

/// What is seen without one kind of cones (Machado, Oliveira, Fernandes 2009, full severity).
constexpr std::array<std::array<Triple, 3>, 4> eyes{{
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
}};

Triple seen(std::string_view colour, const std::array<Triple, 3>& by) {
  const auto parts = linear(colour);
  Triple found{};
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t column = 0; column < 3; ++column) found[row] += by[row][column] * parts[column];
  return lab(found);
}

}  // namespace

TEST_CASE("colours stand out from their ground") {
  for (const auto* colours : {&pt::light_colours, &pt::dark_colours}) {
    for (const auto colour : colours->series) CHECK(contrast(colour, colours->ground) >= 3);
    CHECK(contrast(colours->ink, colours->ground) >= 12);
    CHECK(contrast(colours->muted, colours->ground) >= 4.5);
  }
}

TEST_CASE("people with a colour vision deficiency can tell the colours apart") {
  for (const auto* colours : {&pt::light_colours, &pt::dark_colours})
    for (std::size_t eye = 0; eye < eyes.size(); ++eye)
      for (std::size_t one = 0; one < colours->series.size(); ++one)
        for (std::size_t other = 0; other < one; ++other) {
          const auto a = seen(colours->series[one], eyes[eye]);
          const auto b = seen(colours->series[other], eyes[eye]);
          const double apart = std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
          INFO(colours->series[one] << " and " << colours->series[other] << " for eye " << eye);
          CHECK(apart > 13);  // 2.3 is just noticed
        }
}

TEST_CASE("letters can be read on the strongest cell of a heat map") {
  for (const auto* colours : {&pt::light_colours, &pt::dark_colours})
    for (const std::size_t series : {0, 4}) {
      // 0.62 of the colour over the ground, mixed as a browser does, without regard to gamma
      std::string mixed = "#";
      for (std::size_t part = 0; part < 3; ++part) {
        const auto byte = [&](std::string_view colour) {
          return std::stoi(std::string(colour.substr(1 + 2 * part, 2)), nullptr, 16);
        };
        const int value =
            static_cast<int>(std::lround(0.62 * byte(colours->series[series]) + 0.38 * byte(colours->ground)));
        mixed += "0123456789abcdef"[value / 16];
        mixed += "0123456789abcdef"[value % 16];
      }
      CHECK(contrast(mixed, colours->ink) >= 4.5);
    }
}
