// A configuration that does not say where its maker keeps files.
#pragma once

#include <string>
#include <string_view>

namespace mkdt {

// TOML whose texts that hold a '/' are cut to what is behind their last folder, keys and all other
// values as they are: root = '/home/ann/cifar10' becomes root = 'cifar10'.
std::string without_folders(std::string_view toml);

}  // namespace mkdt
