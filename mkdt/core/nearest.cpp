#include "mkdt/core/nearest.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace mkdt {
namespace {

constexpr size_t kLongest = 100;          // characters of a word that are compared
constexpr size_t kMostKeys = 3;           // that are named
constexpr double kFarthest = 0.5;         // more than half of the word is another one
constexpr double kSectionWeight = 0.25;   // beside the name's 1
constexpr double kBeginning = 0.2;        // of a name that the word begins
constexpr size_t kShortestBeginning = 3;  // characters
constexpr double kSameDistance = 1e-9;

// From 0 for the same to 1 for texts that have nothing in common.
double relative_distance(std::string_view word, std::string_view name) {
  word = word.substr(0, kLongest);
  const size_t longer = std::max({word.size(), name.size(), size_t{1}});
  const double distance =
      static_cast<double>(edit_distance(word, name)) / static_cast<double>(longer);
  const bool begins =
      word.size() >= kShortestBeginning && name.substr(0, word.size()) == word && word != name;
  return begins ? std::min(distance, kBeginning) : distance;
}

struct KeyParts {
  std::string_view section, name;
};

KeyParts parts_of(std::string_view key) {
  const size_t dot = key.find('.');
  if (dot == std::string_view::npos) return {{}, key};
  return {key.substr(0, dot), key.substr(dot + 1)};
}

double key_distance(const std::string& key, const std::string& known) {
  const KeyParts wanted = parts_of(key), there = parts_of(known);
  const double of_names = relative_distance(wanted.name, there.name);
  if (wanted.section.empty()) return of_names;
  return of_names + kSectionWeight * relative_distance(wanted.section, there.section);
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string nearest_name(const std::string& word, const std::vector<std::string>& names) {
  std::string nearest;
  double best = kFarthest;
  for (const std::string& name : names) {
    const double distance = relative_distance(word, name);
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  return nearest;
}

std::vector<std::string> nearest_keys(const std::string& key,
                                      const std::vector<std::string>& keys) {
  std::vector<std::string> nearest;
  double best = kFarthest + kSectionWeight;
  for (const std::string& known : keys) {
    const double distance = key_distance(key, known);
    if (distance > best + kSameDistance) continue;
    if (distance < best - kSameDistance) nearest.clear();
    best = std::min(best, distance);
    if (nearest.size() < kMostKeys) nearest.push_back(known);
  }
  return nearest;
}

}  // namespace mkdt
