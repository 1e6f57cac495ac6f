/// @file
/// Reads markup back: whether its tags are in balance, its elements, and the room that its letters take.
#pragma once

#include "polytask/report/lettering.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace reader {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;   ///< directly inside it, with &amp; and the like as they stand
  std::string hover;  ///< the text of its element title
};

/// What is wrong with the markup as XML; empty when nothing is. A doctype and an XML declaration are allowed.
/// @param elements when given, every element in the order in which they end
inline std::string mistake(const std::string& markup, std::vector<Element>* elements = nullptr) {
  std::vector<Element> open;
  bool had_root = false;
  for (std::size_t place = 0; place < markup.size();) {
    if (markup[place] != '<') {
      const std::size_t end = std::min(markup.find('<', place), markup.size());
      const std::string text = markup.substr(place, end - place);
      for (std::size_t sign = text.find('&'); sign != text.npos; sign = text.find('&', sign + 1)) {
        const std::string entity = text.substr(sign, text.find(';', sign) - sign + 1);
        if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;" && entity != "&#39;")
          return "unknown entity " + entity;
      }
      if (open.empty() && text.find_first_not_of(" \n") != text.npos) return "text outside the root: " + text;
      if (!open.empty()) open.back().text += text;
      place = end;
      continue;
    }
    const std::size_t end = markup.find('>', place);
    if (end == markup.npos) return "a tag does not end";
    std::string tag = markup.substr(place + 1, end - place - 1);
    place = end + 1;
    if (tag.front() == '!' || tag.front() == '?') continue;
    if (tag.front() == '/') {
      if (open.empty() || open.back().name != tag.substr(1)) return "unexpected </" + tag.substr(1) + ">";
      if (elements != nullptr) elements->push_back(open.back());
      if (open.back().name == "title" && open.size() > 1) open[open.size() - 2].hover = open.back().text;
      open.pop_back();
      continue;
    }
    const bool closed = tag.back() == '/';
    if (closed) tag.pop_back();
    if (open.empty() && had_root) return "a second root <" + tag + ">";
    had_root = true;
    Element element;
    std::size_t at = tag.find(' ');
    element.name = tag.substr(0, at);
    while (at != tag.npos && at + 1 < tag.size()) {
      const std::size_t equals = tag.find("=\"", at);
      const std::size_t quote = equals == tag.npos ? equals : tag.find('"', equals + 2);
      if (quote == tag.npos) return "a wrong attribute in <" + tag + ">";
      const std::string name = tag.substr(at + 1, equals - at - 1);
      if (element.attributes.count(name) > 0) return "twice " + name + " in <" + tag + ">";
      element.attributes[name] = tag.substr(equals + 2, quote - equals - 2);
      at = quote + 1;
    }
    if (closed) {
      if (elements != nullptr) elements->push_back(element);
    } else {
      open.push_back(element);
    }
  }
  return open.empty() ? "" : "<" + open.back().name + "> does not end";
}

inline std::vector<Element> elements_of(const std::string& markup) {
  std::vector<Element> found;
  mistake(markup, &found);
  return found;
}

/// The hover texts of all elements but the picture itself.
inline std::vector<std::string> hovers(const std::string& markup) {
  std::vector<std::string> found;
  for (const auto& element : elements_of(markup))
    if (!element.hover.empty() && element.name != "svg" && element.name != "head") found.push_back(element.hover);
  return found;
}

inline double number(const Element& element, const std::string& attribute) {
  const auto found = element.attributes.find(attribute);
  return found == element.attributes.end() ? 0 : std::atof(found->second.c_str());
}

/// The text that markup stands for.
inline std::string plain(std::string text) {
  const std::vector<std::array<std::string, 2>> entities{
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, sign] : entities)
    for (std::size_t place = text.find(entity); place != text.npos; place = text.find(entity, place + 1))
      text.replace(place, entity.size(), sign);
  return text;
}

struct Box {
  std::string text;
  double left, right, top, bottom;
};

/// Where the letters of a chart are, without those that are turned.
inline std::vector<Box> boxes(const std::string& svg) {
  std::vector<Box> found;
  for (const auto& element : elements_of(svg)) {
    if (element.name != "text" || element.attributes.count("transform") > 0) continue;
    const double size = number(element, "font-size");
    const double width = polytask::text_width(plain(element.text), size, element.attributes.count("font-weight") > 0);
    const std::string anchor = element.attributes.at("text-anchor");
    const double left = number(element, "x") - (anchor == "end" ? width : anchor == "middle" ? width / 2 : 0);
    const double y = number(element, "y");
    found.push_back({element.text, left, left + width, y - 0.72 * size, y + 0.2 * size});
  }
  return found;
}

/// Two texts that hide each other, or one that reaches out of the picture; empty when there is none.
inline std::string collision(const std::string& svg, double width, double height) {
  const auto all = boxes(svg);
  for (std::size_t one = 0; one < all.size(); ++one) {
    if (all[one].left < -0.5 || all[one].right > width + 0.5 || all[one].top < 0 || all[one].bottom > height)
      return "'" + all[one].text + "' is not inside the picture";
    for (std::size_t other = 0; other < one; ++other)
      if (all[one].left < all[other].right && all[other].left < all[one].right && all[one].top < all[other].bottom &&
          all[other].top < all[one].bottom)
        return "'" + all[one].text + "' and '" + all[other].text + "'";
  }
  return "";
}

}  // namespace reader
