// How deep the keys of a TOML text nest, before its parser is let loose on them.
#pragma once

#include <cstddef>
#include <string_view>

namespace mkdt {

constexpr size_t kDeepestTomlKey = 32;

// The most parts that a key of TOML has ("a.b.c": three). The text up to the first mistake in its
// notation counts as TOML's parser reads it.
size_t toml_key_depth(std::string_view text);

}  // namespace mkdt
