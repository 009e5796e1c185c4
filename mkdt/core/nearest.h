// The known names that an unknown one may have meant.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mkdt {

// How many insertions, deletions, substitutions and exchanges of two neighbours make `b` of `a`, no
// letter being touched twice (optimal string alignment). O(|a|·|b|).
size_t edit_distance(std::string_view a, std::string_view b);

// The name that is nearest to `word`, or that begins with it; empty where none is near.
std::string nearest_name(const std::string& word, const std::vector<std::string>& names);

// The keys "section.name" that are nearest to `key`, three at most, in their order; none where none
// is near. The name counts four times as much as the section, and a key without a section is looked
// for in all of them.
std::vector<std::string> nearest_keys(const std::string& key, const std::vector<std::string>& keys);

}  // namespace mkdt
